"""Feet that stand are held where they stand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.motion.cleaning.contacts import runs_of, smoothed
from chronomotion.motion.cleaning.knees import bend_directions, bent
from chronomotion.motion.cleaning.legs import Leg
from chronomotion.motion.cleaning.root import SLIDE
from chronomotion.motion.layout import Layout
from chronomotion.motion.rotation import normalise

__all__ = ["LIMIT", "HeldFeet", "held"]

LIMIT = 0.15
"""Metres by which no joint is moved farther."""
_BLEND = 0.25
"""Seconds before and after a run over which its correction comes and goes: 5 frames at 20 fps."""
_LIFT = 0.03
"""Metres by which a foot that does not stand is lifted out of the floor at most."""


@dataclass(frozen=True, eq=False)
class _Run:
    """Frames in which one heel or toe stands, and where."""

    first: int
    after: int
    place: Float[np.ndarray, " 3"]


@dataclass(frozen=True, eq=False)
class _Stance:
    """The runs of one leg."""

    leg: Leg
    heel: tuple[_Run, ...]
    toe: tuple[_Run, ...]
    carried: Float[np.ndarray, "frames 3"]
    """Directions in which the knee bends where the leg is straight."""

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.heel) + len(self.toe)

    def without(self, frames: Bool[np.ndarray, " frames"]) -> _Stance:
        """The runs that lie in none of these frames, and the parts of others that do not; places stay."""
        return replace(self, heel=_cut(self.heel, frames), toe=_cut(self.toe, frames))

    def touched(self, frames: Bool[np.ndarray, " frames"]) -> int:
        """How many runs lie in any of these frames."""
        return sum(bool(frames[run.first : run.after].any()) for run in (*self.heel, *self.toe))


@dataclass(frozen=True, eq=False)
class HeldFeet:
    """A body after its feet are held."""

    positions: Float[np.ndarray, "frames joints 3"]
    held: int
    """Runs in which a heel or toe stands and is held."""
    let_go: int
    """Runs that are not held, or not all the way: they slide too far, or a joint would move farther than the limit."""


def held(
    positions: Float[np.ndarray, "frames joints 3"],
    legs: tuple[Leg, Leg],
    stands: Bool[np.ndarray, "frames 4"],
    layout: Layout,
    fps: float,
) -> HeldFeet:
    """The body with its feet held where they stand; floor at 0, bones of one length.

    ``stands`` says for the heels and toes in which frames. A toe is held and takes the foot along, so the heel may rise
    over it; a heel that stands too is held as well. What both feet have in common moves the whole body, smoothly; legs
    bend for the rest. Runs that slide more than :data:`SLIDE` are let go, and so are frames in which a joint would move
    by more than :data:`LIMIT`, a blend's length to either side.
    """
    stances, slid = [], 0
    for leg in legs:
        stance = _Stance(
            leg,
            _runs(positions[:, leg.heel], stands[:, leg.column], fps),
            _runs(positions[:, leg.toe], stands[:, leg.column + 1], fps, on_floor=True),
            bend_directions(positions, leg, layout, fps),
        )
        slid += sum(len(list(runs_of(stands[:, leg.column + place]))) for place in (0, 1)) - stance.runs
        stances.append(stance)
    count = sum(stance.runs for stance in stances)
    blend = max(1, round(_BLEND * fps))
    wide = np.zeros(len(positions), dtype=bool)
    left = stances
    while True:
        moved = _moved(positions, left, blend, fps)
        far = np.linalg.norm(moved - positions, axis=-1).max(axis=1) > LIMIT
        if not far.any() or not any(stance.runs for stance in left):
            break
        wide |= np.convolve(far, np.ones(2 * blend + 1))[blend : blend + len(far)] > 0
        left = [stance.without(wide) for stance in stances]
    cut = sum(stance.touched(wide) for stance in stances)
    return HeldFeet(moved, count - cut, slid + cut)


def _runs(
    track: Float[np.ndarray, "frames 3"], mask: Bool[np.ndarray, " frames"], fps: float, *, on_floor: bool = False
) -> tuple[_Run, ...]:
    """Runs of a mask with the median place of the track, ``on_floor`` or not below it; no run that slides."""
    smooth, runs = smoothed(track, fps), []
    for first, after in runs_of(mask):
        place = np.median(track[first:after], axis=0)
        away = smooth[first:after, [0, 2]] - place[[0, 2]]
        if np.linalg.norm(away, axis=1).max() <= SLIDE:
            place[1] = 0 if on_floor else max(place[1], 0)
            runs.append(_Run(first, after, place))
    return tuple(runs)


def _cut(runs: tuple[_Run, ...], frames: Bool[np.ndarray, " frames"]) -> tuple[_Run, ...]:
    return tuple(
        _Run(run.first + first, run.first + after, run.place)
        for run in runs
        for first, after in runs_of(~frames[run.first : run.after])
    )


def _moved(
    positions: Float[np.ndarray, "frames joints 3"], stances: list[_Stance], blend: int, fps: float
) -> Float[np.ndarray, "frames joints 3"]:
    """The body with its feet held in these runs."""
    common = _common(positions, stances, blend, fps)
    moved: np.ndarray = positions + common[:, None]
    for stance in stances:
        _put_leg(moved, stance, blend, common[:, 1])
    return moved


def _common(
    positions: Float[np.ndarray, "frames joints 3"], stances: list[_Stance], blend: int, fps: float
) -> Float[np.ndarray, "frames 3"]:
    """What all feet that stand lack alike, smoothed: the root is off there, not the legs."""
    total, weights = np.zeros((len(positions), 3)), np.full(len(positions), 1e-9)
    for stance in stances:
        toe, toe_weight = _corrections(positions[:, stance.leg.toe], stance.toe, blend)
        heel, heel_weight = _corrections(positions[:, stance.leg.heel], stance.heel, blend)
        # Weighted corrections fade twice, so that a foot that comes down takes over from the other without a step.
        total += toe * toe_weight[:, None] + heel * heel_weight[:, None]
        weights += toe_weight + heel_weight
    return smoothed(total / np.maximum(weights, 1)[:, None], fps)


def _put_leg(
    moved: Float[np.ndarray, "frames joints 3"], stance: _Stance, blend: int, raised: Float[np.ndarray, " frames"]
) -> None:
    """Put one leg, in place, so that its foot stays in its runs; elsewhere it keeps its height, though the body was
    ``raised``."""
    leg = stance.leg
    heel, toe, ankle = moved[:, leg.heel].copy(), moved[:, leg.toe].copy(), moved[:, leg.ankle].copy()
    shift, weight = _corrections(toe, stance.toe, blend)
    extra, heel_weight = _corrections(heel + shift, stance.heel, blend)
    shift[:, 1] -= (1 - np.maximum(weight, heel_weight)) * raised
    beyond = shift + (1 - weight)[:, None] * extra
    beyond[:, 1] += np.clip(-(toe + beyond)[:, 1], 0, _LIFT)
    near = shift + extra
    near[:, 1] += np.clip(-(heel + near)[:, 1], 0, _LIFT)
    # Where both stand the toe stays in its place, and the heel keeps its distance from it.
    line = heel + near - toe - beyond
    length = np.linalg.norm(heel - toe, axis=1) / np.maximum(np.linalg.norm(line, axis=1), 1e-9)
    near += (weight * (length - 1))[:, None] * line
    foot = [moved[:, joint].copy() for joint in leg.foot]
    moved[:, leg.knee], moved[:, leg.ankle] = bent(moved, leg, ankle + near, stance.carried)
    above, before, passed = leg.ankle, ankle, leg.heel == leg.ankle
    for joint, seen in zip(leg.foot, foot, strict=True):
        wanted = seen + (beyond if passed else near)
        bone = np.linalg.norm(seen - before, axis=1)[:, None]
        moved[:, joint] = moved[:, above] + bone * normalise(wanted - moved[:, above])
        above, before, passed = joint, seen, passed or joint == leg.heel


def _corrections(
    track: Float[np.ndarray, "frames 3"], runs: tuple[_Run, ...], blend: int
) -> tuple[Float[np.ndarray, "frames 3"], Float[np.ndarray, " frames"]]:
    """(what to add to a joint's track so that it stays in each run, weight of the run it is from).

    Around a run the correction comes and goes by smoothstep; between runs that are very close it goes over from one to
    the other.
    """
    change, weight = np.zeros_like(track), np.zeros(len(track))
    for run in runs:
        change[run.first : run.after] = run.place - track[run.first : run.after]
        weight[run.first : run.after] = 1
    bounds: tuple[_Run | None, ...] = (None, *runs, None)
    for before, then in itertools.pairwise(bounds):
        end = 0 if before is None else before.after
        start = len(track) if then is None else then.first
        gap = start - end
        if before is not None and then is not None and gap <= blend // 2 + 1:
            share = _eased(np.arange(1, gap + 1) / (gap + 1))[:, None]
            change[end:start] = (1 - share) * change[end - 1] + share * change[start]
            weight[end:start] = 1
            continue
        length = min(gap if before is None or then is None else gap // 2, blend)
        fade = 1 - _eased(np.arange(1, length + 1) / (length + 1))
        if before is not None:
            change[end : end + length] = fade[:, None] * change[end - 1]
            weight[end : end + length] = fade
        if then is not None:
            change[start - length : start] = fade[::-1, None] * change[start]
            weight[start - length : start] = fade[::-1]
    return change, weight


def _eased(share: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Smoothstep."""
    eased: np.ndarray = share**2 * (3 - 2 * share)
    return eased
