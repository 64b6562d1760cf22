"""Pose: the numbers an animator would set to pose a person."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float

__all__ = ["Channel", "Number", "Pose", "mirrored", "on_both_sides"]

Number: TypeAlias = float | int
"""A union, because run-time type checks reject an int for a float and key poses are written in whole degrees."""

Channel: TypeAlias = float | int | Float[np.ndarray, " frames"]
"""A constant, or a number for every frame."""


class Pose(NamedTuple):
    """A pose, or a movement: every channel is a constant or a number for each frame.

    Angles in degrees (key poses are read by people), lengths in metres. Left is +x, up is +y, forward is +z. Angles of
    an arm, and the knee, count outward as positive; places, the feet's yaw and angles of the body's middle count to the
    left as positive. The defaults stand upright with hanging arms.
    """

    # Pelvis: its place over the floor and how it is turned.
    x: Channel = 0.0
    z: Channel = 0.0
    height: Channel = -0.02
    """Above the height over straight legs; a leg on the floor that cannot reach pulls the pelvis down."""
    yaw: Channel = 0.0
    """Positive: to the left."""
    pitch: Channel = 0.0
    """Pelvis, and with it the whole trunk, forward."""
    roll: Channel = 0.0
    """Pelvis, and with it the whole trunk, to the left."""

    # Spine and head, on top of the pelvis, spread over the joints between.
    bend: Channel = 2.0
    """Forward."""
    lean: Channel = 0.0
    """To the left."""
    twist: Channel = 0.0
    """To the left."""
    nod: Channel = 0.0
    """Down."""
    tilt: Channel = 0.0
    """To the left."""
    look: Channel = 0.0
    """To the left."""

    # Arms. Upper arm: first spread outward from hanging down, then swung forward about the line through the shoulders.
    left_swing: Channel = 0.0
    left_spread: Channel = 8.0
    left_turn: Channel = -10.0
    """Upper arm about its own axis: with the elbow bent, positive moves the forearm outward (a spread arm: upward)."""
    left_elbow: Channel = 15.0
    left_reach: Channel = 0.0
    """0: the wrist is where the angles put it; 1: it is at left_hand_x, _y, _z."""
    left_hand_x: Channel = 0.2
    """Metres to the left of the pelvis, seen along the body's heading."""
    left_hand_y: Channel = 1.0
    """Metres above the floor."""
    left_hand_z: Channel = 0.3
    """Metres in front of the pelvis."""
    right_swing: Channel = 0.0
    right_spread: Channel = 8.0
    right_turn: Channel = -10.0
    right_elbow: Channel = 15.0
    right_reach: Channel = 0.0
    right_hand_x: Channel = -0.2
    right_hand_y: Channel = 1.0
    right_hand_z: Channel = 0.3

    # Legs: where the flat foot would stand in the world; hips and knees follow by inverse kinematics.
    left_foot_x: Channel = 0.1
    left_foot_z: Channel = 0.0
    left_foot_lift: Channel = 0.0
    left_foot_yaw: Channel = 8.0
    left_heel: Channel = 0.0
    """Positive: the heel is up and the toes stay; negative: the toes are up and the ankle stays."""
    left_knee: Channel = 0.0
    """Knee turned outward from where the foot and the pelvis point."""
    right_foot_x: Channel = -0.1
    right_foot_z: Channel = 0.0
    right_foot_lift: Channel = 0.0
    right_foot_yaw: Channel = -8.0
    right_heel: Channel = 0.0
    right_knee: Channel = 0.0


_SIGNED = {"x", "yaw", "roll", "lean", "twist", "tilt", "look", "hand_x", "foot_x", "foot_yaw"}
"""Channels, less their side, that change sign in a mirror."""


def _opposite(channel: str) -> str:
    side, _, rest = channel.partition("_")
    return {"left": "right_" + rest, "right": "left_" + rest}.get(side, channel)


def _sideless(channel: str) -> str:
    return channel.removeprefix("left_").removeprefix("right_")


_MIRROR = tuple(
    (Pose._fields.index(_opposite(name)), -1.0 if _sideless(name) in _SIGNED else 1.0) for name in Pose._fields
)


def mirrored(pose: Pose) -> Pose:
    """The same pose or movement with left and right exchanged."""
    return Pose(*(sign * pose[index] for index, sign in _MIRROR))


def on_both_sides(pose: Pose, **left: Number) -> Pose:
    """The pose with these channels, given for the left, set for both sides."""
    right = {_opposite(name): -value if _sideless(name) in _SIGNED else value for name, value in left.items()}
    return pose._replace(**left, **right)
