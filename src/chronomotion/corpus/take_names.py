"""Which motion file a name in a table means."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chronomotion.errors import FormatError

__all__ = ["Match", "TakeNames"]

BY_CASE = "without regard to case"
BY_TAIL = "by the end of the path"
BY_OTHER = "by its name with another suffix"
_FOREIGN = (
    ".amc", ".asf", ".avi", ".bvh", ".c3d", ".csv", ".fbx", ".glb", ".gltf", ".h5", ".json", ".mkv", ".mov", ".mp4",
    ".npy", ".npz", ".pkl", ".pt", ".trc", ".txt", ".wav", ".webm",
)  # fmt: skip
"""Suffixes of what a motion file is made from or shown as; any other dot is part of the name."""
_SHOWN = 3


@dataclass(frozen=True)
class Match:
    """A motion file that a name means; ``how`` says in what the two differ, where a user should know.

    ``longer`` is the name, in one spelling, where it is a longer path than that of the file in its folder.
    """

    take: str
    how: str = ""
    longer: str = ""


class TakeNames:
    """Finds motion files by the names that tables give them.

    The first of these that fits counts: the path; the path with ``./``, ``\\`` and accents in one spelling; the same
    without the suffix; with another suffix of a recording; without regard to case; the end of the path, when it is the
    whole name or the whole path of the file, as in a path of another machine.
    """

    def __init__(self, takes: Iterable[str], suffixes: tuple[str, ...]) -> None:
        self._takes = dict.fromkeys(takes)
        self._by_path, self._by_stem, self._by_folded_path, self._by_folded_stem, self._by_tail = (
            defaultdict[str, list[str]](list) for _ in range(5)
        )
        self._folders: set[str] = set()
        for take in self._takes:
            path = _plain(take)
            stem = _without(path, suffixes)
            self._by_path[path].append(take)
            self._by_stem[stem].append(take)
            self._by_folded_path[path.casefold()].append(take)
            self._by_folded_stem[stem.casefold()].append(take)
            for tail in _tails(stem.casefold()):
                self._by_tail[tail].append(take)
            if "/" in path:
                self._folders.add(path.partition("/")[0].casefold())

    def find(self, name: str, where: str) -> Match | None:
        """The file that a name means, None where there is none.

        Raises FormatError at ``where`` when it may be several.
        """
        if name in self._takes:
            return Match(name)
        path = _plain(name)
        stem = _without(path, _FOREIGN)
        suffix = path[len(stem) :].casefold()
        tries = (
            (self._by_path.get(path), ""),
            (self._by_stem.get(path), ""),
            (self._by_folded_path.get(path.casefold()), BY_CASE),
            (self._by_stem.get(stem), BY_OTHER),
            (self._by_folded_stem.get(path.casefold()), BY_CASE),
            (self._by_folded_stem.get(stem.casefold()), BY_CASE),
            (self._by_tail.get(path.casefold()), ""),
            (self._by_tail.get(stem.casefold()), ""),
        )
        for takes, how in tries:
            if takes:
                return Match(_only(takes, suffix, name, where), how)
        # A folder of the source that the name begins with is not another machine's: the file is simply not there.
        if path.partition("/")[0].casefold() in self._folders:
            return None
        for tail in _tails(stem.casefold()):
            if takes := self._by_folded_stem.get(tail):
                return Match(_only(takes, suffix, name, where), BY_TAIL, stem.casefold())
        return None


def _tails(path: str) -> list[str]:
    """A path without its first part, without its first two, and so on; the longest first."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(1, len(parts))]


def _plain(name: str) -> str:
    """A path with ``/`` between its parts, accents in one spelling, and no empty or ``.`` parts."""
    parts = unicodedata.normalize("NFC", name.strip()).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def _without(path: str, suffixes: tuple[str, ...]) -> str:
    suffix = next((suffix for suffix in suffixes if path.lower().endswith(suffix)), "")
    return path.removesuffix(path[len(path) - len(suffix) :]) if suffix else path


def _only(takes: list[str], suffix: str, name: str, where: str) -> str:
    """The only one of the files, or of those with the suffix."""
    takes = [take for take in takes if take.casefold().endswith(suffix)] or takes
    if len(takes) > 1:
        shown = ", ".join(takes[:_SHOWN]) + (f" and {len(takes) - _SHOWN} more" if len(takes) > _SHOWN else "")
        raise FormatError(f"{name[:80]!r} may be {shown}: write the whole path with its suffix", where)
    return takes[0]
