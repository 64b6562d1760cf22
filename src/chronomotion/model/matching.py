"""Late interaction: how well the events of a text, one by one and in their order, match the windows of a motion.

A motion is the vectors of its sliding windows, a text the vectors of its events. With c(e, t) the mean cosine of event
e with the windows that frame t lies in, less the event's mean cosine with all windows of the gallery:

    placed(q, m)  = the best placement of the events in the order of q, with gaps (:mod:`chronomotion.model.placement`)
    event(q, m)   = mean over events of the mean of c over the frames that placed(q, m) gives them
    order(q, m)   = (sum of c in placed(q, m) - that of the best other order of the same events) / frames of m
    s(q, m)       = w_vector cos(q, m) + w_events event(q, m) + w_order order(q, m)

An event gains where it is nearer than to an average window; a frame that no event gains from is a gap. Order is known
without any training for it: no vector but that of cos(q, m) reads more than an event.

:meth:`Matcher.max_sim`, the mean over events of the best window, is the comparison: a bag, the same in every order.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.caption import Events
from chronomotion.language.order import Order, other_orders
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_texts
from chronomotion.model.motion_windows import MotionRows, MotionWindows, padded
from chronomotion.model.placement import placed_gains, placed_spans

__all__ = ["Matcher", "StepMatcher", "Terms", "Weights"]

_ORDERS = 24
"""Orders of one set of events that are compared: all of them up to four different events, of more a fair sample."""

_NO_ROOM = -2.0
"""The event term where a motion has fewer steps than the text has events: below every difference of cosines."""

Rows = Int[np.ndarray, " _"]


@dataclass(frozen=True)
class Weights:
    """What each term of a score counts (module docstring)."""

    vector: float = 1.0
    events: float = 1.0
    order: float = 1.0


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of late interaction, in cosines: a row for each text, a column for each motion.

    Where a motion is too short for the events, ``events`` is below every other and ``order`` is 0; so is the ``order``
    of events that have no other order.
    """

    events: Float[np.ndarray, "texts motions"]
    order: Float[np.ndarray, "texts motions"]


@dataclass(frozen=True)
class _EventSet:
    """The events of a text, sorted: the same for every order in which they are told."""

    keys: tuple[Hashable, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, events: Events) -> tuple[_EventSet, Order]:
        """The set, and the order in which its members are told."""
        texts = [neutral(text) for text in events.texts]
        members = sorted(range(len(events)), key=lambda i: (events.keys[i], texts[i]))
        order = np.argsort(members).tolist()
        return cls(tuple(events.keys[i] for i in members), tuple(texts[i] for i in members)), tuple(order)

    def story(self, order: Order) -> tuple[Hashable, ...]:
        """What is told in an order. Equal stories are no two orders."""
        return tuple(self.keys[i] for i in order)


@lru_cache(maxsize=10_000)
def _orders(event_set: _EventSet) -> tuple[Order, ...]:
    """Orders of a set, all of them where they are few: a function of the set, not of the order that is asked about."""
    others = other_orders(event_set.keys, "matching", *event_set.texts, limit=_ORDERS)
    return (tuple(range(len(event_set.keys))), *others)


class StepMatcher:
    """Scores of texts, as their events, with a gallery of motions, as the steps of their windows.

    ``vectors`` are unit vectors of events in neutral wording (:meth:`event_vectors`). ``gap_score`` is what a frame of
    a gap scores, as a cosine above an event's mean: the higher it is, the less of a motion belongs to events.
    """

    def __init__(self, steps: MotionRows, vectors: Mapping[str, np.ndarray], *, gap_score: float = 0.0) -> None:
        self.steps, self.vectors, self.gap_score = steps, vectors, gap_score

    @staticmethod
    def event_vectors(model: MotionTextEncoder, queries: Sequence[Events]) -> dict[str, np.ndarray]:
        """The unit vector of every event of these texts, by its neutral wording, each encoded once."""
        return encode_texts(model, [neutral(text) for events in queries for text in events.texts])

    def terms(self, queries: Sequence[Events], motions: Rows | None = None) -> Terms:
        """The terms of each text with each motion (all of them, or these rows); a set of events is read once."""
        steps = self.steps.of(self._rows(motions))
        frames = padded(steps.frames[:, None], steps.within, 0.0)
        events, order = np.empty((2, len(queries), len(steps.counts)))
        for event_set, asked in _grouped(queries).items():
            gains = frames * padded(steps.vectors @ self._stacked(event_set).T, steps.within, 0.0)
            above = gains - frames * self.gap_score
            orders = _orders(event_set)
            places = list(dict.fromkeys([*orders, *asked.values()]))
            sums = placed_gains(above, steps.counts, places)
            for query, told in asked.items():
                others = [places.index(other) for other in orders if event_set.story(other) != event_set.story(told)]
                order[query] = _margin(sums[:, places.index(told)], sums[:, others]) / steps.lengths
                events[query] = _event_term(gains[:, told], above[:, told], frames, steps.counts)
        return Terms(events, order)

    def any_order(self, queries: Sequence[Events], motions: Rows | None = None) -> Float[np.ndarray, "texts motions"]:
        """The event term of the order that fits each motion best, whatever the order told: the same for every order of
        the events, bit for bit. The order is that of the highest sum of gains, of equal ones the first."""
        steps = self.steps.of(self._rows(motions))
        frames = padded(steps.frames[:, None], steps.within, 0.0)
        scores = np.empty((len(queries), len(steps.counts)))
        for event_set, asked in _grouped(queries).items():
            gains = frames * padded(steps.vectors @ self._stacked(event_set).T, steps.within, 0.0)
            above = gains - frames * self.gap_score
            orders = _orders(event_set)
            best = placed_gains(above, steps.counts, orders).argmax(axis=1)
            events = np.empty(len(steps.counts))
            for place in np.unique(best):
                fit, order = best == place, list(orders[place])
                events[fit] = _event_term(gains[fit][:, order], above[fit][:, order], frames[fit], steps.counts[fit])
            scores[list(asked)] = events
        return scores

    def score(
        self,
        query: Events,
        cosines: Float[np.ndarray, " chosen"],
        weights: Weights,
        motions: Rows | None = None,
    ) -> Float[np.ndarray, " chosen"]:
        """s(q, m) of one text with each motion, given the cosines of the text's vector with the motions' vectors."""
        terms = self.terms([query], motions)
        return np.asarray(weights.vector * cosines + weights.events * terms.events[0] + weights.order * terms.order[0])

    def rerank(
        self, query: Events, cosines: Float[np.ndarray, " motions"], weights: Weights, *, top: int = 100
    ) -> Int[np.ndarray, " motions"]:
        """All motions, best first: the ``top`` of the highest cosines by s(q, m), behind them the others by cosine.

        Ties keep the order of the gallery.
        """
        ranking = np.argsort(-cosines, kind="stable")
        first = np.sort(ranking[:top])
        scores = self.score(query, cosines[first], weights, first)
        return np.concatenate([first[np.argsort(-scores, kind="stable")], ranking[top:]])

    def _rows(self, motions: Rows | None) -> Rows:
        return np.arange(len(self.steps.counts)) if motions is None else np.asarray(motions, dtype=np.intp)

    def _stacked(self, event_set: _EventSet) -> Float[np.ndarray, "events dim"]:
        return np.stack([self.vectors[text] for text in event_set.texts])


