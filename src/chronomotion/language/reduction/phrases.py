"""An event as words, and the noun phrases in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chronomotion.language.decompose.grammar.tagging import tagged_words
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["NounPhrase", "Words", "is_boundary", "noun_phrase", "singular", "text_of", "words_of"]

Words = list[Word]

_TOKEN = re.compile(r"[^\s,]+(?:,[^\s,]+)*|,")
_AHEAD = 4
_OPENS = frozenset({"determiner", "possessive", "number"})
_INSIDE = frozenset({"noun", "adjective", "other", "past", "base"})
_SIDES = frozenset("left right back top upper lower other".split())
_LEVELS = frozenset({"high", "low"})
_LONGEST = 4
_IRREGULAR = {"knives": "knife", "shelves": "shelf", "leaves": "leaf", "loaves": "loaf", "stairs": "stairs"}


@dataclass(frozen=True)
class NounPhrase:
    """``words[start:end]``: what opens it ("the", "two", ""), what describes its noun, and the noun."""

    start: int
    end: int
    opening: str
    described: tuple[str, ...]
    noun: str


def words_of(text: str) -> Words:
    """The words of a sentence in lower case, tagged; commas are words, other signs stay on theirs. What the tagger does
    not read has the tag "unread".
    """
    tagged = tagged_words(text)
    words, at = [], 0
    for token in _TOKEN.findall(text):
        word = Word(token, "unread")
        for ahead in range(at, min(at + _AHEAD, len(tagged))):
            if tagged[ahead].text == token:
                word, at = tagged[ahead], ahead + 1
                break
        words.append(word)
    return words


def text_of(words: Sequence[Word]) -> str:
    """The words as a text."""
    return " ".join(word.text for word in words).replace(" ,", ",")


def is_boundary(words: Sequence[Word], at: int) -> bool:
    """Whether a phrase ends before this place: at the end, a comma, a connective, a preposition or a verb."""
    return at >= len(words) or words[at].tag in _ENDS or (words[at].is_verb and words[at].tag != "past")


_ENDS = frozenset({"comma", "and", "sub", "relative", "preposition", "to", "stop"})


def noun_phrase(words: Sequence[Word], start: int) -> NounPhrase | None:
    """The noun phrase that begins here, a few words long; None where none does."""
    at, opening = start, ""
    if at < len(words) and words[at].tag in _OPENS:
        opening, at = words[at].text, at + 1
    first = at
    while at < len(words) and at - start <= _LONGEST and _goes_on(words, at, first, opening):
        at += 1
    if at == first or at - start > _LONGEST:
        return None
    described = tuple(word.text for word in words[first : at - 1])
    return NounPhrase(start, at, opening, described, words[at - 1].text)


def _goes_on(words: Sequence[Word], at: int, first: int, opening: str) -> bool:
    word = words[at]
    if word.tag in _INSIDE:
        return word.tag != "base" or bool(opening)
    return bool(opening) and (word.text in _LEVELS or (at == first and word.text in _SIDES))


def singular(noun: str) -> str:
    """A noun in the singular, as far as its ending tells: "boxes" -> "box"."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("xes", "ches", "shes", "sses")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us")) else noun
