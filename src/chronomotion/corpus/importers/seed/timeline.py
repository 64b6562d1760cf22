"""From a timeline as annotated to events with times inside their motion: what is wrong is repaired or left out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.text_files import clean_text

__all__ = ["PROPAGATED", "TIMELINE", "RawEvent", "RawTimeline", "timeline_caption"]

TIMELINE = "timeline"
PROPAGATED = "timeline (propagated)"

BAD_TIMES = "event without times that can be read, left out"
NO_WORDS = "event without a description, left out"
NO_LENGTH = "event of no length, left out"
NO_ORDER = "events not in order, sorted by their start"
OVERLAP = "events that overlap, the earlier one ends where the next begins"
LATE = "event after the end of the take, left out"
PAST_END = "event that runs past the end of the take, cut"
BEFORE = "event that begins before the take, cut"
NOTHING_LEFT = "timeline without an event that can be used, left out"

_SLACK = 0.25
"""Seconds by which the last event may end behind the last feature, and nobody is told: the take is that much longer
than its features, and times are rounded."""
_SHORTEST = 1e-3
"""Seconds: what a corpus rounds times to."""

Repair = tuple[str, str]
"""(kind, detail) of what was repaired or left out."""


@dataclass(frozen=True)
class RawEvent:
    """An event as it stands in the file: anything at all."""

    start: object
    end: object
    text: object


@dataclass(frozen=True)
class RawTimeline:
    """Events as annotated; ``propagated`` where their times were carried over from another take."""

    events: tuple[RawEvent, ...]
    propagated: bool = False


@dataclass(frozen=True)
class _Timed:
    start: float
    end: float
    text: str


def timeline_caption(timeline: RawTimeline, duration: float) -> tuple[Caption | None, list[Repair]]:
    """The caption whose events are the timeline's, in a motion of ``duration`` seconds, and what was repaired.

    None where no event is left. Events that touch are as they should be.
    """
    repairs: list[Repair] = []
    events = _readable(timeline, repairs)
    if any(later.start < earlier.start for earlier, later in itertools.pairwise(events)):
        repairs.append((NO_ORDER, _shown(events)))
    events = _within(sorted(events, key=lambda event: (event.start, event.end)), duration, repairs)
    events = _apart(events, repairs)
    if not events:
        return None, [*repairs, (NOTHING_LEFT, f"{len(timeline.events)} events in the file")]
    texts = tuple(event.text for event in events)
    spans = tuple((round(event.start, 3), round(event.end, 3)) for event in events)
    source = PROPAGATED if timeline.propagated else TIMELINE
    return Caption(" ".join(texts), events=Events(texts, spans, source=source)), repairs


def _readable(timeline: RawTimeline, repairs: list[Repair]) -> list[_Timed]:
    """Events with times, words and a length."""
    events = []
    for number, raw in enumerate(timeline.events, start=1):
        where = f"event {number} of {len(timeline.events)}"
        start, end = _seconds(raw.start), _seconds(raw.end)
        if start is None or end is None:
            repairs.append((BAD_TIMES, f"{where}: {str(raw.start)[:20]!r} to {str(raw.end)[:20]!r}"))
            continue
        try:
            text = clean_text(raw.text if raw.text is not None else "", where)
        except FormatError as error:
            repairs.append((NO_WORDS, str(error)))
            continue
        if end - start < _SHORTEST:
            repairs.append((NO_LENGTH, f"{where}: {start:g} s to {end:g} s"))
            continue
        events.append(_Timed(start, end, text))
    return events


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _within(events: Sequence[_Timed], duration: float, repairs: list[Repair]) -> list[_Timed]:
    """Events inside the motion."""
    kept = []
    for event in events:
        shown = f"{event.start:g} s to {event.end:g} s in a take of {duration:.2f} s"
        start, end = max(0.0, event.start), min(event.end, duration)
        if end - start < _SHORTEST:
            if event.end > duration + _SLACK or event.start < -_SLACK:
                repairs.append((LATE, shown))
            else:
                repairs.append((NO_LENGTH, shown))
            continue
        if event.end > duration + _SLACK:
            repairs.append((PAST_END, shown))
        if event.start < -_SLACK:
            repairs.append((BEFORE, shown))
        kept.append(_Timed(start, end, event.text))
    return kept


def _apart(events: Sequence[_Timed], repairs: list[Repair]) -> list[_Timed]:
    """Events of which none begins before the one before it has ended.

    Of two that begin together the one that ends first comes first, and the other begins at its end.
    """
    kept: list[_Timed] = []
    for event in events:
        last = kept[-1] if kept else None
        if last is None or event.start >= last.end - _SHORTEST / 2:
            kept.append(event if last is None else _Timed(max(event.start, last.end), event.end, event.text))
            continue
        repairs.append((OVERLAP, f"{last.start:g} s to {last.end:g} s and {event.start:g} s to {event.end:g} s"))
        if event.start - last.start >= _SHORTEST:
            kept[-1] = _Timed(last.start, event.start, last.text)
            kept.append(event)
        elif event.end - last.end >= _SHORTEST:
            kept.append(_Timed(last.end, event.end, event.text))
        else:
            repairs.append((NO_LENGTH, f"{event.start:g} s to {event.end:g} s, the same as the event before"))
    return kept


def _shown(events: Sequence[_Timed]) -> str:
    return ", ".join(f"{event.start:g} s" for event in events[:6])
