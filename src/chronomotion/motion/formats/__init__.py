"""Motion files in and out, by suffix: one function in, one out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Literal

from chronomotion.motion.formats.defects import Glitch
from chronomotion.motion.formats.joint_maps import JointMap
from chronomotion.motion.formats.recording import SUFFIXES, read_recording
from chronomotion.motion.formats.refused import unreadable
from chronomotion.motion.formats.report import Recording, RecordingReport
from chronomotion.motion.formats.writing import WRITTEN_SUFFIXES, write
from chronomotion.motion.motion import Motion

__all__ = [
    "SUFFIXES",
    "WRITTEN_SUFFIXES",
    "Glitch",
    "JointMap",
    "Recording",
    "RecordingReport",
    "inspect_motion",
    "read_motion",
    "read_recording",
    "unreadable",
    "write_motion",
]


def read_motion(
    path: str | PathLike[str],
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
    fps: float | None = None,
    body_model: str | PathLike[str] | None = None,
    beside: bool = False,
) -> Motion:
    """Read a motion file: metres, y up, the file's own frame rate, its stem as the name.

    ``.bvh``; ``.amc`` with its ``.asf`` beside it; ``.npy`` and ``.npz`` of joints or features; ``.npz`` of SMPL's
    poses, as AMASS has them; animations in ``.glb``, ``.gltf`` and ``.vrma``. The motion is on the 22-joint HUMANML3D
    skeleton, but on KITML where the file holds KIT-ML's 21 joints or features.

    - ``joint_map``: our joint name -> the file's, as a dict or a TOML file; goes before the rules of ``formats.rigs``.
    - ``unit``: "auto" (from the skeleton's height), "m", "dm", "cm", "mm", "inch", "cmu" (1 / 0.45 inch), or metres.
    - ``up``: "auto" (from the body), "x", "y", "z", or one of them with a minus (on the command line ``--up=-y``).
    - ``trim``: frames to cut from the start, or "auto" to cut a T-pose lead-in.
    - ``fps``: the frame rate, where the file states none, or one that no recording has (0, or 1 s a frame); a rate that
      can be believed stays, and the report says so.
    - ``body_model``: for AMASS the SMPL-H or SMPL-X model file (npz), or a folder with one for each gender.
    - ``beside``: let the takes of the same rig in the same folder (BVH) say which axis is up and how long a unit is
      where this one differs: a person who lies from beginning to end does not show which axis is up.

    The report on the file is logged at INFO, its doubts at WARNING; :func:`inspect_motion` gives both as a
    :class:`RecordingReport`. Joints that jump are named there and left as recorded; frames that are not finite are an
    error.
    Raises FormatError, with file and line or field, for whatever is wrong with the file.
    """
    model = None if body_model is None else Path(body_model)
    recording = read_recording(
        Path(path), joint_map=joint_map, unit=unit, up=up, trim=trim, fps=fps, body_model=model, beside=beside
    )
    recording.report.log()
    return recording.motion


def inspect_motion(
    path: str | PathLike[str],
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
    fps: float | None = None,
    body_model: str | PathLike[str] | None = None,
) -> RecordingReport:
    """What a motion file is: format, rig, unit, up axis, rate, height, lead-in, glitches, doubts.

    Arguments and errors as in :func:`read_motion`.
    """
    model = None if body_model is None else Path(body_model)
    return read_recording(
        Path(path), joint_map=joint_map, unit=unit, up=up, trim=trim, fps=fps, body_model=model
    ).report


def write_motion(motion: Motion, path: str | PathLike[str]) -> None:
    """Write a motion: ``.bvh`` (centimetres) and ``.glb`` (glTF, metres) for animation programs, ``.npz`` (everything),
    ``.npy`` (positions only).

    A BVH or GLB has bones of constant length, the median of the motion's: read back within a millimetre when the
    motion's bones keep their lengths; a warning is logged when they do not. The file is written beside its place and
    renamed.
    Raises FormatError for another suffix, positions that are not finite, or a place that cannot be written.
    """
    write(motion, Path(path))
