"""Chronologically Accurate Retrieval (CAR): is the right order of events nearer to the motion than a wrong one?

The published test (arXiv 2407.15408): CAR = 1/K sum_i g(s(T_i, M_i), s(C_i, M_i)), where g is 1 if the first is
greater, T the right text, C its shuffle and M the motion. Here with ``k`` shuffles a clip, over all orders, with
intervals, and always beside two controls that cannot see the motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Events
from chronomotion.language.order import Order, count_orders, other_orders, shuffles
from chronomotion.language.wording import tell
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.seeding import generator

__all__ = ["ChronologyTest", "Trial", "Verdict", "bootstrap_interval", "make_trials"]


@dataclass(frozen=True)
class Trial:
    """One clip's question: the right text, ``k`` shuffles, and the texts of all other orders."""

    clip: str
    events: Events
    right: str
    shuffled: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of events."""
        return len(self.events)


@dataclass(frozen=True)
class Verdict:
    """Share of wins in percent, with a 95 % interval; ``ties`` is the share of comparisons that were tied, which do not
    count as wins.
    """

    value: float
    low: float
    high: float
    ties: float
    clips: int


def make_trials(corpus: Corpus, names: Sequence[str], *, k: int, seed: int) -> list[Trial]:
    """Trials of all clips whose first caption has two different events or more; other clips have no wrong order."""
    trials = []
    for name in names:
        caption = corpus.captions(name)[0]
        events = caption.events
        if events is None or count_orders(events.keys) < 2:
            continue

        def told(orders: Sequence[Order], events: Events = events) -> tuple[str, ...]:
            return tuple(tell(events.reordered(order).texts) for order in orders)

        trials.append(
            Trial(
                name,
                events,
                tell(events.texts),
                told(shuffles(events.keys, k, "car", seed, name)),
                told(other_orders(events.keys, "car-all", seed, name)),
            )
        )
    return trials


def bootstrap_interval(
    values: Float[np.ndarray, " clips"], *identity: str | int, draws: int = 1000
) -> tuple[float, float]:
    """95 % percentile interval of the mean over clips drawn with replacement, a function of values and identity."""
    if len(values) == 0:
        return float("nan"), float("nan")
    rng = generator("bootstrap", *identity)
    means = values[rng.integers(len(values), size=(draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


class ChronologyTest:
    """All questions of a split, every text and motion encoded once.

    Raises ModelError when the model's embeddings cannot be used, CorpusError when no clip has two different events.
    """

    def __init__(
        self, model: MotionTextEncoder, corpus: Corpus, names: Sequence[str], *, k: int = 5, seed: int = 0
    ) -> None:
        self.seed = seed
        self.trials = make_trials(corpus, names, k=k, seed=seed)
        if not self.trials:
            raise CorpusError(
                f"none of {len(names)} clips of {corpus.folder} has two different events: CAR cannot be measured"
            )
        texts = [text for trial in self.trials for text in (trial.right, *trial.shuffled, *trial.others)]
        self.texts = encode_texts(model, texts)
        features = [corpus.features(trial.clip) for trial in self.trials]
        self.motions = encode_motions(model, features)
        length = round(float(np.mean([len(one) for one in features])))
        self.mean_motion = encode_motions(model, [np.repeat(corpus.stats[0][None], length, axis=0)])[0]

    def car(self) -> Verdict:
        """Share of shuffles that the right text beats, strictly."""
        return self._verdict(self.motions, "shuffled", "car")

    def car_all(self) -> Verdict:
        """Share of clips in which the right text beats the text of EVERY other order."""
        return self._verdict(self.motions, "all", "car-all")

    def car_by_events(self) -> dict[int, Verdict]:
        """CAR of the clips with 2, 3, ... events."""
        counts = sorted({trial.count for trial in self.trials})
        return {n: self._verdict(self.motions, "shuffled", f"car-{n}", n) for n in counts}

    def blind_exchange(self, partners: int = 10) -> Verdict:
        """CAR with each motion exchanged for others of the same number of events (``partners`` of them, averaged).

        Where all orders are equally likely this has to be 50 %. In a corpus of habit the other motions follow the same
        habit and share events, so that a model which looks at them may get more, too.
        """
        rounds = [self._wins(self._exchanged(i), "shuffled") for i in range(partners)]
        wins, ties = np.mean([one[0] for one in rounds], axis=0), np.mean([one[1] for one in rounds], axis=0)
        return self._summed(wins, ties, "blind-exchange")

    def blind_mean(self) -> Verdict:
        """CAR with the mean motion of the training split in every motion's place."""
        motions = np.broadcast_to(self.mean_motion, self.motions.shape)
        return self._verdict(motions, "shuffled", "blind-mean")

    def margins(self) -> Float[np.ndarray, " clips"]:
        """By how much the right text beats its best shuffle, in cosine."""
        right, wrong = self._scores(self.motions, "all")
        return np.array([r - max(w) for r, w in zip(right, wrong, strict=True)])

    def _scores(self, motions: np.ndarray, against: str) -> tuple[np.ndarray, list[np.ndarray]]:
        """(score of the right text, scores of the wrong ones) of each trial."""
        right, wrong = [], []
        for trial, motion in zip(self.trials, motions, strict=True):
            texts = trial.shuffled if against == "shuffled" else trial.others
            rows = np.stack([self.texts[text] for text in (trial.right, *texts)])
            scores = rows.astype(np.float64) @ motion.astype(np.float64)
            right.append(scores[0])
            wrong.append(scores[1:])
        return np.array(right), wrong

    def _wins(self, motions: np.ndarray, against: str) -> tuple[np.ndarray, np.ndarray]:
        """(share of wins, share of ties) of each trial; against ``all`` a clip is won or not."""
        right, wrong = self._scores(motions, against)
        ties = np.array([float((w == r).mean()) for r, w in zip(right, wrong, strict=True)])
        if against == "all":
            return np.array([float((r > w).all()) for r, w in zip(right, wrong, strict=True)]), ties
        return np.array([float((r > w).mean()) for r, w in zip(right, wrong, strict=True)]), ties

    def _verdict(self, motions: np.ndarray, against: str, name: str, events: int | None = None) -> Verdict:
        wins, ties = self._wins(motions, against)
        if events is not None:
            chosen = np.array([trial.count == events for trial in self.trials])
            wins, ties = wins[chosen], ties[chosen]
        return self._summed(wins, ties, name)

    def _summed(self, wins: np.ndarray, ties: np.ndarray, name: str) -> Verdict:
        low, high = bootstrap_interval(wins, name, self.seed)
        return Verdict(100 * float(wins.mean()), 100 * low, 100 * high, 100 * float(ties.mean()), len(wins))

    def _exchanged(self, number: int) -> np.ndarray:
        """Motions with each in the place of another one of the same number of events; where there is none, it stays out
        as the mean.
        """
        exchanged = np.broadcast_to(self.mean_motion, self.motions.shape).copy()
        for count in sorted({trial.count for trial in self.trials}):
            places = np.array([i for i, trial in enumerate(self.trials) if trial.count == count])
            if len(places) > 1:
                order = generator("exchange", self.seed, count).permutation(len(places))
                shift = 1 + number % (len(places) - 1)
                exchanged[places[order]] = self.motions[places[np.roll(order, shift)]]
        return exchanged
