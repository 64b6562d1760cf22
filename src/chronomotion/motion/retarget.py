"""From any body and place to the reference: bone lengths, floor, origin, heading.

These are the steps (a) to (d) before the published features are computed (github.com/EricGuo5513/HumanML3D).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.layout import HUMANML3D_LAYOUT, Layout, layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import matrix, normalise, shortest_arc

__all__ = [
    "face_forward",
    "facing",
    "finite_positions",
    "place_on_floor",
    "reference_positions",
    "rescale",
    "to_reference",
]

_FORWARD = np.array([0.0, 0.0, 1.0])


def to_reference(motion: Motion) -> Motion:
    """The motion on the reference body, standing on the floor, starting at the origin and facing +z.

    Frame rate and name stay. A skeleton without reference bone lengths (KIT-ML) keeps the bones of the clip.
    Raises FormatError when there is no layout for the skeleton, a position is not finite, or the legs have no length.
    """
    return replace(motion, positions=reference_positions(motion))


def rescale(motion: Motion) -> Motion:
    """The motion with the reference body's bone lengths; the root's path is scaled by the ratio of the leg lengths.

    A bone of length 0 has no direction and keeps length 0. A motion without reference bone lengths (KIT-ML) is returned
    unchanged. Raises FormatError when there is no layout for the skeleton, a position is not finite, or the legs have
    no length in the first frame.
    """
    layout = layout_of(motion.skeleton)
    if layout.bone_lengths is None:
        return motion
    return replace(motion, positions=_rescaled(motion, layout, layout.bone_lengths))


def place_on_floor(motion: Motion) -> Motion:
    """The motion raised or lowered so that the lowest joint of the whole clip is at height 0."""
    floor = motion.positions[..., 1].min()
    return replace(motion, positions=motion.positions - np.array([0, floor, 0], dtype=np.float32))


def face_forward(motion: Motion) -> Motion:
    """The motion moved and turned so that its first frame has the root above the origin and faces +z.

    Raises FormatError when there is no layout for the skeleton, or a position is not finite.
    """
    return replace(motion, positions=_faced(finite_positions(motion), layout_of(motion.skeleton)))


def facing(
    positions: Float[np.ndarray, "frames joints 3"], layout: Layout = HUMANML3D_LAYOUT
) -> Float[np.ndarray, "frames 3"]:
    """Unit direction in the floor plane that each frame faces: up x (right - left), of hips and shoulders together.

    Where hips and shoulders lie exactly above one another there is no direction: then +z.
    """
    (right_hip, left_hip), (right_shoulder, left_shoulder) = layout.hips, layout.shoulders
    across = (
        positions[:, right_hip] - positions[:, left_hip] + positions[:, right_shoulder] - positions[:, left_shoulder]
    )
    forward = np.zeros_like(across)
    forward[:, 0], forward[:, 2] = across[:, 2], -across[:, 0]
    forward[~forward.any(axis=1)] = _FORWARD
    return normalise(forward)


def reference_positions(motion: Motion, *, rescaled: bool = True) -> Float[np.ndarray, "frames joints 3"]:
    """Positions of :func:`to_reference` in double precision; without ``rescaled`` the bones keep their lengths."""
    layout = layout_of(motion.skeleton)
    if rescaled and layout.bone_lengths is not None:
        positions = _rescaled(motion, layout, layout.bone_lengths)
    else:
        positions = finite_positions(motion)
    positions[..., 1] -= positions[..., 1].min()
    return _faced(positions, layout)


def _rescaled(motion: Motion, layout: Layout, lengths: tuple[float, ...]) -> Float[np.ndarray, "frames joints 3"]:
    """Every bone in its direction, at the reference length.

    The published code does inverse kinematics, then forward kinematics with the new lengths. The rotation of each bone
    turns its rest direction exactly onto the bone, so both steps together only set the length.
    """
    positions = finite_positions(motion)
    bones = positions[:, 1:] - np.take(positions, layout.parents, axis=1)
    length = np.sqrt(np.einsum("fbi,fbi->fb", bones, bones))
    thigh, shank = layout.legs
    leg = length[0, thigh - 1] + length[0, shank - 1]
    if leg == 0:
        raise FormatError("the legs have no length in the first frame, so the body cannot be re-scaled", motion.name)
    length[length == 0] = 1
    bones *= (np.array(lengths[1:]) / length)[..., None]
    joints: np.ndarray = np.matmul(layout.path_to, bones)
    joints += positions[:, :1] * ((lengths[thigh] + lengths[shank]) / leg)
    return joints


def _faced(positions: Float[np.ndarray, "frames joints 3"], layout: Layout) -> Float[np.ndarray, "frames joints 3"]:
    """First root above the origin, first frame towards +z."""
    turn = matrix(shortest_arc(facing(positions[:1], layout), _FORWARD))[0]
    faced: np.ndarray = (positions - positions[0, 0] * np.array([1.0, 0.0, 1.0])) @ turn.T
    return faced


def finite_positions(motion: Motion) -> Float[np.ndarray, "frames joints 3"]:
    """The positions in double precision, all of them finite."""
    finite = np.isfinite(motion.positions)
    if not finite.all():
        frame, joint, _ = np.argwhere(~finite)[0].tolist()
        name = motion.skeleton.joints[joint]
        raise FormatError(f"joint {name!r} has no finite position in frame {frame}: cut or mend the take", motion.name)
    return motion.positions.astype(np.float64)
