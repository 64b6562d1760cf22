"""The best placement of events in their order, with gaps before, between and behind them.

What is asked about need not fill the motion. The states are gap, event 1, gap, event 2, ..., gap. A step is a stretch
of frames; ``gains[k, t]`` is what step t adds when it belongs to event k, above what it adds to a gap. With C_k(t) the
sum of event k's gains before t:

    ended_k(t)  = C_k(t) + max over u <= t - least of best_k-1(u) - C_k(u)     event k ends at t, having begun at u
    best_k(t)   = max over u <= t of ended_k(u)                                a gap since

and best_0 = 0. Every event has ``least`` steps, and best_k is minus infinity where k events do not fit. Where it is
known how likely an event begins or ends at a time (:class:`Boundaries`), that is added at u and at t.
O(events x steps), over all motions and all orders of a call at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.order import Order

__all__ = ["Boundaries", "SpanPlacement", "place_repeats", "place_spans", "placed_gains", "placed_spans"]

_NUMBERS_AT_ONCE = 1 << 20
"""Numbers of one intermediate array: 8 MiB of float64, which a processor's cache nearly holds."""


@dataclass(frozen=True, eq=False)
class Boundaries:
    """What an event adds to its gains by beginning, and by ending, at each time from 0 to the number of steps."""

    begins: Float[np.ndarray, " times"]
    ends: Float[np.ndarray, " times"]


@dataclass(frozen=True)
class SpanPlacement:
    """(begin, end) in steps for each event, in order and without overlap, and the sum of their gains."""

    spans: tuple[tuple[int, int], ...]
    gain: float


