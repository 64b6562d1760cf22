"""Is it a person? Bones of impossible proportions and hands that walk show that joints were confused."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.motion.formats.limbs import ARM, LEG, POSSIBLE_RATIO
from chronomotion.motion.rotation import normalise
from chronomotion.motion.skeleton import HUMANML3D, Skeleton

__all__ = ["anatomy_doubts", "walks_on_hands"]

_TRUNK_TO_LEG = (0.35, 1.2)
"""Hips to neck over hips to ankles: 0.63 on HumanML3D's reference body, 0.9 for a small child."""
_LOW_HANDS = 0.25
"""Height of the wrists over the ankles, as a share of the leg, up to which hands are as low as feet."""
_STANDING = 0.6
"""Distance from ankles to hips, as a share of the leg, from which legs stand."""
_ACROSS = 0.8
"""Cosine of the angle between legs and trunk of an animal, at most."""
_NEARLY_ALL = 0.9
_SAMPLES = 64


def anatomy_doubts(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton) -> tuple[str, ...]:
    """Doubts about a figure in metres, y up, one sentence each; none for skeletons other than ours of 22 joints."""
    if skeleton != HUMANML3D:
        return ()
    sample = _sampled(positions)
    bones = _bone_lengths(sample)
    doubts = [*_limb_doubts(bones), *_trunk_doubt(sample, bones)]
    if _is_four_legged(sample, bones):
        doubts.append("four legs: the hands are as low as the feet while the legs stand; is this an animal?")
    return tuple(doubts)


def _bone_lengths(sample: Float[np.ndarray, "frames joints 3"]) -> dict[str, float]:
    """For each joint the median length of the bone that ends there, metres."""
    bones = sample[:, 1:] - sample[:, list(HUMANML3D.parents[1:])]
    return dict(zip(HUMANML3D.joints[1:], np.median(np.linalg.norm(bones, axis=-1), axis=0).tolist(), strict=True))


def _limb_doubts(bones: dict[str, float]) -> list[str]:
    """One doubt for each pair of bones of which one is far too long for the other."""
    doubts = []
    for names, parts in ((("thigh", "shank"), LEG), (("upper arm", "forearm"), ARM)):
        end, middle, start = parts
        least, most = POSSIBLE_RATIO[parts]
        for side in ("left", "right"):
            upper, lower = bones[f"{side}_{middle}"], bones[f"{side}_{end}"]
            if not least * lower <= upper <= most * lower:
                doubts.append(
                    f"impossible proportions: {side} {names[0]} {upper:.2f} m, {names[1]} {lower:.2f} m; is a joint in "
                    f"the middle of a bone? Name {side}_{start} and {side}_{middle} in a joint map (--joint-map)"
                )
    return doubts


def _trunk_doubt(sample: Float[np.ndarray, "frames joints 3"], bones: dict[str, float]) -> list[str]:
    """A doubt where the trunk is far too long or short for the legs."""
    hips = (_places(sample, "left_hip") + _places(sample, "right_hip")) / 2
    trunk = float(np.median(np.linalg.norm(_places(sample, "neck") - hips, axis=-1)))
    leg = sum(bones[f"{side}_{part}"] for side in ("left", "right") for part in ("knee", "ankle")) / 2
    if _TRUNK_TO_LEG[0] * leg <= trunk <= _TRUNK_TO_LEG[1] * leg:
        return []
    return [
        f"impossible proportions: hips to neck {trunk:.2f} m, hips to ankles {leg:.2f} m; are hips and neck the right "
        "joints? Name them in a joint map (--joint-map)"
    ]


def walks_on_hands(positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton) -> bool:
    """True for a figure on four legs, in any unit, whichever axis points up."""
    if skeleton != HUMANML3D:
        return False
    sample = _sampled(positions)
    return _is_four_legged(sample, _bone_lengths(sample))


def _sampled(positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "samples joints 3"]:
    picks = np.linspace(0, len(positions) - 1, min(_SAMPLES, len(positions))).astype(np.int64)
    return np.take(positions, picks, axis=0).astype(np.float64)


def _is_four_legged(sample: Float[np.ndarray, "frames joints 3"], bones: dict[str, float]) -> bool:
    """True where in nearly all frames the legs stand, the trunk lies across them, and hands are as low as feet.

    Low is along the legs, whichever axis points up. A person who crawls stands on bent knees, far behind the hands.
    """
    wrist, ankle, hip = (
        (_places(sample, f"left_{part}") + _places(sample, f"right_{part}")) / 2 for part in ("wrist", "ankle", "hip")
    )
    leg = bones["left_knee"] + bones["left_ankle"]
    up = normalise(hip - ankle)
    low = np.sum((wrist - ankle) * up, axis=-1) < _LOW_HANDS * leg
    standing = np.linalg.norm(hip - ankle, axis=-1) > _STANDING * leg
    across = np.abs(np.sum(normalise(_places(sample, "neck") - hip) * up, axis=-1)) < _ACROSS
    return bool((low & standing & across).mean() >= _NEARLY_ALL)


def _places(sample: Float[np.ndarray, "frames joints 3"], joint: str) -> Float[np.ndarray, "frames 3"]:
    return np.asarray(sample[:, HUMANML3D.index(joint)])
