"""From a caption to its events, in the order in which they happen: by rules, by a language model, or as recorded."""

from chronomotion.language.decompose.decomposition import Decomposer, Decomposition, Described

__all__ = ["Decomposer", "Decomposition", "Described"]
