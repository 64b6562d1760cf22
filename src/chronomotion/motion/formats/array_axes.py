"""Which axis of an array is which: frames, joints, coordinates, or a batch of one, in whatever order they come.

MDM leaves (1, 22, 3, frames), T2M-GPT (1, frames, 22, 3), others (frames, 66). Only an axis of 3 can be coordinates,
and only one as long as a known body can be joints. Where two ways are left, the body decides: its bones keep their
lengths, and its left is as long as its right.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import permutations
from math import prod

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import MAX_FRAMES, check_count
from chronomotion.motion.formats.plausible import is_body, unlikeness
from chronomotion.motion.formats.soma import SOMA_SKELETONS
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.motion.skeleton import KITML

__all__ = ["SMPL_JOINTS", "as_features", "as_joints"]

SMPL_JOINTS = {
    22: "HumanML3D",
    24: "SMPL",
    45: "SMPL",
    52: "SMPL-H",
    55: "SMPL-X",
    73: "SMPL-H",
    127: "SMPL-X",
    144: "SMPL-X",
}
"""Numbers of joints of which the first 22 are HumanML3D's -> whose they are; the larger ones add points of the mesh."""

_COUNTS = frozenset({len(KITML), *SMPL_JOINTS, *SOMA_SKELETONS})
_WIDTHS = (HUMANML3D_LAYOUT.width, KITML_LAYOUT.width)
_EXPECTED = (
    "expected (frames, joints, 3) with 22, 24, 45, 52, 55, 73, 127 or 144 joints of the SMPL family, 30 or 77 of SOMA, "
    "or 21 of KIT-ML, or features (frames, 263 or 251)"
)

Joints = Float[np.ndarray, "frames joints 3"]


@dataclass(frozen=True)
class _Axes:
    """Which axis of a shape is which; all others are batches."""

    frames: int
    joints: int
    coordinates: int

    def words(self, shape: tuple[int, ...]) -> str:
        """The shape with words for its lengths."""
        names = {self.frames: "frames", self.joints: "joints", self.coordinates: "3"}
        return f"({', '.join(names.get(axis, str(length)) for axis, length in enumerate(shape))})"