class Matcher(StepMatcher):
    """The same of a gallery of motions as their windows.

    Example::

        windows = MotionWindows.encode(model, motions, fps)
        events = Events(("a person walks.", "a person sits down."))
        matcher = Matcher(windows, Matcher.event_vectors(model, [events]))
        best = matcher.rerank(events, cosines, Weights(order=0.3), top=100)
    """

    def __init__(self, windows: MotionWindows, vectors: Mapping[str, np.ndarray], *, gap_score: float = 0.0) -> None:
        super().__init__(windows.steps, vectors, gap_score=gap_score)
        self.motions = windows

    def max_sim(self, queries: Sequence[Events], motions: Rows | None = None) -> Float[np.ndarray, "texts motions"]:
        """The mean over events of the best window's calibrated cosine: the same for every order of the events, bit for
        bit, because they are summed as a sorted set."""
        windows = self.motions.windows.of(self._rows(motions))
        scores = np.empty((len(queries), len(windows.counts)))
        for event_set, asked in _grouped(queries).items():
            each = padded(windows.vectors @ self._stacked(event_set).T, windows.within, -np.inf)
            scores[list(asked)] = each.max(axis=2).mean(axis=1)
        return scores


def _margin(
    told: Float[np.ndarray, " motions"], others: Float[np.ndarray, "motions orders"]
) -> Float[np.ndarray, " motions"]:
    """By how much an order gains more than the best other one; 0 without another one, or where no order fits."""
    fits = np.isfinite(told)
    if not others.shape[1] or not fits.any():
        return np.zeros(len(told))
    margins = np.zeros(len(told))
    margins[fits] = told[fits] - others[fits].max(axis=1)
    return margins


def _event_term(
    gains: Float[np.ndarray, "motions events steps"],
    above: Float[np.ndarray, "motions events steps"],
    frames: Float[np.ndarray, "motions 1 steps"],
    counts: Int[np.ndarray, " motions"],
) -> Float[np.ndarray, " motions"]:
    """The mean over events, told in the order of the rows, of the mean gain of a frame where the event is placed."""
    spans, placed = placed_spans(above, counts)
    means = _within(gains, spans) / np.maximum(_within(frames, spans), 1)
    return np.where(np.isfinite(placed), means.mean(axis=1), _NO_ROOM)


def _grouped(queries: Sequence[Events]) -> dict[_EventSet, dict[int, Order]]:
    """The numbers and the orders of the texts that tell each set of events."""
    groups: dict[_EventSet, dict[int, Order]] = {}
    for number, events in enumerate(queries):
        event_set, order = _EventSet.of(events)
        groups.setdefault(event_set, {})[number] = order
    return groups


def _within(
    values: Float[np.ndarray, "motions rows steps"], spans: Int[np.ndarray, "motions events 2"]
) -> Float[np.ndarray, "motions events"]:
    """Sums of values over the span of each event; one row for all of them, or one each."""
    running = np.zeros((*values.shape[:2], values.shape[2] + 1))
    np.cumsum(values, axis=2, out=running[:, :, 1:])
    running = np.broadcast_to(running, (*spans.shape[:2], running.shape[2]))
    begin, end = (np.take_along_axis(running, spans[:, :, side, None], axis=2)[:, :, 0] for side in (0, 1))
    return np.asarray(end - begin)
