"""Which captions and shuffled captions of a batch tell what which motion shows, as the settings define it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Bool

from chronomotion.model.text_states import SentenceVectors, TextStates
from chronomotion.training.config import ObjectiveConfig
from chronomotion.training.losses.stories import Relations, alike_events, relations, similar_sentences
from chronomotion.training.pairs import Pair

__all__ = ["Likeness"]


class Likeness:
    """Relations of texts and motions in a batch (``objective.filter``)."""

    def __init__(self, config: ObjectiveConfig, states: TextStates) -> None:
        self.config = config
        self._states = states
        self.vectors = SentenceVectors(states)

    def prepare(self, pairs: Iterable[Pair]) -> None:
        """Read the captions of an epoch at once, where they are compared: batch by batch each would be a shard."""
        if self.config.filter == "sentences":
            self._states.prepare(pair.text for pair in pairs)

    def relations(self, pairs: Sequence[Pair]) -> Relations:
        """Of all captions followed by all shuffled captions (rows) to the motions of all pairs (columns)."""
        shown = [pair.keys for pair in pairs]
        told = shown + [keys for pair in pairs for keys in pair.wrong_keys]
        if self.config.filter == "stories":
            names = {key for pair in pairs if pair.labelled for key in pair.keys}
            return relations(told, shown, lambda keys: self._alike(keys, names))
        found = relations(told, shown)
        if self.config.filter == "keys":
            return found
        same = torch.zeros_like(found.same)
        if self.config.filter == "sentences":
            vectors = torch.from_numpy(self.vectors([pair.text for pair in pairs]))
            same[: len(pairs)] = similar_sentences(vectors, self.config.sentence_threshold)
        return Relations(same, found.jumbled & ~same)

    def _alike(self, keys: Sequence[str], names: set[str]) -> Bool[np.ndarray, "keys keys"]:
        """Events that mean the same. Names of actions mean what they say: "walk" is not "walk left"."""
        alike = np.eye(len(keys), dtype=bool)
        free = [i for i, key in enumerate(keys) if key not in names]
        if free:
            texts = [keys[i] for i in free]
            alike[np.ix_(free, free)] = alike_events(texts, self.vectors(texts), self.config.event_threshold)
        return alike
