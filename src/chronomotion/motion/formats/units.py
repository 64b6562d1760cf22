"""Unit and up axis of a file, inferred from the body itself.

The unit: the height of a standing figure, ankle to knee to hip and on along the spine to the head joint, is near 1.4
m for a grown person (1.56 m along the bones of HumanML3D's reference body, a tall one), 0.8 m for a child of three, and
never above 1.9 m. Of the units that make the skeleton that high, the one nearest to 1.4 m as a ratio is taken; for
anything else the unit can be forced. CMU's own unit is only believed of CMU's own rigs, and a BVH that this program
wrote is in centimetres, whoever moves in it.

Up: the axis along which heads are above feet on average over the clip. Where they are below in nearly all frames, the
axis points down, as in the frame of a camera, and the motion is turned.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.anatomy import walks_on_hands
from chronomotion.motion.rotation import normalise
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = [
    "LEVEL",
    "POSSIBLE",
    "UNITS",
    "UP_AXES",
    "level_change",
    "metres_of",
    "standing_height",
    "tell_unit",
    "tell_up",
    "to_y_up",
]

UNITS = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "cmu": 0.0254 / 0.45}
"""Metres in one unit. "cmu" is the Acclaim unit of CMU's database, 1 / 0.45 inch."""

UP_AXES = ("y", "z", "x", "-y", "-z", "-x")

_USUAL_HEIGHT = 1.4
POSSIBLE = (0.6, 1.9)
"""Metres from ankle to head that a person may have: of a child of one year, of the tallest alive."""
_GROWN = (1.05, 1.75)
"""Metres from ankle to head of grown people and children from about seven; beyond, the unit is doubted."""
_OUR_HEIGHT = (0.2, 3.0)
"""Metres from ankle to head in a file of our own, whose unit is known."""
_SAMPLES = 64
LEVEL = 0.35
"""Share of the standing height by which the lowest joint may rise and sink along an axis that points up."""
_ALONG_Y, _ALONG_OTHERS = 0.4, 0.7
"""How far the head must lie from the feet along an axis, as the cosine of an angle, for the body to stand along it."""
_STANDING = 0.3
"""The same of the legs and of the trunk by themselves, along an axis other than y."""
_NEARLY_ALL = 0.9
"""Share of the frames with the head below the feet above which an axis points down."""

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


def tell_unit(height: float, where: str, *, family: str = "", is_ours: bool = False) -> tuple[str, float, str]:
    """(name, metres, doubt) of the unit in which a figure of this standing height is nearest to a person.

    ``family`` is the rig's; ``is_ours`` says that this program wrote the file. The doubt, about a figure that is small
    or large for a grown person, names the runner-up; it is "" where there is none.
    Raises FormatError when the figure is no person in any unit.
    """
    if not height > 0:
        raise FormatError("the skeleton has no height: all its joints lie on one spot", where)
    if is_ours and _OUR_HEIGHT[0] <= height * UNITS["cm"] <= _OUR_HEIGHT[1]:
        return "cm", UNITS["cm"], ""
    far = {unit: abs(math.log(height * metres / _USUAL_HEIGHT)) for unit, metres in UNITS.items()}
    known = [unit for unit in UNITS if unit != "cmu" or family.startswith("cmu")]
    possible = [unit for unit in known if POSSIBLE[0] <= height * UNITS[unit] <= POSSIBLE[1]]
    if not possible:
        raise FormatError(
            f"the figure is {height:.4g} units tall from ankle to head, which is not the height of a person in any of "
            f"{', '.join(known)}: give the unit (--unit NAME, or metres in one unit: "
            f"--unit {_USUAL_HEIGHT / height:.3g} makes it {_USUAL_HEIGHT} m)",
            where,
        )
    name = min(possible, key=far.__getitem__)
    second = min((unit for unit in UNITS if unit != name), key=far.__getitem__)
    if _GROWN[0] <= height * UNITS[name] <= _GROWN[1]:
        return name, UNITS[name], ""
    doubt = (
        f"an unusual size: the figure is {height * UNITS[name]:.2f} m tall from ankle to head in {name}, a "
        f"{'small child' if height * UNITS[name] < _GROWN[0] else 'giant'}; in {second} it would be "
        f"{height * UNITS[second]:.3g} m (--unit {second})"
    )
    return name, UNITS[name], doubt


def tell_up(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton = HUMANML3D) -> tuple[str, str]:
    """(axis, doubt): the axis along which the head is above the feet; the doubt is "" where there is none.

    y, by far the most usual, unless the body stands along another axis and the lowest joint keeps its level along it: a
    person who crawls is stretched out along a level axis, but moves along it, too. An axis along which the head is
    below the feet in nearly all frames points down.
    """
    sample = _sampled(positions)
    left, right, trunk = ([skeleton.index(joint) for joint in way] for way in _WAYS[skeleton.name])
    upright = normalise(sample[:, trunk[-1]] - (sample[:, left[0]] + sample[:, right[0]]) / 2)
    mean = upright.mean(axis=0)
    axis = next((a for a in (int(np.abs(mean).argmax()), 1) if _stands_along(sample, a, mean[a], skeleton)), None)
    if axis is None:
        return "y", "up axis unclear: the body is not upright enough to tell, y is assumed (to force another: --up)"
    name = "xyz"[axis]
    if mean[axis] > 0:
        return name, ""
    below = float((upright[:, axis] < 0).mean())
    evidence = f"the head is below the feet along {name} in {100 * below:.0f} % of the frames"
    if below < _NEARLY_ALL:
        return name, f"up axis unclear: {evidence} (if {name} points down, --up=-{name})"
    return f"-{name}", f"up axis turned: {evidence}, so -{name} is assumed to point up (if it does not: --up={name})"


def _stands_along(
    sample: Float[np.ndarray, "frames joints 3"], axis: int, mean: float, skeleton: Skeleton = HUMANML3D
) -> bool:
    """True where a body is upright along an axis; ``mean`` is how far its head lies from its feet along it, up to 1.

    Along y much is forgiven, but no animal stands upside down. Along another axis legs and trunk must stand, neither
    stretched out nor far ahead along the ground, on a floor that stays where it is.
    """
    sign = 1 if mean > 0 else -1
    if axis == 1:
        return bool(abs(mean) >= _ALONG_Y and (sign > 0 or not walks_on_hands(sample, skeleton)))
    left, right, trunk = ([skeleton.index(joint) for joint in way] for way in _WAYS[skeleton.name])
    hips = sample[:, [left[-1], right[-1]]]
    legs = normalise(hips - sample[:, [left[0], right[0]]])[..., axis].mean()
    back = normalise(sample[:, trunk[-1]] - hips.mean(axis=1))[..., axis].mean()
    floor = level_change(sample, f"{'-' if sign < 0 else ''}{'xyz'[axis]}", skeleton)
    return bool(abs(mean) >= _ALONG_OTHERS and min(legs * sign, back * sign) > _STANDING and floor <= LEVEL)


def level_change(positions: Float[np.ndarray, "frames joints 3"], up: str, skeleton: Skeleton = HUMANML3D) -> float:
    """By how much the lowest joint rises and sinks along an axis over a clip, as a share of the standing height."""
    sample = _sampled(positions)
    lowest = (-1 if up.startswith("-") else 1) * sample[..., "xyz".index(up[-1])]
    low, high = np.quantile(lowest.min(axis=1), [0.05, 0.95])
    return float((high - low) / standing_height(sample, skeleton))


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
