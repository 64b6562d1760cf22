"""Arms and legs in a file's tree of joints: from wrist or ankle upwards, and from the ankle to the ball of the foot."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.motion.formats.rig_tree import RigTree, Row, joint_of, mix
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["ARM", "LEG", "POSSIBLE_RATIO", "guess_foot", "place_foot", "place_limbs"]

Parts = tuple[str, str, str]

ARM: Parts = ("wrist", "elbow", "shoulder")
LEG: Parts = ("ankle", "knee", "hip")

POSSIBLE_RATIO = {LEG: (0.6, 1.67), ARM: (0.6, 2.1)}
"""Thigh over shank of any person is near 1.0. Upper arm over forearm is near 1.1, but up to 1.8 in CMU's skeletons,
whose wrists lie within the forearm."""
_FOOT_SHARE = 1 / 6
"""Ankle to ball of the foot over the length of the leg, on HumanML3D's reference body (0.146 m to 0.82 m, and a little
less)."""
_TOE_DEPTH = 3
"""Bones between the ankle and the toes, at most: metatarsals come between in some rigs."""
_UPPER = {ARM: ("upperarm", "uparm", "shldr", "humerus"), LEG: ("thigh", "upleg", "upperleg", "femur")}
_LOWER = {ARM: ("forearm", "lowerarm", "elbow"), LEG: ("shin", "calf", "lowerleg", "knee", "tibia", "leg")}


def place_limbs(tree: RigTree, rows: dict[str, Row], side: str) -> None:
    """Rows of an arm and a leg, as far as they are there; rows that are given stay."""
    _place_limb(tree, rows, side, ARM, _wrist(tree, side))
    _place_limb(tree, rows, side, LEG, tree.limb_end(side, "ankle", "foot", "feet"))


def _wrist(tree: RigTree, side: str) -> int | None:
    """Where an arm ends: wrist or hand, whichever is above; else the end of a forearm's bone."""
    joint = tree.limb_end(side, "wrist", "hand")
    joint = tree.limb_end(side, "palm") if joint is None else joint
    if joint is not None:
        return joint
    forearms = [
        joint
        for joint, label in enumerate(tree.labels)
        if tree.usable[joint] and label.side == side and label.speaks_of("forearm", "elbow", "lowerarm")
    ]
    return tree.end_below(max(forearms, key=lambda joint: tree.depths[joint], default=None))


def _place_limb(tree: RigTree, rows: dict[str, Row], side: str, parts: Parts, last: int | None) -> None:
    """Climb a limb from its last joint."""
    given = rows.get(f"{side}_{parts[0]}")
    last = last if given is None else joint_of(given)
    if last is None:
        return
    climb = tree.climb(last, side)
    limb = _limb(tree, climb, parts)
    for part, joint in zip(parts, limb, strict=False):
        rows.setdefault(f"{side}_{part}", tree.only(joint))
    collars = climb[climb.index(limb[-1]) + 1 :] if parts == ARM and len(limb) == len(parts) else []
    if collars:
        named = [joint for joint in collars if tree.labels[joint].has("clavicle", "collar", "scapula")]
        rows.setdefault(f"{side}_collar", tree.only((named or collars)[0]))


def _limb(tree: RigTree, climb: list[int], parts: Parts) -> list[int]:
    """Last, middle and first joint of a limb.

    Neighbours with the same words are one bone. Where that gives bones of impossible lengths, as with ``Arm1`` and
    ``Arm2``, every joint is a bone; else the names of upper and lower bone say where they begin.
    """
    merged = _merged(tree, climb)
    readings = [merged if len(merged) >= len(parts) else climb, climb, _by_name(tree, climb, parts)]
    readings = [reading[: len(parts)] for reading in readings]
    return next((reading for reading in readings if _is_possible(tree, reading, parts)), readings[0])


def _merged(tree: RigTree, climb: list[int]) -> list[int]:
    """The uppermost joint of each run with the same words, or more below; the last joint stays."""
    merged = climb[:1]
    for joint in climb[1:]:
        stem = tree.labels[joint].stem
        if len(merged) > 1 and tree.labels[merged[-1]].stem[: len(stem)] == stem:
            merged[-1] = joint
        else:
            merged.append(joint)
    return merged


