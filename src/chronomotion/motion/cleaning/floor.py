"""Where the floor is: the height at which the lowest joint of a figure comes to rest."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["floor_height"]

_RESTING = 0.15
"""Metres a second: the lowest joint rests while its height changes more slowly."""
_BAND = 0.04
"""Metres within which resting heights are one floor."""
_SHARE = 0.15
"""Least share of the resting frames that a floor holds: fewer are a dip or a glitch."""
_KERNEL = 0.025
"""Metres around an estimate whose mean is the next one."""
_BELOW, _SUNK = 3.0, 0.02
"""At most this percentage of all frames lies more than so many metres below the floor."""


def floor_height(smooth: Float[np.ndarray, "frames joints 3"], fps: float) -> float:
    """Height of the floor, metres, from smoothed positions.

    The lowest height at which the lowest joint of the body rests for a while: the centre of that cluster, found by mean
    shift. All joints count, so a figure that lies, or stands on its hands, is not pushed through the floor; a figure in
    the air does not rest, so a jump does not lift it.
    """
    low = smooth[..., 1].min(axis=1)
    resting = low[np.abs(np.gradient(low)) * fps < _RESTING] if len(low) > 2 else low
    heights = np.sort(resting if len(resting) >= 3 else low)
    needed = max(1, min(len(heights), round(_SHARE * len(heights))))
    within = np.searchsorted(heights, heights + _BAND, side="right") - np.arange(len(heights))
    start = int(np.argmax(within >= needed))
    estimate = float(heights[start : start + int(within[start])].mean())
    for _ in range(50):
        near = heights[np.abs(heights - estimate) <= _KERNEL]
        better = float(near.mean()) if len(near) else estimate
        if abs(better - estimate) < 1e-7:
            break
        estimate = better
    return min(estimate, float(np.percentile(low, _BELOW)) + _SUNK)
