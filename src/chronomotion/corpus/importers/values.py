"""Whether the joints of a published folder can be what they are published as: metres, y up, feet on the floor at 0."""

from __future__ import annotations

import numpy as np

from chronomotion.errors import FormatError
from chronomotion.motion.formats.units import UNITS, standing_height, tell_up, to_y_up
from chronomotion.motion.motion import Motion

__all__ = ["check_joints"]

_PERSON = (0.4, 2.5)
"""Metres from ankle to head between which a figure can be one of a person, a small child included."""
_USUAL = 1.4
_FLOOR = 0.15
"""Metres by which the lowest joint of a clip may miss the floor."""


def check_joints(motion: Motion, where: str) -> tuple[str, ...]:
    """Doubts about joints that were taken as metres and y up; a body that lies on the floor raises none.

    Raises FormatError at ``where`` for a body of an impossible size, or one that stands on the floor of another axis.
    """
    positions = motion.positions.astype(np.float64)
    height = standing_height(positions, motion.skeleton)
    if not _PERSON[0] <= height <= _PERSON[1]:
        unit = min(UNITS, key=lambda name: abs(np.log(max(height, 1e-9) * UNITS[name] / _USUAL)))
        hint = f": {unit} rather than metres, so multiply them by {UNITS[unit]:.6g}" if unit != "m" else ""
        raise FormatError(f"the figure is {height:.4g} m tall from ankle to head, which no person is{hint}", where)
    axis, _ = tell_up(positions, motion.skeleton)
    if axis == "y" or _lowest(positions, "y") < _FLOOR:
        return ()
    if _lowest(positions, axis) < _FLOOR:
        raise FormatError(f"the body stands on the floor along {axis}, but published joints are y up: turn them", where)
    return (f"the body is upright along {axis}, but published joints are y up",)


def _lowest(positions: np.ndarray, up: str) -> float:
    """How far the lowest joint of the clip is from height 0 along an axis, metres."""
    return abs(float(to_y_up(positions, up)[..., 1].min()))
