"""Sentences that events are compared with: how a window scores for other things that it could show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_texts

__all__ = ["Background"]

_SAME = 0.9
"""Sentences nearer than this to an event say the same, and are no other sentences."""

_BEST = 3
"""Of other sentences the best few count: one alone may be the event in other words."""


@dataclass(frozen=True, eq=False)
class Background:
    """Unit vectors of sentences, of which a motion may or may not show some."""

    vectors: Float[np.ndarray, "texts dim"]

    @classmethod
    def encode(cls, model: MotionTextEncoder, texts: Sequence[str]) -> Background:
        """Sentences in neutral wording, each once. Raises ModelError when the model's answer cannot be used."""
        return cls(np.stack(list(encode_texts(model, [neutral(text) for text in texts]).values())))

    @property
    def mean(self) -> Float[np.ndarray, " dim"]:
        """The mean vector: where no gallery of motions is known, it stands for the mean vector of their windows."""
        return np.asarray(self.vectors.mean(axis=0))

    def levels(
        self, events: Float[np.ndarray, "events dim"], windows: Float[np.ndarray, "windows dim"]
    ) -> Float[np.ndarray, "events windows"]:
        """The mean score of the three best other sentences in each window; -1 where an event has no other sentences."""
        scores = self.vectors @ windows.T
        return np.stack([_best(scores[other]) for other in self._others(events)])

    def _others(self, events: Float[np.ndarray, "events dim"]) -> Bool[np.ndarray, "events texts"]:
        """Which sentences say something else than each event."""
        return np.asarray(events @ self.vectors.T < _SAME)


def _best(scores: Float[np.ndarray, "texts windows"]) -> Float[np.ndarray, " windows"]:
    """The mean of the few highest scores in each window."""
    few = min(_BEST, len(scores))
    if few == 0:
        return np.full(scores.shape[1], -1.0)
    return np.asarray(np.partition(scores, len(scores) - few, axis=0)[-few:].mean(axis=0))