def placed_gains(
    gains: Float[np.ndarray, "motions events steps"],
    lengths: Int[np.ndarray, " motions"],
    orders: Sequence[Order],
    *,
    least: int = 1,
    boundaries: Boundaries | None = None,
) -> Float[np.ndarray, "motions orders"]:
    """The highest sum of gains for the events in each order and each motion; minus infinity where they do not fit.

    Motion i has ``lengths[i]`` steps; what stands behind them is padding and may be any finite number. Every event has
    ``least`` steps; ``boundaries`` hold for every motion.
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
            ahead = np.maximum.accumulate(_begun(event, best, boundaries), axis=2)
            best = np.maximum.accumulate(_ended(event, ahead, least, boundaries), axis=2)
        sums[part] = np.take_along_axis(best, lengths[part, None, None], axis=2)[:, :, 0]
    return sums


def placed_spans(
    gains: Float[np.ndarray, "motions events steps"],
    lengths: Int[np.ndarray, " motions"],
    *,
    least: int = 1,
    boundaries: Boundaries | None = None,
) -> tuple[Int[np.ndarray, "motions events 2"], Float[np.ndarray, " motions"]]:
    """((begin, end) in steps of each event, told in the order of the rows; the sum of their gains) for every motion.

    Of equal placements the events end, and then begin, as early as possible, the last one first. Where the events do
    not fit, the sum is minus infinity and the spans mean nothing.
    """
    running = _running(gains)
    placing = _Placing(len(running), running.shape[2], least, boundaries)
    for event in running.transpose(1, 0, 2):
        placing.add(event)
    return placing.spans(lengths), placing.best[np.arange(len(running)), lengths]


def place_spans(
    gains: Float[np.ndarray, "events steps"], *, least: int = 1, boundaries: Boundaries | None = None
) -> SpanPlacement:
    """:func:`placed_spans` of one motion. Raises ValueError when it has fewer steps than the events need."""
    events, steps = gains.shape
    if steps < events * least:
        each = "" if least == 1 else f", {least} steps each"
        raise ValueError(f"{steps} steps hold no {events} events one after the other{each}")
    spans, sums = placed_spans(gains[None], np.array([steps]), least=least, boundaries=boundaries)
    return SpanPlacement(tuple((int(begin), int(end)) for begin, end in spans[0]), float(sums[0]))


def place_repeats(
    gains: Float[np.ndarray, " steps"],
    *,
    least: int = 1,
    boundaries: Boundaries | None = None,
    least_gain: float = 0.0,
) -> SpanPlacement:
    """All spans of one event that happens any number of times: as many as add more than ``least_gain`` each.

    The event is placed behind itself as long as that adds enough; perhaps never. O(spans x steps).
    """
    event = _running(gains[None, None])[:, 0]
    placing = _Placing(1, event.shape[1], least, boundaries)
    total = 0.0
    for _ in range(len(gains) // least):
        placing.add(event)
        gain = float(placing.best[0, -1])
        if gain - total <= least_gain:
            placing.forget()
            break
        total = gain
    spans = placing.spans(np.array([len(gains)]))[0]
    return SpanPlacement(tuple((int(begin), int(end)) for begin, end in spans), total)


class _Placing:
    """The programme, one event after another, with what was chosen on the way."""

    def __init__(self, motions: int, times: int, least: int, boundaries: Boundaries | None) -> None:
        self.best = np.zeros((motions, times))
        self._least, self._boundaries = least, boundaries
        self._choices: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, event: Float[np.ndarray, "motions times"]) -> None:
        """Place one event more behind the others, given its running sums."""
        ahead, begin = _first_highest(_begun(event, self.best, self._boundaries))
        self.best, end = _first_highest(_ended(event, ahead, self._least, self._boundaries))
        late = min(self._least, begin.shape[1])
        begins = np.concatenate([np.zeros_like(begin[:, :late]), begin[:, : begin.shape[1] - late]], axis=1)
        self._choices.append((begins, end))

    def forget(self) -> None:
        """Leave the last event out of :meth:`spans`; ``best`` still has it."""
        self._choices.pop()

    def spans(self, lengths: Int[np.ndarray, " motions"]) -> Int[np.ndarray, "motions events 2"]:
        """(begin, end) of every event in motions of these lengths."""
        rows, time = np.arange(len(lengths)), lengths
        spans = np.empty((len(lengths), len(self._choices), 2), dtype=np.intp)
        for k, (begins, ends) in reversed(list(enumerate(self._choices))):
            spans[:, k, 1] = time = ends[rows, time]
            spans[:, k, 0] = time = begins[rows, time]
        return spans


def _running(gains: Float[np.ndarray, "motions events steps"]) -> Float[np.ndarray, "motions events times"]:
    """The sum of the gains before each time, from 0 to the number of steps."""
    running = np.zeros((*gains.shape[:2], gains.shape[2] + 1))
    np.cumsum(gains, axis=2, dtype=np.float64, out=running[:, :, 1:])
    return running


def _begun(
    event: Float[np.ndarray, "*rows times"], best: Float[np.ndarray, "*rows times"], boundaries: Boundaries | None
) -> Float[np.ndarray, "*rows times"]:
    """What is there when an event begins at each time, without its own running sum."""
    return np.asarray(best - event if boundaries is None else best - event + boundaries.begins)


def _ended(
    event: Float[np.ndarray, "*rows times"],
    ahead: Float[np.ndarray, "*rows times"],
    least: int,
    boundaries: Boundaries | None,
) -> Float[np.ndarray, "*rows times"]:
    """The best sum with the event's end at each time, given the best ``ahead`` of it for each latest begin."""
    ended = np.full_like(event, -np.inf)
    np.add(event[..., least:], ahead[..., : max(0, event.shape[-1] - least)], out=ended[..., least:])
    return ended if boundaries is None else np.asarray(ended + boundaries.ends)


def _first_highest(values: Float[np.ndarray, "motions times"]) -> tuple[np.ndarray, np.ndarray]:
    """The highest value up to each time, and the first time that has it."""
    highest = np.maximum.accumulate(values, axis=1)
    times = np.arange(values.shape[1])
    rises = np.concatenate([np.ones((len(values), 1), dtype=bool), highest[:, 1:] > highest[:, :-1]], axis=1)
    return highest, np.maximum.accumulate(np.where(rises, times, 0), axis=1)
