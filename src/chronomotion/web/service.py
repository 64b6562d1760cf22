"""What the routes work with: libraries, threads, sent motions."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.errors import ChronomotionError
from chronomotion.motion.motion import Motion
from chronomotion.search.records import Query
from chronomotion.threads import cores
from chronomotion.web.collection import Collection, MergedResult, part_of
from chronomotion.web.limits import Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.transient import TransientMotions
from chronomotion.web.uploads import UploadReader

__all__ = ["Service"]


@dataclass
class Service:
    """The libraries of ``collection``, searched by ``threads`` at a time, within ``limits``."""

    collection: Collection
    limits: Limits = field(default_factory=Limits)
    threads: int = field(default_factory=cores)

    def __post_init__(self) -> None:
        self.pool = BoundedPool(self.threads, self.limits.waiting, "search")
        # Their threads only wait for the processes that read.
        self.upload_pool = BoundedPool(self.limits.uploads, 0, "upload")
        self.reader = UploadReader(self.limits, Path(tempfile.gettempdir()))
        self.sent = TransientMotions(self.limits.kept_uploads, self.limits.kept_seconds)

    def motion(self, motion_id: str) -> Motion:
        """The motion of a clip, or one that was sent. Raises ProblemError, status 404, for an id that there is not."""
        if self.sent.has_id(motion_id):
            return self.sent.get(motion_id)
        library, clip = self.collection.clip(motion_id)
        return library.motion(clip.number)

    def search(self, query: Query) -> MergedResult:
        """Search all libraries; ``query.like`` is the id of a clip or of a sent motion.

        Raises ProblemError, status 404, for an id that there is not, and what a library raises.
        """
        like = query.like
        if like is None or not self.sent.has_id(like.path):
            return self.collection.search(query)
        return self.collection.search(query, part_of(self.sent.get(like.path), like))

    def close(self) -> int:
        """End what can be ended; how many tasks still run."""
        self.reader.close()
        self.pool.close()
        self.upload_pool.close()
        return self.pool.tasks + self.upload_pool.tasks

    def warm_up(self) -> None:
        """Search once, so that models are loaded before the first request, and are known to load.

        Raises ChronomotionError when that fails.
        """
        for library in self.collection.libraries():
            try:
                library.search(Query("a person walks", top=1))
            except ChronomotionError as error:
                raise type(error)(f"{library.folder} cannot be searched: {error}") from error
