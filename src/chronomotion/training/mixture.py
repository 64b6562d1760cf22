"""Several corpora that one training draws from: which clips of each an epoch has, and statistics over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.moments import Moments
from chronomotion.errors import TrainingError
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.names import distinct_names
from chronomotion.seeding import Part, generator, integer

__all__ = ["Corpora", "Draw", "Mixture", "Shift", "drawn", "mixture_of"]


class Mixture:
    """``corpora`` and their ``weights``, in order. A clip of a corpus of weight w is drawn w times an epoch
    (:func:`drawn`); without weights each is 1.

    One corpus of weight 1 is what a training on a corpus is. Several have to have HumanML3D's features (263 numbers a
    frame), one frame rate and one skeleton, and to be different corpora. Clips of equal names in two corpora stay
    apart: a clip is known by the number of its corpus and its name.

    Example::

        train(Mixture([Corpus("corpora/mine"), Corpus("corpora/yours")], [1.0, 2.0]), "runs/ours")

    Raises TrainingError, which names both folders and both values, when the corpora do not go together.
    """

    def __init__(self, corpora: Sequence[Corpus], weights: Sequence[float] = ()) -> None:
        self.corpora = tuple(corpora)
        self.weights = tuple(map(float, weights or [1.0] * len(corpora)))
        if not self.corpora:
            raise TrainingError("no corpus to train on: give one or more")
        if len(self.weights) != len(self.corpora):
            raise TrainingError(f"{len(self.weights)} weights for {len(self.corpora)} corpora: give one for each")
        for corpus, weight in zip(self.corpora, self.weights, strict=True):
            if not 0 < weight < float("inf"):
                raise TrainingError(f"the weight of {corpus.folder} is {weight:g}: it must be a positive number")
        for number, corpus in enumerate(self.corpora):
            for other in self.corpora[:number]:
                _require_alike(other, corpus)

    @property
    def first(self) -> Corpus:
        """The first corpus; dimensions, frame rate and skeleton are those of all."""
        return self.corpora[0]

    @property
    def plain(self) -> bool:
        """Whether this is one corpus, each clip of which is drawn once an epoch."""
        return len(self.corpora) == 1 and self.weights[0] == 1

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Names of the corpora for people: those of their folders, with the place in the list where two are equal."""
        return distinct_names([corpus.folder for corpus in self.corpora])

    def __str__(self) -> str:
        return ", ".join(
            title if weight == 1 else f"{title} (weight {weight:g})"
            for title, weight in zip(self.titles, self.weights, strict=True)
        )

    def identity(self) -> str | list[dict[str, Any]]:
        """What the weights of a model depend on, as JSON: the fingerprint of one corpus; of several, fingerprints and
        weights in order."""
        if self.plain:
            return self.first.fingerprint
        return [
            {"fingerprint": corpus.fingerprint, "weight": weight}
            for corpus, weight in zip(self.corpora, self.weights, strict=True)
        ]

    def seed(self, number: int, seed: int) -> int:
        """The seed of all that is drawn for a corpus: that of the run for one corpus; of several, each has its own,
        whatever corpora stand beside it.
        """
        return seed if self.plain else integer("corpus", seed, self.corpora[number].fingerprint) % 2**63

    @cached_property
    def stats(self) -> tuple[Float[np.ndarray, " dim"], Float[np.ndarray, " dim"]]:
        """Mean and standard deviation of every feature over the training splits of all corpora together, the frames of
        a corpus counted as often as its weight says; of one corpus, its own.
        """
        if len(self.corpora) == 1:
            return self.first.stats
        total = Moments.none(self.first.dim)
        for corpus, weight in zip(self.corpora, self.weights, strict=True):
            total += _moments(corpus, weight)
        mean, std = total.mean_and_std()
        return mean.astype(np.float32), std.astype(np.float32)


Corpora: TypeAlias = Corpus | Sequence[Corpus] | Mixture
"""What a training takes: a corpus, several of equal weight, or several with weights."""


