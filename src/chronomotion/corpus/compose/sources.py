"""Where single actions come from: made by rule, or recorded and labelled."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from chronomotion.corpus.compose.procedural import ACTIONS, perform
from chronomotion.motion.motion import Motion
from chronomotion.seeding import Part, generator

__all__ = ["FPS", "ProceduralClips", "Source"]

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


class ProceduralClips:
    """Clips made by rule (:mod:`chronomotion.corpus.compose.procedural`); no two are alike, in no split."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.actions = tuple(sorted(ACTIONS))
        self.description = {"source": f"procedural motions, seed {seed}", "licence": "CC0-1.0"}

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A new performance of the action."""
        return perform(action, generator("procedural", self.seed, split, action, *identity))
