"""Where single actions come from: made by rule, or recorded and labelled."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from chronomotion.motion.motion import Motion
from chronomotion.seeding import Part

__all__ = ["FPS", "Source"]

FPS = 20.0
"""Frame rate of composed corpora: HumanML3D's."""


@runtime_checkable
class Source(Protocol):
    """A supply of single-action clips, split into train, val and test BEFORE anything is composed from them."""

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, sorted."""

    @property
    def description(self) -> dict[str, str]:
        """What goes into corpus.json: source and licence."""

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A clip of an action from a split, on the reference skeleton, 20 fps; a function of the arguments alone."""
