"""Where are the events? Predicted spans against true ones, on corpora with known event times.

Any placer can be measured: a function from the features of a motion and the texts of events to a span (start, end) in
seconds for each event, or None for an event that it does not find. The events come in the order in which they happen.
The order accuracy of a placer that uses this order is 100 by construction and carries no information.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.chronology import Outcome, required_interval
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report_records import Localised
from chronomotion.language.wording import neutral
from chronomotion.model.cuts import cut_motions
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.timeline import STRIDE_SECONDS, WINDOW_SECONDS, sliding_windows
from chronomotion.progress import progress

__all__ = ["OVERLAPS", "PLACERS", "BestWindows", "InOrder", "Placer", "localisation", "overlap"]

Span: TypeAlias = tuple[float, float]

Placer: TypeAlias = Callable[[Float[np.ndarray, "_ dim"], Sequence[str]], Sequence[Span | None]]

OVERLAPS = (0.3, 0.5, 0.7)
"""Thresholds of intersection over union; at or above one of them an event counts as found."""


def overlap(span: Span | None, other: Span) -> float:
    """Intersection over union of two spans; 0 when the first is None."""
    if span is None:
        return 0.0
    union = max(span[1], other[1]) - min(span[0], other[0])
    return max(0.0, min(span[1], other[1]) - max(span[0], other[0])) / union if union > 0 else 0.0


def localisation(questions: Questions, place: Placer) -> Localised | None:
    """How well a placer finds the events of the trials, given one at a time in neutral wording; None when no trial has
    event times.

    - ``recall``: share of events whose span overlaps the true span by at least each threshold (R@1);
    - ``mean_iou``: mean overlap, 0 for an event that was not placed;
    - ``equal_parts_iou``: the mean overlap of equal parts of the motion, for comparison;
    - ``order_accuracy``: of two neighbouring events, is the middle of the first before that of the second?
    """
    overlaps: list[float] = []
    equal_parts: list[float] = []
    ordered, clusters = [], []
    for trial in progress(questions.trials, "placing events", unit="clip"):
        spans = trial.events.spans
        if spans is None:
            continue
        features = questions.corpus.features(questions.clips[trial.place])
        placed = list(place(features, [neutral(text) for text in trial.events.texts]))
        overlaps += [overlap(span, true) for span, true in zip(placed, spans, strict=True)]
        bounds = np.linspace(0, len(features) / questions.corpus.fps, len(spans) + 1).tolist()
        equal_parts += [overlap(part, true) for part, true in zip(pairwise(bounds), spans, strict=True)]
        middles = np.array([np.nan if span is None else sum(span) / 2 for span in placed])
        ordered.append(float((np.diff(middles) > 0).mean()))
        clusters.append(trial.cluster)
    if not ordered:
        return None
    outcome = Outcome(np.array(ordered), np.zeros(len(ordered)))
    return Localised(
        clips=len(ordered),
        events=len(overlaps),
        recall={str(least): 100 * float(np.mean(np.array(overlaps) >= least)) for least in OVERLAPS},
        mean_iou=float(np.mean(overlaps)),
        order_accuracy=required_interval(outcome, Resampling(clusters, questions.seed)),
        equal_parts_iou=float(np.mean(equal_parts)),
    )


class BestWindows:
    """The simplest placer: each event gets the window of the motion whose embedding is nearest to its text.

    Windows are ``seconds`` long and begin every ``stride`` seconds; a motion shorter than every window is one window.
    """

    def __init__(
        self,
        model: MotionTextEncoder,
        fps: float,
        *,
        seconds: Sequence[float] = WINDOW_SECONDS,
        stride: float = STRIDE_SECONDS,
    ) -> None:
        self.model, self.fps = model, fps
        self.seconds, self.stride = seconds, stride

    def __call__(self, features: Float[np.ndarray, "_ dim"], events: Sequence[str]) -> list[Span | None]:
        """A span for each event, in seconds."""
        windows = sliding_windows(len(features), self.fps, 1, self.seconds, self.stride)
        vectors = encode_motions(self.model, [features[start:end] for start, end in windows])
        texts = encode_texts(self.model, events)
        best = [windows[int(np.argmax(vectors @ texts[event]))] for event in events]
        return [(int(start) / self.fps, int(end) / self.fps) for start, end in best]


class InOrder:
    """A placer that keeps the given order of the events, without overlap (:mod:`chronomotion.model.cuts`).

    Its order accuracy is 100 by construction; the other figures show how well the spans fit.
    """

    def __init__(self, model: MotionTextEncoder, fps: float) -> None:
        self.model, self.fps = model, fps

    def __call__(self, features: Float[np.ndarray, "_ dim"], events: Sequence[str]) -> list[Span | None]:
        """A span for each event, in seconds: the whole motion cut into one part an event."""
        if len(features) < len(events):
            return [None] * len(events)
        return list(cut_motions(self.model, [features], [events], self.fps)[0].parts)


PLACERS: dict[str, Callable[[MotionTextEncoder, float], Placer]] = {"windows": BestWindows, "order": InOrder}
"""Placers by name."""
