"""Where the floor is: the height at which the lowest joint of a figure comes to rest."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["floor_height"]

_RESTING = 0.2
"""Metres a second: a joint rests while it is slower."""
_BAND = 0.05
"""Metres within which resting heights are one floor."""
_SHARE = 0.15
"""Least share of the resting frames that a floor holds: fewer are a dip or a glitch."""
_KERNEL = 0.025
"""Metres around an estimate whose mean is the next one."""
_BELOW, _SUNK = 3.0, 0.03
"""At most this percentage of all frames lies more than so many metres below the floor."""


def floor_height(smooth: Float[np.ndarray, "frames joints 3"], fps: float) -> float:
    """Height of the floor, metres, from smoothed positions.

    The lowest height at which the lowest joint of the body rests for a while, and then the mean height of all joints
    that rest there. All joints count, so a figure that lies, or stands on its hands, is not pushed through the floor; a
    figure in the air does not rest, so a jump does not lift it.
    """
    heights = smooth[..., 1]
    low = heights.min(axis=1)
    resting = np.ones(heights.shape, dtype=bool)
    if len(low) > 2:
        velocity = np.gradient(smooth, axis=0) * fps
        resting = np.einsum("fji,fji->fj", velocity, velocity) < _RESTING**2
    lowest = resting[np.arange(len(low)), heights.argmin(axis=1)]
    start = _lowest_cluster(np.sort(low[lowest] if lowest.sum() >= 3 else low))
    joints = heights[resting & (np.abs(heights - start) < 2 * _KERNEL)]
    floor = _centre(joints, start) if len(joints) >= 3 else start
    return min(floor, float(np.percentile(low, _BELOW)) + _SUNK)


def _lowest_cluster(heights: Float[np.ndarray, " n"]) -> float:
    """Centre of the lowest heights that lie close together and are no mere dip; ``heights`` are sorted."""
    needed = max(1, round(_SHARE * len(heights)))
    while True:
        within = np.searchsorted(heights, heights + _BAND, side="right") - np.arange(len(heights))
        start = int(within.argmax())
        centre = _centre(heights, float(heights[start : start + int(within[start])].mean()))
        below = int(np.searchsorted(heights, centre - _BAND))
        if below < needed:
            return centre
        heights = heights[:below]


def _centre(heights: Float[np.ndarray, " n"], start: float) -> float:
    """Where the mean of the heights around a place is that place (mean shift)."""
    for _ in range(50):
        near = heights[np.abs(heights - start) <= _KERNEL]
        better = float(near.mean()) if len(near) else start
        if abs(better - start) < 1e-7:
            break
        start = better
    return start
