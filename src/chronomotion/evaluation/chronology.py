"""Chronologically Accurate Retrieval (CAR): is the right order of events nearer to the motion than a wrong one?

The published test (arXiv 2407.15408): CAR = 1/K sum_i g(s(T_i, M_i), s(C_i, M_i)), where g is 1 if the first is
greater, T the right text, C its shuffle and M the motion. This module measures it with ``k`` shuffles a clip and over
all orders, with intervals, and always beside controls that cannot see the motion
(:mod:`chronomotion.evaluation.chronology_blind`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from chronomotion.evaluation.answers import Answers
from chronomotion.evaluation.chronology_blind import disjoint_partners, exchanged_partners
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.questions import Questions, Trial, Wording
from chronomotion.evaluation.report_records import Interval, Margins, OrderTest

__all__ = [
    "TESTS",
    "ChronologyTest",
    "ExchangedMotions",
    "OrderQuestion",
    "Outcome",
    "Positive",
    "chronology",
    "interval_of",
    "intervals_by_events",
    "required_interval",
]

Positive = Literal["events", "original"]

PARTNERS = 10
"""Number of other motions that replace each motion in the blind controls."""

_BINS = 40
"""Number of bins in the histogram of margins."""


@dataclass(frozen=True)
class OrderQuestion:
    """The kind of right text (the events in their order, or the caption as written) and the wording of the events."""

    positive: Positive
    wording: Wording

    @property
    def name(self) -> str:
        """The test's name in a report."""
        return f"{self.positive}, {self.wording}"

    def right(self, questions: Questions, trial: Trial) -> int:
        """Row of the trial's right text in ``questions.texts``."""
        if self.positive == "events":
            return trial.texts_by_wording[self.wording].right
        return questions.captions[trial.place]


TESTS = tuple(
    OrderQuestion(positive, wording) for positive in ("events", "original") for wording in ("neutral", "as written")
)
"""``events`` is event->event of the published protocol; ``original`` is orig->event, which style alone can solve."""


@dataclass(frozen=True)
class Outcome:
    """Results of trials: the share of comparisons won and tied in each; nan marks a trial that is left out."""

    wins: Float[np.ndarray, " trials"]
    ties: Float[np.ndarray, " trials"]

    @classmethod
    def of(cls, ahead: Float[np.ndarray, "trials comparisons"]) -> Outcome:
        """The outcome of score differences, right less wrong. Equal scores are a tie, and a tie is not won."""
        return cls((ahead > 0).mean(axis=1), (ahead == 0).mean(axis=1))

    def only(self, chosen: Bool[np.ndarray, " trials"]) -> Outcome:
        """The same outcome with only the chosen trials; all others are left out."""
        return Outcome(np.where(chosen, self.wins, np.nan), np.where(chosen, self.ties, np.nan))


@dataclass(frozen=True, eq=False)
class ExchangedMotions:
    """What all tests of a split share: the trials whose motions replace each trial's motion, and the resampling.

    -1 marks a missing partner.
    """

    exchanged: Int[np.ndarray, "trials partners"]
    disjoint: Int[np.ndarray, "trials partners"]
    resampling: Resampling

    @classmethod
    def of(cls, questions: Questions) -> ExchangedMotions:
        """The partners and the resampling for these questions."""
        return cls(
            exchanged_partners(questions.trials, questions.seed, PARTNERS),
            disjoint_partners(questions.trials, questions.seed, PARTNERS),
            Resampling([trial.cluster for trial in questions.trials], questions.seed),
        )


