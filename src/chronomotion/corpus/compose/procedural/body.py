"""From poses to joint positions: the trunk by angles, legs by inverse kinematics, arms by both methods.

Bone lengths are those of HumanML3D's reference body, exactly, in every frame.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural.pose import Pose
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["joint_positions"]

Vectors = Float[np.ndarray, "*any 3"]
Sides = Float[np.ndarray, "frames 2"]
"""Left and right."""

_LENGTHS = dict(zip(HUMANML3D.joints, HUMANML3D_LAYOUT.bone_lengths or (), strict=True))

_UPRIGHT = {
    "left_hip": (0.058, -0.082, -0.018), "right_hip": (-0.060, -0.090, -0.014),
    "spine1": (0.0, 0.124, -0.030), "spine2": (0.0, 0.138, 0.012), "spine3": (0.0, 0.056, 0.003),
    "neck": (0.0, 0.212, -0.015), "head": (0.0, 0.089, 0.050),
    "left_collar": (0.072, 0.114, -0.019), "right_collar": (-0.083, 0.113, -0.020),
    "left_shoulder": (0.123, 0.035, -0.019), "right_shoulder": (-0.113, 0.035, -0.012),
}  # fmt: skip
"""Directions of the trunk's bones in an upright body: joint offsets of the SMPL template (Loper et al. 2015), rounded,
spine and shoulders a little straighter, as people hold them when they stand."""

_BONES = {name: np.array(offset) / np.linalg.norm(offset) * _LENGTHS[name] for name, offset in _UPRIGHT.items()}
_HIPS = np.stack([_BONES["left_hip"], _BONES["right_hip"]])
_LEGS = np.array([[_LENGTHS[f"{side}_{joint}"] for joint in ("knee", "ankle")] for side in ("left", "right")])
_FEET = np.array([_LENGTHS["left_foot"], _LENGTHS["right_foot"]])
_ARMS = np.array([[_LENGTHS[f"{side}_{joint}"] for joint in ("elbow", "wrist")] for side in ("left", "right")])
_OUTWARD = np.array([1.0, -1.0])
"""Sign of the outward direction along x for the left and the right side."""

_ANKLE_HEIGHT = 0.06
"""Height of the ankle above the toe joint when the foot is flat; the toe joint then lies on the floor, y = 0."""

_STANDING = _ANKLE_HEIGHT + float(_LEGS.sum(1).min()) - float(_HIPS[:, 1].mean())
"""Height of the pelvis over straight legs."""

_SHRUG = np.radians(28.0)
"""How far the collar bones rise with an arm straight up."""


def joint_positions(pose: Pose) -> Float[np.ndarray, "frames joints 3"]:
    """Joint positions, metres, of a movement whose channels are arrays over frames or single numbers."""
    values = np.stack(np.broadcast_arrays(*np.atleast_1d(*pose)))
    track = Pose(*values)
    joints = dict.fromkeys(HUMANML3D.joints, np.zeros((values.shape[1], 3)))
    turns = _trunk_rotations(track)
    ankles, toes = _feet(track)
    joints["pelvis"] = np.stack([track.x, _pelvis_height(track, turns[:, 0], ankles), track.z], axis=-1)
    _place_trunk(joints, turns)
    _place_legs(joints, track, ankles, toes)
    _place_arms(joints, track, turns[:, 3])
    return np.stack([joints[name] for name in HUMANML3D.joints], axis=1)


def _sides(track: Pose, channel: str) -> Sides:
    """A channel of the left and of the right side."""
    return np.stack([getattr(track, f"left_{channel}"), getattr(track, f"right_{channel}")], axis=-1)


def _rotation(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> Float[np.ndarray, "*any 3 3"]:
    """Rotation matrices from degrees: first roll, then pitch, then yaw.

    Positive roll takes up to the left, positive pitch takes up to the front, positive yaw takes the front to the left.
    """
    cy, cp, cr = np.cos(np.radians([yaw, pitch, roll]))
    sy, sp, sr = np.sin(np.radians([yaw, pitch, roll]))
    rows = [
        [cy * cr - sy * sp * sr, cy * sr + sy * sp * cr, sy * cp],
        [-cp * sr, cp * cr, -sp],
        [-sy * cr - cy * sp * sr, cy * sp * cr - sy * sr, cy * cp],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def _turned(vectors: Vectors, yaw: np.ndarray) -> Vectors:
    """Vectors turned about the vertical by degrees; positive: from forward (+z) to the left (+x)."""
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _rotated(rotations: Float[np.ndarray, "frames 3 3"], vectors: Vectors) -> Float[np.ndarray, "frames 2 3"]:
    """The vectors of both sides, (2, 3) or (frames, 2, 3), turned by the rotation of each frame."""
    turned: np.ndarray = vectors @ rotations.swapaxes(1, 2)
    return turned


def _two_bones(
    start: Vectors, target: Vectors, lengths: Float[np.ndarray, "sides 2"], pole: Vectors
) -> tuple[Vectors, Vectors]:
    """(middle joint, end joint) of two bones from ``start`` that reach for ``target`` and bend towards ``pole``.

    Law of cosines; vectors are (frames, sides, 3). A target out of reach is approached as far as the bones go.
    """
    upper, lower = lengths[:, :1], lengths[:, 1:]
    line = target - start
    distance = np.linalg.norm(line, axis=-1, keepdims=True)
    line /= np.maximum(distance, 1e-9)
    # Soft tissue keeps a knee or elbow from folding completely.
    distance = np.clip(distance, 0.35 * (upper + lower), 0.9995 * (upper + lower))
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    across = pole - (pole * line).sum(-1, keepdims=True) * line
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    middle = start + along * line + np.sqrt(np.maximum(upper**2 - along**2, 0.0)) * across
    return middle, start + distance * line


def _trunk_rotations(track: Pose) -> Float[np.ndarray, "frames 5 3 3"]:
    """World rotations of the pelvis, the lower, the middle and the upper spine (chest), and the head.

    The angles are added up, not the rotations multiplied: simpler, and the same for the small bends of a spine.
    """
    share = np.array([0.0, 0.3, 0.7, 1.0, 1.0])[:, None]
    head = np.array([0.0, 0.0, 0.0, 0.0, 1.0])[:, None]
    yaw = track.yaw + share * track.twist + head * track.look
    # The eyes stay on the horizon: the head takes back some of the trunk's bend.
    pitch = track.pitch + share * track.bend + head * (track.nod - 0.35 * (track.pitch + track.bend))
    roll = track.roll + share * track.lean + head * (track.tilt - 0.5 * (track.roll + track.lean))
    return np.moveaxis(_rotation(yaw, pitch, roll), 1, 0)


def _sagittal(angle: np.ndarray) -> Vectors:
    """Unit vectors in the plane of forward and up, at an angle in radians above forward."""
    return np.stack([np.zeros_like(angle), np.sin(angle), np.cos(angle)], axis=-1)


def _feet(track: Pose) -> tuple[Vectors, Vectors]:
    """(ankles, toes) as the foot channels place them, each (frames, 2, 3)."""
    height = _ANKLE_HEIGHT + _sides(track, "foot_lift")
    flat = np.stack([_sides(track, "foot_x"), height, _sides(track, "foot_z")], axis=-1)
    heel, yaw = np.radians(_sides(track, "heel")), _sides(track, "foot_yaw")
    rest = -np.arcsin(_ANKLE_HEIGHT / _FEET)
    toes = flat + _turned(_sagittal(rest - np.minimum(heel, 0.0)) * _FEET[:, None], yaw)
    ankles = toes - _turned(_sagittal(rest - heel) * _FEET[:, None], yaw)
    return ankles, toes


def _pelvis_height(
    track: Pose, pelvis: Float[np.ndarray, "frames 3 3"], ankles: Float[np.ndarray, "frames 2 3"]
) -> Float[np.ndarray, " frames"]:
    """The height of the pose, lowered where a leg could not reach its foot on the floor."""
    away = ankles - _rotated(pelvis, _HIPS) - np.stack([track.x, np.zeros_like(track.x), track.z], axis=-1)[:, None]
    reach = 0.998 * _LEGS.sum(1)
    limit = away[..., 1] + np.sqrt(np.maximum(reach**2 - away[..., 0] ** 2 - away[..., 2] ** 2, 0.0))
    limit += 6.0 * np.maximum(_sides(track, "foot_lift") - 0.02, 0.0)
    # A soft minimum, within a few millimetres, so that the body does not jerk where a leg is fully stretched.
    sharp = 150.0
    heights = np.concatenate([limit, (_STANDING + np.asarray(track.height))[:, None]], axis=1)
    low = heights.min(axis=1)
    height: np.ndarray = low - np.log(np.exp(-sharp * (heights - low[:, None])).sum(1)) / sharp
    return height


def _place_trunk(joints: dict[str, np.ndarray], turns: Float[np.ndarray, "frames 5 3 3"]) -> None:
    """Hips, spine, neck, head and collars, from the pelvis up."""
    chain = (
        ("left_hip", "pelvis", 0), ("right_hip", "pelvis", 0), ("spine1", "pelvis", 0), ("spine2", "spine1", 1),
        ("spine3", "spine2", 2), ("neck", "spine3", 3), ("head", "neck", 4), ("left_collar", "spine3", 3),
        ("right_collar", "spine3", 3),
    )  # fmt: skip
    for joint, parent, level in chain:
        joints[joint] = joints[parent] + turns[:, level] @ _BONES[joint]


def _place_pair(joints: dict[str, np.ndarray], joint: str, places: Float[np.ndarray, "frames 2 3"]) -> None:
    """The left and the right joint of a name."""
    joints[f"left_{joint}"], joints[f"right_{joint}"] = places[:, 0], places[:, 1]


def _place_legs(joints: dict[str, np.ndarray], track: Pose, ankles: Vectors, toes: Vectors) -> None:
    """Knees, ankles and toes, by inverse kinematics from the hips to the ankles."""
    hips = np.stack([joints["left_hip"], joints["right_hip"]], axis=1)
    facing = (_sides(track, "foot_yaw") + np.asarray(track.yaw)[:, None]) / 2 + _sides(track, "knee") * _OUTWARD
    line = _turned(ankles - hips, -facing)
    line /= np.linalg.norm(line, axis=-1, keepdims=True)
    # Forward (+z), carried along by the shortest turn from a hanging leg to this one: up for a leg that kicks forward.
    pole = np.array([0.0, 0.0, 1.0]) - (line[..., 2] / (1.0001 - line[..., 1]))[..., None] * (line - [0.0, 1.0, 0.0])
    knees, reached = _two_bones(hips, ankles, _LEGS, _turned(pole, facing))
    _place_pair(joints, "knee", knees)
    _place_pair(joints, "ankle", reached)
    _place_pair(joints, "foot", toes + (reached - ankles))


def _place_arms(joints: dict[str, np.ndarray], track: Pose, chest: Float[np.ndarray, "frames 3 3"]) -> None:
    """Shoulders, elbows and wrists: by angles, and by inverse kinematics where a hand reaches for a point."""
    upper, fore = _arm_directions(track)
    shoulders = _shoulders(joints, chest, upper)
    elbows = shoulders + _rotated(chest, upper * _ARMS[:, :1])
    wrists = elbows + _rotated(chest, fore * _ARMS[:, 1:])
    reach = _sides(track, "reach")[..., None]
    if reach.any():
        goal = wrists + reach * (_hands(track) - wrists)
        reached = _two_bones(shoulders, goal, _ARMS, elbows - shoulders)
        elbows, wrists = np.where(reach > 0, reached[0], elbows), np.where(reach > 0, reached[1], wrists)
    _place_pair(joints, "shoulder", shoulders)
    _place_pair(joints, "elbow", elbows)
    _place_pair(joints, "wrist", wrists)


def _arm_directions(track: Pose) -> tuple[Vectors, Vectors]:
    """Unit vectors (frames, 2, 3) along the upper arms and the forearms, in the chest's frame."""
    swing, spread, turn, elbow = (np.radians(_sides(track, name)) for name in ("swing", "spread", "turn", "elbow"))
    elbow = np.maximum(elbow, 0.0)  # sway may not bend a straight arm backward
    upper = np.stack([np.sin(spread), -np.cos(spread) * np.cos(swing), np.cos(spread) * np.sin(swing)], axis=-1)
    inside = np.stack([np.zeros_like(swing), np.sin(swing), np.cos(swing)], axis=-1)
    bent = np.cos(turn)[..., None] * inside + np.sin(turn)[..., None] * np.cross(inside, upper)
    fore = np.cos(elbow)[..., None] * upper + np.sin(elbow)[..., None] * bent
    outward = np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
    return upper * outward, fore * outward


