"""A searchable corpus: the embeddings of its motions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.tokens import Tokenising

__all__ = ["ClipScore", "CorpusSearch", "check_search"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClipScore:
    """A clip in the results of a search, and the cosine of its motion with the query."""

    clip: str
    score: float


class CorpusSearch:
    """The motions of a corpus (all clips, or those in ``names``), encoded once, for searching.

    Raises CorpusError when there is nothing to search.
    """

    def __init__(self, model: MotionTextEncoder, corpus: Corpus, names: Sequence[str] | None = None) -> None:
        self.model, self.corpus = model, corpus
        self.names = list(corpus.names if names is None else names)
        if not self.names:
            raise CorpusError(f"{corpus.folder}: no clips to search")
        self.vectors = encode_motions(model, [corpus.features(name) for name in self.names], self.names)

    def search(self, query: str, top: int = 5) -> list[ClipScore]:
        """The ``top`` clips nearest to a sentence, best first; ties keep the order of the corpus.

        Logs a warning where the model does not read the whole query. Raises ConfigError for a query without words, or
        for ``top`` below 1.
        """
        check_search(query, top)
        if isinstance(self.model, Tokenising):
            (read,) = self.model.tokens([query])
            if read.cut:
                log.warning("the query is longer than %d tokens: what stands behind them is not read", len(read.ids))
        scores = self.vectors @ encode_texts(self.model, [query])[query]
        best = np.argsort(-scores, kind="stable")[:top]
        return [ClipScore(self.names[i], float(scores[i])) for i in best]


def check_search(query: str, top: int) -> None:
    """Raises ConfigError for a query without words, or when fewer than one clip is asked for."""
    if not query.strip():
        raise ConfigError('the query is empty: give a sentence, for example "a person walks, then sits down"')
    if top < 1:
        raise ConfigError(f"at least 1 clip has to be asked for, not {top}")
