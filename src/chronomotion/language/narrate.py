"""Telling events as people do: one or two sentences with connectives, not always in the order in which they happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language.verbs import base_form, gerund
from chronomotion.language.wording import predicate

__all__ = ["STYLES", "narrate"]


def _then(acts: Sequence[str]) -> str:
    return "A person " + ", then ".join(acts) + "."


def _and_then(acts: Sequence[str]) -> str:
    return "A person " + " and then ".join(acts) + "."


def _stops(acts: Sequence[str]) -> str:
    return f"A person {acts[0]}. " + " ".join(f"The person {act}." for act in acts[1:])


def _after_that(acts: Sequence[str]) -> str:
    return f"A person {acts[0]}. " + " ".join(f"After that, the person {act}." for act in acts[1:])


def _next_finally(acts: Sequence[str]) -> str:
    middle = "".join(f"Next, they {base_form(act)}. " for act in acts[1:-1])
    return f"First, a person {acts[0]}. {middle}Finally, they {base_form(acts[-1])}."


def _comma_and(acts: Sequence[str]) -> str:
    return "A person " + ", ".join(acts[:-1]) + " and " + acts[-1] + "."


def _before(acts: Sequence[str]) -> str:
    return "A person " + ", then ".join(acts[:-1]) + ", before " + gerund(acts[-1]) + "."


def _before_first(acts: Sequence[str]) -> str:
    """Told the other way round: the last event first, ("before sitting down, a person walks")."""
    return f"Before {gerund(acts[-1])}, a person " + ", then ".join(acts[:-1]) + "."


def _after_first(acts: Sequence[str]) -> str:
    return f"After {gerund(acts[0])}, a person " + ", then ".join(acts[1:]) + "."


def _after(acts: Sequence[str]) -> str:
    """The second event told before the first ("a person sits down after walking")."""
    rest = "".join(f", then {act}" for act in acts[2:])
    return f"A person {acts[1]} after {gerund(acts[0])}{rest}."


STYLES: dict[str, Callable[[Sequence[str]], str]] = {
    "then": _then,
    "and then": _and_then,
    "full stops": _stops,
    "after that": _after_that,
    "next, finally": _next_finally,
    "and": _comma_and,
    "before": _before,
    "before, first": _before_first,
    "after, first": _after_first,
    "after": _after,
}
"""Ways to tell a sequence of events. "before, first" and "after" tell a later event before an earlier one."""


def narrate(events: Sequence[str], style: str) -> str:
    """A caption for events that happen in the given order, told in one of :data:`STYLES`.

    One event is told by itself, whatever the style. Raises KeyError for an unknown style.
    """
    acts = [predicate(event) for event in events]
    telling = STYLES[style]
    return f"A person {acts[0]}." if len(acts) == 1 else telling(acts)
