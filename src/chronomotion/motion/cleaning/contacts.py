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
_SLOW, _FAST = 0.25, 0.5
"""Metres a second: a foot surely stands while it is slower than the first, and never while faster than the second."""
_STEADY, _STRAY = 0.004, 0.02
"""Metres from its place within which a foot stands already, or still, though it is not surely slow: the first for a
foot that does not stray while it stands, the second at the most for one that does."""
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
    """Positions smoothed by a triangle of a tenth of a second to either side; the ends are mirrored."""
    half = max(1, round(_SMOOTHING * fps))
    weights = np.bartlett(2 * half + 3)[1:-1]
    weights /= weights.sum()
    padded = np.pad(positions, [(half, half)] + [(0, 0)] * (positions.ndim - 1), mode="symmetric")
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
    agreed = np.ones_like(stands) if columns is None else columns
    for leg in legs:
        rest, heel, toe = 0.0, leg.column, leg.column + 1
        for place, joint in ((toe, leg.toe), (heel, leg.heel)):
            height, speed = smooth[:, joint, 1] - rest, _speed(smooth[:, joint], fps)
            near[:, place], speeds[:, place] = height < _RAISED, speed
            maybe = near[:, place] & (speed < _FAST) & agreed[:, place]
            stands[:, place] = _standing(smooth[:, joint], maybe, (height < _LOW) & (speed < _SLOW), fps)
            rest = _heel_height(smooth, leg, stands[:, toe])
    glides = np.zeros_like(stands)
    if columns is not None:
        for leg, other in (legs, legs[::-1]):
            free = ~stands[:, other.column : other.column + 2].any(axis=1)
            for place in (leg.column, leg.column + 1):
                maybe = columns[:, place] & near[:, place] & free & (speeds[:, place] < _GLIDING)
                for first, after in _lasting(maybe, fps, _GLIDE):
                    glides[first:after, place] = True
    return stands, glides


def runs_of(mask: Bool[np.ndarray, " frames"]) -> Iterator[tuple[int, int]]:
    """(first, after) of each run of frames in which the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return iter([(int(first), int(after)) for first, after in zip(edges[::2], edges[1::2], strict=True)])


def _lasting(mask: Bool[np.ndarray, " frames"], fps: float, seconds: float) -> Iterator[tuple[int, int]]:
    """Runs of a mask that last so long, or as long as the motion."""
    shortest = min(max(2, round(seconds * fps)), len(mask))
    return iter([(first, after) for first, after in runs_of(mask) if after - first >= shortest])


def _standing(
    track: Float[np.ndarray, "frames 3"],
    maybe: Bool[np.ndarray, " frames"],
    surely: Bool[np.ndarray, " frames"],
    fps: float,
) -> Bool[np.ndarray, " frames"]:
    """Frames in which a joint stands: from where it surely does on, and before and after as far as it stays there."""
    stands = np.zeros_like(maybe)
    for first, after in runs_of(maybe):
        sure = first + np.flatnonzero(surely[first:after])
        if not len(sure):
            continue
        core = track[sure[0] : sure[-1] + 1]
        place = np.median(core, axis=0)
        stray = min(_STEADY + 2 * float(np.linalg.norm(core.std(axis=0))), _STRAY)
        away = np.linalg.norm(track[first:after] - place, axis=1) > stray
        begin = first + int(np.flatnonzero(away[: sure[0] - first])[-1:].sum() + away[: sure[0] - first].any())
        left = np.flatnonzero(away[sure[-1] - first :])
        end = int(sure[-1] + left[0]) if len(left) else after
        stands[begin : max(end, int(sure[-1]) + 1)] = True
    kept = np.zeros_like(maybe)
    for first, after in _lasting(stands, fps, _SHORTEST):
        kept[first:after] = True
    return kept


def _speed(track: Float[np.ndarray, "frames 3"], fps: float) -> Float[np.ndarray, " frames"]:
    """Speed of a joint in metres a second; the first and the last frame, with one neighbour, have that one's."""
    if len(track) < 3:
        return np.asarray(np.repeat(np.linalg.norm(track[-1] - track[0]) * fps, len(track)))
    return np.pad(np.linalg.norm(track[2:] - track[:-2], axis=1) * (fps / 2), 1, mode="edge")


def _heel_height(
    smooth: Float[np.ndarray, "frames joints 3"], leg: Leg, toe_stands: Bool[np.ndarray, " frames"]
) -> float:
    """Height of the heel when the foot is flat: the lower quarter of what is seen while the toe stands."""
    apart = float(np.median(np.linalg.norm(smooth[:, leg.toe] - smooth[:, leg.heel], axis=1)))
    seen = smooth[toe_stands, leg.heel, 1]
    return min(float(np.percentile(seen, 25)), apart) if len(seen) else _HEEL * apart
