"""Foils: captions in which one event is another one, told in similar words ("raises" for "waves the left hand").

A batch seldom has two motions that differ in one action that is told in similar words. So a model that reads "the left
hand" knows enough, and which of the actions of the left hand it was remains unlearnt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.seeding import Part, generator

__all__ = ["Foils"]

_NEAR = 6
"""So many actions count as told in similar words: the other side, the other verb of the same hand."""

_ANY = 0.25
"""Share of foils that are drawn among all actions."""


class Foils:
    """The labelled events of a corpus, by label, with the words in which each is told.

    ``events`` are those of all captions that are trained on; lists without labels are passed over, since nobody says
    which of their sentences mean the same.
    """

    def __init__(self, events: Iterable[Events | None]) -> None:
        texts: dict[str, dict[str, None]] = {}
        for some in events:
            if some is not None and some.labels is not None:
                for key, text in zip(some.labels, some.texts, strict=True):
                    texts.setdefault(key, {})[text] = None
        self._texts = {key: tuple(sorted(texts[key])) for key in sorted(texts)}
        self._place = {key: number for number, key in enumerate(self._texts)}
        self._weights = _weights([{word for text in ways for word in _words(text)} for ways in self._texts.values()])

    def foil(self, events: Events, *identity: Part) -> Events | None:
        """The events with one of them exchanged for one that is not among them, rather for one in similar words.

        None where the events have no labels or no other event is known. A function of the arguments and the corpus.
        """
        if events.labels is None or not set(events.labels) <= set(self._place):
            return None
        rng = generator("foil", *identity)
        place = int(rng.integers(len(events)))
        weights = self._weights[self._place[events.labels[place]]].copy()
        weights[[self._place[key] for key in events.labels]] = 0.0
        if not weights.any():
            return None
        key = list(self._texts)[int(rng.choice(len(weights), p=weights / weights.sum()))]
        ways = self._texts[key]
        texts, labels = list(events.texts), list(events.labels)
        texts[place], labels[place] = ways[int(rng.integers(len(ways)))], key
        taken = {neutral(text) for i, text in enumerate(texts) if i != place}
        if neutral(texts[place]) in taken | {neutral(events.texts[events.labels.index(events.labels[place])])}:
            return None
        return replace(events, texts=tuple(texts), labels=tuple(labels), spans=None)


def _words(text: str) -> set[str]:
    return set(neutral(text).rstrip(".").split())


def _weights(words: list[set[str]]) -> Float[np.ndarray, "actions actions"]:
    """Probability of each action (column) as a foil of each (row): alike for those with the most words in common, by
    the share of common words, where a word counts more the fewer actions use it; 0 on the diagonal.
    """
    count = len(words)
    if count < 2:
        return np.zeros((count, count))
    every = sorted(set().union(*words))
    has = np.array([[word in some for word in every] for some in words], dtype=float)
    shared = (has * np.log(count / has.sum(axis=0))) @ has.T
    alone = shared.diagonal()
    alike = shared / np.maximum(alone[:, None] + alone[None] - shared, 1e-9)
    np.fill_diagonal(alike, -1.0)
    near = np.argsort(-alike, axis=1, kind="stable")[:, : min(_NEAR, count - 1)]
    weights: np.ndarray = np.full((count, count), _ANY / (count - 1))
    np.put_along_axis(weights, near, np.take_along_axis(weights, near, axis=1) + (1 - _ANY) / near.shape[1], axis=1)
    np.fill_diagonal(weights, 0.0)
    return weights
