"""Frames a second from the rounded seconds a frame that files state."""

from __future__ import annotations

__all__ = ["rate_of_step"]

_COMMON = (120, 30, 60, 24, 25, 50, 100, 20, 90, 72, 48, 15, 240, 12.5, 10, 29.97, 59.94, 23.976, 119.88, 150, 200, 250)
_TOLERANCE = 2e-4
_COARSE = {0.033: 30.0, 0.017: 60.0, 0.0167: 60.0, 0.008: 120.0, 0.0083: 120.0, 0.042: 24.0}
"""Steps that writers with two or three significant digits leave behind."""


def rate_of_step(step: float) -> float:
    """The frame rate that a step in seconds stands for.

    Files round the step (0.0333333, 0.00833333), so a step within 0.02 % of a rate in use means that rate.
    """
    if step in _COARSE:
        return _COARSE[step]
    rate = 1 / step
    nearest = min(_COMMON, key=lambda common: abs(common - rate))
    return float(nearest) if abs(nearest - rate) <= _TOLERANCE * nearest else rate
