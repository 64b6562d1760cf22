"""Pronouns that point to another event: "picks up a cup, then drinks from it".

An event has to be understood by itself, and "it" gives away that something came before. The pronoun is exchanged for
the words that it stands for, as they were written ("drinks from a cup"): a changed article would give the order away as
well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Clause
from chronomotion.language.decompose.grammar.phrases import phrase_at
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["named"]

_PRONOUNS = frozenset({"it", "them"})
_OF_ACTS = frozenset({"do", "repeat", "continue", "make", "practice", "practise", "reverse"})
_AROUND = frozenset({"behind", "around", "beside", "above", "below", "before"})
_ASIDE = frozenset({"front", "side", "sides", "left", "right", "ahead", "back"})
_PLURALS = frozenset({"feet", "people", "hands", "both"})
_NOT_THINGS = frozenset(
    {
        "times",
        "time",
        "degrees",
        "degree",
        "seconds",
        "meters",
        "metres",
        "front",
        "place",
        "way",
        "motion",
        "movement",
        "direction",
        "circle",
    }
)


def named(clauses: Sequence[Clause], note: Callable[[str], None]) -> list[Clause]:
    """The clauses, in the order in which they are told, with "it" and "them" exchanged for what they stand for."""
    things: list[tuple[list[Word], bool]] = []
    for clause in clauses:
        at = 0
        while at < len(clause.words):
            word = clause.words[at]
            thing = _meant(things, word.text) if _stands_for_a_thing(clause, at) else None
            if thing is not None:
                clause.words[at : at + 1] = thing
                if clause.head is not None and at < clause.head:
                    clause.head += len(thing) - 1
                note(f"{word.text!r} is {' '.join(w.text for w in thing)!r}")
                at += len(thing)
            else:
                at += 1
        things += _things(clause)
    return list(clauses)


def _stands_for_a_thing(clause: Clause, at: int) -> bool:
    """Whether a pronoun is an object of this event, not a subject ("as if it was pushed")."""
    if clause.words[at].text not in _PRONOUNS or at == 0 or clause.verb in _OF_ACTS:
        return False
    after = clause.words[at + 1] if at + 1 < len(clause.words) else Word("", "end")
    before = clause.words[at - 1]
    if clause.words[at].text == "them" and (
        before.text in _AROUND or (before.text == "of" and clause.words[at - 2].text in _ASIDE)
    ):
        return False  # "in front of them": of whoever moves
    if (
        (after.is_verb and after.tag != "gerund")
        or after.tag == "auxiliary"
        or before.tag in {"sub", "relative", "determiner", "number"}
    ):
        return False
    return before.is_verb or before.tag in {"preposition", "to", "adverb", "noun"}


def _meant(things: Sequence[tuple[list[Word], bool]], pronoun: str) -> list[Word] | None:
    """The last thing of the right number; things that were acted on go before places."""
    plural = pronoun == "them"
    fitting = [(words, acted) for words, acted in things if _plural(words) == plural]
    acted_on = [words for words, acted in fitting if acted]
    if acted_on:
        return acted_on[-1]
    return fitting[-1][0] if fitting else None


def _plural(words: Sequence[Word]) -> bool:
    texts = [word.text for word in words]
    head = texts[-1]
    return head in _PLURALS or "both" in texts or (head.endswith("s") and not head.endswith("ss"))


def _things(clause: Clause) -> list[tuple[list[Word], bool]]:
    """(noun phrase, whether the verb acts on it) of an event, in order."""
    things: list[tuple[list[Word], bool]] = []
    head = clause.head if clause.head is not None else -1
    at = head + 1
    while at < len(clause.words):
        phrase = phrase_at(clause.words, at)
        end = at + len(phrase)
        while phrase and phrase[-1].tag not in {"noun", "person"} and phrase[-1].text not in {"something"}:
            phrase.pop()
        if phrase and _is_thing(phrase, clause.verb) and not _instrument(clause.words, at, phrase):
            things.append((phrase, _acted_on(clause.words, at)))
        at = max(end, at + 1)
    return things


def _acted_on(words: Sequence[Word], at: int) -> bool:
    """Whether a phrase stands right behind a verb, or behind the verb's particle ("picks up a cup")."""
    while at > 0 and words[at - 1].text in {"up", "down", "out", "off", "together", "away"}:
        at -= 1
    return at > 0 and words[at - 1].is_verb


def _instrument(words: Sequence[Word], at: int, phrase: Sequence[Word]) -> bool:
    """ "with the left hand": what it is done with, not what it is done to."""
    return (
        at > 0
        and words[at - 1].text in {"with", "in", "by", "of"}
        and phrase[-1].text in lx.BODY_PARTS
        and words[0] is not phrase[0]
    )


def _is_thing(phrase: Sequence[Word], verb: str) -> bool:
    """A thing or a body part: not a count, an act ("takes a step"), a stretch of time or a place."""
    noun = phrase[-1]
    if noun.text in lx.BODY_PARTS - {"side", "sides", "weight"}:
        return True
    return (
        noun.text not in _NOT_THINGS
        and not (noun.base and verb in lx.LIGHT)
        and noun.text not in lx.COUNTED
        and not noun.text.endswith("thing else")
    )
