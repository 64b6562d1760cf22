"""A simple walking figure for tests of pictures."""

from __future__ import annotations

import numpy as np

from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

_STANDING = {
    "pelvis": (0.0, 0.94, 0.0), "spine1": (0.0, 1.05, 0.0), "spine2": (0.0, 1.18, 0.0), "spine3": (0.0, 1.24, 0.0),
    "neck": (0.0, 1.45, 0.0), "head": (0.0, 1.54, 0.03), "hip": (0.07, 0.86, 0.0), "knee": (0.1, 0.49, 0.02),
    "ankle": (0.1, 0.08, 0.0), "foot": (0.1, 0.02, 0.13), "collar": (0.08, 1.36, 0.0), "shoulder": (0.18, 1.38, 0.0),
    "elbow": (0.21, 1.13, -0.02), "wrist": (0.22, 0.89, 0.05),
}  # fmt: skip


def standing() -> np.ndarray:
    """A person who stands and faces +z, left hand at +x: (22, 3)."""
    places = []
    for name in HUMANML3D.joints:
        side, _, limb = name.partition("_")
        x, y, z = _STANDING[limb or name]
        places.append((-x if side == "right" else x, y, z))
    return np.array(places)


def walking(
    frames: int = 40, speed: float = 1.2, fps: float = 20.0, direction: tuple[float, float] = (0.0, 1.0)
) -> Motion:
    """Someone who walks in a straight line, legs and arms swinging."""
    at = np.arange(frames) / fps
    bodies = np.repeat(standing()[None], frames, axis=0)
    for joint, name in enumerate(HUMANML3D.joints):
        swing = 0.4 * np.sin(2 * np.pi * at) * (-1 if name.startswith("right") else 1)
        if name.endswith(("knee", "ankle", "foot")):
            bodies[:, joint, 2] += swing * (0.86 - standing()[joint, 1])
        if name.endswith(("elbow", "wrist")):
            bodies[:, joint, 2] -= swing * (1.38 - standing()[joint, 1])
    bodies[..., 2] += (at * speed)[:, None]
    return Motion(bodies, fps, name="walking")
