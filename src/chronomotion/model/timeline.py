"""Where in a motion each event happens: sliding windows, and the best placement of the events in their order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.order import Order, other_orders
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.placement import SpanPlacement, place_spans

__all__ = [
    "Placement",
    "Timeline",
    "cut_in_order",
    "place_in_order",
    "place_with_gaps",
    "sliding_windows",
    "timelines",
]

WINDOW_SECONDS = (1.0, 1.5, 2.0, 3.0)
STRIDE_SECONDS = 0.25

_MOST_OTHERS = 23
"""Other orders that a told one is compared with: all of them up to four different events, of more a sample."""


@dataclass(frozen=True)
class Placement:
    """A window for each event (numbers of windows), in order and without overlap, and the mean of their scores."""

    windows: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Timeline:
    """When each event happens, (start, end) in seconds from the start of the motion, and how well it fits there (a
    cosine). ``parts`` are the whole motion cut between the events. ``gap``: by how much the asked order fits better
    than the best other order of the same events (of many events, than the best of 23 drawn ones), in mean cosine; below
    0 another one fits better, and where there is no other order, as with one event, it is not a number.
    """

    spans: tuple[tuple[float, float], ...]
    parts: tuple[tuple[float, float], ...]
    scores: tuple[float, ...]
    gap: float


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


def place_in_order(scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"]) -> Placement:
    """The placement of the events in windows, one each, in order and without overlap, with the highest sum of scores.

    With B_k(w) the best sum of events up to k when k is in window w: B_k(w) = s_kw + max { B_k-1(v): v ends where w
    starts, or before }. The maxima are kept for windows sorted by their ends, so that this takes O(events x windows).
    Raises ValueError when there is no such placement.
    """
    before = _Before(windows)
    best = scores[0].astype(np.float64)
    origins: list[np.ndarray] = []
    for row in scores[1:]:
        origins.append(before.owners(best))
        best = row + before.maxima(best)
    last = int(best.argmax())
    _require_placement(best[last], len(scores))
    chosen = [last]
    for origin in reversed(origins):
        chosen.append(int(origin[chosen[-1]]))
    return Placement(tuple(reversed(chosen)), float(best[last]) / len(scores))


def _placed_scores(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"], orders: Sequence[Order]
) -> Float[np.ndarray, " orders"]:
    """What :func:`place_in_order` scores for the events in each of several orders, all orders at a time."""
    before = _Before(windows)
    places = np.array(orders)
    best = scores[places[:, 0]].astype(np.float64)
    for place in places.T[1:]:
        best = scores[place] + before.maxima(best)
    highest = best.max(axis=1)
    _require_placement(highest.min(), len(scores))
    return np.asarray(highest / len(scores))


def _require_placement(score: float, events: int) -> None:
    if not np.isfinite(score):
        raise ValueError(f"no {events} of these windows follow one another without overlap")


class _Before:
    """For each window the best of those that end where it starts, or before."""

    def __init__(self, windows: Int[np.ndarray, "windows 2"]) -> None:
        self._by_end = np.argsort(windows[:, 1], kind="stable")
        self._count = np.searchsorted(windows[self._by_end, 1], windows[:, 0], side="right")

    def maxima(self, values: Float[np.ndarray, "*orders windows"]) -> Float[np.ndarray, "*orders windows"]:
        """The highest value of them; minus infinity where there is none."""
        highest = np.maximum.accumulate(values[..., self._by_end], axis=-1)
        nothing = np.full((*highest.shape[:-1], 1), -np.inf)
        return np.concatenate([nothing, highest], axis=-1)[..., self._count]

    def owners(self, values: Float[np.ndarray, " windows"]) -> Int[np.ndarray, " windows"]:
        """Whose value that is: of equal ones the last to end. Any window where there is none."""
        ordered = values[self._by_end]
        highest = np.maximum.accumulate(ordered)
        last = np.maximum.accumulate(np.where(ordered >= highest, np.arange(len(ordered)), 0))
        return np.asarray(self._by_end[last[self._count - 1]])


def timelines(
    model: MotionTextEncoder,
    motions: Sequence[Float[np.ndarray, "_ dim"]],
    events: Sequence[Sequence[str]],
    fps: float,
    *,
    seconds: Sequence[float] = WINDOW_SECONDS,
    stride: float = STRIDE_SECONDS,
    keys: Sequence[Sequence[Hashable]] | None = None,
    seed: int = 0,
) -> list[Timeline]:
    """When the events of each motion happen, its own list of event texts for each, told in the order asked about.

    Every window is encoded once, whatever the events. ``keys`` tell which events are equal, so that exchanging them is
    no other order; without them equal texts are equal events. Orders to compare with, where there are too many of them,
    are drawn: a function of ``seed`` and the events alone. Raises ValueError for a motion of fewer frames than events.
    """
    windows = [
        sliding_windows(len(motion), fps, len(told), seconds, stride)
        for motion, told in zip(motions, events, strict=True)
    ]
    parts = [motion[a:b] for motion, spans in zip(motions, windows, strict=True) for a, b in spans]
    vectors = np.split(encode_motions(model, parts), np.cumsum([len(spans) for spans in windows])[:-1])
    texts = encode_texts(model, [text for told in events for text in told])
    others = [
        other_orders(alike, "timeline", seed, *told, limit=_MOST_OTHERS)
        for alike, told in zip(events if keys is None else keys, events, strict=True)
    ]
    return [
        _timeline(np.stack([texts[text] for text in told]) @ rows.T, spans, orders, fps)
        for told, rows, spans, orders in zip(events, vectors, windows, others, strict=True)
    ]


def _timeline(scores: np.ndarray, windows: np.ndarray, others: Sequence[Order], fps: float) -> Timeline:
    placed = place_in_order(scores, windows)
    gap = placed.score - float(_placed_scores(scores, windows, others).max()) if others else float("nan")
    # Some sentences are near to everything: each event's scores are measured by their own mean and spread.
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-6)
    standard = (scores - scores.mean(axis=1, keepdims=True)) / spread
    cuts = [0.0, *(int(cut) / fps for cut in cut_in_order(standard, windows)), int(windows.max()) / fps]
    return Timeline(
        parts=tuple(pairwise(cuts)),
        spans=tuple((int(windows[w, 0]) / fps, int(windows[w, 1]) / fps) for w in placed.windows),
        scores=tuple(float(scores[k, w]) for k, w in enumerate(placed.windows)),
        gap=gap,
    )


def cut_in_order(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"]
) -> Int[np.ndarray, " cuts"]:
    """Frames at which the whole motion is cut into as many parts as there are events, in order: of all cuts those with
    the highest sum over frames of the score of the frame's event.

    A frame's score is the mean of those of the windows that it lies in. With C_k the running sum of event k's,
    B_k(t) = C_k(t) + max over u < t of B_k-1(u) - C_k(u) is the best sum up to t when k is the last event there.
    O(events x frames).
    """
    running = np.cumsum(_frame_scores(scores, windows), axis=1)
    running = np.concatenate([np.zeros((len(scores), 1)), running], axis=1)
    best = running[0].copy()
    best[0] = -np.inf  # no event is without a frame
    origins = []
    for row in running[1:]:
        ahead = best - row
        highest = np.maximum.accumulate(ahead)
        owner = np.maximum.accumulate(np.where(ahead >= highest, np.arange(len(ahead)), 0))
        origins.append(np.concatenate([[0], owner[:-1]]))
        best = row + np.concatenate([[-np.inf], highest[:-1]])
    cuts = [len(best) - 1]
    for origin in reversed(origins):
        cuts.append(int(origin[cuts[-1]]))
    return np.array(cuts[:0:-1], dtype=np.int64)


def place_with_gaps(
    scores: Float[np.ndarray, "events windows"],
    windows: Int[np.ndarray, "windows 2"],
    gap_score: float | Float[np.ndarray, " events"] | None = None,
) -> SpanPlacement:
    """Spans of the events in frames, in order, with gaps before, between and behind them where these score higher.

    A frame's score is that of :func:`cut_in_order`. ``gap_score``, one for all events or one each, is what a frame of a
    gap scores: the mean score of an event over the windows of many motions is a good one. Without it the mean over
    these windows is taken, so that an event that fills the motion loses about half of its span.
    O(events x frames). Raises ValueError when there are fewer frames than events.
    """
    gap = scores.mean(axis=1) if gap_score is None else np.broadcast_to(gap_score, len(scores))
    return place_spans(_frame_scores(scores, windows) - gap[:, None])


def _frame_scores(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"]
) -> Float[np.ndarray, "events frames"]:
    """The mean score of the windows that each frame lies in, 0 in none: running sums of what begins and ends there."""
    frames = int(windows[:, 1].max())

    def within(values: Float[np.ndarray, " windows"]) -> Float[np.ndarray, " frames"]:
        begins, ends = (np.bincount(windows[:, side], values, frames + 1)[:frames] for side in (0, 1))
        return np.asarray(np.cumsum(begins - ends))

    count = np.rint(within(np.ones(len(windows))))
    sums = np.stack([within(row) for row in scores])
    return np.asarray(np.where(count, sums, 0.0) / np.maximum(count, 1))
