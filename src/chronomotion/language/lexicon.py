"""Words that captions of motions are made of, by what they do in a sentence; the lists are in lexicon.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from chronomotion.language.verbs import gerund_of, past_forms, third_of

__all__ = ["VerbForm", "verb_forms"]

_TABLE = tomllib.loads(files("chronomotion.language").joinpath("lexicon.toml").read_text(encoding="utf-8"))
_LISTS = {name: frozenset(words.split()) for name, words in _TABLE.items() if isinstance(words, str)}

SLIPS: dict[str, str] = _TABLE["slips"]
"""Words as people misspell them, and as they are spelt."""

VERBS = _LISTS["verbs"]
NOUN_VERBS = _LISTS["noun_verbs"]
ASPECT = _LISTS["aspect"]
LIGHT = _LISTS["light"]
STATIVE = _LISTS["stative"]
TRAVEL = _LISTS["travel"]
POSTURE = _LISTS["posture"]
MANNER = _LISTS["manner"]
TRANSITIVE = _LISTS["transitive"]
PERSONS = _LISTS["persons"]
PEOPLE = _LISTS["people"] | PERSONS
BODY_PARTS = _LISTS["body_parts"]
MOTION_NOUNS = _LISTS["motion_nouns"]
COUNTED = _LISTS["counted"]
NOUN_ADJECTIVES = _LISTS["noun_adjectives"]
ADVERBS = _LISTS["adverbs"]
DIRECTIONS = _LISTS["directions"]
POSSESSIVES = _LISTS["possessives"]
DETERMINERS = _LISTS["determiners"]
QUANTIFIERS = _LISTS["quantifiers"]
NUMBERS = _LISTS["numbers"]
PREPOSITIONS = _LISTS["prepositions"]
SUBORDINATORS = _LISTS["subordinators"]
AUXILIARIES = _LISTS["auxiliaries"]
BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "am"})
MODALS = frozenset({"do", "does", "did", "can", "could", "will", "would", "may", "might", "must", "should", "shall"})


class VerbForm(NamedTuple):
    """A form of a verb: its base and which form it is (``third``, ``gerund``, ``past``, ``base``)."""

    base: str
    kind: str


@cache
def verb_forms() -> dict[str, VerbForm]:
    """Every form of every verb of the lexicon. Where forms coincide, present ones win ("cut", "put")."""
    forms: dict[str, VerbForm] = {}
    for base in sorted(VERBS):
        for past in past_forms(base):
            forms.setdefault(past, VerbForm(base, "past"))
    for base in sorted(VERBS):
        forms[gerund_of(base)] = VerbForm(base, "gerund")
        forms[third_of(base)] = VerbForm(base, "third")
    for base in sorted(VERBS):
        forms[base] = VerbForm(base, "base")
    be = {
        "was": VerbForm("be", "past"),
        "were": VerbForm("be", "past"),
        "are": VerbForm("be", "third"),
        "am": VerbForm("be", "third"),
    }
    return forms | be | _OTHER_SPELLINGS


_OTHER_SPELLINGS = {
    "travelling": VerbForm("travel", "gerund"),
    "travelled": VerbForm("travel", "past"),
    "signalling": VerbForm("signal", "gerund"),
    "shovelling": VerbForm("shovel", "gerund"),
    "mimicking": VerbForm("mimic", "gerund"),
    "mimicked": VerbForm("mimic", "past"),
    "jobs": VerbForm("jog", "third"),  # a misspelling that is a word of its own
    "jobbing": VerbForm("jog", "gerund"),
    "rn": VerbForm("run", "base"),
}
