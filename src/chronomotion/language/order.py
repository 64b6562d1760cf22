"""Orders of events: how many there are, all of them, and shuffles.

An order is a tuple of indices into the events, in which they are told. Orders are counted as sequences of EVENTS: when
two events are equal, exchanging them gives the same order. Nothing here loops until something differs (the published
code does, and never returns from a caption whose events are all equal): orders are numbered, and numbers are drawn.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterator, Sequence
from math import factorial, gcd, prod

from chronomotion.seeding import Part, integer

__all__ = ["Order", "count_orders", "order_at", "other_orders", "rank_of", "shuffles"]

Order = tuple[int, ...]


def count_orders(keys: Sequence[Hashable]) -> int:
    """Number of distinct orders: n! over the product of the multiplicities' factorials."""
    return factorial(len(keys)) // prod(factorial(n) for n in Counter(keys).values())


def order_at(keys: Sequence[Hashable], rank: int) -> Order:
    """The distinct order with this number, 0 <= rank < count_orders(keys), in the lexicographic order of first mention.

    Raises ValueError when there is no such number.
    """
    count = count_orders(keys)
    if not 0 <= rank < count:
        raise ValueError(f"no order number {rank}: these {len(keys)} events have {count} distinct orders")
    left = _Left(keys)
    order: list[int] = []
    while left:
        for key in left:
            block = left.orders_that_begin_with(key)
            if rank < block:
                order.append(left.take(key))
                break
            rank -= block
    return tuple(order)


def rank_of(keys: Sequence[Hashable], order: Sequence[int]) -> int:
    """The number of an order: the inverse of :func:`order_at`, up to the exchange of equal events."""
    left = _Left(keys)
    rank = 0
    for chosen in order:
        for key in left:
            if key == keys[chosen]:
                left.take(key)
                break
            rank += left.orders_that_begin_with(key)
    return rank


class _Left:
    """Events that are still to be told; their keys in the order of the first mention among them."""

    def __init__(self, keys: Sequence[Hashable]) -> None:
        self._places: dict[Hashable, deque[int]] = {}
        for index, key in enumerate(keys):
            self._places.setdefault(key, deque()).append(index)
        self._events = len(keys)
        self._orders = count_orders(keys)

    def __bool__(self) -> bool:
        return self._events > 0

    def __iter__(self) -> Iterator[Hashable]:
        return iter(sorted(self._places, key=lambda key: self._places[key][0]))

    def orders_that_begin_with(self, key: Hashable) -> int:
        """In as large a share of the orders as the key has of the events, it comes first."""
        return self._orders * len(self._places[key]) // self._events

    def take(self, key: Hashable) -> int:
        """Remove the first event with this key; returns its index."""
        self._orders = self.orders_that_begin_with(key)
        self._events -= 1
        index = self._places[key].popleft()
        if not self._places[key]:
            del self._places[key]
        return index


def shuffles(keys: Sequence[Hashable], k: int, *identity: Part) -> list[Order]:
    """``k`` orders other than the original, each drawn uniformly from all such orders.

    A pure function of its arguments (identity: seed, epoch, clip, caption). The draws differ from one another as far as
    there are enough other orders; with fewer than ``k`` they start again. Without any other order the list is empty.
    """
    others = count_orders(keys) - 1
    if others < 1 or k < 1:
        return []
    original = rank_of(keys, range(len(keys)))
    first = _below(others, "shuffle", *identity)
    stride = 1 + _below(others, "stride", *identity)
    while gcd(stride, others) != 1:  # a stride prime to the count visits every other order once before it repeats
        stride += 1
    return [order_at(keys, (original + 1 + (first + i * stride) % others) % (others + 1)) for i in range(k)]


def _below(count: int, *identity: Part) -> int:
    """A number from 0 to ``count`` - 1, uniform over identities: 21 events have more orders than 64 bits can number."""
    drawn = integer(*identity)
    for word in range(1, count.bit_length() // 48 + 1):
        drawn = (drawn << 64) + integer(*identity, "word", word)
    return drawn % count


def other_orders(keys: Sequence[Hashable], *identity: Part, limit: int = 24) -> list[Order]:
    """Every order other than the original while there are at most ``limit`` orders in all, else ``limit`` drawn ones.

    Four distinct events have 24 orders, so all of them are tested.
    """
    others = count_orders(keys) - 1
    return shuffles(keys, others if others < limit else limit, *identity)
