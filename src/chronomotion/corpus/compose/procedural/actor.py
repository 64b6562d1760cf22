"""Actor: the performer. All variation between performances is drawn from the actor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chronomotion.corpus.compose.procedural.pose import Number, Pose, mirrored
from chronomotion.corpus.compose.procedural.timing import clock, keyed

__all__ = ["Actor"]

_ARMS_AT_REST: tuple[dict[str, Number], ...] = tuple(
    {"left_spread": spread, "left_swing": swing, "left_turn": turn, "left_elbow": elbow}
    for spread, swing, turn, elbow in (
        (8, 0, -10, 15),
        (10, 0, -25, 30),
        (14, 0, 0, 8),
        (8, 2, -15, 60),
        (38, -22, -68, 102),  # hand on the hip
        (12, 8, -50, 75),  # hand before the belly
    )
)
_ODDS = (0.3, 0.2, 0.2, 0.1, 0.1, 0.1)
_RELAXED = 3
"""Number of rest poses, from the first, that leave an arm free to swing."""


@dataclass(frozen=True)
class Actor:
    """A person with a stance (``rest``) and a pace (``tempo``: above 1 is slower)."""

    rng: np.random.Generator
    rest: Pose
    tempo: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Actor:
        """A random actor."""
        stance, depth, toes = rng.uniform(0.08, 0.15), rng.uniform(-0.05, 0.05), rng.uniform(2, 14)
        rest = Pose(
            height=-rng.uniform(0.008, 0.03),
            pitch=rng.uniform(-1, 3),
            bend=rng.uniform(-2, 8),
            nod=rng.uniform(-4, 10),
            left_foot_x=stance,
            right_foot_x=-stance,
            left_foot_z=depth,
            right_foot_z=-depth,
            left_foot_yaw=toes,
            right_foot_yaw=-toes,
        )
        arms = rng.choice(len(_ARMS_AT_REST), p=_ODDS)
        rest = _with_arms(rest, int(arms), int(arms if rng.random() < 0.7 else rng.choice(len(_ARMS_AT_REST), p=_ODDS)))
        return cls(rng, rest, float(rng.uniform(0.85, 1.2)))

    @property
    def relaxed(self) -> Pose:
        """The stance, with arms that hang freely."""
        return _with_arms(self.rest, *(int(kind) for kind in self.rng.integers(_RELAXED, size=2)))

    def draw(self, low: Number, high: Number) -> float:
        """A random number between two."""
        return float(self.rng.uniform(low, high))

    def act(self, *keys: tuple[float, Pose]) -> Pose:
        """A movement through key poses (seconds at tempo 1, pose), each part at a slightly different pace."""
        gaps = np.diff([0.0] + [time for time, _ in keys]) * self.tempo * self.rng.uniform(0.92, 1.08, size=len(keys))
        times = np.cumsum(gaps).tolist()
        return keyed(clock(times[-1] + 0.05), list(zip(times, (pose for _, pose in keys), strict=True)))


def _with_arms(pose: Pose, left: int, right: int) -> Pose:
    """The pose with arms at rest, by their number."""
    right_set = mirrored(mirrored(pose)._replace(**_ARMS_AT_REST[right]))
    return right_set._replace(**_ARMS_AT_REST[left])
