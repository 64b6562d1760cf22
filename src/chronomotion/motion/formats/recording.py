"""From any motion file to a Motion on one of our skeletons, with a report of what was found and done on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.acclaim import read_acclaim
from chronomotion.motion.formats.anatomy import anatomy_doubts
from chronomotion.motion.formats.arrays import read_joints, read_joints_archive
from chronomotion.motion.formats.bvh import BvhPart, read_bvh
from chronomotion.motion.formats.defects import find_glitches, lead_in, seems_mirrored
from chronomotion.motion.formats.frame import tell_axis, tell_length
from chronomotion.motion.formats.frame_rate import rate_of_take
from chronomotion.motion.formats.gltf import GLTF_SUFFIXES, read_gltf
from chronomotion.motion.formats.joint_maps import JointMap, load_joint_map
from chronomotion.motion.formats.neighbours import custom_beside
from chronomotion.motion.formats.refused import unreadable
from chronomotion.motion.formats.report import Recording, RecordingReport
from chronomotion.motion.formats.rigs import place_joints
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.units import standing_height, to_y_up
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D, Skeleton

__all__ = ["SUFFIXES", "read_recording"]

_READERS: dict[str, Callable[[Path], Take]] = {
    ".amc": read_acclaim,
    ".bvh": read_bvh,
    ".npy": read_joints,
    ".npz": read_joints_archive,
    **dict.fromkeys(GLTF_SUFFIXES, read_gltf),
}
SUFFIXES = tuple(_READERS)
"""Suffixes of the files that are read."""

_FARTHEST = 1e5
"""Metres from the origin beyond which a joint is an error."""
_SHOWN = 8
"""Frames that an error names."""
_HUMAN = (0.8, 2.2)
"""Metres from ankle to head of a standing figure outside which a unit that is not inferred from it is doubted."""

Positions = Float[np.ndarray, "frames joints 3"]


@np.errstate(over="ignore", invalid="ignore")  # damaged numbers overflow on the way; what comes out is checked
def read_recording(
    path: Path,
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
    fps: float | None = None,
    body_model: Path | None = None,
    beside: bool = False,
    part: BvhPart | None = None,
    raw: bytes | None = None,
) -> Recording:
    """Read a motion file with a report; see :func:`chronomotion.motion.formats.read_motion` for the arguments.

    ``part`` says what is enough of a BVH, ``raw`` is its content where that has been read already.

    With ``beside``, a take whose axis or unit is another one than that of most takes of its rig in the same folder is
    read like them where that is possible, and the report says so.
    """
    take = read_bvh(path, fps, part=part, raw=raw) if path.suffix.lower() == ".bvh" else _read(path, body_model, fps)
    names = load_joint_map(joint_map)
    skeleton, placed, family, sources, doubts = _placed(take, names)
    custom = custom_beside(path, take, names) if beside and "auto" in (unit, up) else None
    start = _first_kept(trim, take)
    _check_finite(placed, skeleton, path, start)
    placed = placed[start:]
    length = tell_length(take, placed, skeleton, unit, custom, family)
    axis = tell_axis(take, placed, skeleton, up, custom)
    positions = to_y_up(placed * length.metres, axis.name)
    _check_near(positions, path)
    rate, rate_from, rate_doubt = rate_of_take(
        take.fps, len(take.positions), fps, str(path), usual=take.fps_from == "format"
    )
    lead = lead_in(positions, skeleton, rate)
    cut = lead if trim == "auto" else 0
    height = standing_height(positions, skeleton)
    report = RecordingReport(
        path=path,
        format=take.format,
        family=family,
        sources=sources,
        unit=length.name,
        metres_per_unit=length.metres,
        unit_from=length.source,
        up=axis.name,
        up_from=axis.source,
        fps=rate,
        fps_from=rate_from,
        frames=len(positions) - cut,
        trimmed=start + cut,
        lead_in=lead - cut,
        glitches=find_glitches(positions[lead:], skeleton, rate, offset=start + lead),
        height=height,
        doubts=(
            *(*take.warnings, *filter(None, [rate_doubt]), *doubts, *axis.doubts),
            *(length.doubts or _size_doubt(height, length.source)),
            *(anatomy_doubts(positions, skeleton) or _side_doubt(positions, skeleton)),
        ),
    )
    return Recording(Motion(positions[cut:].astype(np.float32), rate, skeleton, path.stem), report)


def _read(path: Path, body_model: Path | None, fps: float | None) -> Take:
    """The take in a file of a known suffix."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return read_joints_archive(path, body_model, fps)
    if suffix not in _READERS:
        hint = " (a skeleton only: read the .amc beside it)" if suffix == ".asf" else ""
        kind = repr(path.suffix) if path.suffix else "without a suffix"
        way_out = unreadable(suffix)
        if way_out is not None:
            raise FormatError(f"files of the kind {kind} are not read: {way_out}", str(path))
        raise FormatError(f"unknown kind of motion file {kind}{hint}: known are {', '.join(SUFFIXES)}", str(path))
    return _READERS[suffix](path)


def _placed(take: Take, joint_map: dict[str, str]) -> tuple[Skeleton, Positions, str, dict[str, str], tuple[str, ...]]:
    """(skeleton, positions on it in file units, rig family, sources of the joints, doubts)."""
    if take.skeleton is not None and not joint_map:
        same = {joint: joint for joint in take.skeleton.joints}
        return take.skeleton, take.positions, take.skeleton.name, same, ()
    mapping = place_joints(take, joint_map)
    return HUMANML3D, mapping.positions(take), mapping.family, mapping.sources, mapping.warnings


def _first_kept(trim: int | Literal["auto"], take: Take) -> int:
    """The first frame that the caller does not cut."""
    if trim == "auto":
        return 0
    if trim < 0:
        raise FormatError(f"trim must be auto or a number of frames from 0 on, not {trim}", str(take.path))
    if trim >= len(take.positions):
        raise FormatError(f"trimming {trim} frames leaves nothing: the file has {len(take.positions)}", str(take.path))
    return trim


def _check_finite(placed: Positions, skeleton: Skeleton, path: Path, start: int) -> None:
    """Raise FormatError naming frames and joints that are not finite; trimmed frames do not count."""
    bad = ~np.isfinite(placed[start:]).all(axis=-1)
    if bad.any():
        frames = np.flatnonzero(bad.any(axis=1)) + start
        joints = [skeleton.joints[joint] for joint in np.flatnonzero(bad.any(axis=0))]
        shown = ", ".join(map(str, frames[:_SHOWN])) + (" ..." if len(frames) > _SHOWN else "")
        raise FormatError(
            f"{len(frames)} of {len(placed)} frames are not finite (frames {shown}; joints {', '.join(joints)}): "
            "mend them, or trim them if they stand at the start",
            str(path),
        )


def _check_near(positions: Positions, path: Path) -> None:
    """Raise FormatError when a joint is absurdly far away."""
    farthest = float(np.abs(positions).max())
    if not farthest <= _FARTHEST:
        raise FormatError(f"a joint is {farthest:.3g} m away from the origin: the numbers are damaged", str(path))


def _size_doubt(height: float, source: str) -> tuple[str, ...]:
    if source == "skeleton" or _HUMAN[0] <= height <= _HUMAN[1]:
        return ()
    return (f"an unusual size: the figure is {height:.3g} m tall from ankle to head: is the unit right?",)


def _side_doubt(positions: Positions, skeleton: Skeleton) -> tuple[str, ...]:
    if skeleton != HUMANML3D or not seems_mirrored(positions, skeleton):
        return ()
    return ("sides: the toes point backwards: left and right are exchanged, or the file's axes are left-handed",)
