"""What a reduction has changed, by kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.reduction.phrases import Words, is_boundary, text_of

__all__ = ["KINDS", "PLURALS", "Change", "Changes"]

KINDS = ("place", "feeling", "object", "filler", "helper", "verb", "word")


@dataclass(frozen=True)
class Change:
    """Words that went (``after`` is empty) or are told otherwise, and why: one of ``KINDS``."""

    kind: str
    before: str
    after: str


@dataclass
class Changes:
    """Changes words in place and keeps the book."""

    made: list[Change] = field(default_factory=list)

    def put(self, kind: str, words: Words, start: int, end: int, instead: str = "") -> None:
        """Put other words in the place of ``words[start:end]``, or none; what then joins nothing goes with them."""
        before = text_of(words[start:end])
        if before == instead:
            return
        self.made.append(Change(kind, before, instead))
        last = words[end - 1]
        words[start:end] = [Word(text, last.tag, last.base) for text in instead.split()]
        if not instead:
            _join_up(words, start)
        _agree(words, start)


def _join_up(words: Words, at: int) -> None:
    """Take out the comma or "and" that has lost what it joined, at the place where words went."""
    before = words[at - 1] if at else None
    after = words[at] if at < len(words) else None
    if before is not None and before.tag == "comma" and is_boundary(words, at) and (after is None or after.tag != "to"):
        del words[at - 1]
    elif before is not None and before.tag == "and" and (after is None or after.tag in _NOT_JOINED):
        del words[at - 1]
        _join_up(words, at - 1)
    elif before is not None and before.tag == "and" and after is not None and at > 1:
        if words[at - 2].tag in _DESCRIBE and after.tag not in _DESCRIBE:
            del words[at - 1]  # "slowly and happily walks"
    elif after is not None and after.tag == "and" and at + 1 < len(words) and words[at + 1].tag in _DESCRIBE:
        del words[at]  # "happily and slowly"


def _agree(words: Words, at: int) -> None:
    """The article in front of a place where words have changed: "a kick" of "an angry kick"."""
    if 0 < at < len(words) and words[at - 1].text in {"a", "an"}:
        text = words[at].text
        vowel = text[0] in "aeiou" and not text.startswith(("u-", "uni", "one", "eu"))
        words[at - 1].text = "the" if text in PLURALS else "an" if vowel or text.startswith("hour") else "a"


PLURALS = frozenset({"stairs"})
"""Nouns that no "a" can stand before."""
_NOT_JOINED = frozenset({"comma", "and", "sub", "preposition", "to"})
_DESCRIBE = frozenset({"adverb", "adjective"})
