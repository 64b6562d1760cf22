"""Ids of mirror images: HumanML3D has M000001 for 000001, BONES-SEED walk__A535_M for walk__A535."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["original_id", "plain_id"]

_MARK = "_M"


def plain_id(name: str, known: Iterable[str]) -> str:
    """The id without the M of a mirror image, where the id without it is known; else the name itself."""
    return name[1:] if name.startswith("M") and name[1:] in known else name


def original_id(name: str, known: Iterable[str]) -> str:
    """The id of the clip that a clip is the mirror image of, in either spelling, where it is known; else the name."""
    unmarked = name.removesuffix(_MARK)
    return unmarked if unmarked != name and unmarked in known else plain_id(name, known)
