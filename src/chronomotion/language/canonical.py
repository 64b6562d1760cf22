"""Captions reduced to what a motion can show: deterministic, offline, the same for every wording that shows the same.

People tell a motion with the place where it happens, with feelings, things and reasons that no skeleton shows, and with
a dozen verbs for one walk. Another corpus tells the same motion otherwise. What both have in common is what is left
here. The lists are in canonical.toml and in docs/canonical.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from chronomotion.language.caption import Caption, Events
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.reduction.changes import Change
from chronomotion.language.reduction.event import SUBJECT, reduce_event

__all__ = ["Reduction", "canonical", "canonical_caption", "canonical_events", "reduced"]

_RULES = RuleDecomposer()
_ROUNDS = 8
"""More rounds than any caption was seen to need; a sentence that still changes then is left as it was."""


@dataclass(frozen=True)
class Reduction:
    """``sentences``, one an event, in the order in which they happen; ``changes`` say what went and what is told
    otherwise.
    """

    sentences: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @property
    def text(self) -> str:
        """The sentences, joined by a space."""
        return " ".join(self.sentences)


def canonical(caption: Caption | str, events: Events | Sequence[str] | None = None) -> str:
    """A caption reduced to what a skeleton can show: its events in the order in which they happen, one sentence each.

    The subject is "a person" (another one stays another one). Places, feelings, and things in the hands go; synonyms of
    verbs are told with one of them; directions, sides, parts of the body, counts, speeds and all verbs stay. What is in
    no list stays. ``events`` are taken as given; else they are the caption's own, or those of the rules. The result is
    never empty, and ``canonical(canonical(x)) == canonical(x)``.

    Example::

        canonical("Before sitting down, a man happily strolls across the kitchen with a cup")
        # "a person walks with something. a person sits down."
    """
    return reduced(caption, events).text


def reduced(caption: Caption | str, events: Events | Sequence[str] | None = None) -> Reduction:
    """What :func:`canonical` tells, by sentences, with what was changed."""
    text = caption if isinstance(caption, str) else caption.text
    if events is None and isinstance(caption, Caption):
        events = caption.events
    if not events:
        sentences = _sentences_of(text)
        if sentences and all(_settled(sentence) == (sentence,) for sentence in sentences):
            return Reduction(sentences)
        events = _RULES.split(text).events
    parts = [reduce_event(event) for event in events]
    return Reduction(
        tuple(sentence for part in parts for sentence in _settled(part.text)),
        tuple(change for part in parts for change in part.changes),
    )


def canonical_caption(caption: Caption) -> Caption:
    """The caption with its text and the texts of its events reduced; times and labels stay, tags go."""
    events = None if caption.events is None else canonical_events(caption.events)
    return replace(caption, text=canonical(caption), events=events, tags=None)


def canonical_events(events: Events) -> Events:
    """The events with their texts reduced. Those that are then told in the same words count as equal, as everywhere
    (:attr:`Events.keys`).
    """
    return replace(events, texts=tuple(canonical("", [text]) for text in events.texts))


def _sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text that is written as canonical ones are; none for any other."""
    sentences = tuple(re.split(r"(?<=\.) (?=\S)", text))
    return sentences if all(SUBJECT.match(one) and one.endswith(".") for one in sentences) else ()


@lru_cache(maxsize=100_000)
def _settled(sentence: str) -> tuple[str, ...]:
    """The sentence as the rules read it again and again, until they read nothing else.

    So a text that is canonical stays as it is. Sentences are read apart from one another, and a sentence is parted only
    into shorter ones: a sentence ends as the same whatever stands around it.
    """
    seen = [sentence]
    while len(seen) <= _ROUNDS:
        parts = _read_again(seen[-1])
        if len(parts) > 1:
            return tuple(settled for part in parts for settled in _settled(part))
        if parts[0] in seen:
            return (min(seen[seen.index(parts[0]) :]),)
        seen.append(parts[0])
    return (sentence,)


def _read_again(sentence: str) -> tuple[str, ...]:
    """The sentence, reduced; parted where each part is shorter."""
    parts = tuple(reduce_event(event).text for event in _RULES.split(sentence).events)
    length = len(sentence.split())
    if len(parts) == 1 or all(len(part.split()) < length for part in parts):
        return parts
    return (reduce_event(sentence).text,)
