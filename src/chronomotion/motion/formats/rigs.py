"""Which joint of a file is which of the 22: rules on names for the ends of limbs, on the tree for what lies between.

The same word names different joints in different rigs: ``LeftShoulder`` is the collar in MotionBuilder and the upper
arm in Xsens, ``LeftFoot`` the ankle in Mixamo and the ball of the foot in SMPL. So names decide only where a limb
ends (wrist, ankle, head) and on which side. From there the tree is climbed: the joint above the wrist is the elbow,
whatever it is called, then come shoulder and collar; above the ankle come knee and hip.

Each of the 22 is a fixed mix of file joints, so that bones keep their lengths:

- A rig that has all 22 by SMPL's names is taken as it is.
- pelvis, spine1, spine2, spine3: at SMPL's own shares of the way from the middle of the hips along the rig's spine
  joints to the neck. Rigs have one to five spine joints at any height, and a root above or below the hips; this makes
  them alike.
- neck: the neck joint nearest to the trunk; without one, half-way between the head and the joint below it. Where the
  collars sit on it (CMU's own skeleton, whose lower neck lies below the shoulders) the next one up.
- collars: without one, or where they sit on the neck, between neck, spine3 and shoulder, where SMPL has them.
- left_foot, right_foot (the ball of the foot): the toe joint, or the end of the foot's bone but at most a sixth of
  the leg away; without either, forward from the ankle at right angles to the shank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.joint_names import JointName, parse_name
from chronomotion.motion.formats.kinematics import joint_depths
from chronomotion.motion.formats.rig_families import family_of
from chronomotion.motion.formats.take import Take
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["Placement", "place_joints"]

_SIDES = ("left", "right")
_ARM = ("wrist", "elbow", "shoulder")
_LEG = ("ankle", "knee", "hip")
_TRUNK = ("pelvis", "spine1", "spine2", "spine3")

_TRUNK_SHARES = (0.137, 0.343, 0.567, 0.657)
"""Shares of the way from the middle of the hips to the neck at which pelvis and spine joints lie. From HumanML3D's
reference body: 0.0878 m to the pelvis, then bones of 0.1316, 0.1432, 0.0574 and 0.2194 m."""
_COLLAR_DROP, _COLLAR_SHARE = 0.45, 0.35
"""The same body's collars: down from the neck towards spine3, then outwards to the shoulder."""
_COLLAR_OWN_PLACE = 0.15
"""A collar nearer to the neck than this share of the way to the shoulder has no place of its own."""
_FOOT_SHARE = 1 / 6
"""Ankle to ball of the foot over the length of the leg, on the same body (0.146 m to 0.82 m, and a little less)."""
_SAMPLES = 32
"""Frames that lengths are measured in."""


@dataclass(frozen=True, eq=False)
class Placement:
    """How the 22 joints come out of a file's joints."""

    weights: Float[np.ndarray, "joints file_joints"]
    """For each of the 22 joints its mix of file joints; rows add up to 1."""
    family: str
    """The rig's family as far as its names tell, such as "mixamo"."""
    sources: dict[str, str]
    """For each of the 22 joints the file's joints that it comes from."""
    guessed: tuple[str, ...]
    """Sides whose ball of the foot the file does not have: it is put forward from the ankle."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know about joints that were made up."""
        return tuple(f"there is no {side} toe: {side}_foot is put forward from the ankle" for side in self.guessed)

    def positions(self, take: Take) -> Float[np.ndarray, "frames joints 3"]:
        """Positions of the 22 joints, in the file's unit and axes."""
        placed: Float[np.ndarray, "frames joints 3"] = np.matmul(self.weights, take.positions)
        for side in self.guessed:
            _guess_foot(placed, side)
        return placed


