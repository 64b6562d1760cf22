"""What makes an answer of a language model one that can be believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from chronomotion.errors import ChronomotionError
from chronomotion.language.decompose.llm.prompt import MOST_EVENTS
from chronomotion.language.decompose.same_words import FUNCTION_WORDS, LEFT_OUT, absent, fewer, words
from chronomotion.language.wording import neutral

__all__ = ["AnswerError", "checked_events"]

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_OPENING = re.compile(r"[{\[]")


class AnswerError(ChronomotionError):
    """An answer cannot be used. The message says what is wrong, in words that a language model can act on."""


def checked_events(caption: str, answer: str) -> tuple[str, ...]:
    """The events of an answer, in neutral wording ("a person walks forward.").

    Asked of an answer: a list of 1 to 8 events, in JSON, whatever stands around it; every event says something, and not
    what the event before it says; only words of the caption, their inflections and function words; every content word
    of the caption as often as the caption has it; no "then" inside of an event, and no single event where the caption
    says "then". Raises AnswerError.
    """
    events = _events_in(answer)
    if not 1 <= len(events) <= MOST_EVENTS:
        raise AnswerError(f"{len(events)} events, but 1 to {MOST_EVENTS} are allowed")
    fault = _shape_fault(events) or _words_fault(words(caption), words(" . ".join(events)))
    if not fault and len(events) == 1 and "then" in words(caption):
        fault = 'the caption says "then", but there is only one event'
    if fault:
        raise AnswerError(fault)
    return tuple(neutral(event) for event in events)


def _events_in(answer: str) -> list[str]:
    """The last list of events in a text: models that reason aloud come to their answer at the end."""
    last: list[str] | None = None
    for value in _values_in(_THOUGHT.sub("", answer)):
        events = value.get("events") if isinstance(value, dict) else value
        if isinstance(events, list) and all(isinstance(event, str) for event in events):
            last = events
    if last is None:
        raise AnswerError('no JSON object {"events": ["...", ...]} in the answer')
    return last


def _values_in(text: str) -> Iterator[object]:
    """Every JSON object or array in a text, whatever stands around it."""
    decoder = json.JSONDecoder()
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, opening.start())
        except RecursionError:  # a model that got stuck on "[": the next one would be as deep
            return
        except ValueError:
            at = opening.end()
        else:
            yield value


def _shape_fault(events: Sequence[str]) -> str:
    for number, event in enumerate(events, 1):
        if not set(words(event)) - FUNCTION_WORDS:
            return f"event {number} says nothing"
        if "then" in words(event):
            return f'event {number} still says "then": it is more than one event'
    for number, (event, following) in enumerate(pairwise(events), 1):
        if words(event) == words(following):
            return f"events {number} and {number + 1} are the same"
    return ""


def _words_fault(caption: list[str], events: list[str]) -> str:
    invented = [word for word in absent(events, caption) if word not in FUNCTION_WORDS]
    lost = [word for word in fewer(caption, events) if word not in FUNCTION_WORDS | LEFT_OUT]
    faults = []
    if invented:
        faults.append(f"words that the caption does not have: {', '.join(invented)}")
    if lost:
        faults.append(f"words of the caption are lost: {', '.join(lost)}")
    return "; ".join(faults)
