"""Reading Acclaim skeletons (ASF)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import MAX_JOINTS, check_count, read_bytes
from chronomotion.motion.formats.numbers import read_numbers
from chronomotion.motion.formats.text_encoding import decode_names

__all__ = ["AcclaimSkeleton", "Bone", "read_asf", "statements"]

_MOVES, _TURNS = ("tx", "ty", "tz"), ("rx", "ry", "rz")
_ORDERS = frozenset({"XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"})


@dataclass
class Bone:
    """One bone: where it points at rest, how long it is, about which axes it turns."""

    name: str = ""
    direction: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Unit direction at rest, in the world."""
    length: float = 0.0
    axis: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Angles of the bone's own frame against the world at rest, degrees."""
    axes: str = "XYZ"
    dof: tuple[str, ...] = ()
    """The rotations that the motion file gives, in their order: some of rx, ry, rz."""
    parent: str = ""


@dataclass
class AcclaimSkeleton:
    """What an ASF file says. Filled while the file is read, then left alone."""

    length_unit: float = 1.0
    degrees: bool = True
    order: tuple[str, ...] = (*_MOVES, *_TURNS)
    """The root's six values in the motion file."""
    axes: str = "XYZ"
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    orientation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bones: list[Bone] = field(default_factory=list)
    """Parents before their children."""


Statement = tuple[int, list[str]]


def read_asf(path: Path) -> AcclaimSkeleton:
    """Read a skeleton; angles come out in degrees.

    Raises FormatError, with file and line, when the file is cut or damaged, a bone hangs in the air, or the limits are
    exceeded.
    """
    sections = _sections(path)
    skeleton = AcclaimSkeleton()
    _units(skeleton, sections.get("units", []), path)
    _root(skeleton, sections.get("root", []), path)
    bones = _bones(skeleton, sections.get("bonedata", []), path)
    skeleton.bones = _ordered(bones, sections.get("hierarchy", []), path)
    return skeleton


def statements(path: Path) -> Iterator[Statement]:
    """(line, words) of every line that says something; comments begin with '#'."""
    text = decode_names(read_bytes(path))
    for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        words = content.partition("#")[0].split()
        if words:
            yield line, words


def _sections(path: Path) -> dict[str, list[Statement]]:
    """The statements after each ``:section``."""
    sections: dict[str, list[Statement]] = {}
    current: list[Statement] = []
    for line, words in statements(path):
        if words[0].startswith(":"):
            current = sections.setdefault(words[0][1:].lower(), [])
            words = words[1:]
        if words:
            current.append((line, words))
    missing = [name for name in ("root", "bonedata", "hierarchy") if not sections.get(name)]
    if missing:
        raise FormatError(f"not an ASF skeleton: there is no section :{missing[0]}", f"{path}:1")
    return sections


def _units(skeleton: AcclaimSkeleton, section: list[Statement], path: Path) -> None:
    for line, (key, *values) in section:
        where = f"{path}:{line}"
        if key == "length":
            (skeleton.length_unit,) = read_numbers(values, 1, where)
            if not skeleton.length_unit > 0:
                raise FormatError(f"a length unit of {skeleton.length_unit:g} is not possible", where)
        elif key == "angle":
            if values[:1] not in (["deg"], ["rad"]):
                raise FormatError(f"angles are in deg or rad, not {' '.join(values)[:40]!r}", where)
            skeleton.degrees = values[0] == "deg"


def _root(skeleton: AcclaimSkeleton, section: list[Statement], path: Path) -> None:
    for line, (key, *values) in section:
        where = f"{path}:{line}"
        if key == "order":
            skeleton.order = tuple(value.lower() for value in values)
            if sorted(skeleton.order) != sorted((*_MOVES, *_TURNS)):
                raise FormatError("the root's order must name TX TY TZ RX RY RZ, each once", where)
        elif key == "axis":
            skeleton.axes = _axes(values, where)
        elif key == "position":
            skeleton.position = _triple(values, where)
        elif key == "orientation":
            skeleton.orientation = _angles(skeleton, values, where)


def _bones(skeleton: AcclaimSkeleton, section: list[Statement], path: Path) -> dict[str, Bone]:
    """All bones by name, without parents."""
    bones: dict[str, Bone] = {}
    bone: Bone | None = None
    for line, (key, *values) in section:
        where = f"{path}:{line}"
        if key == "begin":
            bone = Bone()
        elif bone is None:
            raise FormatError(f"expected 'begin', found {key[:40]!r}", where)
        elif key == "end":
            if bone.name in ("", "root") or bone.name in bones:
                raise FormatError(f"a bone needs a unique name, found {bone.name!r}", where)
            check_count(len(bones) + 1, MAX_JOINTS, "bones", where)
            bones[bone.name] = bone
            bone = None
        else:
            _property(skeleton, bone, key, values, where)
    if bone is not None or not bones:
        raise FormatError("the bone data ends inside a bone" if bone else "there are no bones", str(path))
    return bones


def _property(skeleton: AcclaimSkeleton, bone: Bone, key: str, values: list[str], where: str) -> None:
    """One line about a bone; lines that say nothing about its motion (id, limits, mass) are passed over."""
    if key == "name":
        bone.name = " ".join(values)
    elif key == "direction":
        bone.direction = _triple(values, where)
    elif key == "length":
        (bone.length,) = read_numbers(values, 1, where)
    elif key == "axis":
        bone.axes = _axes(values[3:], where)
        bone.axis = _angles(skeleton, values[:3], where)
    elif key == "dof":
        bone.dof = tuple(value.lower() for value in values)
        if len(set(bone.dof)) != len(bone.dof) or not set(bone.dof) <= set(_TURNS):
            raise FormatError(f"dof {' '.join(values)[:40]!r}: only rx, ry and rz are read, each once", where)


def _ordered(bones: dict[str, Bone], section: list[Statement], path: Path) -> list[Bone]:
    """The bones with their parents, parents first."""
    placed: dict[str, Bone] = {}
    for line, (parent, *children) in section:
        where = f"{path}:{line}"
        if parent in ("begin", "end") and not children:
            continue
        if parent != "root" and parent not in placed:
            raise FormatError(f"bone {parent!r} has children before it has a parent, or does not exist", where)
        for child in children:
            if child not in bones or child in placed:
                state = "has two parents" if child in placed else "is not in the bone data"
                raise FormatError(f"bone {child!r} {state}", where)
            bones[child].parent = parent
            placed[child] = bones[child]
    loose = [name for name in bones if name not in placed]
    if loose:
        raise FormatError(f"the hierarchy leaves out {', '.join(loose)}", f"{path}:{section[-1][0]}")
    return list(placed.values())


def _triple(words: list[str], where: str) -> tuple[float, float, float]:
    x, y, z = read_numbers(words, 3, where)
    return x, y, z


def _angles(skeleton: AcclaimSkeleton, words: list[str], where: str) -> tuple[float, float, float]:
    x, y, z = _triple(words, where)
    scale = 1.0 if skeleton.degrees else 180 / math.pi
    return x * scale, y * scale, z * scale


def _axes(words: list[str], where: str) -> str:
    if len(words) != 1 or words[0].upper() not in _ORDERS:
        raise FormatError(f"expected an axis order such as XYZ, found {' '.join(words)[:40]!r}", where)
    return words[0].upper()
