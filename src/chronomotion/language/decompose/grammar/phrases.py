"""Noun phrases: "both hands", "his right leg", "one of the boxes"."""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language.decompose.grammar.words import Word

__all__ = ["phrase_at"]

_INSIDE = frozenset({"determiner", "possessive", "number", "adjective", "noun"})
_SIDES = frozenset({"left", "right", "upper", "lower"})


def _in_phrase(words: Sequence[Word], start: int, at: int) -> bool:
    """Whether the word at ``at`` goes on with the noun phrase that began at ``start``."""
    word = words[at]
    if word.text in _SIDES:
        return at + 1 < len(words) and (words[at + 1].tag == "noun" or words[at + 1].text == "and")
    if word.text == "of":
        return at > start and words[at - 1].text in {"both", "one", "pair", "each", "some", "couple"}
    return word.tag in _INSIDE


def phrase_at(words: Sequence[Word], start: int) -> list[Word]:
    """The noun phrase that begins at ``start``, empty if there is none."""
    end = start
    while end < len(words) and _in_phrase(words, start, end):
        end += 1
    return list(words[start:end])
