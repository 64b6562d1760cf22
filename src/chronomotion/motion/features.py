"""Motion features: 263 numbers a frame for HumanML3D, 251 for KIT-ML, from joints and back.

The representation of Guo et al. (CVPR 2022), computed as github.com/EricGuo5513/HumanML3D computes it. Surprising steps
of that code are kept, because published statistics and checkpoints depend on them; a comment marks each of them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.layout import Layout, layout_of, layout_of_width
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import reference_positions
from chronomotion.motion.rotation import about_y, inverse, matrix, multiply, normalise, shortest_arc, two_columns

__all__ = ["features_of", "motion_of"]

_FORWARD = np.array([0.0, 0.0, 1.0])
_ON_FLOOR = np.array([1.0, 0.0, 1.0])
_SMOOTHING = 20
"""Standard deviation, in frames, of the Gaussian that smooths the heading."""
_FPS_TOLERANCE = 0.01


def features_of(motion: Motion, *, retarget: bool = True) -> Float[np.ndarray, "{motion.frames-1} dim"]:
    """The published features of a motion, float32: one row for every frame but the last.

    The motion is put on the reference body, on the floor, at the origin and facing +z first. With ``retarget`` False
    the bones keep their lengths (for motions that are on the reference body already); the other steps remain. KIT-ML
    has no public reference body, so its bones always keep the lengths of the clip. KIT-ML features are in the unit and
    the mirrored frame of the published files; see ``motion.layout``.

    Raises FormatError when there are fewer than 2 frames, the frame rate is not the layout's, a position is not finite,
    or there is no layout for the skeleton.
    """
    layout = layout_of(motion.skeleton)
    _check(motion, layout)
    positions = reference_positions(motion, rescaled=retarget)
    headings = _headings(positions, layout)
    return _rows(layout.to_units(positions), headings, layout)


def motion_of(features: Float[np.ndarray, "*frames dim"], *, name: str = "", fps: float | None = None) -> Motion:
    """The motion, in metres, that features (frames, dim) describe: 263 numbers a frame give HUMANML3D, 251 KITML.

    ``fps`` defaults to the layout's (20 or 12.5). As in the published recovery, only the root's path and the
    places of the joints are used; rotations, velocities and contacts are not.
    Raises FormatError when the rows have another width, there is no row, or a row is not finite.
    """
    if features.ndim != 2 or len(features) == 0:
        raise FormatError(f"features of shape {features.shape}: expected (frames, dim) with at least one frame", name)
    layout = layout_of_width(features.shape[1])
    rows = features[:, : layout.columns.joints.stop].astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise FormatError(f"feature row {int(finite.argmin())} of {len(rows)} holds a number that is not finite", name)
    positions = layout.to_metres(_recovered(rows, layout))
    return Motion(positions, layout.fps if fps is None else fps, layout.skeleton, name)


def _check(motion: Motion, layout: Layout) -> None:
    if motion.frames < 2:
        raise FormatError(f"a motion of {motion.frames} frame is too short: features need at least 2", motion.name)
    if abs(motion.fps - layout.fps) > _FPS_TOLERANCE * layout.fps:
        raise FormatError(
            f"{motion.fps:g} frames a second, but {layout.skeleton.name} features are defined at {layout.fps:g}: "
            f"use motion.resample({layout.fps:g}) first",
            motion.name,
        )


def _headings(positions: Float[np.ndarray, "frames joints 3"], layout: Layout) -> Float[np.ndarray, "frames 4"]:
    """Rotations, in the features' frame, that turn the smoothed facing direction of each frame onto +z.

    Three quirks of the published code are kept. The hips are passed in reverse order, so the direction comes from the
    shoulders minus the hips. The rotation of the first frame is the identity, whatever its direction. Every rotation
    has w >= 0, so the step in which the heading passes -z gets a yaw velocity of the wrong sign.
    """
    (right_hip, left_hip), (right_shoulder, left_shoulder) = layout.hips, layout.shoulders
    across = normalise(
        positions[:, left_hip] - positions[:, right_hip] + positions[:, right_shoulder] - positions[:, left_shoulder]
    )
    forward = np.zeros_like(across)
    # Up x across; its sign follows the direction of the features' x axis.
    forward[:, 0] = _smoothed(np.sign(layout.axes[0]) * across[:, 2])
    forward[:, 2] = _smoothed(-across[:, 0])
    headings = shortest_arc(forward, _FORWARD)
    headings[0] = (1, 0, 0, 0)
    return headings


def _rows(
    joints: Float[np.ndarray, "frames joints 3"], headings: Float[np.ndarray, "frames 4"], layout: Layout
) -> Float[np.ndarray, "rows dim"]:
    """The rows of features of joints that are in the features' frame and unit."""
    columns, count = layout.columns, len(joints) - 1
    turns = matrix(headings)
    velocities = joints[1:] - joints[:-1]
    local = joints[:-1, 1:] - joints[:-1, :1] * _ON_FLOOR
    rows = np.empty((count, layout.width), dtype=np.float32)
    rows[:, columns.yaw] = np.arcsin(multiply(headings[1:], inverse(headings[:-1]))[:, 2:3])
    # Only the path is turned by the heading of the frame at the end of the step.
    rows[:, columns.path] = _turned(turns[1:], velocities[:, :1])[:, 0, ::2]
    rows[:, columns.height] = joints[:-1, 0, 1:2]
    rows[:, columns.joints] = _turned(turns[:-1], local).reshape(count, -1)
    rows[:, columns.rotations] = _joint_rotations(joints[:-1], headings[:-1], layout).reshape(count, -1)
    rows[:, columns.velocities] = _turned(turns[:-1], velocities).reshape(count, -1)
    feet = velocities[:, list(layout.feet)]
    rows[:, columns.contacts] = np.einsum("fji,fji->fj", feet, feet) < layout.contact
    return rows


