"""Cheap plausibility checks of numbers: joints of a body, rows of published features."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.soma import SOMA_SKELETONS
from chronomotion.motion.layout import Layout
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["check_features", "is_body", "unlikeness"]

_SAMPLES = 64
_NO_BODY = 0.35
"""Unlikeness above which joints are not a body. Recordings have 0.00 to 0.05, generated motions up to 0.15; axis-angle
rotations and normalised numbers 0.5 and more."""
_HEIGHTS = (0.2, 2.0)
"""Metres above the floor at which a root may be in the median; lower is a clip on the floor, higher a climb."""
_CONTACTS = (-0.5, 1.5)
"""Contacts are 0 or 1; generated ones stray a little."""
_COLUMN_ERROR = 0.3
"""Median by which the length of rotation columns may miss 1; published features miss it by nothing, generated ones by
0.05."""


def is_body(joints: Float[np.ndarray, "frames joints 3"]) -> bool:
    """True when the bones keep their lengths over time, and left and right are alike."""
    return unlikeness(joints) < _NO_BODY


def unlikeness(joints: Float[np.ndarray, "frames joints 3"]) -> float:
    """How unlike a body joints are, from 0 on; infinite where bones have no length or nothing is finite.

    The median share by which a bone's length strays over time, and the mean share by which left and right differ.
    ``joints`` are in the order of a known skeleton: KIT-ML's 21, SOMA's 30 or 77, else SMPL's.
    """
    skeleton = _skeleton_of(joints.shape[1])
    sample = joints[:: max(1, len(joints) // _SAMPLES), : len(skeleton)]
    sample = sample[np.isfinite(sample).all(axis=(1, 2))]
    if not len(sample):
        return np.inf
    parents, children = np.array(skeleton.bones).T
    lengths = np.linalg.norm(np.take(sample, children, axis=1) - np.take(sample, parents, axis=1), axis=-1)
    mean = lengths.mean(axis=0)
    if not np.median(mean) > 0:
        return np.inf
    known = mean > 0
    strays = float(np.median(lengths.std(axis=0)[known] / mean[known]))
    sides = [(a - 1, b - 1) for a, b in skeleton.pairs if known[a - 1] and known[b - 1]]
    if not sides:
        return strays
    ratios = np.array([np.log(mean[left] / mean[right]) for left, right in sides])
    return strays + float(np.abs(ratios).mean())


def check_features(rows: Float[np.ndarray, "frames dim"], layout: Layout, where: str) -> tuple[str, ...]:
    """Doubts about rows of features: a root that is too low or too high, contacts that are neither 0 nor 1.

    Raises FormatError at ``where`` when the numbers cannot be features: normalised, or in another unit.
    """
    columns = layout.columns
    height = float(np.median(rows[:, columns.height])) * abs(layout.axes[1])
    contacts = rows[:, columns.contacts]
    strange = float(((contacts < _CONTACTS[0]) | (contacts > _CONTACTS[1])).mean())
    length = _column_length(rows[:, columns.rotations])
    low, high = _HEIGHTS
    doubts = []
    if not low <= height <= high:
        doubts.append(f"the root is {height:.3g} m above the floor, expected {low:g} to {high:g}")
    if strange > 0.05:
        doubts.append(f"{strange:.0%} of the contacts are neither 0 nor 1")
    if abs(length - 1) > _COLUMN_ERROR:
        doubts.insert(0, f"the columns of the rotations have length {length:.3g}, expected 1")
    elif len(doubts) < 2:
        return tuple(doubts)
    # A factor leaves the proportions; mean and deviation do not.
    scaled = (length > 20 or 0 < length < 0.05) and low <= height / length <= high
    cause = (
        f"in another unit: divide them by {length:.4g}"
        if scaled
        else "normalised: undo that with features * Std + Mean"
    )
    raise FormatError(f"not features as published ({'; '.join(doubts)}); they seem to be {cause}", where)


def _column_length(rotations: Float[np.ndarray, "frames numbers"]) -> float:
    """Median length of the columns of rotation matrices; 1 where all are 0, which means that they are unset."""
    columns = np.linalg.norm(rotations.reshape(-1, 3), axis=-1)
    return float(np.median(columns)) if rotations.any() else 1.0


def _skeleton_of(count: int) -> Skeleton:
    """The skeleton with this number of joints."""
    return KITML if count == len(KITML) else SOMA_SKELETONS.get(count, HUMANML3D)
