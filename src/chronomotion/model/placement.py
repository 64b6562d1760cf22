"""The best placement of events in their order, with gaps before, between and behind them.

What is asked about need not fill the motion. The states are gap, event 1, gap, event 2, ..., gap. A step is a stretch
of frames; ``gains[k, t]`` is what step t adds when it belongs to event k, above what it adds to a gap. With C_k(t) the
sum of event k's gains before t:

    ended_k(t)  = C_k(t) + max over u < t of best_k-1(u) - C_k(u)      event k ends at t, having begun at u
    best_k(t)   = max over u <= t of ended_k(u)                        a gap since

and best_0 = 0. Every event has a step at least, and best_k is minus infinity where k events do not fit.
O(events x steps), over all motions and all orders of a call at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.order import Order

__all__ = ["SpanPlacement", "place_spans", "placed_gains", "placed_spans"]

_NUMBERS_AT_ONCE = 1 << 20
"""Numbers of one intermediate array: 8 MiB of float64, which a processor's cache nearly holds."""


@dataclass(frozen=True)
class SpanPlacement:
    """(begin, end) in steps for each event, in order and without overlap, and the sum of their gains."""

    spans: tuple[tuple[int, int], ...]
    gain: float


def placed_gains(
    gains: Float[np.ndarray, "motions events steps"], lengths: Int[np.ndarray, " motions"], orders: Sequence[Order]
) -> Float[np.ndarray, "motions orders"]:
    """The highest sum of gains for the events in each order and each motion; minus infinity where they do not fit.

    Motion i has ``lengths[i]`` steps; what stands behind them is padding and may be any finite number.
    """
    places = np.array(orders, dtype=np.intp).reshape(len(orders), gains.shape[1])
    sums = np.empty((len(gains), len(places)))
    at_once = max(1, _NUMBERS_AT_ONCE // max(1, len(places) * (gains.shape[2] + 1)))
    for start in range(0, len(gains), at_once):
        part = slice(start, start + at_once)
        running = _running(gains[part])
        best = np.zeros((len(running), len(places), running.shape[2]))
        for place in places.T:
            event = running[:, place]
            best = np.maximum.accumulate(_ended(event, np.maximum.accumulate(best - event, axis=2)), axis=2)
        sums[part] = np.take_along_axis(best, lengths[part, None, None], axis=2)[:, :, 0]
    return sums


def placed_spans(
    gains: Float[np.ndarray, "motions events steps"], lengths: Int[np.ndarray, " motions"]
) -> tuple[Int[np.ndarray, "motions events 2"], Float[np.ndarray, " motions"]]:
    """((begin, end) in steps of each event, told in the order of the rows; the sum of their gains) for every motion.

    Of equal placements the events end, and then begin, as early as possible, the last one first. Where the events do
    not fit, the sum is minus infinity and the spans mean nothing.
    """
    running = _running(gains)
    best = np.zeros((len(running), running.shape[2]))
    ends, begins = [], []
    for event in running.transpose(1, 0, 2):
        ahead, begin = _first_highest(best - event)
        best, end = _first_highest(_ended(event, ahead))
        begins.append(np.concatenate([begin[:, :1], begin[:, :-1]], axis=1))
        ends.append(end)
    rows = np.arange(len(running))
    sums, time = best[rows, lengths], lengths
    spans = np.empty((len(running), len(ends), 2), dtype=np.intp)
    for k in reversed(range(len(ends))):
        spans[:, k, 1] = time = ends[k][rows, time]
        spans[:, k, 0] = time = begins[k][rows, time]
    return spans, sums


def place_spans(gains: Float[np.ndarray, "events steps"]) -> SpanPlacement:
    """:func:`placed_spans` of one motion. Raises ValueError when it has fewer steps than events."""
    events, steps = gains.shape
    if steps < events:
        raise ValueError(f"{steps} steps hold no {events} events one after the other")
    spans, sums = placed_spans(gains[None], np.array([steps]))
    return SpanPlacement(tuple((int(begin), int(end)) for begin, end in spans[0]), float(sums[0]))


def _running(gains: Float[np.ndarray, "motions events steps"]) -> Float[np.ndarray, "motions events times"]:
    """The sum of the gains before each time, from 0 to the number of steps."""
    running = np.zeros((*gains.shape[:2], gains.shape[2] + 1))
    np.cumsum(gains, axis=2, dtype=np.float64, out=running[:, :, 1:])
    return running


def _ended(event: Float[np.ndarray, "*rows times"], ahead: Float[np.ndarray, "*rows times"]) -> np.ndarray:
    """The best sum with the event's end at each time, given the best ``ahead`` of it for each latest begin."""
    ended = np.full_like(event, -np.inf)
    np.add(event[..., 1:], ahead[..., :-1], out=ended[..., 1:])
    return ended


def _first_highest(values: Float[np.ndarray, "motions times"]) -> tuple[np.ndarray, np.ndarray]:
    """The highest value up to each time, and the first time that has it."""
    highest = np.maximum.accumulate(values, axis=1)
    times = np.arange(values.shape[1])
    rises = np.concatenate([np.ones((len(values), 1), dtype=bool), highest[:, 1:] > highest[:, :-1]], axis=1)
    return highest, np.maximum.accumulate(np.where(rises, times, 0), axis=1)
