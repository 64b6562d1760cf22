"""A figure that glides: its root is slowed where the foot it stands on slides."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.motion.cleaning.contacts import runs_of, smoothed
from chronomotion.motion.cleaning.legs import Leg

__all__ = ["SLIDE", "root_shift"]

SLIDE = 0.10
"""Metres that a foot may slide while it stands, before the root is slowed or the foot is let go."""


def root_shift(
    smooth: Float[np.ndarray, "frames joints 3"],
    legs: tuple[Leg, Leg],
    stands: Bool[np.ndarray, "frames 4"],
    glides: Bool[np.ndarray, "frames 4"],
    fps: float,
) -> tuple[Float[np.ndarray, "frames 3"], int]:
    """(horizontal way by which the whole figure is moved in each frame, number of runs that were slowed).

    In a run in which a foot slides by more than :data:`SLIDE`, the root is moved against the slide, and all that comes
    after is moved along. A foot that stays decides: where one foot stands still the figure does not glide, whatever the
    other foot does (a shuffle, a moonwalk).
    """
    (first, left_slides, left_stands, left_runs), (second, right_slides, right_stands, right_runs) = (
        _slips(smooth, leg, stands, glides) for leg in legs
    )
    both = left_stands & right_stands
    slower = np.einsum("fi,fi->f", first, first) <= np.einsum("fi,fi->f", second, second)
    slip = np.where(np.where(both, slower, left_stands)[:, None], first, second)
    glide = np.where(both, left_slides & right_slides, left_slides | right_slides)
    if not glide.any():
        return np.zeros_like(slip), 0
    return np.cumsum(smoothed(np.where(glide[:, None], -slip, 0.0), fps), axis=0), left_runs + right_runs


def _slips(
    smooth: Float[np.ndarray, "frames joints 3"],
    leg: Leg,
    stands: Bool[np.ndarray, "frames 4"],
    glides: Bool[np.ndarray, "frames 4"],
) -> tuple[Float[np.ndarray, "frames 3"], Bool[np.ndarray, " frames"], Bool[np.ndarray, " frames"], int]:
    """Of one leg: (step of the foot into each frame, frames of runs that slide too far, frames that stand, runs)."""
    heel, toe = (stands[:, place] | glides[:, place] for place in (leg.column, leg.column + 1))
    way = np.zeros((len(smooth), 3))
    # The toe decides where both stand: the heel comes up first.
    for mask, joint in ((heel, leg.heel), (toe, leg.toe)):
        step = np.zeros_like(way)
        step[1:, [0, 2]] = np.diff(smooth[:, joint][:, [0, 2]], axis=0)
        way[mask] = step[mask]
    down = heel | toe
    slides, runs = np.zeros_like(down), 0
    for first, after in runs_of(down):
        place = np.cumsum(way[first + 1 : after], axis=0)
        if len(place) and np.linalg.norm(place, axis=1).max() > SLIDE:
            slides[first:after] = True
            runs += 1
    return way, slides, down, runs
