"""Where one event of a caption ends and the next one begins.

The words are read once, from left to right. A clause has one head, the verb that says what happens; a cut is made where
a new head begins: behind "then", "and", a comma, before "before" and "after", at a new subject, or where a second
finite verb follows without any sign ("walks forward spins around"). Verbs inside of something else are no heads: behind
"while", "as", "by", "with", "to", in relative clauses, and participles that describe ("strolling casually").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language.decompose.grammar.clause import Clause
from chronomotion.language.decompose.grammar.cutting import Cutting, Inside
from chronomotion.language.decompose.grammar.heads import read_auxiliary, read_verb
from chronomotion.language.decompose.grammar.signs import before_or_after, beforehand, stop, then
from chronomotion.language.decompose.grammar.subjects import direction_row, elided_act, new_subject
from chronomotion.language.decompose.grammar.subordinates import subordinate
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["cut"]

_READERS: tuple[Callable[[Cutting, int], int], ...] = (
    stop,
    then,
    before_or_after,
    beforehand,
    subordinate,
    new_subject,
    elided_act,
    direction_row,
)


def cut(words: Sequence[Word]) -> list[Clause]:
    """The clauses of a caption, in the order in which they are told."""
    cutting = Cutting(list(words))
    i = 0
    while i < len(words):
        i += _step(cutting, i)
    cutting.close()
    return cutting.clauses


def _step(cutting: Cutting, i: int) -> int:
    """Read what begins at ``i``; returns the number of words read."""
    word = cutting.at(i)
    if word.tag not in _DULL or word.text in {"having", "following"}:
        for read in _READERS:
            count = read(cutting, i)
            if count:
                return count
    if word.tag == "auxiliary":
        return read_auxiliary(cutting, i)
    if word.is_verb:
        return read_verb(cutting, i)
    _leave(cutting, word)
    cutting.take(i)
    return 1


_DULL = frozenset({"third", "gerund", "extent"})
"""Words that none of the readers begins with: nine in ten words take the short way."""


def _leave(cutting: Cutting, word: Word) -> None:
    """What a small word opens or ends."""
    if word.text == "with" and cutting.inside not in {Inside.GERUND, Inside.ADJUNCT}:
        cutting.inside = Inside.WITH
    elif (
        word.tag in {"and", "comma"} and cutting.inside is Inside.OPENED and not _says_more_than_a_noun(cutting.clause)
    ):
        cutting.inside = Inside.NOTHING  # "with the hands as support and"
    elif (
        word.tag == "comma" and cutting.lead_in and cutting.clause.head is None and cutting.inside is not Inside.OPENED
    ):
        cutting.inside, cutting.lead_in = Inside.NOTHING, False


def _says_more_than_a_noun(clause: Clause) -> bool:
    """Whether what "as" has opened is more than a noun: "as if", "as he walks"."""
    openers = [
        i for i, word in enumerate(clause.words) if word.tag in {"sub", "relative"} or word.text in {"like", "that"}
    ]
    if not openers or clause.words[openers[-1]].text != "as":
        return True
    return any(word.tag == "person" or word.text in {"if", "though", "soon"} for word in clause.words[openers[-1] :])
