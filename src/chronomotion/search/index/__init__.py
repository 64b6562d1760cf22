"""Rows of vectors, found by their cosine with a query: four kinds of index with one interface."""

from chronomotion.search.index.interface import Index, IndexKind, Neighbours
from chronomotion.search.index.opening import create_index, open_index

__all__ = ["Index", "IndexKind", "Neighbours", "create_index", "open_index"]
