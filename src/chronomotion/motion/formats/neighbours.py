"""What the takes beside a take are like: a person who lies from beginning to end does not show which axis is up.

Takes of one rig in one folder come from one program, so the axis and unit of those that stand hold for the one that
lies. A few of them are looked at, a few frames each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from chronomotion.errors import FormatError
from chronomotion.motion.formats.bvh import read_bvh
from chronomotion.motion.formats.joint_maps import load_joint_map
from chronomotion.motion.formats.rigs import place_joints
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.units import standing_height, tell_unit, tell_up

__all__ = ["Custom", "custom_beside"]

_LOOKED_AT = 24
"""Takes of a folder that are sampled, evenly over their names."""
_FRAMES = 24
"""Frames of each that are read."""
_FEWEST = 2
"""Takes that must agree."""
_SHARE = 2 / 3
"""Share of the takes, of those that show an axis at all, that must agree."""


T = TypeVar("T")


@dataclass(frozen=True)
class Custom:
    """What most takes of a rig in a folder have in common; None where they do not agree."""

    up: str | None
    unit: str | None
    metres: float | None
    takes: int
    """Takes that agree on the axis."""


@dataclass(frozen=True)
class _Glimpse:
    """What a sampled take shows."""

    path: Path
    joints: tuple[str, ...]
    up: str | None
    unit: tuple[str, float] | None


def custom_beside(path: Path, take: Take, joint_map: dict[str, str]) -> Custom | None:
    """What the other takes of the same rig in the folder of a BVH file have in common; None without such takes."""
    if take.format != "bvh":
        return None
    folder = path.parent.resolve()
    glimpses = [
        glimpse
        for glimpse in _glimpses(folder, tuple(sorted(joint_map.items())), folder.stat().st_mtime_ns)
        if glimpse.joints == take.joints and glimpse.path.name != path.name
    ]
    if not glimpses:
        return None
    up, takes = _agreed([glimpse.up for glimpse in glimpses])
    unit, _ = _agreed([glimpse.unit for glimpse in glimpses])
    name, metres = unit or (None, None)
    return Custom(up, name, metres, takes)


def _agreed(votes: list[T | None]) -> tuple[T | None, int]:
    """The majority and its size; None where too few agree."""
    counted = Counter(vote for vote in votes if vote is not None)
    if not counted:
        return None, 0
    winner, count = counted.most_common(1)[0]
    return (winner, count) if count >= _FEWEST and count >= _SHARE * counted.total() else (None, 0)


@lru_cache(maxsize=64)
def _glimpses(folder: Path, joint_map: tuple[tuple[str, str], ...], stamp: int) -> tuple[_Glimpse, ...]:  # noqa: ARG001
    """A look at some takes of a folder, kept until files come or go (``stamp``).

    What cannot be read is left out, for it is told when its turn comes.
    """
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".bvh" and file.is_file())
    places = np.linspace(0, len(files) - 1, min(_LOOKED_AT, len(files))).astype(int)
    glimpses = []
    for place in places.tolist():
        try:
            glimpses.append(_glimpse(files[place], load_joint_map(dict(joint_map))))
        except FormatError:
            continue
    return tuple(glimpses)


def _glimpse(path: Path, joint_map: dict[str, str]) -> _Glimpse:
    take = read_bvh(path, fps=1.0, at_most=_FRAMES)
    placement = place_joints(take, joint_map)
    positions = placement.positions(take)
    up, up_doubt = tell_up(positions)
    name, metres, unit_doubt = tell_unit(standing_height(positions), str(path), family=placement.family)
    return _Glimpse(path, take.joints, None if "unclear" in up_doubt else up, None if unit_doubt else (name, metres))
