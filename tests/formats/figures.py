"""Figures that move smoothly, upright, with bones of constant length: what they do is known to the last digit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from rigs_in_the_wild import REST

from chronomotion.motion.formats.kinematics import euler_rotations, forward_kinematics
from chronomotion.motion.skeleton import HUMANML3D

PARENTS = HUMANML3D.parents
JOINTS = HUMANML3D.joints


@dataclass
class Figure:
    """Offsets, and a rotation matrix for each joint in each frame; y up, metres."""

    seed: int = 0
    frames: int = 31
    fps: float = 30.0
    offsets: np.ndarray = field(init=False)
    turns: np.ndarray = field(init=False)
    path: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        rest = np.array([REST[joint] for joint in JOINTS])
        self.offsets = rest - rest[[max(parent, 0) for parent in PARENTS]]
        time = np.arange(self.frames)[:, None, None] / self.fps
        wave = np.sin(2 * np.pi * (rng.uniform(0.2, 0.8, (22, 3)) * time + rng.uniform(0, 1, (22, 3))))
        swing = np.where([joint in ("pelvis", "spine1", "spine2", "spine3") for joint in JOINTS], 8.0, 35.0)
        self.turns = euler_rotations("ZXY", wave * swing[:, None])
        self.path = rest[0] + np.stack([0 * time[:, 0, 0], 0 * time[:, 0, 0], time[:, 0, 0]], axis=1)

    @property
    def positions(self) -> np.ndarray:
        """Where the joints are: (frames, 22, 3)."""
        translations = np.repeat(self.offsets[None], self.frames, axis=0)
        translations[:, 0] = self.path
        return forward_kinematics(PARENTS, translations, self.turns)

    @property
    def times(self) -> np.ndarray:
        return np.arange(self.frames) / self.fps
