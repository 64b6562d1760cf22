"""Skeletons: names, parents and left/right pairs of joints."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HUMANML3D", "KITML", "Skeleton"]


@dataclass(frozen=True)
class Skeleton:
    """A tree of named joints. Joint 0 is the root, and a parent always stands before its children.

    ``pairs`` holds (left, right) joint indices, exchanged when a motion is mirrored.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if len(self.joints) != len(self.parents):
            raise ValueError(f"skeleton {self.name!r}: {len(self.joints)} joints but {len(self.parents)} parents")
        if self.parents and self.parents[0] != -1:
            raise ValueError(f"skeleton {self.name!r}: the first joint must be the root (parent -1)")
        for child, parent in enumerate(self.parents[1:], start=1):
            if not 0 <= parent < child:
                raise ValueError(f"skeleton {self.name!r}: joint {child} has parent {parent}, not one before it")

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, joint: str) -> int:
        """Index of a joint by name; raises ValueError when there is none."""
        return self.joints.index(joint)

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(parent, child) joint indices, one pair for every joint but the root."""
        return tuple((parent, child) for child, parent in enumerate(self.parents) if parent >= 0)

    @property
    def mirror_order(self) -> tuple[int, ...]:
        """For every joint the index of its mirror image (itself for joints in the middle)."""
        order = list(range(len(self)))
        for left, right in self.pairs:
            order[left], order[right] = right, left
        return tuple(order)


def _paired(joints: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Pairs of joints named ``left_...`` and ``right_...``."""
    return tuple(
        (i, joints.index("right_" + name.removeprefix("left_")))
        for i, name in enumerate(joints)
        if name.startswith("left_")
    )


_HUMANML3D_JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip

HUMANML3D = Skeleton(
    name="humanml3d",
    joints=_HUMANML3D_JOINTS,
    parents=(-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19),
    pairs=_paired(_HUMANML3D_JOINTS),
)
"""The 22 body joints of SMPL in SMPL's order, as HumanML3D uses them. y is up; a person who faces +z has the left hand
at +x."""

_KITML_JOINTS = (
    "root", "BP", "BT", "BLN", "BUN", "LS", "LE", "LW", "RS", "RE", "RW",
    "LH", "LK", "LA", "LMrot", "LF", "RH", "RK", "RA", "RMrot", "RF",
)  # fmt: skip

KITML = Skeleton(
    name="kitml",
    joints=_KITML_JOINTS,
    parents=(-1, 0, 1, 2, 3, 3, 5, 6, 3, 8, 9, 0, 11, 12, 13, 14, 0, 16, 17, 18, 19),
    pairs=tuple(
        (left, _KITML_JOINTS.index("R" + name[1:])) for left, name in enumerate(_KITML_JOINTS) if name.startswith("L")
    ),
)
"""The 21 joints of the Master Motor Map body, as KIT-ML uses them. B back (Pelvis, Thorax, Lower and Upper Neck), L
left, R right (Shoulder, Elbow, Wrist, Hip, Knee, Ankle, Mrot the middle of the foot, Foot tip). As everywhere, a person
who faces +z has the left side at +x; the published KIT-ML numbers hold the mirror image, see ``motion.layout``."""
