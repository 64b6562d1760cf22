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
        split, window = settings.split, settings.window
        everything = {name: corpus.features(name) for name in corpus.split(split)}
        self.clips = {name: rows for name, rows in everything.items() if len(rows) >= window}
        if not self.clips:
            longest = max(map(len, everything.values()), default=0)
            raise TrainingError(
                f"{corpus.folder}: no clip of split {split!r} has the {window} frames of a window, the longest has "
                f"{longest}; set tokenizer.window to less"
            )
        if len(self.clips) < len(everything):
            short = len(everything) - len(self.clips)
            log.warning("%d of %d clips are left out: shorter than %d frames", short, len(everything), window)
        fits = {name: len(rows) // window if settings.by_length else 1 for name, rows in self.clips.items()}
        self._draws = [(name, number) for name, times in fits.items() for number in range(times)]
        self.batches_per_epoch = len(self._draws) // (settings.batch_size * count)
        if not self.batches_per_epoch:
            raise TrainingError(
                f"{corpus.folder}: split {split!r} has {len(self._draws)} windows of {window} frames, a batch needs "
                f"{settings.batch_size * count}; set tokenizer.batch_size to less"
            )

    def batches(self, done: int) -> Iterator[WindowBatch]:
        """Batches after the first ``done``."""
        first, skipped = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.settings.epochs):
            order = generator("windows", self.settings.seed, epoch).permutation(len(self._draws))
            for number in range(skipped if epoch == first else 0, self.batches_per_epoch):
                place = (number * self.count + self.rank) * self.settings.batch_size
                yield self._batch(epoch, [self._draws[i] for i in order[place : place + self.settings.batch_size]])

    def _batch(self, epoch: int, draws: list[tuple[str, int]]) -> WindowBatch:
        window = self.settings.window
        rows = []
        for name, number in draws:
            clip = self.clips[name]
            start = int(share("window", self.settings.seed, epoch, name, number) * (len(clip) - window + 1))
            rows.append(clip[start : start + window])
        return WindowBatch(np.stack(rows), [name for name, _ in draws])
