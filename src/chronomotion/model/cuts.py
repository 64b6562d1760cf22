"""The whole motion cut into its events: for captions that tell all that happens, and nothing else.

What a search asks about need not fill the motion; that is :mod:`chronomotion.model.timeline`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.order import Order, other_orders
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.timeline import STRIDE_SECONDS, WINDOW_SECONDS, sliding_windows

__all__ = ["Cuts", "cut_in_order", "cut_motions"]

_MOST_OTHERS = 23
"""Other orders that a told one is compared with: all of them up to four different events, of more a sample."""


@dataclass(frozen=True)
class Cuts:
    """The whole motion cut between its events: ``parts``, (start, end) in seconds from the start of the motion.

    ``gap``: by how much the asked order fits better than the best other order of the same events (of many events, than
    the best of 23 drawn ones), in mean cosine of one window an event; below 0 another one fits better, and where there
    is no other order, as with one event, it is not a number.
    """

    parts: tuple[tuple[float, float], ...]
    gap: float


def cut_motions(
    model: MotionTextEncoder,
    motions: Sequence[Float[np.ndarray, "_ dim"]],
    events: Sequence[Sequence[str]],
    fps: float,
    *,
    seconds: Sequence[float] = WINDOW_SECONDS,
    stride: float = STRIDE_SECONDS,
    keys: Sequence[Sequence[Hashable]] | None = None,
    seed: int = 0,
) -> list[Cuts]:
    """Each motion cut into its own list of events, told in the order asked about.

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
        _cuts(np.stack([texts[text] for text in told]) @ rows.T, spans, orders, fps)
        for told, rows, spans, orders in zip(events, vectors, windows, others, strict=True)
    ]


def _cuts(scores: np.ndarray, windows: np.ndarray, others: Sequence[Order], fps: float) -> Cuts:
    sums = _placed_scores(scores, windows, [tuple(range(len(scores))), *others])
    # Some sentences are near to everything: each event's scores are measured by their own mean and spread.
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-6)
    standard = (scores - scores.mean(axis=1, keepdims=True)) / spread
    bounds = [0.0, *(int(cut) / fps for cut in cut_in_order(standard, windows)), int(windows.max()) / fps]
    return Cuts(tuple(pairwise(bounds)), float(sums[0]) - float(sums[1:].max()) if others else float("nan"))


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


def _placed_scores(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"], orders: Sequence[Order]
) -> Float[np.ndarray, " orders"]:
    """The highest mean score of the events in windows, one each, in each order and without overlap.

    With B_k(w) the best sum of events up to k when k is in window w: B_k(w) = s_kw + max { B_k-1(v): v ends where w
    starts, or before }. The maxima are kept for windows sorted by their ends: O(events x windows) for each order, all
    orders at a time. Raises ValueError when there is no such placement.
    """
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
