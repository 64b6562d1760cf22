"""What the routes work with: libraries, threads, sent motions."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.errors import ChronomotionError
from chronomotion.motion.motion import Motion
from chronomotion.search.records import Query
from chronomotion.threads import cores
from chronomotion.web.additions import Additions
from chronomotion.web.collection import Collection, MergedResult, part_of
from chronomotion.web.limits import Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.transient import TransientMotions
from chronomotion.web.uploads import UploadReader

__all__ = ["Service"]

_MOMENT = 1.0
"""Seconds in which threads notice that what they waited for was killed."""


@dataclass
class Service:
    """The libraries of ``collection``, searched by ``threads`` at a time, within ``limits``."""

    collection: Collection
    limits: Limits = field(default_factory=Limits)
    threads: int = field(default_factory=cores)
    read_only: bool = False
    """Whether no file can be added to the libraries."""

    def __post_init__(self) -> None:
        self.pool = BoundedPool(self.threads, self.limits.waiting, "search")
        # Their threads only wait for the processes that read.
        self.upload_pool = BoundedPool(self.limits.uploads, 0, "upload")
        self.reader = UploadReader(self.limits, Path(tempfile.gettempdir()))
        self.additions = Additions(self.collection, self.reader, self.limits, allowed=not self.read_only)
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
        """End what can be ended, which takes a moment; how many tasks still run."""
        self.reader.close()
        pools = (self.pool, self.upload_pool, self.additions.pool)
        for pool in pools:
            pool.close()
        deadline = time.monotonic() + _MOMENT
        while (running := sum(pool.tasks for pool in pools)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return running

    def warm_up(self) -> None:
        """Search once, so that models are loaded before the first request, and are known to load.

        Raises ChronomotionError when that fails.
        """
        for library in self.collection.libraries():
            try:
                library.search(Query("a person walks", top=1))
            except ChronomotionError as error:
                raise type(error)(f"{library.folder} cannot be searched: {error}") from error
