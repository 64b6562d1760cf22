"""The order dial: how much the order of the events of a query counts.

    q = m + strength (v - m), at length 1

v is the vector of the query, m the mean vector over the SET of orders of its events: 0 is a bag of events, the same
bits for every order in which they are asked for; 1 is the model as it is, bit for bit; 2 is stricter. It is one vector,
so every index can search with it, and it costs nothing.

A query in an order becomes a text in neutral wording (:func:`~chronomotion.language.wording.tell`): the orders differ
in nothing but the order. Where a sentence is asked as its user wrote it, v is the vector of that sentence, and m is
still of the neutral orders: how a sentence is worded cannot matter at 0.

The ``order`` of events is a term of late interaction too (:mod:`chronomotion.model.matching`); :func:`late_scores`
turns it with the dial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.errors import ConfigError, ModelError
from chronomotion.language.caption import Events
from chronomotion.language.order import other_orders
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_texts
from chronomotion.model.matching import StepMatcher, Weights
from chronomotion.search.recent import Recent

__all__ = ["STRICTEST", "OrderDial", "check_strength", "late_scores", "weights"]

STRICTEST = 2.0
"""The far end of the dial."""

_ORDERS = 24
"""Orders in the mean: all of them up to four events, of more a sample that depends on the set of events alone."""

_NOTHING = 1e-6
"""A vector below this length has no direction."""

Vector = Float[np.ndarray, " dim"]


def check_strength(strength: float) -> float:
    """The strength. Raises ConfigError when it is not from 0 to 2."""
    if not 0 <= strength <= STRICTEST:
        raise ConfigError(
            f"order is {strength:g}, expected 0 to {STRICTEST:g}: 0 where the order of events does not matter, "
            f"1 as the model has it, {STRICTEST:g} is strictest"
        )
    return float(strength)


@dataclass(eq=False)
class _SetVectors:
    """The vectors of a set of events, read in one batch: of each order by its text, and the mean of all.

    ``as_alone``: whether a text has the same bits in the batch as alone; None as long as nobody had to know.
    """

    orders: dict[str, Vector]
    mean: Float[np.ndarray, " dim"]
    as_alone: bool | None = None


class OrderDial:
    """Turns events in an order into the vector to search with.

    What was encoded is kept for the last ``keep`` sets of events and as many sentences, about 24 vectors a set: another
    order of up to four events, and another strength, encode nothing. Threads may share a dial.

    Example::

        dial = OrderDial(model)
        loose = dial.vector(["a person walks", "a person sits down"], 0.0)  # the same for both orders
    """

    def __init__(self, model: MotionTextEncoder, *, keep: int = 1000) -> None:
        if keep < 1:
            raise ConfigError(f"an order dial keeps at least 1 set of events, not {keep}")
        self._model = model
        self._sets: Recent[tuple[str, ...], _SetVectors] = Recent(keep)
        self._texts: Recent[str, Vector] = Recent(keep)

    def vector(self, events: Sequence[str], strength: float = 1.0, *, sentence: str | None = None) -> Vector:
        """The unit vector of events, told in order, at a strength from 0 to 2.

        ``sentence`` is what the model is asked at strength 1, in the place of the events in neutral wording. Events
        with a single order, such as one event, have the same vector at every strength. Raises ConfigError for another
        strength, or without events; ModelError when the model's answer cannot be used.
        """
        check_strength(strength)
        texts = _neutral_texts(events)
        told = " ".join(texts) if sentence is None else sentence
        if strength == 1 or len(set(texts)) == 1:
            return self._alone(told, self._sets.get(tuple(sorted(texts))))
        vectors = self._set_vectors(tuple(sorted(texts)))
        if strength == 0:
            return _unit(vectors.mean)
        asked = vectors.orders.get(told)
        asked = (self._alone(told) if asked is None else asked).astype(np.float64)
        return _unit(vectors.mean + strength * (asked - vectors.mean))

    def prepare(self, events: Sequence[str]) -> None:
        """Encode all orders of a set of events now, so that no order and no strength has to wait for it later."""
        self._are_as_alone(self._set_vectors(tuple(sorted(_neutral_texts(events)))))

    def _set_vectors(self, texts: tuple[str, ...]) -> _SetVectors:
        vectors = self._sets.get(texts)
        if vectors is None:
            # One batch that is the same whatever order was asked for: rounding may depend on who shares a batch.
            orders = encode_texts(self._model, list(_stories(texts)))
            total = np.zeros(len(next(iter(orders.values()))))
            for text in sorted(orders):
                total += orders[text]
            vectors = self._sets.put(texts, _SetVectors(orders, total / len(orders)))
        return vectors

    def _are_as_alone(self, vectors: _SetVectors) -> bool:
        """Whether a text has the same bits in the batch of its set as alone: two are tried, those at the ends.

        Orders of the same events have equally many tokens, so that none is padded. Only strength 1 has to know.
        """
        if vectors.as_alone is None:
            ends = (next(iter(vectors.orders)), next(reversed(vectors.orders)))
            vectors.as_alone = all(np.array_equal(self._alone(text), vectors.orders[text]) for text in ends)
        return vectors.as_alone

    def _alone(self, text: str, known: _SetVectors | None = None) -> Vector:
        """The vector of a text as it is when read alone; ``known`` saves reading where its vectors have these bits."""
        vector = self._texts.get(text)
        if vector is None and known is not None and text in known.orders and self._are_as_alone(known):
            vector = known.orders[text]
        return self._texts.put(text, encode_texts(self._model, [text])[text]) if vector is None else vector


def _neutral_texts(events: Sequence[str]) -> list[str]:
    """Events in neutral wording. Raises ConfigError where there is nothing to search for."""
    if isinstance(events, str) or not events or not all(event.strip() for event in events):
        raise ConfigError(f"the events are {events!r}: give one sentence or more, none of them empty")
    return [neutral(event) for event in events]


def _stories(texts: tuple[str, ...]) -> Iterator[str]:
    """The texts of the orders of a sorted set of events: all of them, or a sample that depends on the set alone."""
    yield " ".join(texts)
    for order in other_orders(texts, "order dial", *texts, limit=_ORDERS - 1):
        yield " ".join(texts[i] for i in order)


def _unit(vector: Float[np.ndarray, " dim"]) -> Vector:
    length = float(np.linalg.norm(vector))
    if length < _NOTHING:
        raise ModelError("the vectors of the orders of these events cancel each other at this strength")
    return np.asarray(vector / length, dtype=np.float32)


def late_scores(
    matcher: StepMatcher,
    query: Events,
    cosines: Float[np.ndarray, " chosen"],
    strength: float,
    motions: Int[np.ndarray, " chosen"] | None = None,
) -> Float[np.ndarray, " chosen"]:
    """Scores of late interaction of a query with each motion (all of them, or these rows), turned with the dial.

    ``cosines`` are those of the dial's vector with the motions' vectors. At 0 the scores are the same bits for every
    order of the query: the event term is that of the best order, and the order term counts nothing. From 0 to 1 the
    event term goes over to that of the asked order. 1 is :meth:`StepMatcher.score` with ``Weights(1, 1, 1)``. Raises
    ConfigError for a strength that is not from 0 to 2.
    """
    chosen = weights(strength)
    if strength >= 1:
        return matcher.score(query, cosines, chosen, motions)
    loose = matcher.any_order([query], motions)[0]
    if strength == 0:
        return np.asarray(chosen.vector * cosines + chosen.events * loose)
    terms = matcher.terms([query], motions)
    events = loose + strength * (terms.events[0] - loose)
    return np.asarray(chosen.vector * cosines + chosen.events * events + chosen.order * terms.order[0])


def weights(strength: float) -> Weights:
    """Weights of late interaction at a strength: the order term follows the dial. 1 is ``Weights(1, 1, 1)``.

    At less than 1 the event term has to change, too: :func:`late_scores` does it. Raises ConfigError for a strength
    that is not from 0 to 2.
    """
    return Weights(order=check_strength(strength))
