"""Two-bone inverse kinematics: where the knee goes when the ankle is moved."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.motion.cleaning.contacts import smoothed
from chronomotion.motion.cleaning.legs import Leg, pelvis_axes
from chronomotion.motion.layout import Layout
from chronomotion.motion.rotation import inverse, normalise, rotate, shortest_arc

__all__ = ["bend_directions", "bent"]

_BENT = 0.03
"""Metres from the line between hip and ankle at which the plane of a knee is its own; below, less and less so."""
_FORWARD = 0.02
"""Weight, in metres of bend, of the direction in which knees bend."""
_MOVED = 0.005
"""Metres by which an ankle moves until the carried plane counts in full, so that nothing moves without a reason."""
_DOWN = np.array([0.0, -1.0, 0.0])


def bend_directions(
    positions: Float[np.ndarray, "frames joints 3"], leg: Leg, layout: Layout, fps: float
) -> Float[np.ndarray, "frames 3"]:
    """Unit directions in which a knee bends, carried over straight phases.

    The bend of the neighbouring frames, seen from the pelvis along the leg and weighted by how far the knee is bent,
    together with a little of forward, where nothing else is known.
    """
    axes = pelvis_axes(positions, layout)
    axis, bend = _bend(positions, leg)
    local = np.einsum("fba,fb->fa", axes, axis)
    swing = shortest_arc(np.broadcast_to(_DOWN, local.shape), local)
    seen = rotate(inverse(swing), np.einsum("fba,fb->fa", axes, bend))
    carried = smoothed(smoothed(smoothed(seen, fps), fps), fps) + np.array([0.0, 0.0, _FORWARD])
    carried[:, 1] = 0
    return np.asarray(np.einsum("fab,fb->fa", axes, rotate(swing, normalise(carried))))


def bent(
    positions: Float[np.ndarray, "frames joints 3"],
    leg: Leg,
    ankles: Float[np.ndarray, "frames 3"],
    carried: Float[np.ndarray, "frames 3"],
) -> tuple[Float[np.ndarray, "frames 3"], Float[np.ndarray, "frames 3"]]:
    """(knees, ankles) with the ankles where they shall be, or as near as the leg reaches, and bones as long as before.

    A knee that is bent keeps its plane; ``carried`` are the directions for straight legs (:func:`bend_directions`).
    """
    hips, knees = positions[:, leg.hip], positions[:, leg.knee]
    thigh = np.linalg.norm(knees - hips, axis=1)
    shank = np.linalg.norm(positions[:, leg.ankle] - knees, axis=1)
    axis, bend = _bend(positions, leg)
    wanted = ankles - hips
    distance = np.linalg.norm(wanted, axis=1)
    unit = np.where((distance > 1e-9)[:, None], wanted / np.maximum(distance, 1e-9)[:, None], axis)
    reach = np.clip(distance, np.abs(thigh - shank), thigh + shank)
    along = (reach**2 + thigh**2 - shank**2) / np.maximum(2 * reach, 1e-9)
    aside = np.sqrt(np.maximum(thigh**2 - along**2, 0))

    size = np.linalg.norm(bend, axis=1)
    moved = np.linalg.norm(ankles - positions[:, leg.ankle], axis=1)
    straight = (1 - _eased(size / _BENT)) * np.minimum(moved / _MOVED, 1)
    plane = (1 - straight)[:, None] * bend / np.maximum(size, 1e-9)[:, None] + straight[:, None] * carried
    plane = rotate(shortest_arc(axis, unit), plane)
    plane = normalise(plane - np.einsum("fi,fi->f", plane, unit)[:, None] * unit)
    return hips + along[:, None] * unit + aside[:, None] * plane, hips + reach[:, None] * unit


def _bend(
    positions: Float[np.ndarray, "frames joints 3"], leg: Leg
) -> tuple[Float[np.ndarray, "frames 3"], Float[np.ndarray, "frames 3"]]:
    """(unit direction from hip to ankle, way from that line to the knee)."""
    hips, knees, ankles = (positions[:, joint] for joint in (leg.hip, leg.knee, leg.ankle))
    axis = normalise(ankles - hips)
    thigh = knees - hips
    return axis, thigh - np.einsum("fi,fi->f", thigh, axis)[:, None] * axis


def _eased(share: Float[np.ndarray, " frames"]) -> Float[np.ndarray, " frames"]:
    """Smoothstep."""
    share = np.clip(share, 0, 1)
    eased: np.ndarray = share**2 * (3 - 2 * share)
    return eased