def place_joints(take: Take, joint_map: Mapping[str, str] | None = None) -> Placement:
    """Find the 22 joints in a take. ``joint_map`` (our name -> the file's name) goes before every rule.

    Raises FormatError that lists the joints that were not found, the names in the file and how to give a map.
    """
    rig = _Rig(take)
    found = {**(rig.exact() or {}), **rig.given(joint_map or {})}
    guessed = rig.complete(found)
    rows = np.stack([found[joint] for joint in HUMANML3D.joints])
    sources = {joint: rig.describe(found[joint]) for joint in HUMANML3D.joints}
    return Placement(rows, family_of(take.names, take.format), sources, guessed)


Row = Float[np.ndarray, " file_joints"]


class _Rig:
    """A file's tree of joints, with the questions that the rules ask of it."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.parents = take.parents
        self.depths = joint_depths(take.parents)
        self.fixed: frozenset[str] = frozenset()
        self.labels = [
            JointName("", ()) if end else parse_name(name) for name, end in zip(take.joints, take.ends, strict=True)
        ]
        self.usable = [not end and not label.passed_over for end, label in zip(take.ends, self.labels, strict=True)]
        picks = np.linspace(0, len(take.positions) - 1, min(_SAMPLES, len(take.positions))).astype(int)
        self.samples = take.positions[picks]

    # -- rows -------------------------------------------------------------------------------------------------------

    def only(self, joint: int) -> Row:
        """The row of one file joint."""
        row = np.zeros(len(self.parents))
        row[joint] = 1.0
        return row

    def describe(self, row: Row) -> str:
        """A row in words: the names of the joints that it mixes."""
        return " + ".join(self.take.joints[joint] for joint in np.flatnonzero(row)) or "guessed"

    def length(self, first: Row, second: Row) -> float:
        """Median distance between two mixed points, in file units."""
        return float(np.median(np.linalg.norm((first - second) @ self.samples, axis=-1)))

    # -- the whole --------------------------------------------------------------------------------------------------

    def given(self, joint_map: Mapping[str, str]) -> dict[str, Row]:
        """Rows of a user's map; raises FormatError for names that do not exist."""
        found = {}
        for joint, name in joint_map.items():
            if joint not in HUMANML3D.joints:
                known = ", ".join(HUMANML3D.joints)
                raise FormatError(f"joint map: {joint!r} is none of the 22 joints ({known})", str(self.take.path))
            if name not in self.take.joints:
                names = ", ".join(self.take.names)
                raise FormatError(
                    f"joint map: {joint} = {name!r}, but the file has no such joint; it has {names}",
                    str(self.take.path),
                )
            found[joint] = self.only(self.take.joints.index(name))
        return found

    def exact(self) -> dict[str, Row] | None:
        """Rows of a rig that has all 22 joints by SMPL's names, else None."""
        named = {label.plain: joint for joint, label in reversed(list(enumerate(self.labels))) if self.usable[joint]}
        if not all(joint in named for joint in HUMANML3D.joints):
            return None
        return {joint: self.only(named[joint]) for joint in HUMANML3D.joints}

    def complete(self, found: dict[str, Row]) -> tuple[str, ...]:
        """Fill in what is not there yet, by the rules; gives the sides whose foot has to be guessed."""
        self.fixed = frozenset(found)
        for side in _SIDES:
            self.find_limb(found, side, _ARM, self.wrist(side))
            self.find_limb(found, side, _LEG, self.ankle(side))
        self.find_head(found)
        self.check(found)
        self.place_trunk(found)
        for side in _SIDES:
            collar = f"{side}_collar"
            if collar not in found:
                base = _mix(found["neck"], found["spine3"], _COLLAR_DROP)
                found[collar] = _mix(base, found[f"{side}_shoulder"], _COLLAR_SHARE)
        return tuple(side for side in _SIDES if not self.place_foot(found, side))

    def check(self, found: dict[str, Row]) -> None:
        """Raise FormatError when a joint that cannot be made up is missing."""
        limbs = [f"{side}_{part}" for part in (*_ARM, *_LEG) for side in _SIDES]
        missing = [joint for joint in [*limbs, "neck", "head"] if joint not in found]
        if missing:
            raise FormatError(
                f"no joint found for {', '.join(missing)}; the file has {', '.join(self.take.names)}; "
                f'name them in a joint map (--joint-map FILE.toml, lines such as {missing[0]} = "NAME IN THE FILE")',
                str(self.take.path),
            )

    # -- limbs ------------------------------------------------------------------------------------------------------

    def first(self, side: str, *words: str) -> int | None:
        """The joint nearest to the root that is on a side and has one of the words in its name."""
        hits = [
            joint
            for joint, label in enumerate(self.labels)
            if self.usable[joint] and label.side == side and label.has(*words)
        ]
        return min(hits, key=lambda joint: self.depths[joint], default=None)

    def wrist(self, side: str) -> int | None:
        """Where an arm ends: the wrist, or the hand; else the end of a forearm's bone."""
        joint = self.first(side, "wrist")
        joint = self.first(side, "hand", "palm") if joint is None else joint
        return self.end_below(self.first(side, "forearm", "elbow", "lowerarm")) if joint is None else joint

    def ankle(self, side: str) -> int | None:
        """Where a leg ends: the ankle, or what is called foot in rigs without one."""
        joint = self.first(side, "ankle")
        return self.first(side, "foot", "feet") if joint is None else joint

    def end_below(self, joint: int | None) -> int | None:
        """The nameless end of a joint's bone."""
        ends = [child for child in self.children(joint) if self.take.ends[child]]
        return ends[0] if ends else None

    def children(self, joint: int | None) -> list[int]:
        """Joints and ends right below a joint."""
        return [] if joint is None else [child for child, parent in enumerate(self.parents) if parent == joint]

    def ancestors(self, joint: int) -> list[int]:
        """All joints above a joint, nearest first."""
        above = []
        while (joint := self.parents[joint]) >= 0:
            above.append(joint)
        return above

    def find_limb(self, found: dict[str, Row], side: str, parts: tuple[str, ...], last: int | None) -> None:
        """Climb a limb from its last joint; joints between, such as twist bones, are passed over."""
        given = found.get(f"{side}_{parts[0]}")
        last = last if given is None else int(given.argmax())
        if last is None:
            return
        climb = [last]
        for joint in self.ancestors(last):
            if self.usable[joint]:
                if self.labels[joint].side != side:
                    break
                climb.append(joint)
        names = (*parts, "collar") if parts == _ARM else parts
        for part, joint in zip(names, climb, strict=False):
            found.setdefault(f"{side}_{part}", self.only(joint))

    def place_foot(self, found: dict[str, Row], side: str) -> bool:
        """Put the ball of the foot on the toe joint or near the end of the foot's bone; False when there is neither."""
        if f"{side}_foot" in found:
            return True
        ankle = found[f"{side}_ankle"]
        below = self.children(int(ankle.argmax()))
        toes = [joint for joint in below if self.usable[joint] and self.labels[joint].side == side]
        ends = [joint for joint in below if self.take.ends[joint] or self.labels[joint].has("end", "nub")]
        if not toes and not ends:
            found[f"{side}_foot"] = ankle
            return False
        tip = self.only((toes or ends)[0])
        leg = self.length(ankle, found[f"{side}_knee"]) + self.length(found[f"{side}_knee"], found[f"{side}_hip"])
        reach = self.length(ankle, tip)
        share = 1.0 if toes or reach == 0 else min(1.0, _FOOT_SHARE * leg / reach)
        found[f"{side}_foot"] = _mix(ankle, tip, share)
        return reach > 0

    # -- trunk ------------------------------------------------------------------------------------------------------

    def find_head(self, found: dict[str, Row]) -> None:
        """Head and neck; a rig that stops at the neck has its head at the end of that bone."""
        head = self.first("", "head")
        necks = [joint for joint in self.named_neck() if head is None or joint in self.ancestors(head)]
        if head is None and necks:
            head = self.end_below(necks[-1])
        if head is None:
            return
        found.setdefault("head", self.only(head))
        if necks:
            found.setdefault("neck", self.only(necks[1] if self.drop_collars(found, necks) else necks[0]))
        elif self.parents[head] >= 0:
            found.setdefault("neck", _mix(self.only(self.parents[head]), self.only(head), 0.5))

    def drop_collars(self, found: dict[str, Row], necks: list[int]) -> bool:
        """Forget collars that sit on the lowest of several neck joints; True when there were any."""
        if len(necks) < 2:
            return False
        collars = [
            f"{side}_collar"
            for side in _SIDES
            if f"{side}_collar" in found.keys() - self.fixed
            and self.length(self.only(necks[0]), found[f"{side}_collar"])
            < _COLLAR_OWN_PLACE * self.length(self.only(necks[0]), found[f"{side}_shoulder"])
        ]
        for collar in collars:
            del found[collar]
        return bool(collars)

    def named_neck(self) -> list[int]:
        """Joints called some kind of neck, nearest to the root first."""
        necks = [
            j for j, label in enumerate(self.labels) if self.usable[j] and any(w.endswith("neck") for w in label.words)
        ]
        return sorted(necks, key=lambda joint: self.depths[joint])

    def place_trunk(self, found: dict[str, Row]) -> None:
        """Put pelvis and spine at SMPL's shares of the line from the middle of the hips along the spine to the neck."""
        middle = _mix(found["left_hip"], found["right_hip"], 0.5)
        line = [middle, *(self.only(joint) for joint in self.spine(found)), found["neck"]]
        steps = np.array([self.length(first, second) for first, second in pairwise(line)])
        along = np.concatenate([[0.0], np.cumsum(steps)])
        for joint, share in zip(_TRUNK, _TRUNK_SHARES, strict=True):
            if joint not in found:
                at = share * along[-1]
                step = min(int(np.searchsorted(along, at, side="right")) - 1, len(steps) - 1)
                found[joint] = _mix(
                    line[step], line[step + 1], (at - along[step]) / steps[step] if steps[step] else 0.0
                )

    def spine(self, found: dict[str, Row]) -> list[int]:
        """The joints between the pelvis and the neck, lowest first."""
        hips = [int(found[f"{side}_hip"].argmax()) for side in _SIDES]
        both = [joint for joint in self.ancestors(hips[0]) if joint in self.ancestors(hips[1])]
        neck = int(found["neck"].argmax())
        return [
            joint
            for joint in reversed(self.ancestors(neck))
            if joint not in both and self.usable[joint] and not self.labels[joint].has("hips", "pelvis", "root")
        ]


