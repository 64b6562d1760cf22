"""What the routes work with: libraries, threads, sent motions, and a generator."""

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
from chronomotion.web.generating.generations import Generations
from chronomotion.web.generating.maker import MotionMaker, MotionWish
from chronomotion.web.limits import Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.transient import TransientMotions
from chronomotion.web.uploads import UploadReader

__all__ = ["Service"]

_MOMENT = 1.0
"""Seconds in which threads notice that what they waited for was killed."""


@dataclass
class Service:
    """The libraries of ``collection``, searched by ``threads`` at a time, within ``limits``; and ``maker``, which makes
    motions from text.
    """

    collection: Collection
    limits: Limits = field(default_factory=Limits)
    threads: int = field(default_factory=cores)
    maker: MotionMaker | None = None
    read_only: bool = False
    """Whether no file can be added to the libraries."""

    def __post_init__(self) -> None:
        self.pool = BoundedPool(self.threads, self.limits.waiting, "search")
        # Their threads only wait for the processes that read.
        self.upload_pool = BoundedPool(self.limits.uploads, 0, "upload")
        self.reader = UploadReader(self.limits, Path(tempfile.gettempdir()))
        self.additions = Additions(self.collection, self.reader, self.limits, allowed=not self.read_only)
        self.sent = TransientMotions(self.limits.kept_uploads, self.limits.kept_seconds)
        self.generations = None if self.maker is None else Generations(self.maker, self.limits)

    def motion(self, motion_id: str) -> Motion:
        """The motion of a clip, or one that was sent or made. Raises ProblemError, status 404, for an id that there is
        not.
        """
        kept = self.kept_motion(motion_id)
        if kept is not None:
            return kept
        library, clip = self.collection.clip(motion_id)
        return library.motion(clip.number)

    def kept_motion(self, motion_id: str) -> Motion | None:
        """A motion that was sent or made; None where the id is that of a clip. Raises ProblemError, status 404."""
        if self.sent.has_id(motion_id):
            return self.sent.get(motion_id)
        if self.generations is not None and self.generations.has_id(motion_id):
            return self.generations.motion(motion_id)
        return None

    def search(self, query: Query) -> MergedResult:
        """Search all libraries; ``query.like`` is the id of a clip, or of a motion that was sent or made.

        Raises ProblemError, status 404, for an id that there is not, and what a library raises.
        """
        like = query.like
        motion = None if like is None else self.kept_motion(like.path)
        if like is None or motion is None:
            return self.collection.search(query)
        return self.collection.search(query, part_of(motion, like))

    def close(self) -> int:
        """End what can be ended, which takes a moment; how many tasks still run."""
        self.reader.close()
        if self.generations is not None:
            self.generations.close()
        for pool in (self.pool, self.upload_pool, self.additions.pool):
            pool.close()
        deadline = time.monotonic() + _MOMENT
        while (running := self._running()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return running

    def _running(self) -> int:
        made = 0 if self.generations is None else self.generations.tasks
        return self.pool.tasks + self.upload_pool.tasks + self.additions.pool.tasks + made

    def warm_up(self) -> None:
        """Search once, so that models are loaded before the first request, and are known to load.

        Raises ChronomotionError when that fails.
        """
        for library in self.collection.libraries():
            try:
                library.search(Query("a person walks", top=1))
            except ChronomotionError as error:
                raise type(error)(f"{library.folder} cannot be searched: {error}") from error
        if self.maker is not None:
            self.maker.plan(MotionWish("a person walks"))
