"""Single actions made by rule."""

from __future__ import annotations

from chronomotion.corpus.compose.procedural import ACTIONS, perform
from chronomotion.motion.motion import Motion
from chronomotion.seeding import Part, generator

__all__ = ["ProceduralClips"]


class ProceduralClips:
    """Clips made by rule (:mod:`chronomotion.corpus.compose.procedural`); every clip is different, in every split."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.actions = tuple(sorted(ACTIONS))
        self.description = {"source": f"procedural motions, seed {seed}", "licence": "CC0-1.0"}

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A new performance of the action."""
        return perform(action, generator("procedural", self.seed, split, action, *identity))
