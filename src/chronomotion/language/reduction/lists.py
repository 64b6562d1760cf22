"""The published lists of what goes and what it is told with; they are in canonical.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from chronomotion.language.verbs import gerund_of, past_forms, third_of

__all__ = ["in_form"]

_TABLE = tomllib.loads(files("chronomotion.language").joinpath("canonical.toml").read_text(encoding="utf-8"))


def _words(table: str, key: str) -> frozenset[str]:
    return frozenset(_TABLE[table][key].split())


def _meant(table: str) -> Mapping[str, str]:
    """Base form -> the base form that is told for it."""
    return {other: verb for verb, others in _TABLE[table].items() for other in others.split()}


PLACES = _words("places", "nouns")
PLACE_ADVERBS = _words("places", "adverbs")
PLACE_PARTS = _words("places", "parts")
PLACE_PREPOSITIONS = _words("places", "prepositions")
DIRECTIONS_LEFT = _words("places", "directions_left")
FEELING_ADVERBS = _words("feelings", "adverbs")
FEELING_ADJECTIVES = _words("feelings", "adjectives")
FEELING_NOUNS = _words("feelings", "nouns")
FEELING_PREPOSITIONS = _words("feelings", "prepositions")
FEELING_VERBS = _words("feelings", "verbs")
MANNERS = _words("feelings", "manners")
SHOWN: Mapping[str, str] = _TABLE["shown"]
SHOWN_BEFORE_NOUNS: Mapping[str, str] = _TABLE["shown_before_nouns"]
THINGS = _words("objects", "things")
ANYTHING = _words("objects", "anything")
MEASURES = _words("objects", "measures")
AMOUNTS = _words("objects", "amounts")
NEED_OBJECT = _words("objects", "need_object")
SHOWN_SIZES = _words("objects", "shown_sizes")
SPORTS = _words("objects", "sports")
STAY = _words("objects", "stay")
SAME_WORDS: Mapping[str, str] = _TABLE["words"]
PACES: Mapping[str, str] = _TABLE["paces"]
FILLERS = _words("fillers", "words")
COLOURS = _words("fillers", "colours")
HEDGES = _words("fillers", "hedges")
ASPECT_HELPERS = _words("helpers", "aspect")
SEEMING_HELPERS = _words("helpers", "seeming")
SAME_VERBS = _meant("verbs")
SAME_VERBS_WITHOUT_OBJECT = _meant("verbs_without_object")
SAME_VERBS_WITH_OBJECT = _meant("verbs_with_object")
SAME_NOUNS: Mapping[str, str] = _TABLE["nouns"]
PARTICLE_VERBS = _words("particles", "verbs")
PARTICLES = _words("particles", "words")


def in_form(base: str, kind: str) -> str:
    """A verb in the form ``third``, ``gerund``, ``past`` (its participle) or ``base``."""
    if kind == "third":
        return third_of(base)
    if kind == "gerund":
        return gerund_of(base)
    return past_forms(base)[-1] if kind == "past" else base
