"""Sentence embeddings: what a caption says, without its order (the published protocols compare captions by them)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.model.text_states import TextStates

__all__ = ["SentenceVectors"]

_LEAST = 1e-12
"""A mean of zero states stays zero, and is like nothing: divided by its length it would be no number."""


class SentenceVectors:
    """The mean of a language model's token states as a unit vector, computed once for each text."""

    def __init__(self, states: TextStates) -> None:
        self._states = states
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A row for every text, float32."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, states in zip(missing, self._states.get(missing), strict=True):
            mean = states.astype(np.float32).mean(axis=0)
            self._known[text] = mean / max(float(np.linalg.norm(mean)), _LEAST)
        return np.stack([self._known[text] for text in texts])
