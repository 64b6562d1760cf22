"""How far the joins of re-ordered recordings are from real ones.

Real events lean on each other ("then lowers the hand"), so a recording in another order has joins that never were. A
model that sees such a join might win by the join alone; the figures here say how much there is to see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report_records import JoinFigures, JoinGroup, Spread
from chronomotion.motion.join_steps import JoinStep

__all__ = ["join_figures"]


def join_figures(questions: Questions) -> JoinFigures | None:
    """Figures over the joins of all trials that are cut; None without any, and for composed motions, in which every
    join is a join."""
    trials = [trial for trial in questions.trials if trial.swapped is not None]
    if not trials or "composed" in questions.corpus.info:
        return None
    recorded, swapped = zip(*(questions.joins(trial) for trial in trials), strict=True)
    meets = [all(join.meets for join in (*own, *new)) for own, new in zip(recorded, swapped, strict=True)]
    return JoinFigures(
        clips=len(trials),
        reordered=_group([join for joins in swapped for join in joins if not join.neighbours]),
        recorded=_group([join for joins in recorded for join in joins]),
        matched=sum(meets),
        unmatched=questions.unmatched,
    )


def _group(joins: Sequence[JoinStep]) -> JoinGroup:
    def spread(figure: Callable[[JoinStep], float]) -> Spread:
        median, p90 = np.percentile([figure(join) for join in joins], [50, 90])
        return Spread(median=float(median), p90=float(p90))

    return JoinGroup(
        joins=len(joins),
        pose=spread(lambda join: join.pose),
        pose_share=spread(lambda join: join.pose_share),
        speed_share=spread(lambda join: join.speed_share),
        acceleration_share=spread(lambda join: join.acceleration_share),
        inserted=spread(lambda join: join.inserted),
    )
