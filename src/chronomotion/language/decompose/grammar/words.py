"""A caption as words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.order_words import in_few_words
from chronomotion.language.decompose.grammar.plain_sentences import in_plain_sentences
from chronomotion.language.decompose.grammar.spelling import corrected_small

__all__ = ["Word", "split_words", "told_plainly"]

_TOKEN = re.compile(r"\d+(?:[.,/]\d+)?(?:st|nd|rd|ths?|°|º|⁰)?|[a-z]+(?:['-][a-z]+)*|'s|[.;!?,:&/()-]")
_PLAIN = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'", "\N{EN DASH}": "-", "\N{EM DASH}": "-"})
_LEAST_VERBS, _MOST_VERBS = 3, 12
_FORMS = frozenset({"third", "gerund", "past", "base"})
_OBJECTS = frozenset("to a an the his her their its it them both back forward around up down left right".split())
"""What follows a verb rather than a noun."""


@dataclass
class Word:
    """One word. ``tag`` is one of: third, gerund, past, base (forms of a verb, then ``base`` is its base form); noun,
    determiner, possessive, number, adjective, adverb, preposition, pronoun, person, auxiliary, to, and, sub(ordinator),
    relative, extent, stop, comma, other.
    """

    text: str
    tag: str = "other"
    base: str = ""

    @property
    def is_verb(self) -> bool:
        """A verb in any form."""
        return self.tag in _FORMS

    def __repr__(self) -> str:
        return f"{self.text}/{self.tag}"


@lru_cache(maxsize=8)
def told_plainly(caption: str) -> str:
    """The caption in lower case as it is read: lists as sentences, wishes as commands, order told in few words."""
    plain = caption.translate(_PLAIN)
    return in_few_words(in_plain_sentences(plain if plain.isascii() else _without_accents(plain)))


def _without_accents(text: str) -> str:
    """ "chass\u00e9" is read as "chasse"."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f"))


def split_words(caption: str) -> list[Word]:
    """The words and stops of a caption in lower case, not yet tagged; usual slips are put right.

    "may be walking" is told as "walks": the modal is left out.
    """
    tokens = _TOKEN.findall(told_plainly(caption))
    parts = [part for token in tokens for part in (lx.SLIPS.get(token) or corrected_small(token)).split()]
    after = [*parts[1:], ""] if parts else []
    words = [
        Word(part)
        for part, next_part in zip(parts, after, strict=True)
        if next_part not in {"be", "have"} or part not in lx.MODALS
    ]
    if _LEAST_VERBS <= len(words) <= _MOST_VERBS and all(_is_bare_verb(word.text) for word in words):
        return [piece for word in words for piece in (word, Word(","))][:-1]  # "run jump roll"
    if len(words) > 2 and words[0].text == "first" and _is_told_to(words[1].text, words[2].text):
        del words[0]
    for i in range(1, len(words) - 1):
        if words[i].text == "is" and _is_slip_for_his(words[i - 1].text, words[i + 1].text):
            words[i].text = "his"
        if _is_slip_for_then(words, i):
            words[i].text = "then"
    return words


def _is_bare_verb(text: str) -> bool:
    form = lx.verb_forms().get(text)
    return form is not None and form.kind == "base" and text not in lx.BODY_PARTS | lx.ADVERBS | lx.PREPOSITIONS


def _is_told_to(verb: str, after: str) -> bool:
    """ "first squat, then ...": a command."""
    form = lx.verb_forms().get(verb)
    return (
        form is not None
        and form.kind == "base"
        and (after in lx.DETERMINERS | lx.POSSESSIVES or after in {",", "up", "down", "and"})
    )


def _is_slip_for_his(before: str, after: str) -> bool:
    """ "with is right foot"."""
    return before in {"with", "on", "of"} and (after in {"left", "right"} or after in lx.BODY_PARTS)


def _tells_turn(words: Sequence[Word], i: int) -> bool:
    """ "walks a few steps the turn 180 degrees": a bare verb with its direction, behind what ends a clause."""
    verb, after = words[i + 1].text, words[i + 2].text if i + 2 < len(words) else ""
    ends = words[i - 1].text in _CLAUSE_ENDS or words[i - 1].text in lx.COUNTED
    return ends and verb in _TURNS and (after[:1].isdigit() or after in {"left", "right", "around", "back"})


_CLAUSE_ENDS = frozenset({"forward", "forwards", "backward", "backwards", "ahead", ",", "and"})
_TURNS = frozenset("turn spin walk run jump go step".split())


def _is_slip_for_then(words: Sequence[Word], i: int) -> bool:
    """ "and the raises them", "steps back them turns": "then" with a letter lost or too many."""
    text = words[i].text
    if text == "the" and _tells_turn(words, i):
        return True
    if words[i - 1].text in {"of", "to", "with", "behind", "beside", "around"}:
        return False
    if text != "them" and not (text == "the" and words[i - 1].text in {"and", ","}):
        return False
    form = lx.verb_forms().get(words[i + 1].text)
    if form is None or form.kind not in {"third", "past"}:
        return False
    after = words[i + 2].text if i + 2 < len(words) else ""
    return form.kind == "third" if text == "them" else form.base not in lx.NOUN_VERBS or after in _OBJECTS
