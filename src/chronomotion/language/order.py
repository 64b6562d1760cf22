"""Orders of events: how many there are, all of them, and shuffles.

An order is a tuple of indices into the events, in which they are told. Orders are counted as sequences of EVENTS: when
two events are equal, exchanging them gives the same order. Nothing here loops until something differs (the published
code does, and never returns from a caption whose events are all equal): orders are numbered, and numbers are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
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
    if not 0 <= rank < count_orders(keys):
        raise ValueError(f"no order number {rank}: these {len(keys)} events have {count_orders(keys)} distinct orders")
    left = list(range(len(keys)))
    order: list[int] = []
    while left:
        for key in dict.fromkeys(keys[i] for i in left):
            index = next(i for i in left if keys[i] == key)
            rest = [i for i in left if i != index]
            block = count_orders([keys[i] for i in rest])
            if rank < block:
                order.append(index)
                left = rest
                break
            rank -= block
    return tuple(order)


def rank_of(keys: Sequence[Hashable], order: Sequence[int]) -> int:
    """The number of an order: the inverse of :func:`order_at`, up to the exchange of equal events."""
    left = list(range(len(keys)))
    rank = 0
    for chosen in order:
        for key in dict.fromkeys(keys[i] for i in left):
            index = next(i for i in left if keys[i] == key)
            rest = [i for i in left if i != index]
            if key == keys[chosen]:
                left = rest
                break
            rank += count_orders([keys[i] for i in rest])
    return rank


def shuffles(keys: Sequence[Hashable], k: int, *identity: Part) -> list[Order]:
    """``k`` orders other than the original, each drawn uniformly from all such orders.

    A pure function of its arguments (identity: seed, epoch, clip, caption). The draws differ from one another as far as
    there are enough other orders; with fewer than ``k`` they start again. Without any other order the list is empty.
    """
    others = count_orders(keys) - 1
    if others < 1 or k < 1:
        return []
    original = rank_of(keys, range(len(keys)))
    first = integer("shuffle", *identity) % others
    stride = 1 + integer("stride", *identity) % others
    while gcd(stride, others) != 1:  # a stride prime to the count visits every other order once before it repeats
        stride += 1
    return [order_at(keys, (original + 1 + (first + i * stride) % others) % (others + 1)) for i in range(k)]


def other_orders(keys: Sequence[Hashable], *identity: Part, limit: int = 24) -> list[Order]:
    """Every order other than the original while there are at most ``limit`` orders in all, else ``limit`` drawn ones.

    Four distinct events have 24 orders, so all of them are tested (DESIGN, CAR).
    """
    others = count_orders(keys) - 1
    return shuffles(keys, others if others < limit else limit, *identity)