def _by_name(tree: RigTree, climb: list[int], parts: Parts) -> list[int]:
    """The last joint, and the uppermost that are called lower and upper bone; fewer where names do not say."""
    upper = [joint for joint in climb[1:] if tree.labels[joint].speaks_of(*_UPPER[parts])]
    lower = [joint for joint in climb[1:] if joint not in upper and tree.labels[joint].speaks_of(*_LOWER[parts])]
    return [climb[0], *lower[-1:], *upper[-1:]]


def _is_possible(tree: RigTree, limb: list[int], parts: Parts) -> bool:
    """True for a whole limb whose two bones have lengths that a person's may have."""
    if len(limb) < len(parts):
        return False
    end, middle, start = (tree.only(joint) for joint in limb)
    lower = tree.length(end, middle)
    least, most = POSSIBLE_RATIO[parts]
    return lower > 0 and least <= tree.length(middle, start) / lower <= most


def place_foot(tree: RigTree, rows: dict[str, Row], side: str) -> bool:
    """Put the ball of the foot on the toe joint or near the end of the foot's bone; False when there is neither."""
    if f"{side}_foot" in rows:
        return True
    ankle = rows[f"{side}_ankle"]
    toe = _toe(tree, rows, side)
    below = tree.children(joint_of(ankle))
    ends = [joint for joint in below if tree.take.ends[joint] or tree.labels[joint].has("end", "nub")]
    if toe is None and not ends:
        rows[f"{side}_foot"] = ankle
        return False
    tip = tree.only(ends[0]) if toe is None else toe
    leg = tree.length(ankle, rows[f"{side}_knee"]) + tree.length(rows[f"{side}_knee"], rows[f"{side}_hip"])
    reach = tree.length(ankle, tip)
    share = 1.0 if toe is not None or reach == 0 else min(1.0, _FOOT_SHARE * leg / reach)
    rows[f"{side}_foot"] = mix(ankle, tip, share)
    return reach > 0


def _toe(tree: RigTree, rows: dict[str, Row], side: str) -> Row | None:
    """What is called toe or ball, nearest to the ankle (the middle of several); else the child farthest forward."""
    ankle = joint_of(rows[f"{side}_ankle"])
    inside = [joint for joint in tree.below(ankle) if tree.usable[joint] and tree.labels[joint].side == side]
    toes = [j for j in inside if tree.labels[j].is_toe and tree.depths[j] <= tree.depths[ankle] + _TOE_DEPTH]
    if toes:
        nearest = min(tree.depths[joint] for joint in toes)
        first = [joint for joint in toes if tree.depths[joint] == nearest]
        return np.asarray(sum(tree.only(joint) for joint in first) / len(first))
    children = [j for j in inside if tree.parents[j] == ankle and not tree.labels[j].speaks_of("heel")]
    if not children:
        return None
    forward = _forward(tree, rows)
    ahead = {j: float(np.median(np.sum(forward * tree.at(tree.only(j)), axis=-1))) for j in children}
    return tree.only(max(children, key=ahead.__getitem__))


def _forward(tree: RigTree, rows: dict[str, Row]) -> Float[np.ndarray, "samples 3"]:
    """Where the body faces: left-to-right cross up, which needs neither floor nor unit."""
    across = tree.at(rows["left_hip"]) - tree.at(rows["right_hip"])
    up = tree.at(rows["neck"]) - tree.at(mix(rows["left_hip"], rows["right_hip"], 0.5))
    return np.cross(across, up)


def guess_foot(placed: Float[np.ndarray, "frames joints 3"], side: str) -> None:
    """Put the ball of the foot forward from the ankle, at right angles to the shank, in place.

    Forward is across the hips turned by the trunk.
    """
    index = HUMANML3D.index
    ankle, knee, hip = (placed[:, index(f"{side}_{part}")] for part in LEG)
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
