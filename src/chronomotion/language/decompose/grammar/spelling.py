"""Misspelt verbs: captions were typed by many people in a hurry ("perfoms", "streching", "walkss")."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from chronomotion.language.lexicon import verb_forms

__all__ = ["Corrected", "corrected"]

_SHORTEST = 5
"""Shorter words have too many neighbours."""


class Corrected(NamedTuple):
    """A form of a verb, and how it is spelt."""

    base: str
    kind: str
    spelling: str


def corrected(word: str, *, expected: bool, hint: str = "") -> Corrected | None:
    """The verb form that an unknown word is one slip away from, where a verb is ``expected`` or tagged.

    A slip is a letter left out, put in, changed, or exchanged with its neighbour. Only forms in -s, -ing and -ed (and
    any form where a tagger says "verb") are corrected: other unknown words are mostly nouns. None where there is none.
    """
    if len(word) < _SHORTEST or not (expected or hint == "VERB"):
        return None
    found = _near(word)
    if found is None or (hint not in {"", "VERB"} and found.kind == "base"):
        return None
    plain_past = found.kind == "past" and word.endswith("ed")
    return found if found.kind in {"third", "gerund"} or plain_past or hint == "VERB" else None


@cache
def _deletions() -> dict[str, str]:
    """Forms of the lexicon by what is left of them when one letter is gone."""
    table: dict[str, str] = {}
    for form in sorted(verb_forms(), reverse=True):
        if len(form) >= _SHORTEST - 1:
            for i in range(len(form)):
                table[form[:i] + form[i + 1 :]] = form
    return table


@lru_cache(maxsize=20_000)
def _near(word: str) -> Corrected | None:
    forms, deletions = verb_forms(), _deletions()
    candidates = [deletions[word]] if word in deletions else []
    for i in range(len(word)):
        shorter = word[:i] + word[i + 1 :]
        if shorter in forms:
            candidates.append(shorter)
        if shorter in deletions:
            candidates.append(deletions[shorter])
    if not candidates:
        return None
    best = min(
        candidates, key=lambda form: (form[-1] != word[-1], form[0] != word[0], abs(len(form) - len(word)), form)
    )
    if best[0] != word[0]:
        return None
    return Corrected(forms[best].base, forms[best].kind, best)
