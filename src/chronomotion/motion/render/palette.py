"""Colours of events and limbs, and event spans laid on a time axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "BACKGROUND",
    "EVENT_COLOURS",
    "INK",
    "NO_EVENT",
    "ColourSpan",
    "EventSpan",
    "Shades",
    "colour_of",
    "lay_out_events",
]

RGB = tuple[int, int, int]
EventSpan = tuple[float | int, float | int, str]
"""An event as the caller passes it: start and end in seconds, and its words."""

EVENT_COLOURS: tuple[RGB, ...] = (
    (0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (213, 94, 0),
)  # fmt: skip
"""Okabe and Ito's colours (Color Universal Design, 2008) without black and yellow; all kinds of
colour vision distinguish neighbours."""

NO_EVENT: RGB = (122, 130, 140)
"""Colour of a time that belongs to no event."""

BACKGROUND: RGB = (255, 255, 255)
PAGE: RGB = (250, 250, 251)
"""Background of films; paler than a screen's white, so that the grid stays calm."""

INK: RGB = (44, 50, 58)
SOFT_INK: RGB = (110, 116, 124)


@dataclass(frozen=True)
class ColourSpan:
    """An event on the time axis, in seconds; ``number`` is its place in the order of starts, and sets its colour."""

    start: float
    end: float
    words: str
    number: int

    @property
    def colour(self) -> RGB:
        """The event's colour; the colours repeat after six events."""
        return EVENT_COLOURS[self.number % len(EVENT_COLOURS)]


@dataclass(frozen=True)
class Shades:
    """The three tones of a figure: middle of the body, left limbs (light) and right limbs (dark)."""

    middle: RGB
    left: RGB
    right: RGB

    @classmethod
    def of(cls, colour: RGB) -> Shades:
        """Tones of an event colour."""
        return cls(colour, mix(colour, (255, 255, 255), 0.5), mix(colour, (0, 0, 0), 0.42))


def mix(colour: RGB, other: RGB, share: float) -> RGB:
    """``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def ink_on(colour: RGB) -> RGB:
    """White or dark ink, whichever reads better on a colour (relative luminance of WCAG 2.1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (255, 255, 255) if luminance < 0.27 else (20, 24, 28)


def lay_out_events(events: Sequence[EventSpan], duration: float) -> tuple[ColourSpan, ...]:
    """Events in order of their starts, cut to the motion and, where two overlap, at the start of the later one.

    Raises ValueError for a time that is not finite or an event that ends before it starts.
    """
    for start, end, words in events:
        if not (math.isfinite(start) and math.isfinite(end) and start <= end):
            raise ValueError(f"event {words!r} runs from {start} s to {end} s: give finite times, the start first")
    ordered = sorted(events, key=lambda event: event[0])
    starts = [event[0] for event in ordered] + [math.inf]
    spans = (
        ColourSpan(
            max(0.0, float(start)), float(min(end, starts[number + 1], duration)), " ".join(words.split()), number
        )
        for number, (start, end, words) in enumerate(ordered)
    )
    return tuple(span for span in spans if span.end > span.start)


def colour_of(spans: Sequence[ColourSpan], seconds: float) -> RGB:
    """Colour of the event at a time, or the neutral grey between events."""
    for span in spans:
        if span.start <= seconds < span.end:
            return span.colour
    return NO_EVENT