def _mix(first: Row, second: Row, share: float) -> Row:
    """The point at a share of the way from one mixed point to another."""
    return (1 - share) * first + share * second


def _guess_foot(placed: Float[np.ndarray, "frames joints 3"], side: str) -> None:
    """Put the ball of the foot forward from the ankle, at right angles to the shank, in place.

    Forward is across the hips turned by the trunk: left-to-right cross up, which needs neither floor nor unit.
    """
    index = HUMANML3D.index
    ankle, knee, hip = (placed[:, index(f"{side}_{part}")] for part in _LEG)
    up = placed[:, index("neck")] - placed[:, index("pelvis")]
    forward = np.cross(placed[:, index("left_hip")] - placed[:, index("right_hip")], up)
    shank = ankle - knee
    along = np.sum(forward * shank, axis=-1, keepdims=True) / np.maximum(
        np.sum(shank**2, axis=-1, keepdims=True), 1e-12
    )
    forward = forward - along * shank
    forward /= np.maximum(np.linalg.norm(forward, axis=-1, keepdims=True), 1e-12)
    leg = np.linalg.norm(shank, axis=-1) + np.linalg.norm(hip - knee, axis=-1)
    placed[:, index(f"{side}_foot")] = ankle + _FOOT_SHARE * np.median(leg) * forward
