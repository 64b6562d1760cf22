"""The mirror test of CAR: one caption, the motion against itself with its events in another order.

Both motions are cut at the event times and joined, so that a join gives nothing away. Over the clip and the re-ordered
clip together, a model that never looks at the motion gets exactly 50, whatever the habits of the corpus: it prefers one
of the two orders, so it wins with one motion and loses with the other.
"""

from __future__ import annotations

import numpy as np

from chronomotion.evaluation.answers import Answers
from chronomotion.evaluation.chronology import Outcome, interval_of, intervals_by_events, required_interval
from chronomotion.evaluation.chronology_blind import exchanged_partners
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report_records import SwapTest

__all__ = ["swap_test"]


def swap_test(questions: Questions, answers: Answers) -> SwapTest | None:
    """Figures over the trials whose event times are known; None where there are none.

    With T the right text, C the first shuffle, M the motion and N the motion re-ordered to the order of C:

    - ``car_motion``: s(T, M) > s(T, N);
    - ``car_motion_blind``: the same with the T of another clip of as many events, which has to be 50;
    - ``car_both_ways``: the mean of s(T, M) > s(C, M) and s(C, N) > s(T, N);
    - ``won_both_ways``: both comparisons are won; a model that never looks at the motion gets 0.
    """
    trials = [trial for trial in questions.trials if trial.swapped is not None]
    if not trials:
        return None
    resampling = Resampling([trial.cluster for trial in trials], questions.seed)
    right = np.array([trial.texts_by_wording["neutral"].right for trial in trials])
    wrong = np.array([trial.texts_by_wording["neutral"].shuffled[0] for trial in trials])
    joined, swapped = np.array([trial.swapped for trial in trials]).T
    partner = exchanged_partners(trials, questions.seed, 1)[:, 0]
    blind = right[np.where(partner < 0, 0, partner)]

    def ahead(better: tuple[np.ndarray, np.ndarray], worse: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return np.asarray(answers.pairs(*better) - answers.pairs(*worse))

    seen = ahead((right, joined), (right, swapped))
    unseen = ahead((blind, joined), (blind, swapped))
    recorded = ahead((right, joined), (wrong, joined))
    reordered = ahead((wrong, swapped), (right, swapped))
    both_ways = np.stack([recorded, reordered])
    won, tied = np.minimum(*(both_ways > 0)), np.maximum(*(both_ways == 0))
    return SwapTest(
        car_motion=required_interval(Outcome.of(seen[:, None]), resampling),
        car_motion_blind=interval_of(Outcome.of(unseen[:, None]).only(partner >= 0), resampling),
        car_both_ways=required_interval(Outcome.of(both_ways.T), resampling),
        by_events=intervals_by_events(Outcome.of(both_ways.T), np.array([trial.count for trial in trials]), resampling),
        won_both_ways=required_interval(Outcome(won.astype(np.float64), tied.astype(np.float64)), resampling),
    )
