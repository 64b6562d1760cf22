"""The records of a report on generated motions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chronomotion.evaluation.report_records import Interval

__all__ = ["OrderFigures", "PhysicalFigures", "RealisedOrder"]


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class OrderFigures(_Figures):
    """Shares in percent of motions that show what was asked; None where the question cannot be asked of any."""

    present: Interval | None
    """Every asked event is in the detected sequence."""
    ordered: Interval | None
    """The asked order has the best segmentation of all orders; of events that have another order."""
    exact: Interval | None
    """The detected sequence is exactly the asked one."""


class RealisedOrder(_Figures):
    """Order as a judge sees it in motions, by number of asked events."""

    motions: int
    by_events: dict[str, OrderFigures]
    all: OrderFigures


class PhysicalFigures(_Figures):
    """Physical figures of some motions: means over motions, each counted once, unless said otherwise."""

    motions: int
    floor: str
    """Where the floor was taken to be: ``zero`` (y = 0) or ``estimated`` (from each motion's feet)."""
    skating: float
    """Share of frames, in percent, in which a toe in contact slides faster than .5 m/s."""
    toe_speed: float | None
    """Mean speed of toes on the floor, metres a second, over all frames of all motions in which one is there."""
    toe_speed_highest: float | None
    penetration: float
    """Depth of the lowest joint where it is more than 5 mm below the floor, mm, mean over all frames."""
    floating: float
    """Height of the lowest joint where it is more than 5 mm above the floor, mm, mean over all frames."""
    jerk: float
    """Largest jerk of a joint, metres a frame cubed, L1, mean over all frames."""
    joins: int
    jerk_joins: float | None = None
    """Peak of the mean course of jerk through the joins between events; None where no join is known."""
    jerk_inside: float | None = None
    """The same through the middles of events."""
    bones: float
    """Standard deviation of a bone's length within a motion, mm, mean over bones."""
    bones_worst: float
    """The same of each motion's worst bone."""
