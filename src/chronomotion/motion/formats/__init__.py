"""Motion files in and out, by suffix: one function in, one out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Literal

from chronomotion.motion.formats.joint_maps import JointMap
from chronomotion.motion.formats.recording import Recording, Report, read_recording
from chronomotion.motion.motion import Motion

__all__ = ["JointMap", "Recording", "Report", "inspect_motion", "read_motion"]


def read_motion(
    path: str | PathLike[str],
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
) -> Motion:
    """Read a motion file onto the 22-joint skeleton: metres, y up, the file's own frame rate, its stem as the name.

    - ``joint_map``: our joint name -> the file's, as a dict or a TOML file; goes before the rules of ``formats.rigs``.
    - ``unit``: "auto" (from the skeleton's height), "m", "cm", "mm", "inch", "cmu" (1 / 0.45 inch), or metres.
    - ``up``: "auto" (from the body), "x", "y", "z", or one of them with a minus.
    - ``trim``: frames to cut from the start, or "auto" to cut a T-pose lead-in.

    What was found is logged at INFO, doubts at WARNING; :func:`inspect_motion` gives them as a :class:`Report`.
    Raises FormatError, with file and line or field, for whatever is wrong with the file.
    """
    return read_recording(Path(path), joint_map=joint_map, unit=unit, up=up, trim=trim).motion


def inspect_motion(
    path: str | PathLike[str],
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
) -> Report:
    """What a motion file is: format, rig, unit, up axis, rate, height, doubts. Arguments as in :func:`read_motion`."""
    return read_recording(Path(path), joint_map=joint_map, unit=unit, up=up, trim=trim).report