def _shoulders(joints: dict[str, np.ndarray], chest: Float[np.ndarray, "frames 3 3"], upper: Vectors) -> Vectors:
    """Shoulders (frames, 2, 3); the collar bones rise with the arms, without which a raised arm looks too short."""
    rise = np.clip((upper[..., 1] + 0.2) / 1.2, 0.0, 1.0)
    angle = _SHRUG * rise * rise * (3 - 2 * rise) * _OUTWARD
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, z = np.stack([_BONES["left_shoulder"], _BONES["right_shoulder"]], axis=1)
    raised = np.stack([cos * x - sin * y, sin * x + cos * y, np.broadcast_to(z, cos.shape)], axis=-1)
    collars = np.stack([joints["left_collar"], joints["right_collar"]], axis=1)
    shoulders: np.ndarray = collars + _rotated(chest, raised)
    return shoulders


def _hands(track: Pose) -> Float[np.ndarray, "frames 2 3"]:
    """The points that the hands reach for, in the world."""
    ahead = np.stack([_sides(track, "hand_x"), _sides(track, "hand_y"), _sides(track, "hand_z")], axis=-1)
    pelvis = np.stack([track.x, np.zeros_like(track.x), track.z], axis=-1)
    hands: np.ndarray = _turned(ahead, np.asarray(track.yaw)[:, None]) + pelvis[:, None]
    return hands
