"""Feet that stand are held where they stand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.motion.cleaning.contacts import runs_of, smoothed
from chronomotion.motion.cleaning.knees import bend_directions, bent
from chronomotion.motion.cleaning.legs import Leg
from chronomotion.motion.cleaning.root import SLIDE
from chronomotion.motion.layout import Layout
from chronomotion.motion.rotation import normalise

__all__ = ["LIMIT", "HeldLeg", "held"]

LIMIT = 0.15
"""Metres by which no joint is moved farther."""
_BLEND = 0.25
"""Seconds before and after a run over which its correction comes and goes: 5 frames at 20 fps."""
_TOE = 0.01
"""Metres above the floor where the middle of a toe may rest."""
_LIFT = 0.03
"""Metres by which a foot that does not stand is lifted out of the floor at most."""


@dataclass(frozen=True, eq=False)
class HeldLeg:
    """A leg after its foot is held."""

    positions: Float[np.ndarray, "frames joints 3"]
    """Of the whole body; joints that are not below the hip are as before."""
    held: int
    """Runs in which a heel or toe stands and is held."""
    let_go: int
    """Runs that are not held, or not all the way: they slide too far, or a joint would move farther than the limit."""


def held(
    positions: Float[np.ndarray, "frames joints 3"],
    leg: Leg,
    stands: Bool[np.ndarray, "frames 2"],
    layout: Layout,
    fps: float,
) -> HeldLeg:
    """One leg with its foot held where it stands; floor at 0, bones of one length.

    ``stands`` says for heel and toe in which frames. A toe is held and takes the foot along, so the heel may rise over
    it; a heel that stands too is held as well. Runs that slide more than :data:`SLIDE` are let go, and so are frames in
    which a joint would move by more than :data:`LIMIT`, a blend's length to either side.
    """
    stands = stands.copy()
    before = [len(list(runs_of(stands[:, place]))) for place in (0, 1)]
    for place, joint in enumerate((leg.heel, leg.toe)):
        _let_slides_go(stands[:, place], smoothed(positions[:, joint], fps))
    whole = sum(len(list(runs_of(stands[:, place]))) for place in (0, 1))
    carried = bend_directions(positions, leg, layout, fps)
    blend = max(1, round(_BLEND * fps))
    cut: set[tuple[int, int]] = set()
    first_runs = [(place, run) for place in (0, 1) for run in runs_of(stands[:, place])]
    while True:
        moved = _moved(positions, leg, stands, carried, blend)
        far = np.linalg.norm(moved - positions, axis=-1).max(axis=1) > LIMIT
        if not far.any() or not stands.any():
            break
        wide = np.convolve(far, np.ones(2 * blend + 1), mode="same")[: len(far)] > 0
        cut |= {
            (place, first)
            for place, (first, after) in first_runs
            if (stands[first:after, place] & wide[first:after]).any()
        }
        stands[wide] = False
    return HeldLeg(moved, whole - len(cut), sum(before) - whole + len(cut))


def _let_slides_go(stands: Bool[np.ndarray, " frames"], track: Float[np.ndarray, "frames 3"]) -> None:
    """Strike out, in place, the runs in which a joint is farther than the limit from the middle of its places."""
    for first, after in runs_of(stands):
        flat = track[first:after, [0, 2]]
        if np.linalg.norm(flat - np.median(flat, axis=0), axis=1).max() > SLIDE:
            stands[first:after] = False


def _moved(
    positions: Float[np.ndarray, "frames joints 3"],
    leg: Leg,
    stands: Bool[np.ndarray, "frames 2"],
    carried: Float[np.ndarray, "frames 3"],
    blend: int,
) -> Float[np.ndarray, "frames joints 3"]:
    """The body with one leg's foot held in these frames."""
    heel, toe = positions[:, leg.heel], positions[:, leg.toe]
    shift, weight = _corrections(toe, stands[:, 1], blend, _TOE)
    extra, _ = _corrections(heel + shift, stands[:, 0], blend, None)
    beyond = shift + (1 - weight)[:, None] * extra
    beyond[:, 1] += np.clip(-(toe + beyond)[:, 1], 0, _LIFT)
    near = shift + extra
    near[:, 1] += np.clip(-(heel + near)[:, 1], 0, _LIFT)
    moved = positions.copy()
    moved[:, leg.knee], moved[:, leg.ankle] = bent(positions, leg, positions[:, leg.ankle] + near, carried)
    above = leg.ankle
    passed = leg.heel == leg.ankle
    for joint in leg.foot:
        wanted = positions[:, joint] + (beyond if passed else near)
        length = np.linalg.norm(positions[:, joint] - positions[:, above], axis=1)[:, None]
        moved[:, joint] = moved[:, above] + length * normalise(wanted - moved[:, above])
        above, passed = joint, passed or joint == leg.heel
    return moved


def _corrections(
    track: Float[np.ndarray, "frames 3"], mask: Bool[np.ndarray, " frames"], blend: int, highest: float | None
) -> tuple[Float[np.ndarray, "frames 3"], Float[np.ndarray, " frames"]]:
    """(what to add to a joint's track so that it stays in each run, weight of the run it is from).

    The place of a run is the median of its track, on the floor or up to ``highest`` above it. Around a run the
    correction comes and goes by smoothstep; between runs that are close it goes over from one to the other.
    """
    change, weight = np.zeros_like(track), np.zeros(len(track))
    runs = list(runs_of(mask))
    for first, after in runs:
        place = np.median(track[first:after], axis=0)
        place[1] = np.clip(place[1], 0, highest)
        change[first:after] = place - track[first:after]
        weight[first:after] = 1
    edges = [(0, 0), *runs, (len(track), len(track))]
    for number, ((_, end), (start, _)) in enumerate(itertools.pairwise(edges)):
        opening, closing = number == 0, number == len(edges) - 2
        gap = start - end
        if not gap:
            continue
        if not opening and not closing and gap < 2 * blend:
            share = _eased(np.arange(1, gap + 1) / (gap + 1))[:, None]
            change[end:start] = (1 - share) * change[end - 1] + share * change[start]
            weight[end:start] = 1
            continue
        fade = 1 - _eased(np.arange(1, min(gap, blend) + 1) / (blend + 1))
        if not opening:
            change[end : end + len(fade)] += fade[:, None] * change[end - 1]
            weight[end : end + len(fade)] += fade
        if not closing:
            change[start - len(fade) : start] += fade[::-1, None] * change[start]
            weight[start - len(fade) : start] += fade[::-1]
    return change, np.minimum(weight, 1)


def _eased(share: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Smoothstep."""
    eased: np.ndarray = share**2 * (3 - 2 * share)
    return eased
