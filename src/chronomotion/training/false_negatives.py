"""False negatives of a batch: captions and shuffled captions that also tell what another motion shows.

A loss must not push such a text away from that motion. ``objective.filter`` says how they are recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Bool

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.model.text_states import SentenceVectors, TextStates
from chronomotion.training.config import ObjectiveConfig
from chronomotion.training.losses.stories import Relations, alike_events, relations, similar_sentences
from chronomotion.training.pairs import Pair

__all__ = ["FalseNegatives", "Vocabulary", "vocabulary"]

Vocabulary: TypeAlias = Mapping[str, tuple[str, ...]]
"""Names of actions in a corpus -> the neutral wordings of their events there."""


def vocabulary(events: Iterable[Events | None]) -> Vocabulary:
    """The names of actions in the events of a corpus."""
    texts: dict[str, dict[str, None]] = {}
    for some in events:
        if some is not None and some.labels is not None:
            for key, text in zip(some.keys, some.texts, strict=True):
                texts.setdefault(key, {})[neutral(text)] = None
    return {key: tuple(known) for key, known in texts.items()}


class FalseNegatives:
    """Compares all texts of a batch with all its motions, in the way that ``objective.filter`` names.

    ``vocabularies`` are the names of actions in each of several corpora. One corpus tells its names apart: "walk" is
    not "walk left". Another may call the same action otherwise, or only tell it in a sentence: where no corpus has
    both names, events are compared by their wordings.
    """

    def __init__(self, config: ObjectiveConfig, states: TextStates, vocabularies: Sequence[Vocabulary] = ()) -> None:
        self.config = config
        self._states = states
        self._vocabularies = vocabularies
        self._wordings: dict[str, tuple[str, ...]] = {}
        for words in vocabularies:
            for key, texts in words.items():
                self._wordings[key] = tuple(dict.fromkeys((*self._wordings.get(key, ()), *texts)))
        self.vectors = SentenceVectors(states)

    def prepare(self, pairs: Iterable[Pair]) -> None:
        """Have the language model read the captions of an epoch in one call, if ``filter`` compares sentences.

        Read batch by batch, each batch would be a shard of its own on disk.
        """
        if self.config.filter == "sentences":
            self._states.prepare(pair.text for pair in pairs)
        if self.config.filter == "stories" and self._wordings:
            self._states.prepare(text for texts in self._wordings.values() for text in texts)

    def relations(self, pairs: Sequence[Pair]) -> Relations:
        """How the texts of a batch stand to its motions: one row per caption, then one per shuffled caption; one column
        per motion.
        """
        shown = [pair.keys for pair in pairs]
        texts = shown + [keys for pair in pairs for keys in pair.wrong_keys]
        if self.config.filter == "stories":
            names = {key for pair in pairs if pair.labelled for key in pair.keys}
            return relations(texts, shown, lambda keys: self._alike(keys, names))
        by_keys = relations(texts, shown, self._alike_across if self._wordings else None)
        if self.config.filter == "keys":
            return by_keys
        same = torch.zeros_like(by_keys.same)
        if self.config.filter == "sentences":
            vectors = torch.from_numpy(self.vectors([pair.text for pair in pairs]))
            same[: len(pairs)] = similar_sentences(vectors, self.config.sentence_threshold)
        return Relations(same, by_keys.jumbled & ~same)

    def _alike(self, keys: Sequence[str], names: set[str]) -> Bool[np.ndarray, "keys keys"]:
        """Events that mean the same. Names of actions mean what they say: "walk" is not "walk left"."""
        if self._wordings:
            return self._alike_across(keys)
        alike = np.eye(len(keys), dtype=bool)
        free = [i for i, key in enumerate(keys) if key not in names]
        if free:
            texts = [keys[i] for i in free]
            alike[np.ix_(free, free)] = alike_events(texts, self.vectors(texts), self.config.event_threshold)
        return alike

    def _alike_across(self, keys: Sequence[str]) -> Bool[np.ndarray, "keys keys"]:
        """Events of several corpora that mean the same: in one of their wordings, alike (``stories``) or equal."""
        wordings = [self._wordings.get(key, (key,)) for key in keys]
        texts = list(dict.fromkeys(text for some in wordings for text in some))
        place = {text: number for number, text in enumerate(texts)}
        same = np.eye(len(texts), dtype=bool)
        if self.config.filter == "stories":
            same = alike_events(texts, self.vectors(texts), self.config.event_threshold)
        has = np.zeros((len(keys), len(texts)), dtype=np.intp)
        for number, some in enumerate(wordings):
            has[number, [place[text] for text in some]] = 1
        alike = (has @ same @ has.T) > 0
        for words in self._vocabularies:
            known = np.array([key in words for key in keys], dtype=bool)
            alike &= ~np.outer(known, known)
        np.fill_diagonal(alike, True)
        return np.asarray(alike)
