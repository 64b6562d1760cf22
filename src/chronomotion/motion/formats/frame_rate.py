"""Frames per second: from the rounded seconds per frame in the file, or from the caller where those are impossible."""

from __future__ import annotations

import math
from typing import Literal

from chronomotion.errors import FormatError

__all__ = ["is_believable", "rate_of_step", "rate_of_take"]

_COMMON: tuple[float, ...] = (
    120, 30, 60, 24, 25, 50, 100, 20, 90, 72, 48, 15, 240, 12.5, 10, 29.97, 59.94, 23.976, 119.88, 144, 150, 200, 250,
    75, 12, 40, 80, 300, 360, 500,
)  # fmt: skip
"""Rates in use, the usual ones first."""
_TOLERANCE = 2e-4
"""A step with many digits stands for a rate in use when it is as near as this to it, as a ratio."""
_ROUNDED, _CUT = 0.101, 0.045
"""How far, as a ratio, rounding or cutting to two or three digits may take a step away from its rate."""
_BELIEVABLE = (4.5, 2000.0)
"""Frames per second that a recording may have. Programs without a rate write 1."""


def rate_of_step(step: float) -> float:
    """The frame rate that a step in seconds stands for.

    Files round the step, so .0333333, .0333 and .033 all mean 30: of the rates in use that round to the step, at as
    many digits as it has, the most usual one is meant.
    """
    rate = 1 / step
    nearest = min(_COMMON, key=lambda common: abs(common - rate))
    if abs(nearest * step - 1) < 1e-9:
        return float(nearest)
    digits = len(repr(step).partition(".")[2])
    rounded = [common for common in _COMMON if round(1 / common, digits) == step]
    cut = [common for common in _COMMON if _cut(1 / common, digits) == step]
    for meant, farthest in ((rounded, _ROUNDED), (cut, _CUT)):
        if meant and abs(meant[0] / rate - 1) <= farthest:
            return float(meant[0])
    return float(nearest) if abs(nearest - rate) <= _TOLERANCE * nearest else rate


def _cut(step: float, digits: int) -> float:
    """A step whose further digits were left off, not rounded."""
    scale = float(10**digits)
    return round(math.floor(step * scale) / scale, digits)


def is_believable(rate: float) -> bool:
    """True for a rate that a recording may have."""
    return _BELIEVABLE[0] <= rate <= _BELIEVABLE[1]


def rate_of_take(
    stated: float | None, frames: int, fps: float | None, where: str, *, usual: bool = False
) -> tuple[float, Literal["file", "format", "caller"], str]:
    """(rate, its source, doubt) of a take; the doubt is "" where there is none.

    ``stated`` is the file's own rate, None where it states none; with ``usual`` it is only what files of its format
    mostly have. ``fps``, the caller's, counts where the file states none, a usual or an unbelievable one.
    Raises FormatError when there is no rate at all, or the caller's is not possible.
    """
    if fps is not None and not (math.isfinite(fps) and fps > 0):
        raise FormatError(f"a frame rate of {fps} is not possible: give a positive number", where)
    if fps is not None and (stated is None or usual or not is_believable(stated)):
        return float(fps), "caller", ""
    if stated is None:
        raise FormatError("the file states no frame rate: give it with --fps (for example --fps 30)", where)
    if not is_believable(stated):
        doubt = (
            f"an unusual frame rate: the file states {stated:.4g} a second, so that its {frames} frames last "
            f"{frames / stated:.4g} s; if that is wrong, give the rate with --fps (for example --fps 30)"
        )
        return stated, "file", doubt
    if fps is not None and abs(fps / stated - 1) > 1e-3:
        doubt = (
            f"two frame rates: the file states {stated:g} a second, which is kept; --fps {fps:g} is used "
            "only where a file states none or an impossible one"
        )
        return stated, "file", doubt
    return stated, "format" if usual else "file", ""
