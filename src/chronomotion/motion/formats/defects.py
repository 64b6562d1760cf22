"""What is wrong with a recording's motion: a T-pose before it begins, joints that jump, sides exchanged.

Nothing here changes a motion. A lead-in is cut when the caller asks for it; jumps are named and left as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.motion.rotation import normalise
from chronomotion.motion.skeleton import Skeleton

__all__ = ["Glitch", "find_glitches", "lead_in", "seems_mirrored", "spans"]

_JUMP, _LIVELY = 0.1, 200.0
"""A joint whose second difference is above 0.1 m plus what 200 m/s^2 (a hard punch) make between frames has jumped.
Clean CMU trials reach 0.09 m at 120 frames a second, damaged ones 1 m."""
_LEVEL = 30.0
"""Degrees by which the arms of a T-pose may lean."""
_HELD = 0.03
"""Metres by which a held pose may sway."""
_BLEND = 0.25
"""Seconds that a lead-in may take to blend into the motion."""
_BLEND_JOLT = 250.0
"""Acceleration, m/s^2, that no body reaches and a blend over a few frames does."""
_SHORTEST_HOLD = 0.2
"""Seconds that a T-pose is held for, when it is a lead-in without a jolt at its end."""


@dataclass(frozen=True)
class Glitch:
    """A joint that jumps: frames of the file, first and last, counted from 0."""

    joint: str
    first: int
    last: int

    def __str__(self) -> str:
        """Joint and frames in words."""
        return f"{self.joint} in frame{f' {self.first}' if self.first == self.last else f's {self.first}-{self.last}'}"


def find_glitches(
    positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton, fps: float, offset: int = 0
) -> tuple[Glitch, ...]:
    """Joints that jump away and back within a few frames, in order of time. ``offset`` is added to all frame numbers.

    A jump is taken against the joint above, so that a hip that jumps does not count against the knee, too.
    """
    if len(positions) < 3:
        return ()
    relative = positions.astype(np.float64)
    parents = np.array(skeleton.parents[1:])
    relative[:, 1:] = positions[:, 1:] - positions[:, parents]
    strays = np.linalg.norm(relative[2:] - 2 * relative[1:-1] + relative[:-2], axis=-1)
    jumps = np.zeros(positions.shape[:2], dtype=bool)
    jumps[1:-1] = strays > _JUMP + _LIVELY / fps**2
    glitches = [
        Glitch(skeleton.joints[joint], offset + first, offset + last)
        for joint in np.flatnonzero(jumps.any(axis=0))
        for first, last in spans(jumps[:, joint], gap=2)
    ]
    return tuple(sorted(glitches, key=lambda glitch: (glitch.first, glitch.last)))


def spans(marked: Bool[np.ndarray, " frames"], gap: int = 0) -> list[tuple[int, int]]:
    """(first, last) of every run of True; runs with at most ``gap`` False between them are one."""
    at = np.flatnonzero(marked)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > gap + 1)
    return list(zip(at[np.r_[0, breaks + 1]].tolist(), at[np.r_[breaks, len(at) - 1]].tolist(), strict=True))


def lead_in(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton, fps: float) -> int:
    """Frames at the start in which a T-pose is held and blended into the motion; 0 where there is none.

    The first frame must be a T-pose. It counts as a lead-in when the motion then starts with a jolt that no body makes
    (CMU's BVH release: one frame of T-pose, four of blending), or when it is held still for a while.
    """
    if len(positions) < 3 or not _is_t_pose(positions[0], skeleton):
        return 0
    pose = positions - positions[:, :1]
    away = np.linalg.norm(pose - pose[0], axis=-1).max(axis=1) > _HELD
    held = int(away.argmax()) if away.any() else 0
    jolts = np.linalg.norm(pose[2:] - 2 * pose[1:-1] + pose[:-2], axis=-1).max(axis=1) * fps**2 > _BLEND_JOLT
    last = held + max(2, round(_BLEND * fps))
    blend = np.flatnonzero(jolts[max(0, held - 2) : last]) + max(0, held - 2) + 1
    if len(blend):
        # Only the first run: a jolt after a pause belongs to the motion.
        breaks = np.flatnonzero(np.diff(blend) > 3)
        return int(blend[breaks[0] if len(breaks) else -1])
    return held if held >= _SHORTEST_HOLD * fps else 0


def _is_t_pose(pose: Float[np.ndarray, "joints 3"], skeleton: Skeleton) -> bool:
    """True where both arms are stretched out sideways, along the line of the shoulders."""
    places = {joint: pose[at] for at, joint in enumerate(skeleton.joints)}
    if "left_wrist" not in places:
        return False
    across = normalise(places["left_shoulder"] - places["right_shoulder"])
    bones = [
        sign * (places[f"{side}_{end}"] - places[f"{side}_{start}"])
        for side, sign in (("left", 1), ("right", -1))
        for start, end in (("shoulder", "elbow"), ("elbow", "wrist"))
    ]
    return bool((normalise(np.array(bones)) @ across > np.cos(np.radians(_LEVEL))).all())


def seems_mirrored(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton) -> bool:
    """True where the toes point backwards in nearly all frames: left and right exchanged, or left-handed axes."""
    sample = positions[:: max(1, len(positions) // 64)]
    at = skeleton.index
    up = sample[:, at("neck")] - sample[:, at("pelvis")]
    forward = np.cross(sample[:, at("left_hip")] - sample[:, at("right_hip")], up)
    left, right = (sample[:, at(f"{side}_foot")] - sample[:, at(f"{side}_ankle")] for side in ("left", "right"))
    toes = left + right
    return bool((np.sum(normalise(forward) * normalise(toes), axis=-1) < -0.3).mean() > 0.9)
