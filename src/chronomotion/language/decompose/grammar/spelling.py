"""Misspelt verbs: captions were typed by many people in a hurry ("perfoms", "streching", "walkss").

A word that is English is never corrected: what its writer meant, only the writer knows. Of the verb forms that are one
slip away from another word, the slip that people make most decides; where that leaves two verbs, neither is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from chronomotion.language import lexicon as lx
from chronomotion.language.english import is_english
from chronomotion.language.verbs import past_forms

__all__ = ["Corrected", "corrected", "corrected_small", "one_slip_apart"]

_SHORTEST = 5
"""Shorter words have too many neighbours."""
_SHORTEST_SURE = 3
"""Words of three and four letters are corrected where nothing but a verb can stand."""
_PLAIN, _OMITTED, _ADDED, _CHANGED = range(4)
"""Kinds of slips, the most frequent first: a doubled letter or an exchange, a letter left out, put in, changed."""
_COMMON = lx.ASPECT | lx.LIGHT | lx.STATIVE | lx.TRAVEL | lx.POSTURE | lx.TRANSITIVE
"""Verbs that captions are full of."""
_KINDS = frozenset({"third", "gerund"})


class Corrected(NamedTuple):
    """A form of a verb, and how it is spelt."""

    base: str
    kind: str
    spelling: str


def corrected(word: str, *, expected: bool, hint: str = "", sure: bool = False) -> Corrected | None:
    """The verb form that an unknown word is one slip away from, where a verb is ``expected`` or tagged.

    A slip is a letter left out, put in, changed, or exchanged with its neighbour, or a letter that is not doubled
    ("steping"). Only forms in -s, -ing and -ed (and any form where a tagger says "verb") are corrected: other unknown
    words are mostly nouns. Words of three and four letters are corrected only where it is ``sure`` that a verb is
    meant. None for a word that is English, where no form is near, and where two verbs are as near.
    """
    if word in _regular_pasts() and not is_english(word):
        base = _regular_pasts()[word]
        return Corrected(base, "past", past_forms(base)[0])
    if sure and _SHORTEST_SURE <= len(word) < _SHORTEST and word.isalpha() and not _may_be_english(word):
        return _nearest(word, tagged=True, alone=True)
    if len(word) < _SHORTEST or not (expected or hint == "VERB") or not word.isalpha() or is_english(word):
        return None
    return _nearest(word, tagged=hint == "VERB", alone=not hint)


@lru_cache(maxsize=20_000)
def corrected_small(word: str) -> str:
    """A direction, a place, a limb or "person" for a word that is no English and is one letter left out, doubled or
    exchanged away from it ("arond", "persson", "rihgt"); the word itself where none is, or two are, or a verb is.
    """
    if len(word) < _SHORTEST - 1 or not word.isalpha() or is_english(word):
        return word
    near = {small for small in _SMALL if small[0] == word[0] and _slip(word, small) in {_PLAIN, _OMITTED}}
    near -= {word + "s"}  # "leftward"
    verbs = {form for form in lx.verb_forms() if form[0] == word[0]} - near
    return word if len(near) != 1 or any(_slip(word, form) == _PLAIN for form in verbs) else near.pop()


_SMALL = frozenset(
    word
    for word in lx.DIRECTIONS | lx.PREPOSITIONS | lx.BODY_PARTS | frozenset("person people while after before".split())
    if len(word) >= _SHORTEST - 1 and is_english(word)
)


def _may_be_english(word: str) -> bool:
    """Nobody can tell what three letters are, unless there is no vowel among them ("wlk")."""
    if len(word) == _SHORTEST_SURE and any(letter in "aeiouy" for letter in word):
        return True
    return len(word) > _SHORTEST_SURE and is_english(word)


@cache
def _regular_pasts() -> dict[str, str]:
    """Past forms in -ed of verbs that have none: "throwed", "spinned", "falled"."""
    table: dict[str, str] = {}
    for base in sorted(lx.VERBS):
        stems = (base[:-1] if base.endswith("e") else base, base + base[-1])
        table |= {f"{stem}ed": base for stem in stems if f"{stem}ed" not in lx.verb_forms() and _is_irregular(base)}
    return table


def _is_irregular(base: str) -> bool:
    return not any(form.endswith("ed") for form in past_forms(base))


def one_slip_apart(word: str, other: str) -> bool:
    """True where one letter more, less or other, or two neighbours exchanged, make one word the other."""
    return _slip(word, other) is not None


def _slip(typed: str, meant: str) -> int | None:
    """The kind of the one slip that makes ``typed`` of ``meant``; None for the same word, and for more than a slip."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return None
    shorter = min(len(typed), len(meant))
    at = next((i for i in range(shorter) if typed[i] != meant[i]), shorter)
    a, b = typed[at:], meant[at:]
    if a[:2] == b[1::-1] and a[2:] == b[2:]:
        return _PLAIN
    if a == b[1:]:
        return _PLAIN if b[0] in (meant[at - 1 : at], b[1:2]) else _OMITTED
    if a[1:] == b:
        return _PLAIN if a[0] in (typed[at - 1 : at], a[1:2]) else _ADDED
    return _CHANGED if a[1:] == b[1:] else None


@cache
def _spellings() -> dict[str, str]:
    """Every form that can be meant, as it is spelt and without its doubled letter ("steping"), and how it is spelt."""
    forms = {form: form for form in lx.verb_forms() if len(form) >= _SHORTEST - 1 and form.isalpha()}
    for form, (base, kind) in lx.verb_forms().items():
        ending = {"gerund": "ing", "past": "ed"}.get(kind, "")
        if ending and form == base + base[-1] + ending:
            forms.setdefault(base + ending, form)
    return forms


@cache
def _shortened() -> dict[str, tuple[str, ...]]:
    """The spellings by themselves and by what is left of them when one letter is gone: all of them."""
    table: dict[str, list[str]] = {}
    for spelling in sorted(_spellings()):
        for key in dict.fromkeys(_without_a_letter(spelling)):
            table.setdefault(key, []).append(spelling)
    return {key: tuple(spellings) for key, spellings in table.items()}


def _without_a_letter(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters."""
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


@lru_cache(maxsize=20_000)
def _nearest(word: str, *, tagged: bool, alone: bool) -> Corrected | None:
    ranked: dict[tuple[bool, bool, int, bool], dict[str, Corrected]] = {}
    near = {spelling for key in _without_a_letter(word) for spelling in _shortened().get(key, ())}
    for spelling in sorted(near):
        kind = _PLAIN if spelling == word else _slip(word, spelling)
        form = _spellings()[spelling]
        base, which = lx.verb_forms()[form]
        fits = tagged or which in _KINDS or (which == "past" and form.endswith("ed") and word.endswith("d"))
        if kind is None or spelling[0] != word[0] or not (fits and (tagged or alone or which != "base")):
            continue
        rank = (kind != _PLAIN, base not in _COMMON, kind, form[-1] != word[-1])
        ranked.setdefault(rank, {}).setdefault(base, Corrected(base, which, form))
    best = ranked[min(ranked)] if ranked else {}
    return next(iter(best.values())) if len(best) == 1 else None
