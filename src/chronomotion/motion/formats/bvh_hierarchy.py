"""The HIERARCHY part of a BVH file: joints, offsets and channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import MAX_JOINTS, check_count
from chronomotion.motion.formats.numbers import read_number, read_numbers
from chronomotion.motion.formats.take import end_of

__all__ = ["Hierarchy", "read_hierarchy"]

_CHANNELS = {axis.lower() + kind: (axis, kind) for axis in "XYZ" for kind in ("position", "rotation")}


@dataclass
class Hierarchy:
    """Joints in the file's order, ends of bones among them. Filled while the file is read, then left alone."""

    joints: list[str] = field(default_factory=list)
    parent_list: list[int] = field(default_factory=list)
    end_list: list[bool] = field(default_factory=list)
    offset_list: list[list[float] | None] = field(default_factory=list)
    channels: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    """For every joint its channels as (axis, "position" or "rotation"), in the file's order."""

    def add(self, name: str, parent: int, *, end: bool) -> int:
        """Append a joint without offset and channels and give its index."""
        self.joints.append(name)
        self.parent_list.append(parent)
        self.end_list.append(end)
        self.offset_list.append(None)
        self.channels.append(())
        return len(self.joints) - 1

    def only(self, wanted: Callable[[str], bool]) -> tuple[Hierarchy, list[int]]:
        """The hierarchy without the joints that are not wanted, by name, and have no wanted joint below them; and the
        columns of the file that are left. An end goes with its joint.
        """
        kept = [end or wanted(name) for name, end in zip(self.joints, self.end_list, strict=True)]
        for joint in reversed(range(len(self.joints))):
            parent = self.parent_list[joint]
            if parent >= 0 and kept[joint] and not self.end_list[joint]:
                kept[parent] = True
        part, columns, column = Hierarchy(), list[int](), 0
        places: dict[int, int] = {-1: -1}
        for joint, channels in enumerate(self.channels):
            if kept[joint] and self.parent_list[joint] in places:
                places[joint] = part.add(self.joints[joint], places[self.parent_list[joint]], end=self.end_list[joint])
                part.offset_list[-1], part.channels[-1] = self.offset_list[joint], channels
                columns += range(column, column + len(channels))
            column += len(channels)
        return part, columns

    @property
    def names(self) -> tuple[str, ...]:
        """Names of joints and ends."""
        return tuple(self.joints)

    @property
    def parents(self) -> tuple[int, ...]:
        """Index of every joint's parent, -1 for a root."""
        return tuple(self.parent_list)

    @property
    def ends(self) -> tuple[bool, ...]:
        """True for the ends of bones."""
        return tuple(self.end_list)

    @cached_property
    def offsets(self) -> Float[np.ndarray, "joints 3"]:
        """Offset of every joint from its parent, in file units."""
        return np.array([offset or [0.0, 0.0, 0.0] for offset in self.offset_list], dtype=np.float64)

    @cached_property
    def channel_count(self) -> int:
        """Numbers in one frame."""
        return sum(map(len, self.channels))

    @cached_property
    def position_channels(self) -> tuple[list[int], list[int], list[int]]:
        """(joint, axis, column) of every position channel, as three lists."""
        channels = [(j, "XYZ".index(axis), column) for j, column, axis, kind in self._columns() if kind == "position"]
        return [j for j, _, _ in channels], [axis for _, axis, _ in channels], [column for _, _, column in channels]

    @cached_property
    def rotation_groups(self) -> list[tuple[str, list[int], Int[np.ndarray, "joints angles"]]]:
        """Joints grouped by the order of their rotations: (order, joints, columns of each joint's angles)."""
        orders: list[str] = [""] * len(self.joints)
        columns: list[list[int]] = [[] for _ in self.joints]
        for joint, column, axis, kind in self._columns():
            if kind == "rotation":
                orders[joint] += axis
                columns[joint].append(column)
        groups: dict[str, list[int]] = {}
        for joint, order in enumerate(orders):
            groups.setdefault(order, []).append(joint)
        return [
            (order, joints, np.array([columns[joint] for joint in joints], dtype=np.int64).reshape(len(joints), -1))
            for order, joints in groups.items()
        ]

    def _columns(self) -> list[tuple[int, int, str, str]]:
        """(joint, column, axis, kind) of every channel."""
        pairs = [(joint, channel) for joint, channels in enumerate(self.channels) for channel in channels]
        return [(joint, column, *channel) for column, (joint, channel) in enumerate(pairs)]


