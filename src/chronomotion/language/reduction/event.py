"""One event, reduced."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chronomotion.language.decompose.other_languages import not_english
from chronomotion.language.reduction.changes import Change, Changes
from chronomotion.language.reduction.feelings import without_feelings
from chronomotion.language.reduction.phrases import Words, text_of, words_of
from chronomotion.language.reduction.places import without_places
from chronomotion.language.reduction.same import in_same_verbs, in_same_words, without_fillers, without_helpers
from chronomotion.language.reduction.things import with_particles_last, without_things
from chronomotion.language.wording import neutral
from chronomotion.text_files import MAX_CAPTION

__all__ = ["SUBJECT", "ReducedEvent", "reduce_event"]

SUBJECT = re.compile(r"(?:(?:a|another) person|(?:\w+ )?(?:other )?people)(?:'s)?(?=[ .])")
"""Who acts in neutral wording."""

Step = Callable[[Words, Changes], None]

_DROPPING: tuple[Step, ...] = (without_feelings, without_places, without_fillers)
_TELLING: tuple[Step, ...] = (without_helpers, without_things, with_particles_last, in_same_verbs, in_same_words)
_IDLE = frozenset("is are was were does do feels looks seems appears be being not and while".split())
_IDLE_TAGS = frozenset({"determiner", "possessive", "comma", "and"})


@dataclass(frozen=True)
class ReducedEvent:
    """The event as a sentence, and what was changed in it beyond the neutral wording."""

    text: str
    changes: tuple[Change, ...]


def reduce_event(event: str) -> ReducedEvent:
    """One event in neutral wording, reduced to what a skeleton can show.

    An event that says nothing else ("a person is happy") keeps what would go. What the rules do not read (another
    language, text without end) is worded only.
    """
    sentence = re.sub(r"\s+", " ", re.sub(r"[.!?;]+(?=\s)", ",", neutral(event).rstrip(".!?;, ")))
    subject = SUBJECT.match(sentence)
    if subject is None or len(sentence) > MAX_CAPTION or not_english(sentence):
        return ReducedEvent(f"{sentence}.", ())
    words = words_of(sentence)
    place = len(subject[0].split())
    start = words[:place]
    changes = Changes()
    rest = _reduced(words[place:], changes, (*_DROPPING, *_TELLING))
    if _is_idle(rest):
        changes = Changes()
        rest = _reduced(words_of(sentence)[place:], changes, _TELLING)
    return ReducedEvent(f"{text_of([*start, *rest]).strip(' ,')}.", tuple(changes.made))


def _reduced(words: Words, changes: Changes, steps: tuple[Step, ...]) -> Words:
    for step in steps:
        step(words, changes)
    return words


def _is_idle(words: Words) -> bool:
    """Whether nothing is left that is done."""
    return all(word.text in _IDLE or word.tag in _IDLE_TAGS for word in words)
