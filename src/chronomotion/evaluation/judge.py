"""The score that selects the best weights of a training."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from chronomotion.evaluation.caption_roles import roles_for
from chronomotion.language.order import count_orders

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.evaluation.report import Report
    from chronomotion.model.motion_text import MotionTextModel

__all__ = ["Judgement", "judge_on", "judge_on_several", "judgement"]

log = logging.getLogger(__name__)


class Judgement(float):
    """The mean of the judgements of several corpora, which are ``parts``."""

    parts: dict[str, float]

    def __new__(cls, parts: Mapping[str, float]) -> Judgement:
        """The mean of the parts, by the names of their corpora; there is at least one."""
        mean = super().__new__(cls, sum(parts.values()) / len(parts))
        mean.parts = dict(parts)
        return mean


def judge_on(corpus: Corpus, split: str) -> Callable[[MotionTextModel], float] | None:
    """A function that scores a model by :func:`judgement` of its report on a split. None when the corpus has no such
    split, or when none of its clips has two different events; training then keeps the last weights.
    """
    from chronomotion.evaluation.evaluate import evaluate

    if split not in corpus.splits:
        log.info("no split %r to choose weights by: the last ones are kept", split)
        return None
    roles = roles_for(corpus)
    captions = [roles.event_caption(corpus.captions(name)) for name in corpus.split(split)]
    several = (caption.events for caption in captions if caption is not None)
    if not any(events is not None and count_orders(events.keys) > 1 for events in several):
        log.info("no clip of split %r has two different events: the last weights are kept", split)
        return None
    return lambda model: judgement(evaluate(model, corpus, split=split))


def judge_on_several(
    corpora: Mapping[str, Corpus], split: str, stats: Sequence[tuple[np.ndarray, np.ndarray]] | None = None
) -> Callable[[MotionTextModel], Judgement] | None:
    """A function that scores a model on the split of each corpus (:func:`judge_on`), by name, and takes the mean: no
    corpus counts more for having more clips.

    ``stats`` are the statistics by which the model normalises the motions of each corpus while it is judged; without
    any, its own. A corpus on which :func:`judge_on` cannot judge is left out, with a warning; None when none is left.
    """
    from chronomotion.model.stats import with_stats

    judges = {name: judge_on(corpus, split) for name, corpus in corpora.items()}
    usable = {name: judge for name, judge in judges.items() if judge is not None}
    if not usable:
        return None
    for name in judges.keys() - usable.keys():
        log.warning("weights are not judged on %s: it has no split %r with different events", name, split)
    own = {} if stats is None else dict(zip(corpora, stats, strict=True))

    def judge_all(model: MotionTextModel) -> Judgement:
        parts = {}
        for name, judge in usable.items():
            with with_stats(model, own[name]) if name in own else nullcontext():
                parts[name] = judge(model)
        return Judgement(parts)

    return judge_all


def judgement(report: Report) -> float:
    """Harmonic mean of neutral CAR above chance (0 at 50 %, 100 at 100 %) and the mean R@10 of both directions. It is
    high only when a model is good at order and at retrieval.
    """
    order = max(0.0, 2 * (report.car.value - 50))
    finds = (report.retrieval["t2m"]["R@10"] + report.retrieval["m2t"]["R@10"]) / 2
    return 2 * order * finds / (order + finds) if order + finds else 0.0
