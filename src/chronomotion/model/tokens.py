"""What a language model reads of texts: so many tokens, and what stands behind them not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from chronomotion.model.language_model import LanguageModel

__all__ = ["TextTokens", "Tokenising", "tokens_of"]


class TextTokens(NamedTuple):
    """The ids that are read of a text, special ones included, and whether the text has more."""

    ids: tuple[int, ...]
    cut: bool


@runtime_checkable
class Tokenising(Protocol):
    """A model that can say what it reads of texts."""

    def tokens(self, texts: Sequence[str]) -> list[TextTokens]:
        """What it reads of each text."""


def tokens_of(model: LanguageModel, texts: Sequence[str]) -> list[TextTokens]:
    """What a language model reads of each text. Raises ModelError for a text without any token."""
    ids = model.tokenise(texts) if texts else []
    return [TextTokens(tuple(row), cut) for row, cut in zip(ids, model.is_cut(texts, ids), strict=True)]
