"""A file's tree of joints, with the questions that the rules for the 22 joints ask of it.

A point on the rig is a *row*: its weight on each joint of the file, weights adding up to 1. One joint is a row with a
single 1, the middle of two joints a row with two halves.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from chronomotion.motion.formats.joint_names import JointName, parse_name
from chronomotion.motion.formats.kinematics import joint_depths
from chronomotion.motion.formats.take import Take

__all__ = ["SIDES", "RigTree", "Row", "joint_of", "mix"]

SIDES = ("left", "right")

Row = Float[np.ndarray, " file_joints"]

_SAMPLES = 32
"""Number of frames in which lengths are measured."""


class RigTree:
    """Joints of one figure in a file: names taken apart, parents, and how they lie in a few frames."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.parents = take.parents
        self.depths = joint_depths(take.parents)
        self.labels = [
            JointName("", ()) if end else parse_name(name) for name, end in zip(take.joints, take.ends, strict=True)
        ]
        self.usable = [not end and not label.passed_over for end, label in zip(take.ends, self.labels, strict=True)]
        picks = np.linspace(0, len(take.positions) - 1, min(_SAMPLES, len(take.positions))).astype(int)
        self.samples = take.positions[picks]
        self._children: list[list[int]] = [[] for _ in self.parents]
        for child, parent in enumerate(self.parents):
            if parent >= 0:
                self._children[parent].append(child)

    def keep_only(self, joints: Iterable[int]) -> None:
        """Ignore all other joints."""
        kept = set(joints)
        self.usable = [usable and joint in kept for joint, usable in enumerate(self.usable)]

    def only(self, joint: int) -> Row:
        """The row of one joint."""
        row = np.zeros(len(self.parents))
        row[joint] = 1.0
        return row

    def describe(self, row: Row) -> str:
        """A row in words: the names of the joints that it mixes."""
        return " + ".join(self.take.joints[joint] for joint in np.flatnonzero(row)) or "guessed"

    def at(self, row: Row) -> Float[np.ndarray, "samples 3"]:
        """Where a point lies in the sampled frames, file units."""
        return np.asarray(row @ self.samples)

    def length(self, first: Row, second: Row) -> float:
        """Median distance between two points, in file units."""
        return float(np.median(np.linalg.norm((first - second) @ self.samples, axis=-1)))

    def children(self, joint: int | None) -> list[int]:
        """Joints and ends right below a joint."""
        return [] if joint is None else self._children[joint]

    def below(self, joint: int) -> list[int]:
        """All joints below a joint, nearest first."""
        joints = list(self._children[joint])
        for child in joints:
            joints.extend(self._children[child])
        return joints

    def ancestors(self, joint: int) -> list[int]:
        """All joints above a joint, nearest first."""
        above = []
        while (joint := self.parents[joint]) >= 0:
            above.append(joint)
        return above

    def climb(self, joint: int, side: str) -> list[int]:
        """A joint and the joints of the same side above it, up to the trunk; twist bones and ends are passed over."""
        chain = [joint]
        for above in self.ancestors(joint):
            if self.usable[above]:
                if self.labels[above].side != side:
                    break
                chain.append(above)
        return chain

    def first(self, side: str, *words: str) -> int | None:
        """The joint nearest to the root that is on a side and has one of the words in its name, doubles last."""
        hits = [
            joint
            for joint, label in enumerate(self.labels)
            if self.usable[joint] and label.side == side and label.has(*words)
        ]
        return min(hits, key=lambda joint: (self.labels[joint].second_choice, self.depths[joint]), default=None)

    def limb_end(self, side: str, *words: str) -> int | None:
        """Like :meth:`first`, but a joint with a limb above it goes before one without, such as a target of IK."""
        hits = [
            joint
            for joint, label in enumerate(self.labels)
            if self.usable[joint] and label.side == side and label.has(*words)
        ]
        return min(
            hits,
            key=lambda joint: (
                len(self.climb(joint, side)) < 3,
                self.labels[joint].second_choice,
                self.depths[joint],
            ),
            default=None,
        )

    def end_below(self, joint: int | None) -> int | None:
        """The nameless end of a joint's bone."""
        ends = [child for child in self.children(joint) if self.take.ends[child]]
        return ends[0] if ends else None


def mix(first: Row, second: Row, share: float) -> Row:
    """The point at a share of the way from one point to another."""
    return (1 - share) * first + share * second


def joint_of(row: Row) -> int:
    """The joint that weighs most in a row."""
    return int(row.argmax())
