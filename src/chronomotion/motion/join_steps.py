"""How far the joins of a cut motion are from what the motion itself does.

Every figure compares a join with the *pace* of the take that was cut: the 99th percentile of the take's own steps. A
figure of 1 is a step that the take itself takes one time in a hundred.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.motion.joins import reordered
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import facing

__all__ = ["MEETING_SECONDS", "JoinStep", "JoinSteps", "local_poses", "pose_distance"]

MEETING_SECONDS = 0.25
"""Poses meet when the take itself moves as far in this time, which the shortest transition takes at 20 fps."""

_PACE = 99
"""Percentile of a take's own steps that stands for its pace."""

_STILL = 1e-3
"""Metres a frame: least pace of a take, so that noise of a take that stands still is no pace. 2 cm/s at 20 fps."""


@dataclass(frozen=True)
class JoinStep:
    """One join of a motion. Shares are of the take's own pace."""

    pose: float
    """Distance between the two poses that meet, in metres (:func:`pose_distance`)."""
    pose_share: float
    """``pose`` against the take's own pose distance over the time that the join takes."""
    speed_share: float
    """Fastest joint in the transition, frame to frame, against the fastest joint of the take."""
    acceleration_share: float
    """Largest change of a joint's velocity from frame to frame, in the transition and at both of its ends."""
    inserted: float
    """Seconds of inserted transition."""
    neighbours: bool
    """Whether the second event follows the first in the take, so that the join repeats one that happened."""
    meets: bool
    """Whether the take itself moves at least as far as ``pose`` within :data:`MEETING_SECONDS`."""


def local_poses(motion: Motion) -> Float[np.ndarray, "frames joints 3"]:
    """Positions with the root at the origin and the body facing +z: neither place, height nor heading counts."""
    positions = motion.positions.astype(np.float64)
    forward = facing(positions, layout_of(motion.skeleton))
    sin, cos = forward[:, None, 0], forward[:, None, 2]
    local = positions - positions[:, :1]
    x, z = local[..., 0], local[..., 2]
    return np.stack([cos * x - sin * z, local[..., 1], sin * x + cos * z], axis=-1)


def pose_distance(
    poses: Float[np.ndarray, "frames joints 3"], others: Float[np.ndarray, "frames joints 3"]
) -> Float[np.ndarray, " frames"]:
    """Largest distance of any joint between local poses, in metres: one hand that jumps is seen."""
    return np.asarray(np.linalg.norm(poses - others, axis=-1).max(axis=1))


class JoinSteps:
    """The steps at the joins of one take, cut at its event times and joined in any order.

    ``spans`` are the (start, end) of the events in seconds; every span holds two frames or more.
    """

    def __init__(self, motion: Motion, spans: Sequence[tuple[float, float]]) -> None:
        self._motion, self._spans = motion, spans
        self._poses = local_poses(motion)
        self._speed = _pace(_fastest(motion.positions, 1), 1)
        self._acceleration = _pace(_fastest(motion.positions, 2), 1)
        self._meeting = self._pose_pace(max(1, round(MEETING_SECONDS * motion.fps)))

    def of(self, order: Sequence[int]) -> list[JoinStep]:
        """The joins of the motion in this order of its events, as :func:`~chronomotion.motion.joins.reordered` makes
        them. Raises ValueError when ``order`` is not a permutation of the spans."""
        whole, spans = reordered(self._motion, self._spans, order)
        poses = local_poses(whole)
        return [
            self._step(whole, poses, round(end * whole.fps) - 1, round(start * whole.fps), order[place : place + 2])
            for place, ((_, end), (start, _)) in enumerate(itertools.pairwise(spans))
        ]

    def _step(self, whole: Motion, poses: np.ndarray, last: int, first: int, events: Sequence[int]) -> JoinStep:
        """The join between the frames ``last`` and ``first``."""
        frames = first - last
        pose = float(pose_distance(poses[last : last + 1], poses[first : first + 1])[0])
        around = whole.positions[max(last - 1, 0) : first + 2]
        return JoinStep(
            pose=pose,
            pose_share=pose / self._pose_pace(frames),
            speed_share=float(_fastest(whole.positions[last : first + 1], 1).max()) / self._speed,
            acceleration_share=float(_fastest(around, 2).max()) / self._acceleration,
            inserted=(frames - 1) / whole.fps,
            neighbours=events[1] == events[0] + 1,
            meets=pose <= self._meeting,
        )

    def _pose_pace(self, frames: int) -> float:
        """Pose distance that the take covers in so many frames; in its whole length where it is shorter."""
        frames = min(frames, len(self._poses) - 1)
        return _pace(pose_distance(self._poses[frames:], self._poses[:-frames]), frames)


def _fastest(positions: np.ndarray, order: int) -> Float[np.ndarray, " steps"]:
    """Largest step (``order`` 1) or change of step (2) of any joint, in metres, at each frame."""
    return np.asarray(np.linalg.norm(np.diff(positions.astype(np.float64), order, axis=0), axis=-1).max(axis=1))


def _pace(steps: Float[np.ndarray, " steps"], frames: int) -> float:
    return max(float(np.percentile(steps, _PACE)), _STILL * frames)
