"""Head, neck, spine, pelvis and collars in a file's tree of joints.

- pelvis, spine1, spine2, spine3: at SMPL's own shares of the way from the middle of the hips along the rig's spine
  joints to the neck. Rigs have one to five spine joints at any height, and a root above or below the hips; this makes
  them alike.
- neck: the neck joint nearest to the trunk; without one, the joint that follows the one which carries the arms; without
  that, half-way between the head and the joint below it. Where the collars sit on the neck (CMU's own skeleton, whose
  lower neck lies below the shoulders) the next one up. A spine that goes on above the arms (Rigify's ``spine.004`` to
  ``spine.006``) is neck and head.
- collars: without one, or where they sit on the neck, between neck, spine3 and shoulder, where SMPL has them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from chronomotion.motion.formats.rig_tree import SIDES, RigTree, Row, joint_of, mix

__all__ = ["place_collars", "place_head", "place_trunk"]

_TRUNK = ("pelvis", "spine1", "spine2", "spine3")
_TRUNK_SHARES = (0.137, 0.343, 0.567, 0.657)
"""Shares of the way from the middle of the hips to the neck at which pelvis and spine joints lie. From HumanML3D's
reference body: 0.0878 m to the pelvis, then bones of 0.1316, 0.1432, 0.0574 and 0.2194 m."""
_COLLAR_DROP, _COLLAR_SHARE = 0.45, 0.35
"""The same body's collars: down from the neck towards spine3, then outwards to the shoulder."""
_COLLAR_OWN_PLACE = 0.15
"""A collar nearer to the neck than this share of the way to the shoulder has no place of its own."""


def place_head(tree: RigTree, rows: dict[str, Row], fixed: frozenset[str]) -> None:
    """Head and neck; a rig that stops at the neck has its head at the end of that bone. ``fixed`` rows are a user's."""
    head = joint_of(rows["head"]) if "head" in rows else tree.first("", "head", "skull")
    necks = [joint for joint in _necks(tree) if head is None or joint in tree.ancestors(head)]
    if head is None and necks:
        head = tree.end_below(necks[-1])
    if head is None and not necks:
        necks, head = _spine_above_arms(tree, rows)
    if head is not None:
        rows.setdefault("head", tree.only(head))
        necks = necks or _between_arms_and_head(tree, rows, head)
    if necks:
        rows.setdefault("neck", tree.only(necks[1] if _drop_collars(tree, rows, fixed, necks) else necks[0]))
    elif head is not None and tree.parents[head] >= 0:
        rows.setdefault("neck", mix(tree.only(tree.parents[head]), tree.only(head), 0.5))


def _necks(tree: RigTree) -> list[int]:
    """Joints called some kind of neck, nearest to the root first."""
    necks = [joint for joint, label in enumerate(tree.labels) if tree.usable[joint] and label.is_neck]
    return sorted(necks, key=lambda joint: tree.depths[joint])


def _chest(tree: RigTree, rows: dict[str, Row]) -> int | None:
    """The joint that carries both arms."""
    wrists = [joint_of(rows[f"{side}_wrist"]) for side in SIDES if f"{side}_wrist" in rows]
    if len(wrists) < len(SIDES):
        return None
    other = set(tree.ancestors(wrists[1]))
    return next((joint for joint in tree.ancestors(wrists[0]) if joint in other and tree.usable[joint]), None)


def _between_arms_and_head(tree: RigTree, rows: dict[str, Row], head: int) -> list[int]:
    """Joints above the one that carries the arms and below the head, lowest first: necks, whatever they are called."""
    chest, above = _chest(tree, rows), tree.ancestors(head)
    if chest not in above:
        return []
    return [joint for joint in reversed(above[: above.index(chest)]) if tree.usable[joint]]


def _spine_above_arms(tree: RigTree, rows: dict[str, Row]) -> tuple[list[int], int | None]:
    """(necks, head) of a rig that calls them spine: the joints of the spine above the one that carries the arms."""
    chest = _chest(tree, rows)
    above: list[int] = []
    while chest is not None:
        stem = tree.labels[chest].stem
        chest = next((j for j in tree.children(chest) if tree.usable[j] and tree.labels[j].stem == stem), None)
        above += [] if chest is None else [chest]
    if not above:
        return [], None
    return (above[:-1], above[-1]) if len(above) > 1 else (above, tree.end_below(above[0]))


def _drop_collars(tree: RigTree, rows: dict[str, Row], fixed: frozenset[str], necks: list[int]) -> bool:
    """Forget collars that sit on the lowest of several neck joints; True when there were any."""
    if len(necks) < 2:
        return False
    neck = tree.only(necks[0])
    collars = [
        f"{side}_collar"
        for side in SIDES
        if f"{side}_collar" in rows.keys() - fixed
        and f"{side}_shoulder" in rows
        and tree.length(neck, rows[f"{side}_collar"]) < _COLLAR_OWN_PLACE * tree.length(neck, rows[f"{side}_shoulder"])
    ]
    for collar in collars:
        del rows[collar]
    return bool(collars)


def place_trunk(tree: RigTree, rows: dict[str, Row]) -> None:
    """Put pelvis and spine at SMPL's shares of the line from the middle of the hips along the spine to the neck."""
    middle = mix(rows["left_hip"], rows["right_hip"], 0.5)
    line = [middle, *(tree.only(joint) for joint in _spine(tree, rows)), rows["neck"]]
    steps = np.array([tree.length(first, second) for first, second in pairwise(line)])
    along = np.concatenate([[0.0], np.cumsum(steps)])
    for joint, share in zip(_TRUNK, _TRUNK_SHARES, strict=True):
        if joint not in rows:
            at = share * along[-1]
            step = min(int(np.searchsorted(along, at, side="right")) - 1, len(steps) - 1)
            rows[joint] = mix(line[step], line[step + 1], (at - along[step]) / steps[step] if steps[step] else 0.0)


def _spine(tree: RigTree, rows: dict[str, Row]) -> list[int]:
    """The joints between the pelvis and the neck, lowest first."""
    hips = [joint_of(rows[f"{side}_hip"]) for side in SIDES]
    both = [joint for joint in tree.ancestors(hips[0]) if joint in tree.ancestors(hips[1])]
    neck = joint_of(rows["neck"])
    return [
        joint
        for joint in reversed(tree.ancestors(neck))
        if joint not in both and tree.usable[joint] and not tree.labels[joint].has("hips", "pelvis", "root")
    ]


def place_collars(rows: dict[str, Row]) -> None:
    """Put collars that the rig does not have where SMPL has them."""
    for side in SIDES:
        base = mix(rows["neck"], rows["spine3"], _COLLAR_DROP)
        rows.setdefault(f"{side}_collar", mix(base, rows[f"{side}_shoulder"], _COLLAR_SHARE))
