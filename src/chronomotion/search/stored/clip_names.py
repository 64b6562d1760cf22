"""Names of clips, unique in a library of several sources."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chronomotion.names import is_name

__all__ = ["ClipNames"]

_LONGEST = 190


class ClipNames:
    """Gives clips the names that their sources give them, behind the name of the source where it is taken already."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def keep(self, current: str, name: str, source: str) -> bool:
        """Whether a clip that is to be called ``name`` keeps its current name: it fits, and no other clip has it."""
        fits = current == name or re.fullmatch(rf"{re.escape(_prefixed(name, source))}(-\d+)?", current) is not None
        if not fits or current in self._taken:
            return False
        self._taken.add(current)
        return True

    def give(self, name: str, source: str) -> str:
        """A free name for a clip."""
        prefixed, number = _prefixed(name, source), 2
        free = name if name not in self._taken else prefixed
        while free in self._taken:
            free, number = f"{prefixed}-{number}", number + 1
        self._taken.add(free)
        return free


def _prefixed(name: str, source: str) -> str:
    prefixed = f"{source}__{name}"
    return prefixed if len(prefixed) <= _LONGEST and is_name(prefixed) else name[:_LONGEST]
