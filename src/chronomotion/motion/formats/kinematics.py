"""Forward kinematics of any skeleton, vectorised over frames and over the joints of one depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

__all__ = ["axis_rotations", "euler_rotations", "forward_kinematics", "joint_depths"]

_AXES = "XYZ"


def axis_rotations(axis: str, degrees: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 3 3"]:
    """Rotation matrices about the axis "X", "Y" or "Z" by angles in degrees, counterclockwise seen against the axis."""
    radians = np.deg2rad(degrees)
    cosine, sine = np.cos(radians), np.sin(radians)
    # The two other axes in cyclic order, so that one layout of signs serves all three.
    third = _AXES.index(axis)
    first, second = (third + 1) % 3, (third + 2) % 3
    matrices = np.zeros((*radians.shape, 3, 3))
    matrices[..., first, first] = matrices[..., second, second] = cosine
    matrices[..., second, first] = sine
    matrices[..., first, second] = -sine
    matrices[..., third, third] = 1.0
    return matrices


def euler_rotations(order: str, degrees: Float[np.ndarray, "*n angles"]) -> Float[np.ndarray, "*n 3 3"]:
    """Product of axis rotations in the written order: "ZXY" is Z times X times Y, so Y acts on a vector first.

    ``order`` names the axis of each angle; any number of angles from none on, any axis as often as wanted.
    """
    turned = np.broadcast_to(np.eye(3), (*degrees.shape[:-1], 3, 3))
    for place, axis in enumerate(order):
        turn = axis_rotations(axis, degrees[..., place])
        turned = turn if place == 0 else turned @ turn
    return turned


def joint_depths(parents: Sequence[int]) -> list[int]:
    """Number of ancestors of every joint."""
    depths: list[int] = []
    for parent in parents:
        depths.append(0 if parent < 0 else depths[parent] + 1)
    return depths


def forward_kinematics(
    parents: Sequence[int],
    translations: Float[np.ndarray, "#frames joints 3"],
    rotations: Float[np.ndarray, "frames joints 3 3"],
) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of joints from each joint's translation and rotation in the frame of its parent.

    A parent stands before its children; roots have parent -1 and their translation is in the world.
    """
    frames, joints = rotations.shape[:2]
    positions = np.empty((frames, joints, 3))
    world = np.empty((frames, joints, 3, 3))
    for level in _levels(parents):
        above = [parents[joint] for joint in level]
        if above[0] < 0:
            positions[:, level] = translations[:, level]
            world[:, level] = rotations[:, level]
            continue
        turn = world[:, above]
        positions[:, level] = positions[:, above] + (turn @ translations[:, level, :, None])[..., 0]
        world[:, level] = turn @ rotations[:, level]
    return positions


def _levels(parents: Sequence[int]) -> Iterable[list[int]]:
    """Joints of equal depth together, roots first."""
    levels: dict[int, list[int]] = {}
    for joint, depth in enumerate(joint_depths(parents)):
        levels.setdefault(depth, []).append(joint)
    return levels.values()
