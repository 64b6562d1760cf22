"""Features as other bodies and other rigs would give them: constant shifts, and groups of numbers that are missing.

Every recording has constants of its own: how wide the hips are, where a rig puts the shoulders, what a foot that stands
measures. In features they are offsets that stay the same in all frames. A model that grew up with one set of them takes
another one for an action.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.motion.layout import layout_of_width
from chronomotion.seeding import generator
from chronomotion.training.config import TrainingConfig
from chronomotion.training.pairs import Pair

__all__ = ["Augmentation"]

_REACH = 3.0
"""Largest shift, in units of ``feature_shift``."""


class Augmentation:
    """Shifts and gaps in the features of a batch's motions, by ``feature_shift`` and ``group_dropout``.

    What is drawn depends on seed, step and clip, so that a clip's twin has the same: neither tells the twins apart.
    """

    def __init__(
        self, stats: tuple[Float[np.ndarray, " dim"], Float[np.ndarray, " dim"]], config: TrainingConfig
    ) -> None:
        self._mean, self._std = stats
        self._config = config
        self._groups: list[slice] = []
        if config.group_dropout:
            columns = layout_of_width(len(self._mean)).columns
            self._groups = [columns.rotations, columns.velocities, columns.contacts]

    def __call__(self, step: int, pairs: Sequence[Pair], motions: list[np.ndarray]) -> list[np.ndarray]:
        """The motions of a step's pairs with shifts and gaps; the motions as they are where both settings are 0."""
        if not self._config.feature_shift and not self._config.group_dropout:
            return motions
        return [self._changed(step, pair, motion) for pair, motion in zip(pairs, motions, strict=True)]

    def _changed(
        self, step: int, pair: Pair, motion: Float[np.ndarray, "frames dim"]
    ) -> Float[np.ndarray, "frames dim"]:
        rng = generator("augment", self._config.seed, step, pair.corpus, pair.clip)
        shift = self._config.feature_shift * rng.uniform() * np.clip(rng.normal(size=len(self._std)), -_REACH, _REACH)
        changed = motion + (shift * self._std).astype(np.float32)
        for group in self._groups:
            if rng.random() < self._config.group_dropout:
                changed[:, group] = self._mean[group]
        return np.asarray(changed)
