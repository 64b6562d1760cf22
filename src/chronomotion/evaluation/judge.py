"""The score that selects the best weights of a training."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from chronomotion.evaluation.caption_roles import roles_for
from chronomotion.language.order import count_orders

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.evaluation.report import Report
    from chronomotion.model.motion_text import MotionTextModel

__all__ = ["judge_on", "judgement"]

log = logging.getLogger(__name__)


def judge_on(corpus: Corpus, split: str) -> Callable[[MotionTextModel], float] | None:
    """A function that scores a model by :func:`judgement` of its report on a split. None when the corpus has no such
    split, or when none of its clips has two different events; training then keeps the last weights.
    """
    from chronomotion.evaluation.evaluate import evaluate

    if split not in corpus.splits:
        log.info("no split %r to choose weights by: the last ones are kept", split)
        return None
    roles = roles_for(corpus)
    annotated = [roles.events(corpus.captions(name)) for name in corpus.split(split)]
    if not any(events is not None and count_orders(events.keys) > 1 for events in annotated):
        log.info("no clip of split %r has two different events: the last weights are kept", split)
        return None
    return lambda model: judgement(evaluate(model, corpus, split=split))


def judgement(report: Report) -> float:
    """Harmonic mean of neutral CAR above chance (0 at 50 %, 100 at 100 %) and the mean R@10 of both directions. It is
    high only when a model is good at order and at retrieval.
    """
    order = max(0.0, 2 * (report.car.value - 50))
    finds = (report.retrieval["t2m"]["R@10"] + report.retrieval["m2t"]["R@10"]) / 2
    return 2 * order * finds / (order + finds) if order + finds else 0.0
