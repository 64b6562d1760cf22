"""The constants of a skeleton that the published motion features use: chains, rest directions, sides, feet, units.

Sources: ``paramUtil.py`` and ``motion_representation.ipynb`` of github.com/EricGuo5513/HumanML3D for the constants; for
the bone lengths the HumanML3D clip 000021, the published reference body.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from chronomotion.errors import FormatError
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["HUMANML3D_LAYOUT", "KITML_LAYOUT", "Columns", "Layout", "layout_of", "layout_of_width"]

_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_RIGHT, _DOWN = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)


class Columns(NamedTuple):
    """Where each part of a feature row lies. Lengths in feature units, velocities per frame."""

    yaw: slice
    """Half the angle by which the heading turns to the next frame, radians (1)."""
    path: slice
    """Root velocity along x and z in the heading frame (2)."""
    height: slice
    """Height of the root above the floor (1)."""
    joints: slice
    """Joints but the root, relative to the root's place on the floor, in the heading frame (joints - 1, 3)."""
    rotations: slice
    """First two columns of each joint's rotation matrix, relative to the joint before it (joints - 1, 6)."""
    velocities: slice
    """Velocity of every joint in the heading frame (joints, 3)."""
    contacts: slice
    """1 where a foot joint rests until the next frame, else 0 (4)."""