def _joint_rotations(
    joints: Float[np.ndarray, "frames joints 3"], headings: Float[np.ndarray, "frames 4"], layout: Layout
) -> Float[np.ndarray, "frames bones 6"]:
    """Rotation of each bone from its rest direction, relative to the bone before it in its chain."""
    bones = joints[:, 1:] - np.take(joints, layout.parents, axis=1)
    rotations = np.empty((len(joints), len(layout.skeleton), 4))
    rotations[:, 0] = headings
    rotations[:, 1:] = shortest_arc(layout.rest_directions, bones)
    before = np.take(rotations, layout.turned_from, axis=1)
    return two_columns(multiply(inverse(before), rotations[:, 1:]))


def _recovered(rows: Float[np.ndarray, "frames columns"], layout: Layout) -> Float[np.ndarray, "frames joints 3"]:
    """Joints in the features' frame and unit: turned back by the summed yaw, carried along the summed path."""
    columns, count = layout.columns, len(rows)
    angles = np.zeros(count)
    # Row t holds the step from frame t to t + 1, and its yaw is half an angle.
    np.cumsum(2 * rows[:-1, columns.yaw.start], out=angles[1:])
    vectors = np.zeros((count, len(layout.skeleton) + 1, 3))
    vectors[:, 1:-1] = rows[:, columns.joints].reshape(count, -1, 3)
    # The last row of vectors is the step that led to the frame.
    vectors[1:, -1, ::2] = rows[:-1, columns.path]
    turned = _turned(matrix(about_y(-angles)), vectors)
    joints: np.ndarray = turned[:, :-1] + np.cumsum(turned[:, -1:], axis=0)
    joints[:, 0, 1] = rows[:, columns.height.start]
    return joints


def _turned(
    turns: Float[np.ndarray, "frames 3 3"], vectors: Float[np.ndarray, "frames joints 3"]
) -> Float[np.ndarray, "frames joints 3"]:
    turned: np.ndarray = np.matmul(vectors, turns.transpose(0, 2, 1))
    return turned


def _smoothed(values: Float[np.ndarray, " frames"]) -> Float[np.ndarray, " frames"]:
    """Gaussian smoothing over frames with the first and last value held; scipy's gaussian_filter1d(mode="nearest")."""
    kernel = _kernel()
    return np.convolve(np.pad(values, len(kernel) // 2, mode="edge"), kernel, mode="valid")


@cache
def _kernel() -> Float[np.ndarray, " taps"]:
    """Weights of the Gaussian, cut at 4 standard deviations."""
    distance = np.arange(-4 * _SMOOTHING, 4 * _SMOOTHING + 1)
    weights: np.ndarray = np.exp(-0.5 * (distance / _SMOOTHING) ** 2)
    weights /= weights.sum()
    return weights
