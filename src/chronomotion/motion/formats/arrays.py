"""Reading joints and features from numpy files.

- Joints (frames, joints, 3): 22 (HumanML3D's), 24 and 52 (SMPL and SMPL-H: their first 22 are HumanML3D's), 21
  (KIT-ML).
- Features (frames, 263) or (frames, 251), the HumanML3D and KIT-ML representations, are turned back into joints.
- An .npz with ``poses`` and ``trans`` is AMASS's.

An .npz of ours, as ``write_motion`` writes it, holds ``positions``, ``fps``, ``skeleton`` and ``format_version``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.features import motion_of
from chronomotion.motion.formats.amass import is_amass, read_amass
from chronomotion.motion.formats.archives import Archive, as_numbers, read_npy
from chronomotion.motion.formats.limits import MAX_FRAMES, check_count
from chronomotion.motion.formats.take import Take
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["FORMAT_VERSION", "read_joints", "read_joints_archive"]

FORMAT_VERSION = 1
"""Version of the .npz files that we write."""

_JOINT_FIELDS = (
    "positions",
    "joints",
    "joints3d",
    "joints_3d",
    "keypoints3d",
    "keypoints",
    "xyz",
    "motion",
    "features",
)
_RATE_FIELDS = ("fps", "framerate", "frame_rate", "mocap_framerate", "mocap_frame_rate")
_SMPL_JOINTS = {24: "SMPL", 52: "SMPL-H"}
_TALLEST_METRES = 3.0
"""A KIT-ML body above this is in KIT-ML's own unit, a thousandth of a body's height, and not in metres."""


def read_joints(path: Path) -> Take:
    """Read a .npy file of joints or features; the rate is the usual one of its kind, for the file has none.

    Raises FormatError, with file and field, when the file is damaged, too large, holds objects, or has another shape.
    """
    return _take(path, read_npy(path), str(path), None)


def read_joints_archive(path: Path, body_model: Path | None = None) -> Take:
    """Read an .npz file: AMASS, or joints or features under a usual name or as the only such array.

    Raises FormatError, with file and field, when the file is damaged, too large, holds objects, or has no motion in it.
    """
    archive = Archive(path)
    if is_amass(archive):
        return read_amass(archive, body_model)
    version = archive.number("format_version")
    if version is not None and version > FORMAT_VERSION:
        raise FormatError(f"written in format {version:g}, but this release reads up to {FORMAT_VERSION}", str(path))
    field = _motion_field(archive)
    ours = KITML if version is not None and archive.text("skeleton") == KITML.name else None
    return _take(path, archive.read(field), f"{path}: {field}", archive.number(*_RATE_FIELDS), ours)


def _motion_field(archive: Archive) -> str:
    """The array that is the motion."""
    named = [name for name in _JOINT_FIELDS if name in archive]
    if named:
        return named[0]
    if len(archive.names) == 1:
        return archive.names[0]
    raise FormatError(
        f"no motion found: expected one of {', '.join(_JOINT_FIELDS)}, or poses and trans (AMASS); "
        f"the file has {', '.join(archive.names)[:200] or 'nothing'}",
        str(archive.path),
    )


def _take(
    path: Path, array: np.ndarray[Any, np.dtype[Any]], where: str, fps: float | None, ours: Skeleton | None = None
) -> Take:
    """A take from joints or features."""
    numbers = as_numbers(array, where)
    if numbers.shape[:1] == (0,):
        raise FormatError(f"an array of shape {numbers.shape} has no frames", where)
    check_count(numbers.shape[0] if numbers.ndim else 0, MAX_FRAMES, "frames", where)
    if numbers.ndim == 2 and numbers.shape[1] in (HUMANML3D_LAYOUT.width, KITML_LAYOUT.width):
        return _from_features(path, numbers, where, fps)
    if numbers.ndim == 3 and numbers.shape[2] == 3 and numbers.shape[1] in (21, 22, *_SMPL_JOINTS):
        return _from_joints(path, numbers, fps, ours)
    raise FormatError(
        f"an array of shape {numbers.shape} is no motion: expected (frames, joints, 3) with 22, 24, 52 or 21 joints, "
        "or features (frames, 263 or 251)",
        where,
    )


def _from_features(path: Path, features: Float[np.ndarray, "frames dim"], where: str, fps: float | None) -> Take:
    """Joints from features: metres, y up, on the layout's skeleton."""
    try:
        motion = motion_of(features, name=path.stem, fps=fps)
    except FormatError as error:
        raise FormatError(str(error).removeprefix(f"{path.stem}: "), where) from error
    positions = motion.positions.astype(np.float64)
    return _on(motion.skeleton, path, f"{motion.skeleton.name} features", positions, motion.fps, fps, 1.0)


def _from_joints(
    path: Path, joints: Float[np.ndarray, "frames joints 3"], fps: float | None, ours: Skeleton | None
) -> Take:
    """Joints as they are, in a unit to be told; 21 joints in KIT-ML's own unit lie in its mirrored frame, too."""
    count = joints.shape[1]
    if count != len(KITML):
        rate = HUMANML3D_LAYOUT.fps if fps is None else fps
        kind = f"{_SMPL_JOINTS.get(count, 'HumanML3D')} joints"
        return _on(HUMANML3D, path, kind, joints[:, : len(HUMANML3D)], rate, fps, None)
    rate = KITML_LAYOUT.fps if fps is None else fps
    if ours is not None or np.median(np.ptp(joints, axis=1).max(axis=-1)) < _TALLEST_METRES:
        return _on(KITML, path, "KIT-ML joints", joints, rate, fps, 1.0)
    return _on(KITML, path, "KIT-ML joints", KITML_LAYOUT.to_metres(joints), rate, fps, 1.0)


def _on(
    skeleton: Skeleton,
    path: Path,
    kind: str,
    positions: Float[np.ndarray, "frames joints 3"],
    rate: float,
    fps: float | None,
    metres: float | None,
) -> Take:
    """A take that is on one of our skeletons already."""
    return Take(
        path=path,
        format=kind,
        joints=skeleton.joints,
        parents=skeleton.parents,
        ends=(False,) * len(skeleton),
        positions=positions,
        fps=rate,
        fps_from="format" if fps is None else "file",
        metres_per_unit=metres,
        up="y" if metres == 1.0 else None,
        skeleton=skeleton,
    )