class ChronologyTest:
    """One order question, asked of all trials of a split."""

    def __init__(
        self, questions: Questions, answers: Answers, question: OrderQuestion, shared: ExchangedMotions | None = None
    ) -> None:
        self.questions, self.answers = questions, answers
        self._shared = ExchangedMotions.of(questions) if shared is None else shared
        self._resampling = self._shared.resampling
        trials = questions.trials
        texts = [trial.texts_by_wording[question.wording] for trial in trials]
        self._right = np.array([question.right(questions, trial) for trial in trials])
        self._shuffled = np.array([trial_texts.shuffled for trial_texts in texts])
        self._counts = np.array([trial.count for trial in trials])
        self._motions = np.array([trial.place for trial in trials])
        self._ahead = self._ahead_of_shuffles(self._motions[:, None])[:, 0]
        self._trial_of_other = np.repeat(np.arange(len(trials)), [len(trial_texts.others) for trial_texts in texts])
        others = np.array([text for trial_texts in texts for text in trial_texts.others])
        right = answers.pairs(self._right, self._motions)
        wrong = answers.pairs(others, self._motions[self._trial_of_other])
        self._ahead_of_others = right[self._trial_of_other] - wrong

    def result(self) -> OrderTest:
        """All figures."""
        shuffled = Outcome.of(self._ahead)
        exchanged = self._blind(self._shared.exchanged)
        return OrderTest(
            car=required_interval(shuffled, self._resampling),
            car_all=required_interval(self._all_orders(), self._resampling),
            car_by_events=intervals_by_events(shuffled, self._counts, self._resampling),
            car_single=required_interval(Outcome.of(self._ahead[:, :1]), self._resampling),
            blind_exchange=self._interval(exchanged),
            blind_disjoint=self._interval(self._blind(self._shared.disjoint)),
            blind_mean=self._mean_motion(),
            blind_by_events=intervals_by_events(exchanged, self._counts, self._resampling),
            margins=self._margins(),
        )

    def outcomes(self) -> dict[str, list[int]]:
        """For each trial: wins and ties among its k shuffles, and whether the right order beats every other order."""
        return {
            "wins": (self._ahead > 0).sum(axis=1).tolist(),
            "ties": (self._ahead == 0).sum(axis=1).tolist(),
            "all": self._all_orders().wins.astype(int).tolist(),
        }

    def _ahead_of_shuffles(self, motions: Int[np.ndarray, "trials of"]) -> Float[np.ndarray, "trials of k"]:
        """Score of the right text less that of each shuffle, for the given motions of each trial."""
        candidates = np.concatenate([self._right[:, None], self._shuffled], axis=1)
        texts, paired_motions = np.broadcast_arrays(candidates[:, None, :], motions[:, :, None])
        # One call, so that a model without vectors scores each motion once.
        scores = self.answers.pairs(texts.ravel(), paired_motions.ravel()).reshape(texts.shape)
        return np.asarray(scores[:, :, :1] - scores[:, :, 1:])

    def _all_orders(self) -> Outcome:
        """A trial is won when the right order beats every other order; ties are counted comparison by comparison."""
        count = np.bincount(self._trial_of_other, minlength=len(self._right))
        wins = np.bincount(self._trial_of_other, self._ahead_of_others > 0, minlength=len(self._right))
        ties = np.bincount(self._trial_of_other, self._ahead_of_others == 0, minlength=len(self._right))
        return Outcome((wins == count).astype(np.float64), ties / count)

    def _blind(self, partners: Int[np.ndarray, "trials partners"]) -> Outcome:
        """CAR with the partners' motions in place of each trial's motion, averaged over partners; -1 is no partner."""
        has = partners >= 0
        ahead = self._ahead_of_shuffles(self._motions[np.where(has, partners, 0)])
        count = np.maximum(has.sum(axis=1), 1)
        wins, ties = ((results.mean(axis=2) * has).sum(axis=1) / count for results in (ahead > 0, ahead == 0))
        return Outcome(wins, ties).only(np.asarray(has.any(axis=1)))

    def _mean_motion(self) -> Interval | None:
        if self.questions.mean_motion is None:
            return None
        motions = np.full((len(self._motions), 1), self.questions.mean_motion)
        return self._interval(Outcome.of(self._ahead_of_shuffles(motions)[:, 0]))

    def _interval(self, outcome: Outcome) -> Interval | None:
        return interval_of(outcome, self._resampling)

    def _margins(self) -> Margins:
        """Margins of the right text over its best wrong order."""
        best = np.full(len(self._right), np.inf)
        np.minimum.at(best, self._trial_of_other, self._ahead_of_others)
        reach = float(np.abs(best).max()) or 1.0
        edges = _round_up(reach) * np.linspace(-1, 1, _BINS + 1)
        counts, _ = np.histogram(best[best != 0], edges)
        tied, median = int((best == 0).sum()), float(np.median(best))
        return Margins(edges=edges.round(9).tolist(), counts=counts.tolist(), tied=tied, median=median)


def _round_up(value: float) -> float:
    """The next number above that has few digits."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value))


def intervals_by_events(
    outcome: Outcome, counts: Int[np.ndarray, " trials"], resampling: Resampling
) -> dict[str, Interval]:
    """The figure of the trials with 2, 3, ... events, by the number of events."""
    intervals = {str(n): interval_of(outcome.only(counts == n), resampling) for n in np.unique(counts).tolist()}
    return {count: interval for count, interval in intervals.items() if interval is not None}


def interval_of(outcome: Outcome, resampling: Resampling) -> Interval | None:
    """Mean share of wins with its interval; None when all trials are left out."""
    known = np.isfinite(outcome.wins)
    if not known.any():
        return None
    low, high = resampling.interval(outcome.wins)
    return Interval(
        value=100 * float(outcome.wins[known].mean()),
        low=100 * low,
        high=100 * high,
        ties=100 * float(outcome.ties[known].mean()),
        clips=int(known.sum()),
    )


def required_interval(outcome: Outcome, resampling: Resampling) -> Interval:
    """:func:`interval_of` for an outcome without left-out trials, where it is never None."""
    interval = interval_of(outcome, resampling)
    assert interval is not None
    return interval


def chronology(questions: Questions, answers: Answers) -> tuple[dict[str, OrderTest], dict[str, dict[str, list[int]]]]:
    """All tests in the wordings of the questions, by name, and the outcomes of single trials; empty without trials."""
    if not questions.trials:
        return {}, {}
    shared = ExchangedMotions.of(questions)
    tests = {
        question.name: ChronologyTest(questions, answers, question, shared)
        for question in TESTS
        if question.wording in questions.wordings
    }
    figures = {name: test.result() for name, test in tests.items()}
    return figures, {name: test.outcomes() for name, test in tests.items()}
