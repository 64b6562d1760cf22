"""What an epoch consists of: its clips, their pairs, and which pairs make a batch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from chronomotion.corpus.batches import bucketed_batches
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.seeding import generator
from chronomotion.training.config import TrainingConfig
from chronomotion.training.foils import Foils
from chronomotion.training.mixture import Draw, Mixture, drawn
from chronomotion.training.motions import frames_of
from chronomotion.training.pairs import Pair, pairs_of
from chronomotion.training.spans import usable_captions

__all__ = ["Epochs"]

log = logging.getLogger(__name__)


class Epochs:
    """The epochs of a run over one corpus or several: functions of seed, epoch and the corpora.

    ``needed`` is the number of clips that a corpus (with mixed batches: all together) must have, ``clips`` the number
    in a batch of all processes. Raises TrainingError for a clip without captions, or too few clips.
    """

    def __init__(self, mixture: Mixture, config: TrainingConfig, *, clips: int, needed: int) -> None:
        self.mixture, self.config, self._clips = mixture, config, clips
        self._by_corpus = config.batches == "one-corpus"
        self._configs = [
            replace(config, seed=mixture.seed(number, config.seed)) for number in range(len(mixture.corpora))
        ]
        self.names = [_usable(corpus, config) for corpus in mixture.corpora]
        self._refuse_too_few(needed)
        self._foils = [
            Foils(caption.events for name in names for caption in corpus.captions(name)) if config.foils else None
            for corpus, names in zip(mixture.corpora, self.names, strict=True)
        ]
        draws = self.draws(0)
        self.clips = len(draws)
        """Clips of an epoch; one that is drawn twice counts twice."""
        self.batches_per_epoch = len(self.batches(0, draws, [0] * len(draws)))

    def draws(self, epoch: int) -> list[Draw]:
        """The clips of an epoch, corpus by corpus."""
        return [
            Draw(number, name, time)
            for number, names in enumerate(self.names)
            for name, time in drawn(names, self.mixture.weights[number], epoch, self._configs[number].seed)
        ]

    def pairs(self, epoch: int, draws: Sequence[Draw]) -> list[list[Pair]]:
        """The pairs of each draw. They repeat after ``repeat_after_epochs``; a clip that comes twice in one epoch has
        other words and orders the second time.
        """
        rounds = self.config.repeat_after_epochs
        return [self._pairs(draw, epoch % rounds + draw.time * rounds) for draw in draws]

    def _pairs(self, draw: Draw, round_: int) -> list[Pair]:
        number = draw.corpus
        corpus, names, foils = self.mixture.corpora[number], self.names[number], self._foils[number]
        pairs = pairs_of(corpus, draw.clip, self._configs[number], round_, names, foils)
        return [replace(pair, corpus=number) for pair in pairs] if number else pairs

    def lengths(self, pairs: Sequence[Sequence[Pair]]) -> list[int]:
        """Frames of the first motion of each draw."""
        return [frames_of(self.mixture.corpora[both[0].corpus], both[0]) for both in pairs]

    def batches(self, epoch: int, draws: Sequence[Draw], lengths: Sequence[int]) -> list[list[int]]:
        """Places in ``draws``, batch by batch, each of motions of about the same length."""
        if not self._by_corpus or len(self.mixture.corpora) == 1:
            return bucketed_batches(lengths, self._clips, self.config.seed, epoch)
        batches: list[list[int]] = []
        for number, config in enumerate(self._configs):
            places = [place for place, draw in enumerate(draws) if draw.corpus == number]
            some = bucketed_batches([lengths[place] for place in places], self._clips, config.seed, epoch)
            batches += [[places[i] for i in batch] for batch in some]
        order = generator("batches of corpora", self.config.seed, epoch).permutation(len(batches))
        return [batches[i] for i in order]

    def _refuse_too_few(self, needed: int) -> None:
        corpora, split = self.mixture.corpora, self.config.split
        counts = [
            max(1, round(weight * len(names))) if names else 0
            for weight, names in zip(self.mixture.weights, self.names, strict=True)
        ]
        for corpus, count in zip(corpora, counts, strict=True):
            short = count < needed and (self._by_corpus or len(corpora) == 1)
            if short or not count:
                raise TrainingError(f"{corpus.folder}: split {split!r} has {count} clips, a batch needs {needed}")
        if sum(counts) < needed:
            raise TrainingError(f"{self.mixture}: split {split!r} has {sum(counts)} clips, a batch needs {needed}")


def _usable(corpus: Corpus, config: TrainingConfig) -> list[str]:
    """Names of the clips of the split with a caption that can be trained on."""
    everything = corpus.split(config.split)
    for name in everything:
        if not corpus.captions(name):
            raise TrainingError(f"clip {name!r} of {corpus.folder} has no caption to train on")
    names = [name for name in everything if usable_captions(corpus, name, config)]
    if len(names) < len(everything):
        left_out = len(everything) - len(names)
        log.warning("%d of %d clips are left out: too long or too short", left_out, len(everything))
    return names
