"""Takes of an archive: read once from front to back; features are made by several processes and kept."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import MotionFile, Remark
from chronomotion.corpus.importers.reading import read_features
from chronomotion.corpus.importers.seed.archive import Member, members
from chronomotion.corpus.importers.seed.options import Skeleton
from chronomotion.corpus.importers.seed.scripts import take_name
from chronomotion.corpus.importers.seed.sources import is_labels, is_metadata, skeleton_folder
from chronomotion.corpus.importers.seed.takes import LAYOUT, READING
from chronomotion.corpus.importers.workers import BAD_MOTION
from chronomotion.errors import CorpusError, FormatError
from chronomotion.progress import progress
from chronomotion.worker_pool import WorkerDiedError, WorkerPool

__all__ = ["Intake", "stream_takes"]

_AHEAD = 4
"""Takes under way for each process: a take is 2 MB of text."""
_ROBOT = "g1"


@dataclass
class Intake:
    """What was met in archives."""

    motions: dict[str, MotionFile] = field(default_factory=dict)
    """Takes that were wanted, by name; the features of each are kept, or there is a remark."""
    unread: dict[str, Remark] = field(default_factory=dict)
    """Why the features of a take could not be made."""
    tables: dict[str, bytes] = field(default_factory=dict)
    """Metadata and labels, by path in the archive."""
    awaited: set[str] | None = None
    """Wanted takes that were not met yet; None while nobody knows which are wanted."""

    def await_takes(self, names: set[str] | None) -> None:
        """From now on these are wanted."""
        if (names is None) != (self.awaited is None):
            self.awaited = None if names is None else names - self.motions.keys()


Task = tuple[str, MotionFile, bytes]


class _Ripener:
    """Makes the features of a take and keeps them; gives a remark where that cannot be."""

    def __init__(self, kept: KeptFeatures) -> None:
        self._kept = kept

    def __call__(self, task: Task) -> Remark | None:
        name, motion, raw = task
        try:
            self._kept.keep(motion, read_features(motion, LAYOUT, READING, raw))
        except FormatError as error:
            return Remark(name, BAD_MOTION, str(error))
        return None


def stream_takes(
    archives: tuple[Path, ...],
    skeleton: Skeleton,
    kept: KeptFeatures,
    wanted: Callable[[Intake], set[str] | None],
    workers: int,
) -> Intake:
    """Read archives once. ``wanted`` says which takes, from the tables met so far; None means all of them.

    Takes whose features are kept are passed over. The reading ends where all wanted takes have been met. Raises
    CorpusError when an archive is cut off, or a process dies.
    """
    intake = Intake()
    try:
        with _Making(kept, workers) as making:
            for archive in archives:
                for member in progress(members(archive), f"reading {archive.name}", unit="file"):
                    making.collect(intake)
                    if not _take_up(member, archive, skeleton, intake, wanted, making):
                        break
            making.collect(intake, all_of_them=True)
    except WorkerDiedError as error:
        raise CorpusError(
            "a process that read motions has died, perhaps for want of memory: the same command goes on where it "
            "stopped, with --workers 1 it needs least"
        ) from error
    return intake


class _Making:
    """Takes under way: in this process, or in several others."""

    def __init__(self, kept: KeptFeatures, workers: int) -> None:
        self.kept = kept
        self._here = _Ripener(kept) if workers <= 1 else None
        self._pool = None if workers <= 1 else WorkerPool[Task, Remark | None](workers, _ripener_in_worker, kept)
        self._most = _AHEAD * workers
        self._under_way: deque[Future[Remark | None]] = deque()
        self._remarks: list[Remark] = []

    def __enter__(self) -> _Making:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.__exit__(*error)

    def add(self, task: Task) -> None:
        """Begin with a take; waits where many are under way."""
        if self._here is not None:
            remark = self._here(task)
            self._remarks += [] if remark is None else [remark]
            return
        assert self._pool is not None
        self._under_way.append(self._pool.submit(task))
        while len(self._under_way) > self._most:
            self._take(self._under_way.popleft())

    def collect(self, intake: Intake, *, all_of_them: bool = False) -> None:
        """Put down what is finished."""
        while self._under_way and (all_of_them or self._under_way[0].done()):
            self._take(self._under_way.popleft())
        intake.unread |= {remark.clip: remark for remark in self._remarks}
        self._remarks.clear()

    def _take(self, future: Future[Remark | None]) -> None:
        remark = future.result()
        self._remarks += [] if remark is None else [remark]


def _ripener_in_worker(kept: KeptFeatures) -> _Ripener:
    """In a worker, once."""
    logging.disable()
    # Once freed, malloc keeps blocks of this size: features are then made in half the time.
    np.empty(30 << 20, np.uint8)
    return _Ripener(kept)


def _take_up(
    member: Member,
    archive: Path,
    skeleton: Skeleton,
    intake: Intake,
    wanted: Callable[[Intake], set[str] | None],
    making: _Making,
) -> bool:
    """Take up a file of the archive; False where nothing more is needed."""
    path = PurePosixPath(member.name)
    if is_metadata(path.name) or is_labels(path.name):
        intake.tables[member.name] = member.read()
        return True
    if path.suffix.lower() != ".bvh" or not _is_on(path, skeleton):
        return True
    names = wanted(intake)
    intake.await_takes(names)
    name = take_name(member.name)
    if name in intake.motions or (names is not None and name not in names):
        return intake.awaited != set()
    motion = MotionFile(Path(member.name), "thinned", archive=archive)
    intake.motions[name] = motion
    if motion not in making.kept:
        making.add((name, motion, member.read()))
    if intake.awaited is not None:
        intake.awaited.discard(name)
    return intake.awaited != set()


def _is_on(path: PurePosixPath, skeleton: Skeleton) -> bool:
    """True for a take on the skeleton, by its folders; True where they do not tell."""
    parts = [part for part in path.parts[:-1] if part == _ROBOT or part.startswith("soma_")]
    return not parts or parts[0] == skeleton_folder(skeleton)
