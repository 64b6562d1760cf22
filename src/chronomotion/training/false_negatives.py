"""False negatives of a batch: captions and shuffled captions that also tell what another motion shows.

A loss must not push such a text away from that motion. ``objective.filter`` says how they are recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Bool

from chronomotion.model.text_states import SentenceVectors, TextStates
from chronomotion.training.config import ObjectiveConfig
from chronomotion.training.losses.stories import Relations, alike_events, relations, similar_sentences
from chronomotion.training.pairs import Pair

__all__ = ["FalseNegatives"]


class FalseNegatives:
    """Compares all texts of a batch with all its motions, in the way that ``objective.filter`` names."""

    def __init__(self, config: ObjectiveConfig, states: TextStates) -> None:
        self.config = config
        self._states = states
        self.vectors = SentenceVectors(states)

    def prepare(self, pairs: Iterable[Pair]) -> None:
        """Have the language model read the captions of an epoch in one call, if ``filter`` compares sentences.

        Read batch by batch, each batch would be a shard of its own on disk.
        """
        if self.config.filter == "sentences":
            self._states.prepare(pair.text for pair in pairs)

    def relations(self, pairs: Sequence[Pair]) -> Relations:
        """How the texts of a batch stand to its motions: one row per caption, then one per shuffled caption; one column
        per motion.
        """
        shown = [pair.keys for pair in pairs]
        texts = shown + [keys for pair in pairs for keys in pair.wrong_keys]
        if self.config.filter == "stories":
            names = {key for pair in pairs if pair.labelled for key in pair.keys}
            return relations(texts, shown, lambda keys: self._alike(keys, names))
        by_keys = relations(texts, shown)
        if self.config.filter == "keys":
            return by_keys
        same = torch.zeros_like(by_keys.same)
        if self.config.filter == "sentences":
            vectors = torch.from_numpy(self.vectors([pair.text for pair in pairs]))
            same[: len(pairs)] = similar_sentences(vectors, self.config.sentence_threshold)
        return Relations(same, by_keys.jumbled & ~same)

    def _alike(self, keys: Sequence[str], names: set[str]) -> Bool[np.ndarray, "keys keys"]:
        """Events that mean the same. Names of actions mean what they say: "walk" is not "walk left"."""
        alike = np.eye(len(keys), dtype=bool)
        free = [i for i, key in enumerate(keys) if key not in names]
        if free:
            texts = [keys[i] for i in free]
            alike[np.ix_(free, free)] = alike_events(texts, self.vectors(texts), self.config.event_threshold)
        return alike
