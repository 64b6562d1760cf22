"""Ids of mirror images: HumanML3D files the mirror image of clip 000001 as M000001."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["plain_id"]


def plain_id(name: str, known: Iterable[str]) -> str:
    """The id without the M of a mirror image, where the id without it is known; else the name itself."""
    return name[1:] if name.startswith("M") and name[1:] in known else name
