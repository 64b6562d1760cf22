"""Made-up figures whose feet go where they are told, and the field's measure of skating."""

from __future__ import annotations

import numpy as np

from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D
from walker import standing

LEFT, RIGHT = (1, 4, 7, 10), (2, 5, 8, 11)
UPPER = [0, 3, 6, 9, *range(12, 22)]


def stepping(root: np.ndarray, left: np.ndarray, right: np.ndarray, fps: float = 20.0) -> Motion:
    """A standing body carried by ``root`` (frames, 3), ankles moved by ``left`` and ``right`` (frames, 3) from where
    they stand; knees bend forward, feet stay parallel to the floor."""
    rest = standing()
    rest[[4, 5], 2] = 0.1
    positions = np.repeat(rest[None], len(root), axis=0) + root[:, None]
    for leg, ways in ((LEFT, left), (RIGHT, right)):
        hip, knee, ankle, toe = leg
        thigh, shank = np.linalg.norm(rest[knee] - rest[hip]), np.linalg.norm(rest[ankle] - rest[knee])
        ankles = rest[ankle] + ways
        for frame in range(len(root)):
            line = ankles[frame] - positions[frame, hip]
            apart = np.linalg.norm(line)
            assert apart < thigh + shank
            along = (apart**2 + thigh**2 - shank**2) / (2 * apart)
            aside = np.array([0, 0, 1.0]) - line * line[2] / apart**2
            aside *= np.sqrt(thigh**2 - along**2) / np.linalg.norm(aside)
            positions[frame, knee] = positions[frame, hip] + line * along / apart + aside
        positions[:, ankle], positions[:, toe] = ankles, ankles + rest[toe] - rest[ankle]
    return Motion(positions, fps, name="stepping")


def skating(motion: Motion) -> float:
    """Share of steps in which a toe below 5 cm is faster than .5 m/s, in the step and in the mean of five (GMD)."""
    skates = np.zeros(motion.frames - 1, dtype=bool)
    for toe in (10, 11):
        track = motion.positions[:, toe].astype(np.float64)
        speed = np.linalg.norm(np.diff(track[:, [0, 2]], axis=0), axis=1) * motion.fps
        mean = np.convolve(np.pad(speed, 2, mode="edge"), np.ones(5) / 5, mode="valid")
        skates |= (np.maximum(track[1:, 1], track[:-1, 1]) < 0.05) & (speed > 0.5) & (mean > 0.5)
    return float(skates.mean())


def toe_speed(motion: Motion) -> float:
    """Mean speed along the floor, metres a second, of toes below 5 cm."""
    steps = np.diff(motion.positions[:, [10, 11]].astype(np.float64), axis=0)[..., [0, 2]]
    near = (motion.positions[1:, [10, 11], 1] < 0.05) & (motion.positions[:-1, [10, 11], 1] < 0.05)
    return float(np.linalg.norm(steps, axis=-1)[near].mean() * motion.fps)


def bones(motion: Motion) -> np.ndarray:
    """Bone lengths in metres: (frames, joints - 1)."""
    above = list(HUMANML3D.parents[1:])
    return np.linalg.norm(motion.positions[:, 1:].astype(np.float64) - motion.positions[:, above], axis=-1)
