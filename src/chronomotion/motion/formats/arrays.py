"""Reading joints and features from numpy files.

- Joints: (frames, joints, 3), or with the axes in another order, a batch of one, or flat; see ``formats.array_axes``.
  22, 24, 45, 52, 55, 73, 127 or 144 joints (the SMPL family: the first 22 are HumanML3D's), 77 or 30 (SOMA), 21
  (KIT-ML), or any number where the archive names them and says which hangs on which.
- Features (frames, 263) or (frames, 251), the HumanML3D and KIT-ML representations, are turned back into joints.
- An .npz with poses and a translation is the SMPL family's, AMASS's among others.

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
from chronomotion.motion.formats.array_axes import SMPL_JOINTS, as_features, as_joints
from chronomotion.motion.formats.limits import MAX_FRAMES, MAX_JOINTS, MAX_NUMBERS, check_count
from chronomotion.motion.formats.plausible import check_features
from chronomotion.motion.formats.soma import SOMA_SKELETONS
from chronomotion.motion.formats.take import Take
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, layout_of_width
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

__all__ = ["FORMAT_VERSION", "read_joints", "read_joints_archive"]

FORMAT_VERSION = 1
"""Version of the .npz files that we write."""

_POSITION_FIELDS = (
    "positions", "posed_joints", "joints", "joints3d", "joints_3d", "joint_positions", "global_positions",
    "keypoints3d", "keypoints_3d", "keypoints", "xyz", "pred_xyz",
)  # fmt: skip
_JOINT_FIELDS = (*_POSITION_FIELDS, "motion", "motions", "features")
_NAME_FIELDS = ("joint_names", "joints_names", "bone_names", "names", "joints")
_PARENT_FIELDS = ("parents", "joint_parents", "parent_indices")
_RATE_FIELDS = ("fps", "framerate", "frame_rate", "mocap_framerate", "mocap_frame_rate")
_KIMODO_FIELD, _KIMODO_RATE = "posed_joints", 30.0
_TALLEST_METRES = 3.0
"""A KIT-ML body above this is in KIT-ML's own unit, a thousandth of a body's height, and not in metres."""


def read_joints(path: Path) -> Take:
    """Read a .npy file of joints or features; the rate is the usual one of its kind, for the file has none.

    Raises FormatError, with file and field, when the file is damaged, too large, holds objects, or has another shape.
    """
    return _take(path, read_npy(path), str(path), None)


def read_joints_archive(path: Path, body_model: Path | None = None, fps: float | None = None) -> Take:
    """Read an .npz file: poses of the SMPL family, or joints or features under a usual name or as the only such array.

    ``fps`` is the caller's, for poses without a rate.
    Raises FormatError, with file and field, when the file is damaged, too large, holds objects, or has no motion in it.
    """
    archive = Archive(path)
    # Joints that stand beside the poses need no body model.
    if is_amass(archive) and (body_model is not None or not any(name in archive for name in _POSITION_FIELDS)):
        return read_amass(archive, body_model, fps)
    version = archive.number("format_version")
    if version is not None and version > FORMAT_VERSION:
        raise FormatError(f"written in format {version:g}, but this release reads up to {FORMAT_VERSION}", str(path))
    field = _motion_field(archive)
    where, array, rate = f"{path}: {field}", archive.read(field), archive.number(*_RATE_FIELDS)
    if version is None:
        named = _named(archive, field, array, where, rate)
        if named is not None:
            return named
    ours = None if version is None else KITML if archive.text("skeleton") == KITML.name else HUMANML3D
    return _take(path, array, where, rate, ours, _KIMODO_RATE if field == _KIMODO_FIELD else None)


def _motion_field(archive: Archive) -> str:
    """The array that is the motion."""
    named = [name for name in _JOINT_FIELDS if name in archive and not (name == "joints" and _is_text(archive, name))]
    if named:
        return named[0]
    if len(archive.names) == 1:
        return archive.names[0]
    raise FormatError(
        f"no motion found: expected one of {', '.join(_JOINT_FIELDS)}, or poses and trans (AMASS); "
        f"the file has {', '.join(archive.names)[:200] or 'nothing'}",
        str(archive.path),
    )


def _is_text(archive: Archive, name: str) -> bool:
    return archive.read(name).dtype.kind in "US"


def _named(
    archive: Archive, field: str, array: np.ndarray[Any, np.dtype[Any]], where: str, fps: float | None
) -> Take | None:
    """A take whose joints the archive names, with the tree that it gives; None where it does not do both."""
    fields = [name for name in _NAME_FIELDS if name in archive and name != field and _is_text(archive, name)]
    trees = [name for name in _PARENT_FIELDS if name in archive]
    if not fields or not trees:
        return None
    names = tuple(str(name) for name in archive.read(fields[0]).reshape(-1).astype(str))
    check_count(len(names), MAX_JOINTS, "joints", where)
    parents = archive.numbers(trees[0], None)
    shape = tuple(length for length in array.shape if length != 1) if array.ndim > 3 else array.shape
    if len(shape) != 3 or shape[1:] != (len(names), 3) or len(parents) != len(names):
        raise FormatError(
            f"shape {array.shape}, but {fields[0]} has {len(names)} names and {trees[0]} {len(parents)} joints: "
            "expected (frames, joints, 3)",
            where,
        )
    if not all(parent == -1 or parent in range(joint) for joint, parent in enumerate(parents.tolist())):
        raise FormatError("each joint needs a parent before it, or -1", f"{archive.path}: {trees[0]}")
    positions = as_numbers(array, where).reshape(shape)
    _check_frames(len(positions), where)
    return Take(
        path=archive.path,
        format="named joints",
        joints=names,
        parents=tuple(int(parent) for parent in parents),
        ends=(False,) * len(names),
        positions=positions,
        fps=HUMANML3D_LAYOUT.fps if fps is None else fps,
        fps_from="format" if fps is None else "file",
    )


def _take(
    path: Path,
    array: np.ndarray[Any, np.dtype[Any]],
    where: str,
    fps: float | None,
    ours: Skeleton | None = None,
    usual_fps: float | None = None,
) -> Take:
    """A take from joints or features; ``usual_fps`` is that of the program that wrote them."""
    check_count(array.size, MAX_NUMBERS * 2, "numbers", where)
    numbers = as_numbers(array, where)
    if 0 in numbers.shape:
        raise FormatError(f"an array of shape {numbers.shape} has no frames", where)
    rows = as_features(numbers, where)
    if rows is not None:
        _check_frames(len(rows), where)
        return _from_features(path, rows, where, fps)
    joints, doubts = as_joints(numbers, where) if ours is None else (_checked(numbers, ours, where), ())
    return _from_joints(path, joints, fps, ours, doubts, usual_fps)


def _checked(numbers: np.ndarray, skeleton: Skeleton, where: str) -> Float[np.ndarray, "frames joints 3"]:
    """Positions of a file of ours, whose axes need not be told."""
    if numbers.shape[1:] != (len(skeleton), 3):
        raise FormatError(f"shape {numbers.shape}, expected (frames, {len(skeleton)}, 3) for {skeleton.name}", where)
    return numbers


def _check_frames(frames: int, where: str) -> None:
    if not frames:
        raise FormatError("the motion has no frames", where)
    check_count(frames, MAX_FRAMES, "frames", where)


def _from_features(path: Path, features: Float[np.ndarray, "frames dim"], where: str, fps: float | None) -> Take:
    """Joints from features: metres, y up, on the layout's skeleton."""
    try:
        motion = motion_of(features, name=path.stem, fps=fps)
    except FormatError as error:
        raise FormatError(str(error).removeprefix(f"{path.stem}: "), where) from error
    doubts = check_features(features, layout_of_width(features.shape[1]), where)
    positions = motion.positions.astype(np.float64)
    return _on(motion.skeleton, path, f"{motion.skeleton.name} features", positions, motion.fps, fps, 1.0, doubts)


