"""Curves over time: through key poses, from rest to rest, and slow sway."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural.pose import Pose

__all__ = ["FPS", "GRAVITY", "bump", "clock", "ease", "flight", "keyed", "pulse", "sway"]

FPS = 20.0
GRAVITY = 9.81

Curve = Float[np.ndarray, " frames"]


def clock(duration: float) -> Curve:
    """Times of the frames of a clip, seconds."""
    times: Curve = np.arange(round(duration * FPS)) / FPS
    return times


def ease(times: Curve, start: float, end: float) -> Curve:
    """0 until ``start``, 1 from ``end`` on, and the minimum-jerk curve between (Flash and Hogan 1985)."""
    u = np.clip((times - start) / (end - start), 0.0, 1.0)
    curve: Curve = u**3 * (10 - 15 * u + 6 * u**2)
    return curve


def bump(times: Curve, start: float, end: float) -> Curve:
    """Half a sine: 0 outside of (start, end), 1 in the middle. Leaves 0 at once, as a foot leaves the floor."""
    u = np.clip((times - start) / (end - start), 0.0, 1.0)
    curve: Curve = np.sin(np.pi * u)
    return curve


def pulse(times: Curve, rise: tuple[float, float], fall: tuple[float, float]) -> Curve:
    """0, then up to 1 between the two times of ``rise``, then down to 0 between the two of ``fall``."""
    curve: Curve = ease(times, *rise) * (1 - ease(times, *fall))
    return curve


def flight(times: Curve, start: float, height: float) -> Curve:
    """Height above the take-off of a body in free flight that rises ``height`` metres."""
    airborne = np.clip(times - start, 0.0, 2 * np.sqrt(2 * height / GRAVITY))
    curve: Curve = np.sqrt(2 * GRAVITY * height) * airborne - GRAVITY / 2 * airborne**2
    return curve


def keyed(times: Curve, keys: Sequence[tuple[float, Pose]]) -> Pose:
    """A movement through key poses (seconds, pose), at rest at both ends.

    Each channel is a monotone cubic (Fritsch and Carlson 1980): no overshoot, and a channel is constant
    between two equal keys, so a planted foot does not slide.
    """
    at = np.array([time for time, _ in keys])
    values = np.array([pose for _, pose in keys], dtype=np.float64)
    gaps = np.diff(at)[:, None]
    slopes = np.diff(values, axis=0) / gaps
    tangents = np.zeros_like(values)
    before, after = slopes[:-1], slopes[1:]
    same = before * after > 0
    weighted = (2 * gaps[1:] + gaps[:-1]) * after + (gaps[1:] + 2 * gaps[:-1]) * before
    tangents[1:-1] = np.where(same, 3 * (gaps[1:] + gaps[:-1]) * before * after / np.where(same, weighted, 1.0), 0.0)
    return Pose(*_hermite(times, at, values, tangents).T)


def _hermite(
    times: Curve, at: np.ndarray, values: np.ndarray, tangents: np.ndarray
) -> Float[np.ndarray, "frames channels"]:
    """Cubics through values with given tangents, held before the first and after the last key."""
    piece = np.clip(np.searchsorted(at, times, side="right") - 1, 0, len(at) - 2)
    gap = (at[piece + 1] - at[piece])[:, None]
    u = np.clip((times - at[piece])[:, None] / gap, 0.0, 1.0)
    curves: np.ndarray = (
        (1 + 2 * u) * (1 - u) ** 2 * values[piece]
        + u * (1 - u) ** 2 * gap * tangents[piece]
        + u**2 * (3 - 2 * u) * values[piece + 1]
        - u**2 * (1 - u) * gap * tangents[piece + 1]
    )
    return curves


_SWAY = {
    "x": 0.006, "z": 0.006, "height": 0.002, "yaw": 1.2, "pitch": 0.8, "roll": 0.5,
    "bend": 1.5, "lean": 1.0, "twist": 1.5, "nod": 3.0, "tilt": 2.0, "look": 4.0,
    "left_swing": 2.5, "left_spread": 1.5, "left_turn": 4.0, "left_elbow": 3.5,
    "right_swing": 2.5, "right_spread": 1.5, "right_turn": 4.0, "right_elbow": 3.5,
}  # fmt: skip
"""Amplitude of the sway of each channel; the feet have none."""


def sway(pose: Pose, times: Curve, rng: np.random.Generator) -> Pose:
    """The movement with slow random oscillations (0.15 to 0.7 Hz) on top, so that no body stands perfectly still."""
    amplitude = np.array(list(_SWAY.values()))[:, None] * rng.normal(size=(len(_SWAY), 2)) * rng.uniform(0.3, 0.8)
    frequency = rng.uniform(0.15, 0.7, size=(len(_SWAY), 2))
    phase = rng.uniform(0, 2 * np.pi, size=(len(_SWAY), 2))
    waves = np.sin(2 * np.pi * frequency[..., None] * times + phase[..., None])
    added = dict(zip(_SWAY, (amplitude[..., None] * waves).sum(1), strict=True))
    return pose._replace(**{name: getattr(pose, name) + wave for name, wave in added.items()})
