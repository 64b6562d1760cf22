"""From a caption to its events, in the order in which they happen: by rules, by a language model, or as recorded."""

from __future__ import annotations

from typing import overload

from chronomotion.language.decompose.decomposition import Decomposer, Decomposition, Described
from chronomotion.language.decompose.rules import RuleDecomposer

__all__ = ["Decomposer", "Decomposition", "Described", "decompose"]


@overload
def decompose(captions: str) -> Decomposition: ...
@overload
def decompose(captions: list[str] | tuple[str, ...]) -> list[Decomposition]: ...
def decompose(captions: str | list[str] | tuple[str, ...]) -> Decomposition | list[Decomposition]:
    """The events of a caption, or of each of several, by the rules.

    Example::

        decompose("after turning around, a person sits down").events.texts
        # ("a person turns around.", "a person sits down.")
    """
    rules = RuleDecomposer()
    return rules.split(captions) if isinstance(captions, str) else [rules.split(caption) for caption in captions]
