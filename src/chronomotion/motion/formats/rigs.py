"""Which joint of a file is which of the 22: rules on names for the ends of limbs, on the tree for what lies between.

The same word names different joints in different rigs: ``LeftShoulder`` is the collar in MotionBuilder and the upper
arm in Xsens, ``LeftFoot`` the ankle in Mixamo and the ball of the foot in SMPL. So names decide only where a limb
ends (wrist, ankle, head) and on which side. From there the tree is climbed: the joint above the wrist is the elbow,
whatever it is called, then come shoulder and collar; above the ankle come knee and hip.

Each of the 22 is a fixed mix of file joints, so that bones keep their lengths:

- A rig that has all 22 by SMPL's names is taken as it is.
- Limbs, in ``limbs.py``: bones in several parts (``upperleg01``, ``upperleg02``) are one bone that begins at the first.
- left_foot, right_foot (the ball of the foot): the toe joint, or the end of the foot's bone but at most a sixth of
  the leg away; without either, forward from the ankle at right angles to the shank.
- Head, neck, spine, pelvis and collars: ``trunk.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.figures import keep_first_figure
from chronomotion.motion.formats.limbs import ARM, LEG, guess_foot, place_foot, place_limbs
from chronomotion.motion.formats.rig_families import family_of
from chronomotion.motion.formats.rig_tree import SIDES, RigTree, Row
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.trunk import place_collars, place_head, place_trunk
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["RigMapping", "place_joints"]


@dataclass(frozen=True, eq=False)
class RigMapping:
    """How the 22 joints are computed from a file's joints."""

    weights: Float[np.ndarray, "joints file_joints"]
    """For each of the 22 joints its mix of file joints; rows add up to 1."""
    family: str
    """The rig's family as far as its names tell, such as "mixamo"."""
    sources: dict[str, str]
    """For each of the 22 joints the file's joints that it comes from."""
    guessed: tuple[str, ...]
    """Sides without a ball of the foot in the file: it is estimated, forward of the ankle."""
    note: str = ""
    """Warning about further figures in the file, "" where there are none."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about joints that were estimated or left out."""
        made = (f"there is no {side} toe: {side}_foot is estimated, forward of the ankle" for side in self.guessed)
        return (*made, self.note) if self.note else tuple(made)

    def positions(self, take: Take) -> Float[np.ndarray, "frames joints 3"]:
        """Positions of the 22 joints, in the file's unit and axes."""
        placed: Float[np.ndarray, "frames joints 3"] = np.matmul(self.weights, take.positions)
        for side in self.guessed:
            guess_foot(placed, side)
        return placed


def place_joints(take: Take, joint_map: Mapping[str, str] | None = None) -> RigMapping:
    """Find the 22 joints in a take. ``joint_map`` (our name -> the file's name) goes before every rule.

    Raises FormatError that lists the joints that were not found, the names in the file and how to give a map.
    """
    tree = RigTree(take)
    note = keep_first_figure(tree)
    rows = {**_exact(tree), **_given(tree, joint_map or {})}
    guessed = _complete(tree, rows)
    weights = np.stack([rows[joint] for joint in HUMANML3D.joints])
    sources = {joint: tree.describe(rows[joint]) for joint in HUMANML3D.joints}
    return RigMapping(weights, family_of(take.names, take.format), sources, guessed, note)


def _given(tree: RigTree, joint_map: Mapping[str, str]) -> dict[str, Row]:
    """Rows of a user's map; raises FormatError for names that do not exist."""
    rows = {}
    for joint, name in joint_map.items():
        if joint not in HUMANML3D.joints:
            known = ", ".join(HUMANML3D.joints)
            raise FormatError(f"joint map: {joint!r} is none of the 22 joints ({known})", str(tree.take.path))
        if name not in tree.take.joints:
            names = ", ".join(tree.take.names)
            raise FormatError(
                f"joint map: {joint} = {name!r}, but the file has no such joint; it has {names}", str(tree.take.path)
            )
        rows[joint] = tree.only(tree.take.joints.index(name))
    return rows


def _exact(tree: RigTree) -> dict[str, Row]:
    """Rows of a rig that has all 22 joints by SMPL's names, else none."""
    named = {label.plain: joint for joint, label in reversed(list(enumerate(tree.labels))) if tree.usable[joint]}
    if not all(joint in named for joint in HUMANML3D.joints):
        return {}
    return {joint: tree.only(named[joint]) for joint in HUMANML3D.joints}


def _complete(tree: RigTree, rows: dict[str, Row]) -> tuple[str, ...]:
    """Fill in missing rows by the rules; returns the sides whose foot has to be estimated."""
    fixed = frozenset(rows)
    for side in SIDES:
        place_limbs(tree, rows, side)
    place_head(tree, rows, fixed)
    _check(tree, rows)
    place_trunk(tree, rows)
    place_collars(rows)
    return tuple(side for side in SIDES if not place_foot(tree, rows, side))


def _check(tree: RigTree, rows: dict[str, Row]) -> None:
    """Raise FormatError when a joint is missing that cannot be estimated."""
    limbs = [f"{side}_{part}" for part in (*ARM, *LEG) for side in SIDES]
    missing = [joint for joint in [*limbs, "neck", "head"] if joint not in rows]
    if missing:
        raise FormatError(
            f"no joint found for {', '.join(missing)}; the file has {', '.join(tree.take.names)}; "
            f'name them in a joint map (--joint-map FILE.toml, lines such as {missing[0]} = "NAME IN THE FILE")',
            str(tree.take.path),
        )