@dataclass(frozen=True)
class Layout:
    """The feature layout of one skeleton: constants, and the columns of a row."""

    skeleton: Skeleton
    fps: float
    """Frames a second that the features are defined at."""
    chains: tuple[tuple[int, ...], ...]
    """Chains of joints along which rotations are taken; each chain begins with the root's rotation."""
    rest: tuple[tuple[float, float, float], ...]
    """For every joint the direction from its parent in the rest pose, in the features' frame."""
    hips: tuple[int, int]
    """Right and left hip."""
    shoulders: tuple[int, int]
    """Right and left shoulder."""
    legs: tuple[int, int]
    """The two joints whose bones, thigh and shank, stand for the length of a leg."""
    feet: tuple[int, int, int, int]
    """Joints of the contact columns, in their order."""
    contact: float
    """A foot rests when its squared displacement to the next frame is below this, in feature units squared."""
    bone_lengths: tuple[float, ...] | None = None
    """Bone length of the reference body for every joint (0 for the root), metres; None where no reference is known."""
    axes: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Metres in one feature unit along x, y and z; negative where the features' axis points the other way."""

    @cached_property
    def width(self) -> int:
        """Numbers in one row of features."""
        return 12 * len(self.skeleton) - 1

    @cached_property
    def columns(self) -> Columns:
        """Where each part of a feature row lies."""
        joints = len(self.skeleton)
        ends = np.cumsum([1, 2, 1, 3 * (joints - 1), 6 * (joints - 1), 3 * joints, 4]).tolist()
        return Columns(*(slice(start, end) for start, end in zip([0, *ends], ends, strict=False)))

    @cached_property
    def rest_directions(self) -> Float[np.ndarray, "bones 3"]:
        """Unit rest directions of the bones, that is of every joint but the root."""
        return _frozen(np.array(self.rest[1:]))

    @cached_property
    def parents(self) -> Int[np.ndarray, " bones"]:
        """The joint that each bone begins at."""
        return _frozen(np.array(self.skeleton.parents[1:]))

    @cached_property
    def turned_from(self) -> Int[np.ndarray, " bones"]:
        """The joint whose rotation each bone's rotation is relative to: the one before in its chain, or the root."""
        before = np.zeros(len(self.skeleton), dtype=np.int64)
        for chain in self.chains:
            # A chain may begin in the middle of the body, but its first bone is still relative to the root.
            before[list(chain[2:])] = chain[1:-1]
        return _frozen(before[1:])

    @cached_property
    def path_to(self) -> Float[np.ndarray, "joints bones"]:
        """1 where a bone lies between the root and a joint: times the bones, it gives joints relative to the root."""
        between = np.zeros((len(self.skeleton), len(self.skeleton) - 1))
        for parent, joint in self.skeleton.bones:
            between[joint] = between[parent]
            between[joint, joint - 1] = 1
        return _frozen(between)

    def to_metres(self, joints: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames joints 3"]:
        """Joints in the features' frame and unit (the published ``new_joints``) as positions of a ``Motion``."""
        metres: np.ndarray = joints * np.array(self.axes)
        return metres

    def to_units(self, positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames joints 3"]:
        """Positions of a ``Motion`` in the features' frame and unit: undoes ``to_metres``."""
        units: np.ndarray = positions / np.array(self.axes)
        return units


HUMANML3D_LAYOUT = Layout(
    skeleton=HUMANML3D,
    fps=20.0,
    chains=((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20)),
    rest=(
        (0.0, 0.0, 0.0), _X, _RIGHT, _Y, _DOWN, _DOWN, _Y, _DOWN, _DOWN, _Y, _Z, _Z, _Y, _X, _RIGHT, _Z,
        _DOWN, _DOWN, _DOWN, _DOWN, _DOWN, _DOWN,
    ),
    hips=(2, 1),
    shoulders=(17, 16),
    legs=(5, 8),
    feet=(7, 10, 8, 11),
    contact=0.002,
    bone_lengths=(
        0.0, 0.103074, 0.109883, 0.131568, 0.393623, 0.390188, 0.14319, 0.432433, 0.425643, 0.057365, 0.143382,
        0.149419, 0.21936, 0.137487, 0.143383, 0.103039, 0.131614, 0.122984, 0.25684, 0.263092, 0.266012, 0.269876,
    ),
)  # fmt: skip
"""HumanML3D: 263 numbers, 20 fps, metres. Bone lengths: the first frame of clip 000021, to the micrometre."""

KITML_LAYOUT = Layout(
    skeleton=KITML,
    fps=12.5,
    chains=((0, 11, 12, 13, 14, 15), (0, 16, 17, 18, 19, 20), (0, 1, 2, 3, 4), (3, 5, 6, 7), (3, 8, 9, 10)),
    rest=(
        (0.0, 0.0, 0.0), _Y, _Y, _Y, _Y, _X, _DOWN, _DOWN, _RIGHT, _DOWN, _DOWN,
        _X, _DOWN, _DOWN, _Z, _Z, _RIGHT, _DOWN, _DOWN, _Z, _Z,
    ),
    hips=(16, 11),
    shoulders=(8, 5),
    legs=(17, 18),
    feet=(19, 20, 14, 15),
    contact=0.05,
    axes=(-0.75 / 480, 0.75 / 480, 0.75 / 480),
)  # fmt: skip
"""KIT-ML: 251 numbers, 12.5 fps, in the frame and unit of the published files, neither metric nor right-handed.

- Left is at -x. The source of the joints, ``kit2.asf`` of github.com/chahuja/language2pose, swaps y and z of a
  right-handed frame: the toes point to +z and the joints named L lie at -x, a mirror image. The published features call
  those joints right ("r_hip" = 11), after where they lie; here x is turned back, and L is the anatomical left.
- The unit is about a thousandth of the body's height. 0.75 / 480 m is the factor that TEMOS, MLD and MotionGPT use.
- The published rest directions of the hips and shoulders point to the other side, so those four rotations are near a
  half turn, where the shortest arc changes much for a small change of the bone.
- The reference body, clip 03950, is not public by itself: bone lengths stay those of the clip.
"""

_LAYOUTS = {layout.skeleton.name: layout for layout in (HUMANML3D_LAYOUT, KITML_LAYOUT)}


def layout_of(skeleton: Skeleton) -> Layout:
    """The layout of a skeleton; raises FormatError where no features are defined for it."""
    layout = _LAYOUTS.get(skeleton.name)
    if layout is None or layout.skeleton != skeleton:
        raise FormatError(
            f"no features are defined for skeleton {skeleton.name!r} with {len(skeleton)} joints: "
            f"map the motion onto one of {', '.join(_LAYOUTS)} first"
        )
    return layout


def layout_of_width(width: int) -> Layout:
    """The layout whose feature rows have this many numbers; raises FormatError when there is none."""
    for layout in _LAYOUTS.values():
        if layout.width == width:
            return layout
    known = ", ".join(f"{layout.width} ({name})" for name, layout in _LAYOUTS.items())
    raise FormatError(f"feature rows of {width} numbers are of no known kind: expected {known}")


def _frozen(array: np.ndarray) -> np.ndarray:
    """The same array, read-only, because all callers share the layouts."""
    array.setflags(write=False)
    return array
