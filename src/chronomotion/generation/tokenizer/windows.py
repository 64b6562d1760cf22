"""Windows of motions to train a tokenizer on: which, and in which batches, as a function of seed and epoch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.generation.tokenizer.training_config import TokenizerTraining
from chronomotion.seeding import generator, share

__all__ = ["WindowBatch", "Windows"]

log = logging.getLogger(__name__)

Draw = tuple[str, int]
"""A clip, and which of its windows of an epoch."""


@dataclass(frozen=True)
class WindowBatch:
    """Windows in natural units, and where they are from."""

    motions: Float[np.ndarray, "batch frames dim"]
    names: list[str]
    """Of the clips."""


class Windows:
    """Windows of the clips of a split; ``rank`` of ``count`` processes has its part of each batch.

    Raises TrainingError when no clip is long enough for a window, or there are too few windows for a batch.
    """

    def __init__(self, corpus: Corpus, settings: TokenizerTraining, *, rank: int = 0, count: int = 1) -> None:
        self.settings, self.rank, self.count = settings, rank, count
        everything = {name: corpus.features(name) for name in corpus.split(settings.split)}
        least = settings.windows[-1]
        self.clips = {name: rows for name, rows in everything.items() if len(rows) >= least}
        if not self.clips:
            longest = max(map(len, everything.values()), default=0)
            raise TrainingError(
                f"{corpus.folder}: no clip of split {settings.split!r} has the {least} frames of a window, the longest "
                f"has {longest}; set tokenizer.window to less"
            )
        if len(self.clips) < len(everything):
            short = len(everything) - len(self.clips)
            log.warning("%d of %d clips are left out: shorter than %d frames", short, len(everything), least)
        self._draws: dict[int, list[Draw]] = {frames: [] for frames in settings.windows}
        for name, rows in self.clips.items():
            frames = next(frames for frames in settings.windows if frames <= len(rows))
            times = len(rows) // frames if settings.by_length else 1
            self._draws[frames] += [(name, number) for number in range(times)]
        self.batches_per_epoch = len(self._epoch(0))
        if not self.batches_per_epoch:
            windows = sum(map(len, self._draws.values()))
            raise TrainingError(
                f"{corpus.folder}: split {settings.split!r} has {windows} windows, a batch needs "
                f"{self._size(settings.window)} of {settings.window} frames; set tokenizer.batch_size to less"
            )

    def batches(self, done: int) -> Iterator[WindowBatch]:
        """Batches after the first ``done``."""
        first, skipped = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.settings.epochs):
            for frames, draws in self._epoch(epoch)[skipped if epoch == first else 0 :]:
                rows = self._size(frames) // self.count
                yield self._batch(epoch, frames, draws[self.rank * rows : (self.rank + 1) * rows])

    def _size(self, frames: int) -> int:
        """Windows of so many frames in a batch of all processes."""
        return self.settings.batch_size * (self.settings.window // frames) * self.count

    def _epoch(self, epoch: int) -> list[tuple[int, list[Draw]]]:
        """Frames and draws of each batch. Draws that do not fill a batch go to the next shorter windows."""
        batches: list[tuple[int, list[Draw]]] = []
        left: list[Draw] = []
        for frames, draws in self._draws.items():
            draws, size = left + draws, self._size(frames)
            order = generator("windows", self.settings.seed, epoch, frames).permutation(len(draws))
            mixed = [draws[i] for i in order]
            whole = len(mixed) // size * size
            batches += [(frames, mixed[first : first + size]) for first in range(0, whole, size)]
            left = mixed[whole:]
        order = generator("batches of windows", self.settings.seed, epoch).permutation(len(batches))
        return [batches[i] for i in order]

    def _batch(self, epoch: int, frames: int, draws: list[Draw]) -> WindowBatch:
        rows = []
        for name, number in draws:
            clip = self.clips[name]
            start = int(share("window", self.settings.seed, epoch, name, number) * (len(clip) - frames + 1))
            rows.append(clip[start : start + frames])
        return WindowBatch(np.stack(rows), [name for name, _ in draws])
