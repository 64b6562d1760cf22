"""When feet stand on the floor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.motion.cleaning.legs import Leg
from chronomotion.motion.layout import layout_of_width

__all__ = ["contacts_of", "planted", "runs_of", "smoothed"]

_SMOOTHING = 0.1
"""Seconds to either side over which positions are smoothed before speeds are taken from them."""
_SLOW, _FAST = 0.2, 0.4
"""Metres a second: a foot that stands is slower than the first, and stands until it is faster than the second."""
_GLIDING = 0.9
"""Metres a second up to which the published contact columns say that a foot rests (squared step < .002 at 20 fps)."""
_LOW, _RAISED = 0.03, 0.05
"""Height of a toe above the floor, metres, with the same two limits."""
_HEEL = 0.65
"""Height of a heel that rests, as a share of its distance from the toe, where the motion does not show it."""
_SHORTEST = 0.15
"""Seconds that a foot stands at least."""
_GLIDE = 0.25
"""Seconds that a foot glides at least."""


def contacts_of(features: Float[np.ndarray, "frames dim"]) -> Bool[np.ndarray, "frames 4"]:
    """The contact columns of features (263 or 251 numbers a frame): whether each foot joint rests.

    The columns are in the order of ``Layout.feet``: for HumanML3D left ankle, left toe, right ankle, right toe. The
    threshold is .5, for a decoder's columns are no whole numbers. Raises FormatError for rows of another width.
    """
    columns = layout_of_width(features.shape[1]).columns
    return np.asarray(features[:, columns.contacts] > 0.5)


def smoothed(positions: Float[np.ndarray, "frames *n"], fps: float) -> Float[np.ndarray, "frames *n"]:  # noqa: UP037
    """Positions smoothed by a triangle of a tenth of a second to either side; the ends are held."""
    half = max(1, round(_SMOOTHING * fps))
    weights = np.bartlett(2 * half + 3)[1:-1]
    weights /= weights.sum()
    padded = np.concatenate([positions[:1].repeat(half, axis=0), positions, positions[-1:].repeat(half, axis=0)])
    count = len(positions)
    total = np.zeros_like(positions)
    for at, weight in enumerate(weights):
        total += weight * padded[at : at + count]
    return total


def planted(
    smooth: Float[np.ndarray, "frames joints 3"],
    legs: tuple[Leg, Leg],
    fps: float,
    columns: Bool[np.ndarray, "frames 4"] | None,
) -> tuple[Bool[np.ndarray, "frames 4"], Bool[np.ndarray, "frames 4"]]:
    """(frames in which each foot joint stands, those in which it glides along the floor though it should stand).

    ``smooth`` are smoothed positions with the floor at 0. A joint stands while it is near the floor and slow;
    ``columns`` are what a model says of contacts, and a joint stands only where they agree. They cannot decide alone:
    as published, they hold for feet in the air and up to .9 m/s. A joint glides where the columns say that it rests,
    it is near the floor, faster than a foot that stands, and no joint of the other foot stands.
    """
    stands, near = np.zeros((len(smooth), 4), dtype=bool), np.zeros((len(smooth), 4), dtype=bool)
    speeds = np.zeros((len(smooth), 4))
    for leg in legs:
        for offset, joint in enumerate((leg.heel, leg.toe)):
            place = leg.column + offset
            speeds[:, place] = _speed(smooth[:, joint], fps)
    agreed = np.ones_like(stands) if columns is None else columns
    for leg in legs:
        toe, heel = leg.column + 1, leg.column
        rest = 0.0
        for place, joint in ((toe, leg.toe), (heel, leg.heel)):
            height, speed = smooth[:, joint, 1] - rest, speeds[:, place]
            near[:, place] = height < _RAISED
            kept = near[:, place] & (speed < _FAST) & agreed[:, place]
            stands[:, place] = _runs_with(kept, (height < _LOW) & (speed < _SLOW), fps, _SHORTEST)
            rest = _heel_height(smooth, leg, stands[:, toe])
    glides = np.zeros_like(stands)
    if columns is not None:
        for leg, other in (legs, legs[::-1]):
            free = ~stands[:, other.column : other.column + 2].any(axis=1)
            for place in (leg.column, leg.column + 1):
                maybe = columns[:, place] & near[:, place] & free & (speeds[:, place] < _GLIDING)
                glides[:, place] = _runs_with(maybe, speeds[:, place] >= _SLOW, fps, _GLIDE)
    return stands, glides


def runs_of(mask: Bool[np.ndarray, " frames"]) -> Iterator[tuple[int, int]]:
    """(first, after) of each run of frames in which the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return iter([(int(first), int(after)) for first, after in zip(edges[::2], edges[1::2], strict=True)])


def _runs_with(
    mask: Bool[np.ndarray, " frames"], needed: Bool[np.ndarray, " frames"], fps: float, seconds: float
) -> Bool[np.ndarray, " frames"]:
    """Runs of a mask that last so long and hold a frame in which ``needed`` holds too."""
    kept = np.zeros_like(mask)
    shortest = min(max(2, round(seconds * fps)), len(mask))
    for first, after in runs_of(mask):
        if after - first >= shortest and needed[first:after].any():
            kept[first:after] = True
    return kept


def _speed(track: Float[np.ndarray, "frames 3"], fps: float) -> Float[np.ndarray, " frames"]:
    """Speed of a joint in metres a second."""
    if len(track) < 2:
        return np.zeros(len(track))
    return np.asarray(np.linalg.norm(np.gradient(track, axis=0), axis=1) * fps)


def _heel_height(
    smooth: Float[np.ndarray, "frames joints 3"], leg: Leg, toe_stands: Bool[np.ndarray, " frames"]
) -> float:
    """Height of the heel when the foot is flat: the lower quarter of what is seen while the toe stands."""
    apart = float(np.median(np.linalg.norm(smooth[:, leg.toe] - smooth[:, leg.heel], axis=1)))
    seen = smooth[toe_stands, leg.heel, 1]
    return min(float(np.percentile(seen, 25)), apart) if len(seen) else _HEEL * apart
