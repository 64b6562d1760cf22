"""Joint maps: the user states which joint of a file is which of ours."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import read_bytes

__all__ = ["JointMap", "load_joint_map"]

JointMap = Mapping[str, str] | str | PathLike[str]
"""Our joint name -> the file's joint name, or the TOML file that says so."""


def load_joint_map(joint_map: JointMap | None) -> dict[str, str]:
    """A joint map as a dict: lines ``left_wrist = "HandL"``, at the top of the TOML file or in a table ``[joints]``.

    Raises FormatError when the file is missing, is no TOML, or holds anything but names.
    """
    if joint_map is None:
        return {}
    where = "joint_map" if isinstance(joint_map, Mapping) else str(joint_map)
    table: Mapping[str, object] = joint_map if isinstance(joint_map, Mapping) else _load(Path(joint_map))
    names: dict[str, str] = {}
    for joint, name in table.items():
        if not isinstance(name, str):
            raise FormatError(f"joint map: {joint} must be the name of a joint in quotes, not {name!r}", where)
        names[joint] = name
    return names


def _load(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(read_bytes(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"not a TOML file: {error}", str(path)) from error
    joints = table.get("joints", table)
    if not isinstance(joints, dict):
        raise FormatError("joint map: [joints] must be a table", str(path))
    return joints
