"""A camera that looks at a moving target, and the three-quarter view of a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import Skeleton

__all__ = ["Camera", "facing", "followed_path", "three_quarter_yaw"]

THREE_QUARTER = np.radians(43.0)
"""Angle between the facing direction and the camera: both sides of the body and the stride are visible."""


@dataclass(frozen=True)
class Camera:
    """A camera at ``distance`` metres from its target, turned by ``yaw`` about y (0: from +z) and raised by ``pitch``.

    The target lands on pixel ``centre`` (x, y), where a metre measures ``scale`` pixels. Angles in radians.
    """

    yaw: float
    pitch: float
    distance: float
    scale: float
    centre: tuple[float, float]

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """Unit vectors to the right of the picture, up in it, and out of it towards the camera, as rows."""
        right = np.array([np.cos(self.yaw), 0.0, -np.sin(self.yaw)])
        level = np.cos(self.pitch)
        towards = np.array([np.sin(self.yaw) * level, np.sin(self.pitch), np.cos(self.yaw) * level])
        return np.stack([right, np.cross(towards, right), towards])

    def project(
        self, points: Float[np.ndarray, "*batch 3"], target: Float[np.ndarray, "*target 3"]
    ) -> Float[np.ndarray, "*batch 4"]:
        """Points in metres to x, y (down) in pixels, depth behind the target in pixels, and pixels per metre there."""
        in_view = (points - target) @ self.axes.T
        # The lower bound avoids a division by zero for points at the camera or behind it.
        zoom = self.scale * self.distance / np.maximum(self.distance - in_view[..., 2], 0.05 * self.distance)
        x, y = self.centre[0] + in_view[..., 0] * zoom, self.centre[1] - in_view[..., 1] * zoom
        return np.stack([x, y, -in_view[..., 2] * self.scale, zoom], axis=-1)


def _across(skeleton: Skeleton) -> list[tuple[int, int]]:
    """The pairs of joints whose line runs across the trunk: hips and shoulders by name, else every pair."""
    pairs = [p for p in skeleton.pairs if any(word in skeleton.joints[p[0]].lower() for word in ("hip", "shoulder"))]
    return pairs or list(skeleton.pairs)


def facing(motion: Motion) -> Float[np.ndarray, "frames 3"]:
    """Horizontal unit vector of the facing direction at every frame (+z where it is undefined)."""
    pairs = _across(motion.skeleton)
    left, right = [p[0] for p in pairs], [p[1] for p in pairs]
    across = (motion.positions[:, left] - motion.positions[:, right]).sum(axis=1).astype(np.float64)
    forward = np.stack([-across[:, 2], np.zeros(motion.frames), across[:, 0]], axis=-1)
    length = np.linalg.norm(forward, axis=-1, keepdims=True)
    return np.where(length > 1e-6, forward / np.maximum(length, 1e-6), np.array([0.0, 0.0, 1.0]))


def three_quarter_yaw(motion: Motion) -> float:
    """Yaw of a camera in front of the person, 43 degrees off their mean facing direction in the first half second."""
    forward = facing(motion)[: max(1, round(motion.fps / 2))].mean(axis=0)
    return float(np.arctan2(forward[0], forward[2]) - THREE_QUARTER)


def followed_path(motion: Motion, seconds: float = 0.4) -> Float[np.ndarray, "frames 3"]:
    """The root's path on the floor (y = 0), smoothed by a Gaussian of ``seconds``, for a camera that follows calmly."""
    path: Float[np.ndarray, "frames 3"] = motion.positions[:, 0].astype(np.float64) * np.array([1.0, 0.0, 1.0])
    reach = min(round(3 * seconds * motion.fps), 10_000)
    if reach < 1:
        return path
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (seconds * motion.fps)) ** 2)
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, axis], kernel / kernel.sum(), mode="valid") for axis in range(3)], axis=-1)