def read_hierarchy(lines: list[str], path: Path) -> tuple[Hierarchy, int]:
    """The hierarchy and the index of the line after ``MOTION``.

    Raises FormatError, with file and line, when a bracket, offset or channel is missing, unknown or out of place.
    """
    parser = _Parser(path)
    for at, line in enumerate(lines):
        # Brackets count wherever they stand: some writers put them on the line of the joint's name.
        for piece in line.replace("{", "\n{\n").replace("}", "\n}\n").split("\n"):
            words = piece.split()
            if words and parser.take(words, at + 1):
                return parser.hierarchy, at + 1
    raise FormatError("the file ends inside the HIERARCHY: there is no MOTION part", f"{path}:{len(lines)}")


class _Parser:
    """Reads a hierarchy word by word. Keeps its own stack, so that no depth of nesting can exhaust ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hierarchy = Hierarchy()
        self.open: list[int] = []
        self.waiting: int | None = None

    def take(self, words: list[str], line: int) -> bool:
        """Take one statement; True when it was MOTION and the hierarchy is complete."""
        where, key = f"{self.path}:{line}", words[0].upper()
        if (key == "{") != (self.waiting is not None):
            raise FormatError("expected '{'" if self.waiting is not None else "'{' without a joint before it", where)
        if key == "MOTION":
            self._finish(where)
            return True
        if self.waiting is not None:
            self.open.append(self.waiting)
            self.waiting = None
        elif key == "}":
            self._close(where)
        elif key in ("ROOT", "JOINT", "END"):
            self._begin(key, " ".join(words[1:]), where)
        elif key == "OFFSET":
            self.hierarchy.offset_list[self._current(key, where)] = read_numbers(words[1:], 3, where)
        elif key == "CHANNELS":
            self.hierarchy.channels[self._current(key, where)] = _channels(words[1:], where)
        elif key != "HIERARCHY" or self.hierarchy.joints:
            raise FormatError(f"unknown word {words[0][:40]!r} in the HIERARCHY", where)
        return False

    def _begin(self, key: str, name: str, where: str) -> None:
        if (key == "ROOT") != (not self.open):
            raise FormatError(f"{key} {name!r} out of place: a ROOT stands outside all brackets, others inside", where)
        parent = self.open[-1] if self.open else -1
        if parent >= 0 and self.hierarchy.end_list[parent]:
            raise FormatError(f"{key} {name!r} inside an End Site", where)
        if key == "END":
            name = end_of(self.hierarchy.joints[parent])
        elif not name:
            raise FormatError(f"{key} without a name", where)
        check_count(len(self.hierarchy.joints) + 1, MAX_JOINTS, "joints", where)
        self.waiting = self.hierarchy.add(name, parent, end=key == "END")

    def _close(self, where: str) -> None:
        if not self.open:
            raise FormatError("'}' without a '{' before it", where)
        joint = self.open.pop()
        if self.hierarchy.offset_list[joint] is None:
            raise FormatError(f"joint {self.hierarchy.joints[joint]!r} has no OFFSET", where)

    def _current(self, key: str, where: str) -> int:
        if not self.open:
            raise FormatError(f"{key} outside a joint", where)
        return self.open[-1]

    def _finish(self, where: str) -> None:
        if self.open:
            raise FormatError(f"MOTION inside joint {self.hierarchy.joints[self.open[-1]]!r}: a '}}' is missing", where)
        if not self.hierarchy.channel_count:
            raise FormatError("the skeleton has no channels, so nothing can move", where)


def _channels(words: list[str], where: str) -> tuple[tuple[str, str], ...]:
    """The channels of one joint; raises FormatError when their number is wrong or one is unknown or doubled."""
    count = int(read_number(words[0], where, whole=True)) if words else -1
    if count != len(words) - 1:
        raise FormatError(f"CHANNELS announces {count} and names {max(0, len(words) - 1)}", where)
    unknown = [word for word in words[1:] if word.lower() not in _CHANNELS]
    if unknown:
        raise FormatError(f"unknown channel {unknown[0][:40]!r}: known are Xposition ... Zrotation", where)
    channels = tuple(_CHANNELS[word.lower()] for word in words[1:])
    places = [axis for axis, kind in channels if kind == "position"]
    if len(set(places)) != len(places):
        raise FormatError(f"a position channel is named twice: {' '.join(words[1:])}", where)
    return channels
