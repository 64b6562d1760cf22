"""Which words are the same word: what events are held against, whoever made them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from chronomotion.language.decompose.grammar.spelling import one_slip_apart
from chronomotion.language.english import is_english
from chronomotion.language.lexicon import PERSONS, verb_forms

__all__ = ["FUNCTION_WORDS", "LEFT_OUT", "absent", "bases", "fewer", "words"]

FUNCTION_WORDS = frozenset(
    "a an the this that these those and or but nor so as while than which who whose whom where when "
    "to of in on at by with from for into onto upon within during "
    "he she it they i we you him her them his hers its their theirs himself herself itself themselves themself oneself "
    "is are was were be been being beeing am has have had having do does did doing done can could will would may might "
    "must person".split()
)
"""Words that events may use, and leave out, whether or not the caption has them: they carry no part of the motion."""

LEFT_OUT = PERSONS - {"body"} | frozenset(
    "then next after afterwards afterward before first firstly second secondly third thirdly finally lastly last "
    "subsequently later followed follow following once until eventually end ends ending start starts starting started "
    "begin begins beginning began proceed proceeds proceeding proceeded continue continues continuing continued "
    "same".split()
)
"""Words of a caption that its events may leave out but not bring in: who moves, and what tells the order, which the
list itself tells.
"""

_NOUNS = {"feet": "foot", "knives": "knife", "halves": "half", "leaves": "leaf"}
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ily", "y"), ("ly", "le"), ("ly", ""), ("ing", ""), ("ing", "e"), ("ed", ""),
            ("ed", "e"), ("es", ""), ("s", ""))  # fmt: skip
_LETTERS_TO_FORGIVE = 6
_WORD = re.compile(r"[^\W_]+")
_SHORTENED = re.compile(r"(?<=\w)'(?:s|re|ve|ll|d|m)\b")
_NOT = re.compile(r"\b(can(?=not)|ca|wo|do|does|did|is|was|are|were|has|have|had|could|would|should)n(?:'?t|ot)\b")


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; hyphens part words, a degree sign is a word.

    What is shortened is told in full, or left out: "doesn't" is "does not", "he's" is "he".
    """
    text = text.casefold()
    if not text.isascii():
        text = re.sub("[°º⁰]", " degrees ", unicodedata.normalize("NFC", text)).replace("\u2019", "'")
    if "nt" in text or "n't" in text or "not" in text:
        text = _NOT.sub(r"\1 not", text)
    return _WORD.findall(_SHORTENED.sub(" ", text) if "'" in text else text)


@lru_cache(maxsize=50_000)
def bases(word: str) -> frozenset[str]:
    """Every base that the word could be a form of, real or not: two forms of one word have one in common."""
    candidates = {word, _NOUNS.get(word, word)}
    if word in verb_forms():  # irregular ones above all
        candidates.add(verb_forms()[word].base)
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1:
            candidates.add(stem + instead)
            if ending in ("ing", "ed") and len(stem) > 2 and stem[-1] == stem[-2]:
                candidates.add(stem[:-1])
    return frozenset(candidates)


def _mended(word: str, other: str) -> bool:
    """One slip apart: a misspelling that was put right.

    Not in short words ("left", "lift"), nor at the start ("fright", "bright"), nor two words of their own ("stirring",
    "starring").
    """
    return (
        min(len(word), len(other)) >= _LETTERS_TO_FORGIVE
        and word[0] == other[0]
        and one_slip_apart(word, other)
        and not (is_english(word) and is_english(other))
    )


def _same(word: str, other: str) -> bool:
    return word == other or not bases(word).isdisjoint(bases(other)) or _mended(word, other)


def absent(said: list[str], other: list[str]) -> list[str]:
    """Words that the other text does not have in any inflection, nor as a part of a compound ("side step", "sidestep"),
    each once.
    """
    return [word for word in dict.fromkeys(said) if not _times(word, said, other)]


def fewer(said: list[str], other: list[str]) -> list[str]:
    """Words that the other text has less often, in any inflection or as a part of a compound, each once."""
    return [
        word
        for word in dict.fromkeys(said)
        if _times(word, said, other) < sum(_same(word, again) for again in said)
    ]  # fmt: skip


def _times(word: str, text_words: list[str], other_words: list[str]) -> int:
    """How often the other text has a word of ``text_words``."""
    compounds = [a + b for a, b in pairwise(text_words) if word in (a, b)]
    whole = sum(
        _same(word, other_word) or any(_same(compound, other_word) for compound in compounds)
        for other_word in other_words
    )
    return whole + sum(_same(word, a + b) for a, b in pairwise(other_words))
