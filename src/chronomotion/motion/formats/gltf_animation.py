"""Animations of a glTF file: curves of keys for places, rotations and scales of nodes, sampled at a steady rate."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.frame_rate import rate_of_step
from chronomotion.motion.formats.gltf_accessors import Accessors, index_of
from chronomotion.motion.formats.limits import MAX_FRAMES, check_count
from chronomotion.motion.rotation import normalise

__all__ = ["Curve", "curves_of", "frame_times"]

_USUAL_RATE = 30.0
_SLOWEST = 10.0
"""Keys per second below which keys are hand-set poses, not frames."""
_UNEVEN = 0.05
"""Share of a step by which the keys of frames may stray from their time: files hold seconds in single precision."""
_WIDTHS = {"translation": 3, "rotation": 4, "scale": 3}
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class Curve:
    """One property of one node over time: keys, and how to go from one to the next."""

    node: int
    path: str
    """"translation", "rotation" (quaternions, w last) or "scale"."""
    times: Float[np.ndarray, " keys"]
    values: Float[np.ndarray, "keys parts width"]
    """One part, or three with CUBICSPLINE: the tangent before, the value, the tangent after."""
    way: str

    def at(self, seconds: Float[np.ndarray, " frames"]) -> Float[np.ndarray, "frames width"]:
        """Values at these times; before the first key and after the last one they stay."""
        last = len(self.times) - 1
        low = np.clip(np.searchsorted(self.times, seconds + _NEAR, side="right") - 1, 0, last)
        high = np.minimum(low + 1, last)
        span = self.times[high] - self.times[low]
        share = np.clip((seconds - self.times[low]) / np.where(span > 0, span, 1), 0, 1)[:, None]
        if self.way == "CUBICSPLINE":
            values = self._spline(low, high, span[:, None], share)
        elif self.way == "STEP":
            values = self.values[low, 0]
        elif self.path == "rotation":
            values = _turned(self.values[low, 0], self.values[high, 0], share)
        else:
            values = self.values[low, 0] * (1 - share) + self.values[high, 0] * share
        return normalise(values) if self.path == "rotation" else values

    def _spline(self, low: Any, high: Any, span: Any, share: Any) -> Float[np.ndarray, "frames width"]:
        """Hermite's cubic between keys, as the specification of glTF has it; tangents are per second."""
        square, cube = share**2, share**3
        values: Float[np.ndarray, "frames width"] = (
            (2 * cube - 3 * square + 1) * self.values[low, 1]
            + (cube - 2 * square + share) * span * self.values[low, 2]
            + (3 * square - 2 * cube) * self.values[high, 1]
            + (cube - square) * span * self.values[high, 0]
        )
        return values


def curves_of(animation: Any, accessors: Accessors, nodes: int, where: str) -> list[Curve]:
    """The curves of an animation that move nodes; those that change shapes are passed over.

    Raises FormatError at ``where`` when a channel or its keys are not what they should be.
    """
    curves = []
    for channel in animation.channels:
        path = channel.target.path
        if path not in _WIDTHS or channel.target.node is None:
            continue
        node = index_of(channel.target.node, nodes, "node", where)
        sampler = animation.samplers[index_of(channel.sampler, len(animation.samplers), "sampler", where)]
        way = sampler.interpolation or "LINEAR"
        if way not in ("LINEAR", "STEP", "CUBICSPLINE"):
            raise FormatError(f"keys joined by {str(way)[:20]!r}, which is not known", where)
        times, values = accessors.numbers(sampler.input), accessors.numbers(sampler.output)
        parts = 3 if way == "CUBICSPLINE" else 1
        if times.shape[1] != 1 or values.shape != (parts * len(times), _WIDTHS[path]):
            raise FormatError(f"{len(times)} keys, but {values.shape} values for a {path}", where)
        if not np.isfinite(times).all() or not np.isfinite(values).all() or (np.diff(times[:, 0]) < 0).any():
            raise FormatError(f"the keys of a {path} are not finite, or do not follow one another in time", where)
        curves.append(Curve(node, path, times[:, 0], values.reshape(len(times), parts, -1), way))
    return curves


def frame_times(curves: Iterable[Curve], where: str) -> tuple[Float[np.ndarray, " frames"], float, bool]:
    """(seconds of the frames, frames a second, whether the file says so): from the first key to the last.

    The rate is that of the curve with most keys where they are steady, else 30.
    """
    kept = list(curves)
    densest = max(kept, key=lambda curve: len(curve.times)).times
    start = min(float(curve.times[0]) for curve in kept)
    end = max(float(curve.times[-1]) for curve in kept)
    rate = _steady_rate(densest)
    fps = rate or _USUAL_RATE
    if not (end - start) * fps < MAX_FRAMES:
        check_count(math.ceil(min((end - start) * fps, 1e15)), MAX_FRAMES, "frames", where)
    count = math.floor((end - start) * fps + 2 * _UNEVEN) + 1
    return start + np.arange(count) / fps, fps, rate is not None


def _steady_rate(times: Float[np.ndarray, " keys"]) -> float | None:
    """Frames a second of keys that follow one another steadily, as frames do; None for others."""
    if len(times) < 3 or not times[-1] > times[0]:
        return None
    step = float(times[-1] - times[0]) / (len(times) - 1)
    steady = times[0] + step * np.arange(len(times))
    if np.abs(times - steady).max() > _UNEVEN * step or 1 / step < _SLOWEST:
        return None
    return rate_of_step(step)


def _turned(
    first: Float[np.ndarray, "frames 4"], second: Float[np.ndarray, "frames 4"], share: Float[np.ndarray, "frames 1"]
) -> Float[np.ndarray, "frames 4"]:
    """Rotations at a share of the shorter way from one to the other, at a steady speed."""
    first, second = normalise(first), normalise(second)
    cosine = np.sum(first * second, axis=-1, keepdims=True)
    second = np.where(cosine < 0, -second, second)
    angle = np.arccos(np.clip(np.abs(cosine), 0, 1))
    sine = np.sin(angle)
    small = sine < _NEAR
    safe = np.where(small, 1, sine)
    before = np.where(small, 1 - share, np.sin((1 - share) * angle) / safe)
    after = np.where(small, share, np.sin(share * angle) / safe)
    turned: Float[np.ndarray, "frames 4"] = before * first + after * second
    return turned
