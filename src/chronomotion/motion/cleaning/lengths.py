"""Bones of one length: every bone keeps its direction, and gets the same length in all frames."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.motion.skeleton import Skeleton

__all__ = ["bone_lengths", "evened_bones", "with_bone_lengths"]

_ROUNDS = 4
"""Rounds in which both ends of every bone give way by half of what it is too long or too short."""

_GIVES = 0.03
"""Metres that a bone may lack for its ends to give way; from twice as many on they do not: a bone that has lost its
length for a moment does not tear at its neighbours."""


def bone_lengths(
    positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton
) -> Float[np.ndarray, "frames joints"]:
    """Distance of every joint from the one above it, metres; 0 for the root."""
    bones = positions - positions[:, [max(parent, 0) for parent in skeleton.parents]]
    return np.asarray(np.sqrt(np.einsum("fji,fji->fj", bones, bones)))


def with_bone_lengths(
    positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton, lengths: Float[np.ndarray, " joints"]
) -> Float[np.ndarray, "frames joints 3"]:
    """The motion with these bone lengths. The root stays, and each joint keeps its direction from the joint above.

    A bone of length 0 in a frame has no direction there: it keeps the one of the last frame that has one.
    """
    put = np.empty_like(positions)
    put[:, 0] = positions[:, 0]
    for parent, joint in skeleton.bones:
        bone = positions[:, joint] - positions[:, parent]
        seen = np.linalg.norm(bone, axis=1)
        if not (seen > 0).all():
            bone, seen = _filled(bone, seen)
        put[:, joint] = put[:, parent] + bone * (lengths[joint] / seen)[:, None]
    return put


def evened_bones(
    positions: Float[np.ndarray, "frames joints 3"], skeleton: Skeleton, lengths: Float[np.ndarray, " joints"]
) -> Float[np.ndarray, "frames joints 3"]:
    """The motion with these bone lengths, for bones that are nearly as long: joints stay near their places.

    From the root outwards the errors of all bones add up at the feet. Here both ends of a bone give way, in rounds, and
    only what is left goes outwards (:func:`with_bone_lengths`); so do errors of more than a few centimetres.
    """
    put = positions.copy()
    for _ in range(_ROUNDS):
        for parent, joint in skeleton.bones:
            bone = put[:, joint] - put[:, parent]
            seen = np.sqrt(np.einsum("fi,fi->f", bone, bone))
            lacks = lengths[joint] - seen
            gives = 0.5 * lacks * np.clip(2 - np.abs(lacks) / _GIVES, 0, 1)
            half = bone * (gives / np.where(seen > 0, seen, np.inf))[:, None]
            put[:, joint] += half
            put[:, parent] -= half
    return with_bone_lengths(put, skeleton, lengths)


def _filled(
    bone: Float[np.ndarray, "frames 3"], seen: Float[np.ndarray, " frames"]
) -> tuple[Float[np.ndarray, "frames 3"], Float[np.ndarray, " frames"]]:
    """Bones without a direction replaced by those of the last frame with one, or of the first; up if there is none."""
    known = np.flatnonzero(seen > 0)
    if not len(known):
        return np.broadcast_to(np.array([0.0, 1.0, 0.0]), bone.shape), np.ones(len(bone))
    last = known[np.maximum(np.searchsorted(known, np.arange(len(bone)), side="right") - 1, 0)]
    return bone[last], seen[last]
