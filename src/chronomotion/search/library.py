"""A searchable corpus: the embeddings of its motions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import CorpusError
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts

__all__ = ["Hit", "Library"]


@dataclass(frozen=True)
class Hit:
    """A clip in the results of a search, and the cosine of its motion with the query."""

    clip: str
    score: float


class Library:
    """The motions of a corpus (all clips, or those in ``names``), encoded once, for searching.

    Raises CorpusError when there is nothing to search.
    """

    def __init__(self, model: MotionTextEncoder, corpus: Corpus, names: Sequence[str] | None = None) -> None:
        self.model, self.corpus = model, corpus
        self.names = list(corpus.names if names is None else names)
        if not self.names:
            raise CorpusError(f"{corpus.folder}: no clips to search")
        self.vectors = encode_motions(model, [corpus.features(name) for name in self.names])

    def search(self, query: str, top: int = 5) -> list[Hit]:
        """The ``top`` clips nearest to a sentence, best first; ties keep the order of the corpus."""
        scores = self.vectors @ encode_texts(self.model, [query])[query]
        best = np.argsort(-scores, kind="stable")[:top]
        return [Hit(self.names[i], float(scores[i])) for i in best]