def mixture_of(corpora: Corpora) -> Mixture:
    """The mixture that is meant. Raises TrainingError as :class:`Mixture` does."""
    if isinstance(corpora, Mixture):
        return corpora
    return Mixture((corpora,) if isinstance(corpora, Corpus) else tuple(corpora))


@dataclass(frozen=True)
class Draw:
    """A clip of an epoch; ``time`` counts, from 0, how often the epoch has it already."""

    corpus: int
    clip: str
    time: int = 0


def drawn(names: Sequence[str], weight: float, epoch: int, *identity: Part) -> list[tuple[str, int]]:
    """The clips of a corpus in an epoch, and which time each comes in it: ``round(weight * len(names))`` of them.

    Clips are drawn in rounds, in each of which every clip comes once, in an order of its own. An epoch goes on in the
    round in which the last one stopped. So a weight of 0.5 shows half of the clips in one epoch and the other half in
    the next, and after any number of epochs no clip was drawn more than once more than another. A pure function of its
    arguments.
    """
    size = len(names)
    count = max(1, round(weight * size))
    if count % size == 0:  # whole rounds
        return [(name, time) for time in range(count // size) for name in names]
    first, skip = divmod(epoch * count, size)
    rounds = range(first, first + (skip + count - 1) // size + 1)
    places = np.concatenate([generator("round", *identity, number).permutation(size) for number in rounds])
    times: Counter[str] = Counter()
    clips = []
    for place in places[skip : skip + count]:
        name = names[place]
        clips.append((name, times[name]))
        times[name] += 1
    return clips


@dataclass(frozen=True, eq=False)
class Shift:
    """Features -> ``scale * features + offset``: what one pair of statistics normalises as another does the features
    themselves."""

    scale: Float[np.ndarray, " dim"]
    offset: Float[np.ndarray, " dim"]

    @classmethod
    def between(cls, own: tuple[np.ndarray, np.ndarray], shared: tuple[np.ndarray, np.ndarray]) -> Shift:
        """So that (shift(x) - shared mean) / shared std is (x - own mean) / own std."""
        (mean, std), (shared_mean, shared_std) = (
            [values.astype(np.float64) for values in pair] for pair in (own, shared)
        )
        scale = shared_std / std
        return cls(scale, shared_mean - mean * scale)

    def __call__(self, features: Float[np.ndarray, "frames dim"]) -> Float[np.ndarray, "frames dim"]:
        """Shifted features, float32; computed in float64."""
        shifted: np.ndarray = (features * self.scale + self.offset).astype(np.float32)
        return shifted


def _moments(corpus: Corpus, weight: float) -> Moments:
    """Of the training split, from the statistics that the corpus keeps."""
    mean, std = (values.astype(np.float64) for values in corpus.stats)
    names = corpus.split("train") if "train" in corpus.splits else []
    frames = round(weight * sum(len(corpus.features(name)) for name in names or corpus.names))
    return Moments(frames, frames * mean, frames * (std**2 + mean**2))


def _require_alike(first: Corpus, other: Corpus) -> None:
    """Raise TrainingError when two corpora cannot be trained on together."""
    width = HUMANML3D_LAYOUT.width
    both = f"{first.folder} and {other.folder} cannot be trained on together: "
    for what, here, there in (
        ("numbers a frame", first.dim, other.dim),
        ("frames a second", f"{first.fps:g}", f"{other.fps:g}"),
        ("as skeleton", first.info.get("skeleton"), other.info.get("skeleton")),
    ):
        if here != there and None not in (here, there):
            raise TrainingError(
                f"{both}the first has {here} {what}, the second {there}; import their motions again, into one form "
                f"({width} numbers a frame, {HUMANML3D_LAYOUT.fps:g} frames a second)"
            )
    if first.dim != width:
        raise TrainingError(f"{both}both have {first.dim} numbers a frame, several corpora need {width}")
    if first.fingerprint == other.fingerprint:
        raise TrainingError(f"{both}they are the same corpus ({first.fingerprint}); give it once, with a weight")
