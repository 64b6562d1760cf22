"""Figures that turn, lie, roll, stand on their hands and turn cartwheels, with rotations that are known."""

from __future__ import annotations

import numpy as np
from rigs_in_the_wild import REST

from chronomotion.motion.formats.kinematics import euler_rotations, forward_kinematics
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

JOINTS = HUMANML3D.joints


def curve(*keys: tuple[float, float], frames: int, fps: float = 20.0) -> np.ndarray:
    """Angles through (second, degrees), eased between them."""
    time = np.arange(frames) / fps
    seconds, degrees = np.array(keys).T
    at = np.interp(time, seconds, np.arange(len(keys)))
    low = np.minimum(np.floor(at).astype(int), len(keys) - 2)
    share = at - low
    return degrees[low] + (degrees[low + 1] - degrees[low]) * share**2 * (3 - 2 * share)


class Acrobat:
    """A body in T-pose whose joints are turned by angles about X, Y and Z, y up, facing +z."""

    def __init__(self, frames: int, fps: float = 20.0) -> None:
        self.frames, self.fps = frames, fps
        rest = np.array([REST[joint] for joint in JOINTS])
        self.offsets = rest - rest[[max(parent, 0) for parent in HUMANML3D.parents]]
        self.turns = np.broadcast_to(np.eye(3), (frames, 22, 3, 3)).copy()
        self.path = np.repeat(rest[:1], frames, axis=0)

    def turn(self, joint: str, order: str, *angles: np.ndarray | float) -> Acrobat:
        """Turn a joint, after what it was turned before: ``order`` as in :func:`euler_rotations`."""
        degrees = np.stack([np.broadcast_to(angle, self.frames) for angle in angles], axis=1)
        at = JOINTS.index(joint)
        self.turns[:, at] = self.turns[:, at] @ euler_rotations(order, degrees)
        return self

    def arms(self, down: np.ndarray | float, elbow: np.ndarray | float, twist: np.ndarray | float = 0.0) -> Acrobat:
        """Both arms, alike: lowered from the T-pose, turned about themselves, elbows bent."""
        for side, sign in (("left", 1), ("right", -1)):
            self.turn(f"{side}_shoulder", "ZX", -sign * np.asarray(down), twist)
            self.turn(f"{side}_elbow", "Y", -sign * np.asarray(elbow))
        return self

    def legs(self, hip: np.ndarray | float, knee: np.ndarray | float, twist: np.ndarray | float = 0.0) -> Acrobat:
        """Both legs, alike: thighs forward, turned about themselves, knees bent."""
        for side, sign in (("left", 1), ("right", -1)):
            self.turn(f"{side}_hip", "XY", -np.asarray(hip), sign * np.asarray(twist))
            self.turn(f"{side}_knee", "X", knee)
        return self

    def world(self) -> np.ndarray:
        """Rotations in the world: (frames, 22, 3, 3)."""
        world = self.turns.copy()
        for parent, joint in HUMANML3D.bones:
            world[:, joint] = world[:, parent] @ world[:, joint]
        return world

    def motion(self) -> Motion:
        """Where the joints are."""
        offsets = np.repeat(self.offsets[None], self.frames, axis=0)
        offsets[:, 0] = self.path
        return Motion(forward_kinematics(HUMANML3D.parents, offsets, self.turns), self.fps, name="acrobat")


def waving(frames: int, seed: int = 0, fps: float = 20.0) -> Acrobat:
    """Arms and legs move smoothly; elbows and knees bend, stretch, and stretch a little too far."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / fps
    wave = [np.sin(2 * np.pi * (rng.uniform(0.2, 0.5) * time + rng.uniform())) for _ in range(8)]
    acrobat = Acrobat(frames, fps)
    acrobat.arms(45 + 50 * wave[0], 55 + 60 * wave[1], 30 * wave[2]).legs(15 + 40 * wave[3], 45 + 48 * wave[4])
    acrobat.turn("spine1", "Y", 10 * wave[5]).turn("spine2", "Y", 10 * wave[5]).turn("neck", "XY", 15 * wave[6], 20.0)
    return acrobat
