"""Clips made one after another, in their order, by several processes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import TypeVar

import numpy as np

from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import PlannedClip, Remark
from chronomotion.corpus.importers.reading import MadeClip, Reading, ReadMotion, captioned, read_features
from chronomotion.corpus.importers.spans import OutsideError
from chronomotion.errors import CorpusError, FormatError
from chronomotion.motion.layout import Layout
from chronomotion.worker_pool import WorkerDiedError, WorkerPool

__all__ = ["BAD_MOTION", "ClipMaker", "made"]

Made = TypeVar("Made")

BAD_MOTION = "motion that cannot be read"
_FEW = 8
"""Clips with work to do for which no process is started. Features that only have to be read are no work: handing them
from one process to another takes longer than reading them (2,000 clips: 2.2 s against 1.5 s)."""
_AHEAD = 8
"""Clips under way for each process: enough to keep it busy, few enough to fit into memory."""


class ClipMaker:
    """Makes a planned clip, and keeps what took time to make."""

    def __init__(self, layout: Layout, reading: Reading, kept: KeptFeatures) -> None:
        self._layout, self._reading, self._kept = layout, reading, kept

    def __call__(self, clip: PlannedClip) -> MadeClip | Remark:
        """The clip, or why there is none."""
        try:
            return captioned(clip, self._read(clip), self._layout)
        except FormatError as error:
            return Remark(clip.name, error.reason if isinstance(error, OutsideError) else BAD_MOTION, str(error))

    def _read(self, clip: PlannedClip) -> ReadMotion:
        if clip.motion.is_ready:
            return read_features(clip.motion, self._layout, self._reading)
        motion = self._kept.find(clip.motion)
        if motion is None:
            motion = read_features(clip.motion, self._layout, self._reading)
            self._kept.keep(clip.motion, motion)
        return motion


def made(clips: Sequence[PlannedClip], maker: Callable[[PlannedClip], Made], workers: int) -> Iterator[Made]:
    """What becomes of each clip, in the order of the clips, whoever makes it. ``maker`` can be pickled.

    Raises CorpusError when a process dies, as it does when memory runs out.
    """
    at_work = islice((clip for clip in clips if not clip.motion.is_ready), _FEW + 1)
    if workers <= 1 or sum(1 for _ in at_work) <= _FEW:
        yield from map(maker, clips)
        return
    under_way: deque[Future[Made]] = deque()
    try:
        with WorkerPool(workers, _maker_in_worker, maker) as pool:
            for clip in clips:
                under_way.append(pool.submit(clip))
                if len(under_way) > _AHEAD * workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
    except WorkerDiedError as error:
        raise CorpusError(
            "a process that read motions has died, perhaps for want of memory: the same command goes on where it "
            "stopped, with --workers 1 it needs least"
        ) from error


def _maker_in_worker(maker: Callable[[PlannedClip], Made]) -> Callable[[PlannedClip], Made]:
    """In a worker, once."""
    logging.disable()
    # Once freed, malloc keeps blocks of this size: features are then made in half the time.
    np.empty(30 << 20, np.uint8)
    return maker
