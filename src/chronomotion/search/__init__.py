"""Finding motions by a sentence."""

from chronomotion.search.corpus_search import ClipScore, CorpusSearch

__all__ = ["ClipScore", "CorpusSearch"]