def _from_joints(
    path: Path,
    joints: Float[np.ndarray, "frames joints 3"],
    fps: float | None,
    ours: Skeleton | None,
    doubts: tuple[str, ...],
    usual_fps: float | None,
) -> Take:
    """Joints as they are, in a unit to be told, but ``ours`` in metres, y up; 21 joints in KIT-ML's own unit lie in its
    mirrored frame, too.
    """
    count = joints.shape[1]
    if count != len(KITML):
        rate = fps or usual_fps or HUMANML3D_LAYOUT.fps
        if count in SOMA_SKELETONS:
            # Its joints are found by their names, as those of the same rig in a BVH are.
            return _on(SOMA_SKELETONS[count], path, "SOMA joints", joints, rate, fps, None, doubts, known=False)
        kind, metres = f"{SMPL_JOINTS[count]} joints", None if ours is None else 1.0
        return _on(HUMANML3D, path, kind, joints[:, : len(HUMANML3D)], rate, fps, metres, doubts)
    rate = fps or KITML_LAYOUT.fps
    if ours is None and np.median(np.ptp(joints, axis=1).max(axis=-1)) >= _TALLEST_METRES:
        joints = KITML_LAYOUT.to_metres(joints)
    return _on(KITML, path, "KIT-ML joints", joints, rate, fps, 1.0, doubts)


def _on(
    skeleton: Skeleton,
    path: Path,
    kind: str,
    positions: Float[np.ndarray, "frames joints 3"],
    rate: float,
    fps: float | None,
    metres: float | None,
    doubts: tuple[str, ...] = (),
    *,
    known: bool = True,
) -> Take:
    """A take on a skeleton, which is one of ours when it is ``known``."""
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
        skeleton=skeleton if known else None,
        warnings=doubts,
    )
