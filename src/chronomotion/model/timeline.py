"""When each event of a query happens in a motion, which shows other things too.

One rule gives spans, scores and pictures. A window speaks for its middle half, and a frame's score is the mean of those
of the windows that speak for it. What is asked about need not fill the motion: a frame of a gap has a score as well
(:func:`gap_scores`), and an event gains what its frames score above that. The events are placed in the order asked
about where they gain most (:mod:`chronomotion.model.placement`); long stretches gain more than short peaks.

Below search nothing is known of libraries: scores, gaps and presence come in as numbers, and spans go out in frames.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.order import Order, other_orders
from chronomotion.model.placement import (
    Boundaries,
    SpanPlacement,
    place_repeats,
    place_spans,
    placed_gains,
)
from chronomotion.seeding import Part

__all__ = [
    "LEAST_FRAMES",
    "EventPlace",
    "Located",
    "PresenceAt",
    "frame_scores",
    "gap_scores",
    "locate",
    "occurrences",
    "place_with_gaps",
    "sliding_windows",
]

WINDOW_SECONDS = (1.0, 1.5, 2.0, 3.0)
STRIDE_SECONDS = 0.25

LEAST_FRAMES = 10
"""An event lasts half a second at 20 frames a second, or longer."""

ABOVE_MEAN, BELOW_OTHERS = 0.35, 0.3
"""A frame belongs to an event that scores so much above its mean, and not so much below other sentences there. Chosen
on takes that no figure of docs/timeline.md is of; .3 to .4 and .2 to .3 do about as well."""

LEAST_GAIN = 2.0
"""What one more occurrence of an event gains: as much as half a second at .2 above a gap."""

_ORDERS = 24
"""Orders of one set of events that are compared: all of them up to four different events, of more a fair sample."""

PresenceAt = Callable[[int, tuple[int, int]], float]
"""How sure it is, from 0 to 1, that a motion shows an event, given by its number, at a span, (start, end) in frames."""

GapScores = float | Float[np.ndarray, " events"] | Float[np.ndarray, "events windows"]


@dataclass(frozen=True)
class EventPlace:
    """An event in a motion.

    - ``span``: (start, end) in frames; None where the motion has no room for the events;
    - ``score``: the mean of the event's scores over the frames of the span;
    - ``presence``: how sure it is that the span shows the event; not a number where nothing says so;
    - ``found``: whether the presence reaches the threshold; without presence, whether the event gains anything there.
    """

    span: tuple[int, int] | None
    score: float
    presence: float
    found: bool


@dataclass(frozen=True)
class Located:
    """The events, in the order asked about.

    - ``margin``: by how much the asked order fits better than the best other order of the same events, in score a frame
      of the longer of both placements. Below 0 another order fits better. Not a number where there is no other order,
      or no room;
    - ``best_order``: the order that fits best, as places in the asked one;
    - ``orders``: how many orders were compared, the asked one among them.
    """

    events: tuple[EventPlace, ...]
    margin: float
    best_order: Order
    orders: int


def locate(
    scores: Float[np.ndarray, "events windows"],
    windows: Int[np.ndarray, "windows 2"],
    *,
    gap_scores: GapScores | None = None,
    presence: PresenceAt | None = None,
    threshold: float = 0.5,
    boundaries: Boundaries | None = None,
    least: int = LEAST_FRAMES,
    keys: Sequence[Part] | None = None,
) -> Located:
    """Where events happen in a motion, in their order and without overlap, with gaps before, between and behind them.

    ``scores`` are those of each event with each window, (start, end) in frames; the motion ends with the last window.
    Windows of 1.5 s and less know best where an event begins. ``gap_scores``, one for all events, one each, or one for
    each event and window, is what a gap scores: :func:`gap_scores` of a gallery and of other sentences is a good one;
    without it, the mean over these windows is taken and :data:`ABOVE_MEAN` added. ``presence`` and ``threshold`` say
    which events are found. Events last ``least`` frames, less where the motion has no room for that.

    Of up to four events all other orders are compared, above that 24 drawn ones. ``keys`` tell which events are equal,
    so that exchanging them is no other order, and decide the draw; without them events with equal scores are equal.

    O(events x frames) for each order. Raises ValueError without events or windows.
    """
    levels, gains = _levels(scores, windows, gap_scores)
    events, frames = gains.shape
    keys = _equal_rows(scores) if keys is None else keys
    order = tuple(range(events))
    if frames < events:
        return Located((EventPlace(None, float("nan"), float("nan"), False),) * events, float("nan"), order, 1)
    least = max(1, min(least, frames // events))
    placed = place_spans(gains, least=least, boundaries=boundaries)
    places = tuple(
        _place(span, levels[k], gains[k], None if presence is None else presence(k, span), threshold)
        for k, span in enumerate(placed.spans)
    )
    others = other_orders(keys, "locate", *keys, limit=_ORDERS)
    if not others:
        return Located(places, float("nan"), order, 1)
    sums = placed_gains(gains[None], np.array([frames]), others, least=least, boundaries=boundaries)[0]
    best = others[int(sums.argmax())]
    other = place_spans(gains[list(best)], least=least, boundaries=boundaries)
    margin = (placed.gain - other.gain) / max(_frames(placed), _frames(other))
    return Located(places, margin, order if margin >= 0 else best, 1 + len(others))


def occurrences(
    scores: Float[np.ndarray, " windows"],
    windows: Int[np.ndarray, "windows 2"],
    *,
    gap_scores: float | Float[np.ndarray, " windows"] | None = None,
    presence: PresenceAt | None = None,
    threshold: float = 0.5,
    boundaries: Boundaries | None = None,
    least: int = LEAST_FRAMES,
    least_gain: float = LEAST_GAIN,
) -> tuple[EventPlace, ...]:
    """Every time that one event happens in a motion, in order; the arguments are those of :func:`locate`.

    Two of them are told apart where the scores between them lose more than ``least_gain``, a sum over frames. What is
    not found is left out. O(occurrences x frames).
    """
    gap = np.asarray(gap_scores)[None] if isinstance(gap_scores, np.ndarray) else gap_scores
    levels, gains = _levels(scores[None], windows, gap)
    least = max(1, min(least, gains.shape[1]))
    placed = place_repeats(gains[0], least=least, boundaries=boundaries, least_gain=least_gain)
    places = (
        _place(span, levels[0], gains[0], None if presence is None else presence(0, span), threshold)
        for span in placed.spans
    )
    return tuple(place for place in places if place.found)


def gap_scores(
    means: Float[np.ndarray, " events"], others: Float[np.ndarray, "events windows"] | None = None
) -> Float[np.ndarray, "events windows"] | Float[np.ndarray, " events"]:
    """What a frame of a gap scores for each event, and where ``others`` are known in each window.

    ``means`` are the events' mean scores with the windows of many motions, as a gallery has them; ``others`` what other
    sentences score in these windows (:meth:`chronomotion.model.background.Background.levels`). Both decide together:
    the first does not know what else a window could show, the second calls the least bad sentence right where nothing
    fits.
    """
    above = means + ABOVE_MEAN
    return above if others is None else np.maximum(above[:, None], others - BELOW_OTHERS)


def place_with_gaps(
    scores: Float[np.ndarray, "events windows"],
    windows: Int[np.ndarray, "windows 2"],
    gap_score: float | Float[np.ndarray, " events"] | None = None,
) -> SpanPlacement:
    """The spans of :func:`locate` alone, also of single frames; without ``gap_score`` it is the events' mean score.

    Raises ValueError when there are fewer frames than events.
    """
    _, gains = _levels(scores, windows, scores.mean(axis=1) if gap_score is None else gap_score)
    return place_spans(gains)


def sliding_windows(
    frames: int, fps: float, events: int = 1, seconds: Sequence[float] = WINDOW_SECONDS, stride: float = STRIDE_SECONDS
) -> Int[np.ndarray, "windows 2"]:
    """(start, end) in frames of windows of several lengths, each as often as ``stride`` seconds allow.

    A last window of each length ends with the motion. Lengths that would not leave room for so many ``events`` are
    left out, and one window length that does is always there: an equal part of the motion. ``frames`` has to be at
    least ``events``. Raises ValueError when it is not.
    """
    if frames < events:
        raise ValueError(f"{frames} frames hold no {events} events one after the other")
    part = frames // events
    sizes = {round(one * fps) for one in seconds if 1 <= round(one * fps) <= part} | {part}
    step = max(1, round(stride * fps))
    spans = set()
    for size in sizes:
        starts = [*range(0, frames - size + 1, step), frames - size, *(i * part for i in range(events))]
        spans |= {(start, start + size) for start in starts if start + size <= frames}
    return np.array(sorted(spans))


def frame_scores(
    values: Float[np.ndarray, "rows windows"], windows: Int[np.ndarray, "windows 2"]
) -> Float[np.ndarray, "rows frames"]:
    """The mean of the values of the windows whose middle half each frame lies in; 0 in no window at all.

    Frames that lie in no middle half have the mean of the windows that they lie in. Running sums of what begins and
    ends at each frame: O(rows x (windows + frames)).
    """
    frames = int(windows[:, 1].max())
    quarter = (windows[:, 1] - windows[:, 0]) // 4
    halves = windows + np.stack([quarter, -quarter], axis=1)
    rows = np.concatenate([values, np.ones((1, len(windows)))])
    (*whole, count), (*middle, counted) = (_running(rows, spans, frames) for spans in (windows, halves))
    outside = np.where(count > 0.5, whole, 0.0) / np.maximum(count, 1)
    return np.asarray(np.where(counted > 0.5, middle / np.maximum(counted, 1), outside))


def _running(values: np.ndarray, spans: np.ndarray, frames: int) -> Float[np.ndarray, "rows frames"]:
    """For each frame the sum of the values of the spans that it lies in."""
    sums = np.zeros((len(values), frames))
    for row, of_row in zip(values, sums, strict=True):
        begins, ends = (np.bincount(spans[:, side], row, frames + 1)[:frames] for side in (0, 1))
        np.cumsum(begins - ends, out=of_row)
    return sums


def _levels(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"], gap: GapScores | None
) -> tuple[Float[np.ndarray, "events frames"], Float[np.ndarray, "events frames"]]:
    """(scores of the frames, what they gain above a gap)."""
    if not scores.size:
        raise ValueError(f"nothing to place: {scores.shape[0]} events and {scores.shape[1]} windows")
    if gap is None:
        gap = gap_scores(scores.mean(axis=1))
    gap = np.asarray(gap, dtype=np.float64)
    above = scores - (gap if gap.ndim == 2 else np.broadcast_to(gap, len(scores))[:, None])
    rows = frame_scores(np.concatenate([scores, above]), windows)
    return rows[: len(scores)], rows[len(scores) :]


def _place(
    span: tuple[int, int],
    levels: Float[np.ndarray, " frames"],
    gains: Float[np.ndarray, " frames"],
    presence: float | None,
    threshold: float,
) -> EventPlace:
    """An event at its span."""
    inside = slice(*span)
    score = float(levels[inside].mean())
    if presence is None:
        return EventPlace(span, score, float("nan"), bool(gains[inside].sum() > 0))
    return EventPlace(span, score, presence, bool(presence >= threshold))


def _frames(placed: SpanPlacement) -> int:
    """Frames of all events together."""
    return sum(end - begin for begin, end in placed.spans)


def _equal_rows(scores: Float[np.ndarray, "events windows"]) -> list[int]:
    """For each event the first one that has the same scores."""
    first: dict[Hashable, int] = {}
    return [first.setdefault(row.tobytes(), number) for number, row in enumerate(scores)]
