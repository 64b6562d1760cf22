"""Joints of the SOMA body in the order in which Kimodo writes them: 77, or 30 in older files.

Source: the skeletons somaskel77 and somaskel30 of github.com/nv-tlabs/kimodo.
"""

from __future__ import annotations

import itertools

from chronomotion.motion.skeleton import Skeleton

__all__ = ["SOMA_SKELETONS"]

_FINGERS = ("Index", "Middle", "Ring", "Pinky")
_TRUNK = {
    "Hips": "", "Spine1": "Hips", "Spine2": "Spine1", "Chest": "Spine2", "Neck1": "Chest", "Neck2": "Neck1",
    "Head": "Neck2", "HeadEnd": "Head", "Jaw": "Head", "LeftEye": "Head", "RightEye": "Head",
}  # fmt: skip


def _arm(side: str) -> dict[str, str]:
    """Joints of an arm with its hand -> the joints above them."""
    parents = {"Shoulder": "Chest", "Arm": f"{side}Shoulder", "ForeArm": f"{side}Arm", "Hand": f"{side}ForeArm"}
    for finger, last in (("Thumb", 3), *((finger, 4) for finger in _FINGERS)):
        chain = ["Hand", *(f"Hand{finger}{bone}" for bone in range(1, last + 1)), f"Hand{finger}End"]
        parents |= {below: side + above for above, below in itertools.pairwise(chain)}
    return {side + joint: parent for joint, parent in parents.items()}


def _leg(side: str) -> dict[str, str]:
    """Joints of a leg -> the joints above them."""
    chain = ["Hips", *(side + part for part in ("Leg", "Shin", "Foot", "ToeBase", "ToeEnd"))]
    return dict(zip(chain[1:], chain, strict=False))


def _skeleton(parents: dict[str, str]) -> Skeleton:
    joints = tuple(parents)
    return Skeleton("soma", joints, tuple(joints.index(parent) if parent else -1 for parent in parents.values()))


_ALL = _TRUNK | _arm("Left") | _arm("Right") | _leg("Left") | _leg("Right")
_LEFT_OUT = ("HeadEnd", "LeftToeEnd", "RightToeEnd")
_FINGER_TIPS = ("HandThumbEnd", "HandMiddleEnd")
_REDUCED = {
    # Of the fingers only two tips are left, which hang on the hand.
    joint: f"{joint.partition('Hand')[0]}Hand" if joint.endswith(_FINGER_TIPS) else parent
    for joint, parent in _ALL.items()
    if joint not in _LEFT_OUT and ("Hand" not in joint or joint.endswith(("Hand", *_FINGER_TIPS)))
}

SOMA_SKELETONS = {len(skeleton): skeleton for skeleton in (_skeleton(_ALL), _skeleton(_REDUCED))}
"""Number of joints -> the skeleton: 77 in full, 30 without toe ends and fingers."""
