"""How long a file's unit is and which of its axes points up, told from the body itself.

The unit: the height of a standing figure, ankle to knee to hip and on along the spine to the head joint, is near 1.4
m for a grown person (1.56 m along the bones of HumanML3D's reference body, a tall one). The known unit that brings
the skeleton's own bones nearest to that, as a ratio, is taken. Units lie at least a factor 2.2 apart, so people from
about 1.2 m to 2.6 m tall come out right; for anything else the unit can be forced.

Up: the axis along which heads are above feet on average over the clip.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.rotation import normalise
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["UNITS", "UP_AXES", "metres_of", "standing_height", "tell_unit", "tell_up", "to_y_up"]

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "cmu": 0.0254 / 0.45}
"""Metres in one unit. "cmu" is the Acclaim unit of CMU's database, 1 / 0.45 inch."""

UP_AXES = ("y", "z", "x", "-y", "-z", "-x")

_USUAL_HEIGHT = 1.4
_FARTHEST = 1.8
"""A skeleton that is this factor away from the usual height in every unit is no grown person in any of them."""
_SAMPLES = 64
_LEVEL = 0.35
"""Share of the standing height by which the lowest joint may rise and sink along an axis that points up."""

_WAYS = {
    HUMANML3D.name: (
        ("left_ankle", "left_knee", "left_hip"),
        ("right_ankle", "right_knee", "right_hip"),
        ("pelvis", "spine1", "spine2", "spine3", "neck", "head"),
    ),
    KITML.name: (("LA", "LK", "LH"), ("RA", "RK", "RH"), ("root", "BP", "BT", "BLN", "BUN")),
}
"""Left leg, right leg and trunk of each of our skeletons."""

# Rows are the new x, y and z, each as a direction in the file's axes; all are rotations, so left stays left.
_TURNS: dict[str, list[list[float]]] = {
    "y": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "z": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "x": [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
    "-y": [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
    "-z": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    "-x": [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
}


def standing_height(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton = HUMANML3D) -> float:
    """Way along the bones from the ankles to the head joint: mean of both legs, median over frames, in file units."""
    sample = _sampled(positions)
    *legs, trunk = ([skeleton.index(joint) for joint in way] for way in _WAYS[skeleton.name])
    hips = sample[:, [leg[-1] for leg in legs]].mean(axis=1)
    pelvis = np.linalg.norm(sample[:, 0] - hips, axis=-1)
    return float(np.median(sum(_length(sample[:, leg]) for leg in legs) / 2 + pelvis + _length(sample[:, trunk])))


def metres_of(unit: str | float) -> float:
    """Metres in a unit that is named or given as a number; raises FormatError for an unknown one."""
    if isinstance(unit, str):
        if unit not in UNITS:
            raise FormatError(f"unknown unit {unit!r}: known are auto, {', '.join(UNITS)}, or a number of metres")
        return UNITS[unit]
    if not (math.isfinite(unit) and unit > 0):
        raise FormatError(f"a unit of {unit} metres is not possible: give a positive number")
    return float(unit)


def tell_unit(height: float, where: str) -> tuple[str, float]:
    """(name, metres) of the unit in which a figure of this standing height is nearest to a grown person.

    Raises FormatError when it is near in none of them.
    """
    if not height > 0:
        raise FormatError("the skeleton has no height: all its joints lie on one spot", where)
    name = min(UNITS, key=lambda unit: abs(math.log(height * UNITS[unit] / _USUAL_HEIGHT)))
    if abs(math.log(height * UNITS[name] / _USUAL_HEIGHT)) > math.log(_FARTHEST):
        raise FormatError(
            f"the figure is {height:.4g} units tall from ankle to head, which is no grown person in any of "
            f"{', '.join(UNITS)}: give the unit (--unit NAME, or metres in one unit)",
            where,
        )
    return name, UNITS[name]


def tell_up(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton = HUMANML3D) -> tuple[str, str]:
    """(axis, doubt): the axis along which the head is above the feet; the doubt is "" where there is none.

    y, by far the most usual, unless the body stands along another axis and the lowest joint keeps its level along it: a
    person who crawls is stretched out along a level axis, but moves along it, too.
    """
    sample = _sampled(positions)
    left, right, trunk = ([skeleton.index(joint) for joint in way] for way in _WAYS[skeleton.name])
    upright = sample[:, trunk[-1]] - (sample[:, left[0]] + sample[:, right[0]]) / 2
    mean = normalise(upright).mean(axis=0)
    axis = int(np.abs(mean).argmax())
    levels = np.ptp(np.quantile(sample.min(axis=1), [0.05, 0.95], axis=0), axis=0) / standing_height(sample, skeleton)
    needed = 0.4 if axis == 1 else 0.7
    if abs(mean[axis]) < needed or (axis != 1 and levels[axis] > _LEVEL):
        return "y", "the body is not upright enough to tell which axis points up: y is taken (force another with up)"
    name = "xyz"[axis]
    if mean[axis] < 0:
        return name, f"the head is below the feet along {name}: if {name} points down in this file, force up='-{name}'"
    return name, ""


def to_y_up(positions: Float[np.ndarray, "frames joints 3"], up: str) -> Float[np.ndarray, "frames joints 3"]:
    """Positions turned so that the axis ``up`` becomes y; left stays left."""
    if up not in _TURNS:
        raise FormatError(f"unknown up axis {up!r}: known are auto, {', '.join(UP_AXES)}")
    if up == "y":
        return positions
    turned: Float[np.ndarray, "frames joints 3"] = positions @ np.array(_TURNS[up]).T
    return turned


def _length(way: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, " frames"]:
    """Length of the way along joints in every frame."""
    steps: Float[np.ndarray, "frames bones"] = np.linalg.norm(np.diff(way, axis=1), axis=-1)
    return np.asarray(steps.sum(axis=1), dtype=np.float64)


def _sampled(positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "samples joints 3"]:
    """A few frames, evenly over the clip: enough for medians, and cheap for long clips."""
    picks = np.linspace(0, len(positions) - 1, min(_SAMPLES, len(positions))).astype(np.int64)
    return np.take(positions, picks, axis=0)
