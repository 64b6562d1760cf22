"""Which takes belong together: mirror images, and takes of one script.

A file name is the script, the number of the take in three digits, the actor, and ``_M`` for a mirror image:
``neutral_walk_ff_180_R_002__A535_M`` is a mirror image of the second ``neutral_walk_ff_180_R`` of actor A535.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["ScriptGroups", "is_mirror_name", "script_of", "take_name"]

_MIRROR = "_M"
_ACTOR = re.compile(r"__A\d+[A-Za-z]?$")
_TAKE = re.compile(r"_\d{3}$")


def take_name(path: str) -> str:
    """The file name of a take in a path: without folders and suffix."""
    name = path.replace("\\", "/").rpartition("/")[2].strip()
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and suffix.lower() in ("bvh", "csv", "npz", "npy") else name


def is_mirror_name(name: str) -> bool:
    """True for the name of a mirror image."""
    return name.endswith(_MIRROR)


def script_of(name: str) -> str:
    """The script of a take: its name without the mark of a mirror image, the actor and the number of the take.

    A number of three digits at the end is taken as that of the take even where it may be an angle: two scripts in one
    split do no harm, one script in two splits does.
    """
    plain = name.removesuffix(_MIRROR)
    return _TAKE.sub("", _ACTOR.sub("", plain)) or name


class ScriptGroups:
    """Takes of one script, or of one content by the metadata, are one group: no split comes between them."""

    def __init__(self, takes: Iterable[tuple[str, str]]) -> None:
        """From (file name, content) of all takes; the content is "" where the metadata have none."""
        self._above: dict[str, str] = {}
        for name, content in takes:
            script = f"script {script_of(name)}"
            self._above.setdefault(script, script)
            if content:
                self._join(script, f"content {content}")

    def of(self, name: str) -> str:
        """The name of a take's group: the same whichever takes are left out and in whatever order they come."""
        return self._root(f"script {script_of(name)}")

    def _root(self, key: str) -> str:
        above = self._above.setdefault(key, key)
        while above != key:
            self._above[key] = above = self._above[above]
            key, above = above, self._above[above]
        return key

    def _join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._above[second] = first
