"""From a participle to the verb that it is of: "walking" -> "walk", "making" -> "make", "sitting" -> "sit"."""

from __future__ import annotations

import re

from chronomotion.language.finite import verb_form

__all__ = ["is_participle", "of_participle"]

_NOUNS = frozenset(
    "thing something anything nothing everything during swing wing string spring bring ring king sling sing ping cling "
    "fling sting wring morning evening ceiling railing clothing handspring building incoming opposing".split()
)
"""Words in -ing that are no participles, or, as "building" here, hardly ever."""

_KEEP_E = frozenset("lunge change plunge arrange lounge cringe exchange challenge".split())
_DROPPED_E = re.compile(
    r"(?:[cvuz]|[aeiou]s|[rnlp]s|[rd]g|[bcdfgkpstz]l|ir|[a-z]{2}ur|[a-z]ar|um|[a-z]{2}ut|[a-z]{2}at|[^aeiou][aiou]d)$"
)
"""Endings after which a final e has been dropped: "danc-", "mov-", "rais-", "charg-", "stumbl-", "rotat-"."""
_SHORT = re.compile(r"^(?:qu|[^aeiou])*[aeiouy][^aeiouwxy]$")
"""One syllable with one vowel and one consonant: it would have doubled the consonant unless an e was dropped."""
_NO_E = ("ead", "oad", "eed", "oar", "ear", "air", "eat", "our", "out", "oat", "oud", "ltz")


def is_participle(word: str) -> bool:
    """True for a word in -ing that can be a form of a verb."""
    return len(word) > 4 and word.endswith("ing") and word.isalpha() and word not in _NOUNS and word[-5:] != "thing"


def of_participle(word: str) -> str:
    """The base form of a participle in -ing: as the lexicon has it, else by its spelling."""
    known = verb_form(word)
    if known is not None and known.kind == "gerund":
        return known.base
    stem = word[:-3]
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "aeiouszf":
        several = len(re.findall(r"[aeiou]+", stem)) > 1
        return stem[:-1] if stem[-1] != "l" or several else stem
    if stem.endswith("ng"):
        return stem + "e" if stem + "e" in _KEEP_E else stem
    if not stem.endswith(_NO_E) and (_DROPPED_E.search(stem) or _SHORT.match(stem)):
        return stem + "e"
    return stem
