"""Physical quality of motions, to the definitions that are in use. Real motions are not perfect: show them beside.

With positions in metres, y up, and a frame rate f:

- skating (GMD): toes are in contact in a frame where they are below 5 cm in it and in the next one; a foot skates where
  it is in contact, its horizontal speed is above .5 m/s, and so is the mean of the five frames around (frames beyond
  the ends count as 0); share of frames in which either foot skates;
- toe speed (Kimodo): speed, in three dimensions, of toes in contact;
- penetration, floating (PhysDiff): how far the lowest joint is below -5 mm, above +5 mm, else 0; mean over frames;
- jerk (FlowMDM): third difference of joint positions from FRAME to frame, its L1 norm, the largest of all joints. At
  joins: its mean course over 30 frames around all joins, and the peak of this course;
- bones: standard deviation of the length of each bone within a motion.

A frame of jerk is counted at the second of its four positions, so that the jerk of a jump between frames t and t + 1
lies around t.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.generation.records import PhysicalFigures
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion

__all__ = ["Floor", "Spans", "estimated_floor", "join_course", "joint_jerk", "physical_figures", "skating_ratio"]

Floor = Literal["zero", "estimated"]

Spans = Sequence[tuple[float, float]]
"""(start, end) of events in seconds, in order."""

CONTACT = 0.05
"""Metres below which a toe is on the floor."""
SKATING_SPEED = 0.5
SKATING_WINDOW = 5
TOLERANCE = 0.005
"""Metres by which the lowest joint may be off the floor."""
JOIN_FRAMES = 30
"""Frames of the course of jerk through a join, at 20 frames a second."""


def physical_figures(
    motions: Sequence[Motion], spans: Sequence[Spans | None] | None = None, *, floor: Floor = "zero"
) -> PhysicalFigures:
    """Physical figures of motions; ``spans`` say where the events of each are, where that is known.

    ``floor``: "zero" where the motions stand on y = 0 (features say where the floor is), "estimated" where each
    motion's feet have to tell (files of joints). Use one of them for all motions that are compared.
    Raises ValueError without motions, or for a motion of fewer than 4 frames.
    """
    if not motions:
        raise ValueError("no motion to measure")
    spans = [None] * len(motions) if spans is None else spans
    skating, depths, heights, jerks, bones, worst = [], [], [], [], [], []
    speeds: list[np.ndarray] = []
    at_joins, inside = [], []
    for motion, events in zip(motions, spans, strict=True):
        if motion.frames < 4:
            raise ValueError(f"motion {motion.name!r}: {motion.frames} frames, jerk needs at least 4")
        positions = motion.positions.astype(np.float64)
        if floor == "estimated":
            positions[..., 1] -= estimated_floor(motion)
        toes = positions[:, _toes(motion)]
        skating.append(skating_ratio(toes, motion.fps))
        speeds.append(_contact_speeds(toes, motion.fps))
        lowest = positions[..., 1].min(axis=1)
        depths.append(np.where(lowest < -TOLERANCE, -lowest, 0.0).mean())
        heights.append(np.where(lowest > TOLERANCE, lowest, 0.0).mean())
        jerk = joint_jerk(positions)
        jerks.append(jerk.mean())
        lengths = _bone_lengths(motion, positions).std(axis=0)
        bones.append(lengths.mean())
        worst.append(lengths.max())
        joins, middles = _centres(events, motion.fps)
        at_joins += list(_courses(jerk, joins))
        inside += list(_courses(jerk, middles)) if joins else []
    every = np.concatenate(speeds)
    return PhysicalFigures(
        motions=len(motions),
        floor=floor,
        skating=100 * float(np.mean(skating)),
        toe_speed=float(every.mean()) if len(every) else None,
        toe_speed_highest=float(every.max()) if len(every) else None,
        penetration=1000 * float(np.mean(depths)),
        floating=1000 * float(np.mean(heights)),
        jerk=float(np.mean(jerks)),
        joins=len(at_joins),
        jerk_joins=_peak(at_joins),
        jerk_inside=_peak(inside),
        bones=1000 * float(np.mean(bones)),
        bones_worst=1000 * float(np.mean(worst)),
    )


def skating_ratio(toes: Float[np.ndarray, "frames toes 3"], fps: float) -> float:
    """Share of frames in which a toe skates."""
    speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * fps
    sums = np.cumsum(np.pad(speed, ((SKATING_WINDOW // 2 + 1, SKATING_WINDOW // 2), (0, 0))), axis=0)
    around = (sums[SKATING_WINDOW:] - sums[:-SKATING_WINDOW]) / SKATING_WINDOW
    skates = _contact(toes) & (speed > SKATING_SPEED) & (around > SKATING_SPEED)
    return float(skates.any(axis=1).mean())


def joint_jerk(positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, " frames-3"]:
    """The largest jerk of any joint at each frame: the L1 norm of the third difference from frame to frame."""
    return np.asarray(np.abs(np.diff(positions, n=3, axis=0)).sum(axis=-1).max(axis=-1))


def join_course(jerk: Float[np.ndarray, " steps"], centre: int) -> Float[np.ndarray, " course"]:
    """The jerk of 30 frames around a frame; not a number beyond the ends of the motion."""
    frames = np.arange(centre - JOIN_FRAMES // 2, centre - JOIN_FRAMES // 2 + JOIN_FRAMES)
    inside = (frames >= 0) & (frames < len(jerk))
    return np.where(inside, jerk[np.clip(frames, 0, len(jerk) - 1)], np.nan)


def estimated_floor(motion: Motion) -> float:
    """The height of the floor, metres: the mean of the 25th to 50th percentiles of the lower foot's height.

    A foot that stands is lower than one that swings; the lowest quarter may be noise, or toes pressed into the floor.
    """
    lowest = np.sort(motion.positions[:, list(layout_of(motion.skeleton).feet), 1].min(axis=1).astype(np.float64))
    first, last = len(lowest) // 4, len(lowest) // 2
    return float(lowest[first : max(last, first + 1)].mean())


def _toes(motion: Motion) -> list[int]:
    """The two toe joints: of each foot the second one of the contact columns."""
    return list(layout_of(motion.skeleton).feet[1::2])


def _contact(toes: Float[np.ndarray, "frames toes 3"]) -> np.ndarray:
    low = toes[..., 1] < CONTACT
    return np.asarray(low[:-1] & low[1:])


def _contact_speeds(toes: Float[np.ndarray, "frames toes 3"], fps: float) -> Float[np.ndarray, " contacts"]:
    return np.asarray((np.linalg.norm(np.diff(toes, axis=0), axis=-1) * fps)[_contact(toes)])


def _bone_lengths(motion: Motion, positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames bones"]:
    parents, joints = (list(ends) for ends in zip(*motion.skeleton.bones, strict=True))
    return np.asarray(np.linalg.norm(positions[:, joints] - positions[:, parents], axis=-1))


def _centres(events: Spans | None, fps: float) -> tuple[list[int], list[int]]:
    """(frames in the middle of what lies between neighbouring events, frames in the middle of events)."""
    if events is None:
        return [], []
    joins = [round((end + start) / 2 * fps) for (_, end), (start, _) in pairwise(events)]
    return joins, [round((start + end) / 2 * fps) for start, end in events]


def _courses(jerk: Float[np.ndarray, " steps"], centres: Sequence[int]) -> Iterator[np.ndarray]:
    """The courses through centres that lie in the motion; the jerk at step t is that of positions t to t + 3."""
    for centre in centres:
        if 0 <= centre - 1 < len(jerk):
            yield join_course(jerk, centre - 1)


def _peak(courses: Sequence[Float[np.ndarray, " course"]]) -> float | None:
    """The highest mean of the courses over the frames of a course; None without courses."""
    if not courses:
        return None
    rows = np.stack(courses)
    known = np.isfinite(rows)
    sums, counts = np.where(known, rows, 0.0).sum(axis=0), known.sum(axis=0)
    return float((sums[counts > 0] / counts[counts > 0]).max())
