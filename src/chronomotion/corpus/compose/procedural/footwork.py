"""Footwork: feet that stand still, or swing from one place to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural.pose import Pose
from chronomotion.corpus.compose.procedural.timing import bump, ease

__all__ = ["Step", "stepped"]


@dataclass(frozen=True)
class Step:
    """One foot leaves the floor at ``start`` and stands at (x, z, yaw) from ``end`` on, seconds, metres, degrees."""

    foot: str
    """"left" or "right"."""
    start: float
    end: float
    x: float
    z: float
    yaw: float
    lift: float = 0.08


def stepped(pose: Pose, times: Float[np.ndarray, " frames"], steps: Sequence[Step]) -> Pose:
    """The movement with the feet starting where they are at the first frame, and taking steps in the order given.

    A foot moves over the floor only in the air: its height leaves 0 at once, its way begins and ends softly.
    """
    track = {f"{side}_foot_lift": np.zeros_like(times) for side in ("left", "right")}
    stands: dict[str, float] = {}
    for side in ("left", "right"):
        for axis in ("x", "z", "yaw"):
            channel = f"{side}_foot_{axis}"
            stands[channel] = float(np.ravel(getattr(pose, channel))[0])
            track[channel] = np.full_like(times, stands[channel])
    for step in steps:
        share = ease(times, step.start, step.end)
        for axis, target in (("x", step.x), ("z", step.z), ("yaw", step.yaw)):
            channel = f"{step.foot}_foot_{axis}"
            track[channel] += share * (target - stands[channel])
            stands[channel] = target
        track[f"{step.foot}_foot_lift"] += step.lift * bump(times, step.start, step.end)
    return pose._replace(**track)
