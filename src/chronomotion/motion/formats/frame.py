"""Unit and up axis of a take: from the caller, the file, the takes beside it, or the body itself, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.neighbours import Custom
from chronomotion.motion.formats.rig_families import is_ours
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.units import (
    LEVEL,
    POSSIBLE,
    level_change,
    metres_of,
    standing_height,
    tell_unit,
    tell_up,
)
from chronomotion.motion.skeleton import Skeleton

__all__ = ["Axis", "Length", "tell_axis", "tell_length"]

Positions = Float[np.ndarray, "frames joints 3"]


@dataclass(frozen=True)
class Length:
    """The unit of a take."""

    name: str
    metres: float
    source: Literal["file", "skeleton", "caller", "folder"]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Axis:
    """The axis of a take that points up."""

    name: str
    source: Literal["file", "body", "caller", "folder"]
    doubts: tuple[str, ...] = ()


def tell_length(
    take: Take, placed: Positions, skeleton: Skeleton, unit: str | float, custom: Custom | None, family: str
) -> Length:
    """The unit of ``placed`` positions; ``custom`` is that of the takes beside it.

    Raises FormatError when the caller's is unknown, or the figure is no person in any unit.
    """
    if unit != "auto":
        return Length(str(unit), metres_of(unit), "caller")
    if take.metres_per_unit is not None:
        return Length(f"{take.metres_per_unit:.6g} m", take.metres_per_unit, "file")
    height = standing_height(placed, skeleton)
    theirs = None if custom is None or custom.unit is None or custom.metres is None else (custom.unit, custom.metres)
    fits = theirs is not None and POSSIBLE[0] <= height * theirs[1] <= POSSIBLE[1]
    try:
        name, metres, doubt = tell_unit(height, str(take.path), family=family, is_ours=is_ours(take.names))
    except FormatError:
        if theirs is None or not fits:
            raise
        return Length(*theirs, "folder")
    if theirs is None or name == theirs[0]:
        return Length(name, metres, "skeleton", (doubt,) if doubt else ())
    if fits:
        size = f"{height * theirs[1]:.2f} m from ankle to head"
        taken = f"unlike its folder: read in {theirs[0]} ({size}), as takes of the same rig beside it, not in {name}"
        return Length(*theirs, "folder", (taken,))
    other = f"unlike its folder: takes of the same rig beside it are in {theirs[0]}, but this one is in {name}"
    return Length(name, metres, "skeleton", (other, doubt) if doubt else (other,))


def tell_axis(take: Take, placed: Positions, skeleton: Skeleton, up: str, custom: Custom | None) -> Axis:
    """The up axis of ``placed`` positions; ``custom`` is that of the takes beside it.

    A body that lies along an axis which points up in none of the others is taken to lie, unless it would then rise and
    sink as no lying body does.
    """
    if up != "auto":
        return Axis(up, "caller")
    if take.up is not None:
        return Axis(take.up, "file")
    name, doubt = tell_up(placed, skeleton)
    doubts = (doubt,) if doubt else ()
    if custom is None or custom.up is None or (custom.up == name and not doubt):
        return Axis(name, "body", doubts)
    theirs = f"{custom.takes} takes of the same rig beside it have {custom.up} up"
    if custom.up == name:
        # They turn the same way or show what this one leaves open.
        return Axis(name, "folder", () if "unclear" in doubt else doubts)
    if level_change(placed, custom.up, skeleton) > LEVEL:
        return Axis(
            name, "body", (*doubts, f"unlike its folder: {theirs}, but this one stands and moves with {name} up")
        )
    lying = "is upside down" if name == f"-{custom.up}" else f"lies along {name}, or is another program's"
    what = "is never upright" if "unclear" in doubt else lying
    return Axis(custom.up, "folder", (f"unlike its folder: {theirs}, which is assumed here, too: this body {what}",))
