"""Which actions happen in which order: the plan of a composed corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chronomotion.errors import ConfigError
from chronomotion.seeding import generator

__all__ = ["OrderRule", "Plan", "habit_ranks", "plan_motions"]

OrderRule = Literal["uniform", "habit"]


@dataclass(frozen=True)
class Plan:
    """One compound motion to be made: its actions in the order in which they happen.

    Plans with the same ``group`` are made from the same clips in the same words: only the order differs.
    """

    name: str
    group: int
    actions: tuple[str, ...]


def habit_ranks(actions: Sequence[str], seed: int) -> dict[str, int]:
    """The habit of a corpus: a fixed order of all actions, drawn once, as action -> rank. Under ``habit`` every set of
    actions happens in this order, as people tend to sit down before they stand up."""
    order = generator("habit", seed).permutation(sorted(actions)).tolist()
    return {action: rank for rank, action in enumerate(order)}


def plan_motions(
    actions: Sequence[str], count: int, *, order: OrderRule, split: str, seed: int, events: tuple[int, int] = (2, 4)
) -> list[Plan]:
    """Plans for ``count`` compound motions of ``events`` (least, most) different actions.

    - ``uniform``: all orders of a set of actions are equally likely. Motions come in pairs of an order and its reverse,
      made from the same clips. A preference for any order wins one of the two and loses the other, so a model that is
      blind to the motion gets 50 %, with far less noise than with independent draws.
    - ``habit``: each set of actions always in the order of :func:`habit_ranks`.

    Raises ConfigError when there are too few actions or ``events`` makes no sense.
    """
    least, most = events
    if not 1 <= least <= most:
        raise ConfigError(f"events must be (least, most) with 1 <= least <= most, not {events}")
    if len(set(actions)) < most:
        raise ConfigError(
            f"motions of up to {most} different actions need as many actions; there are {len(set(actions))}"
        )
    ranks = habit_ranks(actions, seed)
    pool = sorted(set(actions))
    plans: list[Plan] = []
    group = 0
    while len(plans) < count:
        rng = generator("plan", seed, split, order, group)
        size = int(rng.integers(least, most + 1))
        chosen = [str(action) for action in rng.permutation(pool)[:size]]
        if order == "habit":
            orders = [sorted(chosen, key=ranks.__getitem__)]
        elif order == "uniform":
            orders = [chosen, chosen[::-1]] if size > 1 else [chosen]
        else:
            raise ConfigError(f"order must be 'uniform' or 'habit', not {order!r}")
        for ordered in orders[: count - len(plans)]:
            plans.append(Plan(f"{split}-{len(plans):05d}", group, tuple(ordered)))
        group += 1
    return plans
