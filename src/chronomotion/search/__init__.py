"""Finding motions by a sentence."""

from chronomotion.search.library import Hit, Library

__all__ = ["Hit", "Library"]
