"""From one known skeleton to another: HumanML3D's 22 joints as KIT-ML's 21.

No mapping is published. Joints with the same meaning keep their positions; KIT-ML's toe tip lies beyond the ball of the
foot, where HumanML3D ends. Bones keep the lengths of the clip, for KIT-ML's reference body is not public either.
"""

from __future__ import annotations

import numpy as np

from chronomotion.errors import FormatError
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["on_skeleton"]

_TRUNK = {"root": "pelvis", "BP": "spine1", "BT": "spine3", "BLN": "neck", "BUN": "head"}
_LIMBS = {
    "S": "shoulder",
    "E": "elbow",
    "W": "wrist",
    "H": "hip",
    "K": "knee",
    "A": "ankle",
    "Mrot": "foot",
    "F": "foot",
}
_SAME = _TRUNK | {
    short + part: f"{side}_{joint}" for short, side in (("L", "left"), ("R", "right")) for part, joint in _LIMBS.items()
}
_TIP = 0.45
"""From the ball of the foot to the tip of the toes, as a share of the way from ankle to ball."""


def on_skeleton(motion: Motion, skeleton: Skeleton) -> Motion:
    """The motion on a skeleton: unchanged where it has that skeleton, else HumanML3D's joints as KIT-ML's.

    Raises FormatError for other pairs: KIT-ML's joints do not determine HumanML3D's.
    """
    if motion.skeleton == skeleton:
        return motion
    if (motion.skeleton, skeleton) != (HUMANML3D, KITML):
        raise FormatError(
            f"a motion on the {motion.skeleton.name} skeleton cannot be put on {skeleton.name}: keep its own",
            motion.name,
        )
    positions = np.take(motion.positions, [HUMANML3D.index(_SAME[joint]) for joint in KITML.joints], axis=1)
    for side in "LR":
        ankle, ball = (positions[:, KITML.index(side + part)] for part in ("A", "Mrot"))
        positions[:, KITML.index(f"{side}F")] = ball + _TIP * (ball - ankle)
    return Motion(positions, motion.fps, KITML, motion.name)