def as_features(array: Float[np.ndarray, "*axes"], where: str) -> Float[np.ndarray, "frames dim"] | None:
    """Rows of features in an array with an axis of 263 or 251 and one of frames; None when it has no such axes.

    Raises FormatError at ``where`` for a batch of several motions.
    """
    shape = array.shape
    wide = [axis for axis in reversed(range(len(shape))) if shape[axis] in _WIDTHS]
    # A motion of joints may last 263 frames.
    if not wide or not 2 <= len(shape) <= 4 or _ways(shape) or (wide[0] == 0 and shape[-1] // 3 in _COUNTS):
        return None
    rest = [axis for axis in range(len(shape)) if axis != wide[0]]
    long = [axis for axis in rest if shape[axis] > 1]
    if len(long) > 1:
        raise _several(shape, long[0], where)
    frames = long[0] if long else rest[-1]
    return array.transpose(frames, wide[0], *(axis for axis in rest if axis != frames)).reshape(shape[frames], -1)


def as_joints(array: Float[np.ndarray, "*axes"], where: str) -> tuple[Joints, tuple[str, ...]]:
    """(joints, doubts) of an array with axes for frames, joints and coordinates in any order.

    Raises FormatError at ``where`` for another shape, a batch of several motions, or flat rows that make no body.
    """
    shape = array.shape
    if array.ndim == 2:
        return _from_rows(array, where)
    ways = _ways(shape)
    if not ways:
        raise FormatError(f"an array of shape {shape} is not a motion: {_EXPECTED}", where)
    single = [axes for axes in ways if prod(shape) == shape[axes.frames] * shape[axes.joints] * 3]
    if not single:
        raise _several(shape, _batch(array, ways[0]), where)
    for axes in single:
        check_count(shape[axes.frames], MAX_FRAMES, "frames", where)
    bodies = [_arranged(array, axes) for axes in single]
    best = min(range(len(bodies)), key=lambda way: (unlikeness(bodies[way]), way)) if len(bodies) > 1 else 0
    doubts = []
    if len(bodies) > 1:
        others = " or ".join(dict.fromkeys(axes.words(shape) for axes in single if axes != single[best]))
        doubts.append(
            f"an array of shape {shape} is read as {single[best].words(shape)}, which fits a body better than {others}"
        )
    if not is_body(bodies[best]):
        doubts.append(
            "bones change their lengths as in no body: are these rotations or normalised numbers, "
            "instead of joint positions?"
        )
    return bodies[best], tuple(doubts)


def _ways(shape: tuple[int, ...]) -> list[_Axes]:
    """All ways to read a shape as a motion, the usual order (frames, joints, 3) first."""
    if not 3 <= len(shape) <= 5:
        return []
    ways = []
    for frames, joints, coordinates in permutations(range(len(shape)), 3):
        rest = prod(length for axis, length in enumerate(shape) if axis not in (frames, joints, coordinates))
        # An axis of 1 is the frames only where no longer one is left for them.
        if shape[coordinates] == 3 and shape[joints] in _COUNTS and (shape[frames] > 1 or rest <= 1):
            ways.append(_Axes(frames, joints, coordinates))
    distinct: dict[tuple[int, int, int], _Axes] = {}
    for axes in sorted(ways, key=lambda axes: (axes.frames > axes.joints, axes.joints > axes.coordinates)):
        key = (axes.frames if shape[axes.frames] > 1 else -1, axes.joints, axes.coordinates)
        distinct.setdefault(key, axes)
    return list(distinct.values())


def _batch(array: Float[np.ndarray, "*axes"], axes: _Axes) -> int:
    """Which long axis counts motions: along the frames, points move little from one to the next."""
    long = [axis for axis in range(array.ndim) if axis not in (axes.joints, axes.coordinates) and array.shape[axis] > 1]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = [float(np.abs(np.diff(array, axis=axis)).mean()) for axis in long]
    frames = min(range(len(long)), key=lambda at: (steps[at], -at))
    return next(axis for at, axis in enumerate(long) if at != frames)


def _arranged(array: Float[np.ndarray, "*axes"], axes: _Axes) -> Joints:
    """The array as (frames, joints, 3)."""
    order = (axes.frames, axes.joints, axes.coordinates)
    rest = [axis for axis in range(array.ndim) if axis not in order]
    return array.transpose(*order, *rest).reshape(array.shape[axes.frames], array.shape[axes.joints], 3)


def _from_rows(rows: Float[np.ndarray, "frames numbers"], where: str) -> tuple[Joints, tuple[str, ...]]:
    """Joints from flat rows, (x y z) joint by joint or all x, all y, all z; only where they form a body."""
    frames, width = rows.shape
    count = width // 3
    if width % 3 or count not in _COUNTS:
        hint = _hint(width)
        raise FormatError(f"an array of shape {rows.shape} is not a motion: {hint or _EXPECTED}", where)
    check_count(frames, MAX_FRAMES, "frames", where)
    by_joint = rows.reshape(frames, count, 3)
    by_axis = rows.reshape(frames, 3, count).transpose(0, 2, 1)
    joints = min((by_joint, by_axis), key=unlikeness)
    # Numbers that are not finite are not a body either; a later check names their frames.
    if np.isfinite(rows).all() and not is_body(joints):
        raise FormatError(
            f"rows of {width} numbers are not joints, because the bones would change their lengths: if they are "
            "rotations of the SMPL family, save an .npz with poses, trans and mocap_frame_rate",
            where,
        )
    return joints, ()


def _hint(width: int) -> str:
    """What rows of other known lengths are."""
    known = {
        322: "rows of 322 numbers are Motion-X's SMPL-X parameters: save an .npz with poses (the first 165), "
        "trans (309 to 312), betas (312 to 322) and mocap_frame_rate",
        135: "rows of 135 numbers are 6-D rotations of SMPL with a translation: convert them to joints first",
        272: "rows of 272 numbers are HumanML3D-272, which is not supported: convert them to joints first",
    }
    return known.get(width, "")


def _several(shape: tuple[int, ...], batch: int, where: str) -> FormatError:
    """The error for a batch: how many motions it holds and how to split them."""
    path, _, field = where.partition(": ")
    load = f"numpy.load(sys.argv[1])[{field!r}]" if field else "numpy.load(sys.argv[1])"
    along = f"numpy.moveaxis({load}, {batch}, 0)" if batch else load
    split = f"[numpy.save(f'motion_{{i:03}}.npy', m) for i, m in enumerate({along})]"
    return FormatError(
        f"an array of shape {shape} holds {shape[batch]} motions, but one file is one motion; to split them: "
        f'python -c "import sys, numpy; {split}" {shlex.quote(path)}',
        where,
    )
