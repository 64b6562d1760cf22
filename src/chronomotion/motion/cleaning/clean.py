"""A motion cleaned: bones, floor, root, feet; and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.errors import FormatError
from chronomotion.motion.cleaning.contacts import planted, smoothed
from chronomotion.motion.cleaning.feet import held
from chronomotion.motion.cleaning.floor import floor_height
from chronomotion.motion.cleaning.legs import legs_of
from chronomotion.motion.cleaning.lengths import bone_lengths, evened_bones, with_bone_lengths
from chronomotion.motion.cleaning.root import root_shift
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import finite_positions

__all__ = ["Cleaning", "clean", "cleaned"]


@dataclass(frozen=True, eq=False)
class Cleaning:
    """A cleaned motion, and what was done to it. All lengths in metres."""

    motion: Motion
    bone: float
    """The most by which a bone's length strayed from the one it has now."""
    floor: float
    """Height of the floor before; it is at 0 now."""
    root: float
    """The most by which the root was moved along the floor, where the figure glided."""
    moved: float
    """The most by which any joint was moved after bones, floor and root: at most .15."""
    held: int
    """Runs of frames in which a heel or toe is held where it stands."""
    slowed: int
    """Runs in which the root was slowed, for the foot slid by more than .10."""
    let_go: int
    """Runs that are not held, or not all the way: the foot slides by more than .10 though the other foot stands, or
    a joint would move by more than .15."""


def cleaned(motion: Motion, contacts: Bool[np.ndarray, "frames 4"] | None = None) -> Motion:
    """The motion with bones of one length, on the floor, with feet that stay where they stand; see :func:`clean`."""
    return clean(motion, contacts).motion


def clean(
    motion: Motion,
    contacts: Bool[np.ndarray, "frames 4"] | None = None,
    *,
    lengths: Float[np.ndarray, " joints"] | None = None,
) -> Cleaning:
    """Clean a motion, step by step, and say what was done.

    1. Bones: every bone gets its median length, and joints stay near their places. With ``lengths`` (metres, 0 for the
       root: another body) it gets that length, and keeps its direction, from the root outwards.
    2. Floor: the motion is moved so that the height at which its lowest joint rests is 0.
    3. Root: where the foot that the figure stands on slides by more than .10 m, the root is moved against the slide,
       and all that comes after is moved along.
    4. Feet: heels and toes stay where they stand, by two-bone inverse kinematics with ends blended over .25 s.

    ``contacts`` are the contact columns (:func:`contacts_of`); a foot is held only where they agree. Without them
    heights and speeds decide alone, and a figure that glides along cannot be told from one that is meant to.

    Step 4 moves no joint by more than .15 m from where step 3 has it: frames where it would are let go. Bones keep the
    lengths of step 1. Raises FormatError when there is no layout for the skeleton, a position is not finite, or
    ``contacts`` has another shape than (frames, 4).
    """
    layout, skeleton = layout_of(motion.skeleton), motion.skeleton
    if contacts is not None and contacts.shape != (motion.frames, 4):
        raise FormatError(
            f"contacts of shape {contacts.shape}, but {motion.frames} frames need ({motion.frames}, 4): "
            "one column for each heel and toe",
            motion.name,
        )
    positions = finite_positions(motion)
    seen = bone_lengths(positions, skeleton)
    if lengths is None:
        kept = np.median(seen, axis=0)
        positions = evened_bones(positions, skeleton, kept)
    else:
        kept = np.asarray(lengths, dtype=np.float64)
        positions = with_bone_lengths(positions, skeleton, kept)
    smooth = smoothed(positions, motion.fps)
    floor = floor_height(smooth, motion.fps)
    positions[..., 1] -= floor
    smooth[..., 1] -= floor

    legs = legs_of(layout)
    stands, glides = planted(smooth, legs, motion.fps, contacts)
    shift, slowed = root_shift(smooth, legs, stands, glides, motion.fps)
    if slowed:
        positions += shift[:, None]
        stands, _ = planted(smooth + shift[:, None], legs, motion.fps, contacts)
    feet = held(positions, legs, stands, layout, motion.fps)
    return Cleaning(
        motion=replace(motion, positions=feet.positions.astype(np.float32)),
        bone=float(np.abs(seen - kept).max()),
        floor=floor,
        root=float(np.linalg.norm(shift, axis=1).max()),
        moved=float(np.linalg.norm(feet.positions - positions, axis=-1).max()),
        held=feet.held,
        slowed=slowed,
        let_go=feet.let_go,
    )
