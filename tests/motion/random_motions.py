"""Made-up people who walk about and wave everything: motions for the tests of geometry."""

from __future__ import annotations

import numpy as np

from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import about_y, normalise, rotate
from chronomotion.motion.skeleton import HUMANML3D, Skeleton

FPS = {"humanml3d": 20.0, "kitml": 12.5}


def random_motion(seed: int, skeleton: Skeleton = HUMANML3D, frames: int = 40, turning: float = 0.05) -> Motion:
    """A body of random proportions that sways, walks and turns smoothly; heights and bones are plausible in metres.

    It faces any direction at first, and turns by about ``turning`` radians a frame.
    """
    rng = np.random.default_rng(seed)
    down = np.array([0, -1.0, 0])
    directions = {"left": np.array([1.0, 0, 0]), "right": np.array([-1.0, 0, 0]), "middle": np.array([0, 1.0, 0])}
    side = dict.fromkeys(range(len(skeleton)), "middle")
    for left, right in skeleton.pairs:
        side[left], side[right] = "left", "right"
    positions = np.zeros((frames, len(skeleton), 3))
    for parent, joint in skeleton.bones:
        first_of_limb = side[parent] == "middle"
        rest = directions[side[joint]] if first_of_limb else down
        # Hips and shoulders are tilted a little only, and shoulders are the wider; everything else swings.
        sway = _smooth(rng, frames) * (0.1 if first_of_limb else 0.3)
        span = (0.08, 0.12) if parent == 0 and side[joint] != "middle" else (0.2, 0.3)
        positions[:, joint] = positions[:, parent] + rng.uniform(*span) * normalise(rest + sway)
    heading = rng.uniform(-np.pi, np.pi) + np.cumsum(turning * (1 + _smooth(rng, frames)[:, 0]))
    path = np.cumsum(0.03 * _smooth(rng, frames), axis=0) + rng.normal(size=3)
    positions = rotate(about_y(heading)[:, None], positions) + path[:, None]
    return Motion(positions, FPS[skeleton.name], skeleton, name=f"random {seed}")


def standing(frames: int, skeleton: Skeleton = HUMANML3D) -> Motion:
    """A symmetric body that stands still and faces +z: shoulders wider than hips, arms and legs straight down."""
    positions = np.zeros((len(skeleton), 3))
    side = {left: 1.0 for left, _ in skeleton.pairs} | {right: -1.0 for _, right in skeleton.pairs}
    for parent, joint in skeleton.bones:
        if joint not in side:
            bone = [0, 0.15, 0]
        elif parent not in side:
            bone = [side[joint] * (0.1 if parent == 0 else 0.2), 0, 0]
        else:
            bone = [0, -0.4, 0]
        positions[joint] = positions[parent] + bone
    positions[:, 1] -= positions[:, 1].min()
    return Motion(np.repeat(positions[None], frames, axis=0), FPS[skeleton.name], skeleton, "standing")


def moved(motion: Motion, angle: float, x: float, z: float) -> Motion:
    """The whole motion turned about the vertical and moved along the floor."""
    positions = rotate(about_y(np.array([angle]))[:, None], motion.positions.astype(np.float64))
    return Motion(positions + np.array([x, 0, z]), motion.fps, motion.skeleton, motion.name)


def _smooth(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Three smooth random curves of about unit size: (frames, 3)."""
    time = np.arange(frames)[:, None] / 20
    waves = rng.uniform([0.2, 0.2, 0], [0.6, 1.5, 6], size=(3, 3, 3)).transpose(0, 2, 1)
    return np.sum([size * np.sin(2 * np.pi * rate * time + phase) for size, rate, phase in waves], axis=0)
