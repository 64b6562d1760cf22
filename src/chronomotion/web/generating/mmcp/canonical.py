"""The skeleton for which motion is given to animation programs: the reference body in a T-pose, and its rotations.

Joints are known by their places. The bones that start together at the pelvis and at the upper spine do not keep their
angles to each other, so each of them has a helper joint of length 0, and lands exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import pose_skeleton
from chronomotion.motion.retarget import rescale
from chronomotion.motion.rotation import matrix, normalise, shortest_arc
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["CANONICAL", "CanonicalJoint", "local_rotations"]

_X, _Y, _Z = np.eye(3)
_REST = {
    "left_hip": 0.6 * _X - 0.8 * _Y,
    "spine1": _Y,
    "left_knee": -_Y,
    "spine2": _Y,
    "left_ankle": -_Y,
    "spine3": _Y,
    "left_foot": _Z,
    "neck": _Y,
    "left_collar": 0.6 * _X + 0.8 * _Y,
    "head": _Y,
    "left_shoulder": _X,
    "left_elbow": _X,
    "left_wrist": _X,
}
"""Directions of the bones to these joints at rest; the right side is the mirror image."""


@dataclass(frozen=True, eq=False)
class CanonicalJoint:
    """A joint of the skeleton; ``offset`` from its parent at rest, metres, unturned."""

    name: str
    parent: int
    offset: Float[np.ndarray, " 3"]
    bone: int | None
    """The joint of ours at the end of the bone that this joint turns; None where it turns none, or several."""


def _rest(joint: int) -> Float[np.ndarray, " 3"]:
    """Direction of the bone to a joint of ours at rest."""
    name = HUMANML3D.joints[joint]
    left = name.replace("right_", "left_")
    return _REST[left] * (1.0 if left == name else np.array([-1.0, 1.0, 1.0]))


def _joints() -> tuple[CanonicalJoint, ...]:
    """Parents before children; the pelvis stands as high as the legs are long."""
    lengths, names = np.array(HUMANML3D_LAYOUT.bone_lengths), HUMANML3D.joints
    joints: list[CanonicalJoint] = []

    def add(joint: int, parent: int, offset: Float[np.ndarray, " 3"]) -> None:
        below = [child for child, over in enumerate(HUMANML3D.parents) if over == joint]
        place = len(joints)
        joints.append(CanonicalJoint(names[joint], parent, offset, below[0] if len(below) == 1 else None))
        for child in below:
            at = place
            if len(below) > 1:
                at = len(joints)
                joints.append(CanonicalJoint(f"{names[joint]}_to_{names[child]}", place, np.zeros(3), child))
            add(child, at, _rest(child) * lengths[child])

    leg = [HUMANML3D.index(f"left_{part}") for part in ("hip", "knee", "ankle")]
    add(0, -1, -sum(_rest(joint)[1] * lengths[joint] for joint in leg) * _Y)
    return tuple(joints)


CANONICAL = _joints()
"""28 joints: the 22 of HumanML3D with the bone lengths of its reference body, and helpers."""


def local_rotations(
    motion: Motion,
) -> tuple[Float[np.ndarray, "frames joints 3 3"], Float[np.ndarray, "frames 3"]]:
    """Rotations of the canonical joints against their parents, and the places of the root in metres, of a motion on
    the HumanML3D skeleton. The motion gets the reference body's bones; where it has them, joints land exactly.
    """
    motion = rescale(motion)
    positions = motion.positions.astype(np.float64)
    nodes = {node.name: node.rotations for node in pose_skeleton(motion).nodes}
    world = np.empty((motion.frames, len(CANONICAL), 3, 3))
    for at, joint in enumerate(CANONICAL):
        turned = nodes.get(joint.name, world[:, joint.parent])
        if joint.bone is not None:
            start = HUMANML3D.parents[joint.bone]
            seen = normalise(positions[:, joint.bone] - positions[:, start])
            turned = matrix(shortest_arc(turned @ _rest(joint.bone), seen)) @ turned
        world[:, at] = turned
    local = world.copy()
    for at, joint in enumerate(CANONICAL):
        if joint.parent >= 0:
            local[:, at] = world[:, joint.parent].swapaxes(-1, -2) @ world[:, at]
    return local, positions[:, 0]
