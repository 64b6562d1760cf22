"""Corpora: motions and captions together, on disk."""

from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.corpus.writer import CorpusWriter

__all__ = ["Clip", "Corpus", "CorpusWriter"]
