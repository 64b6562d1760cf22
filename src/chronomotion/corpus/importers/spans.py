"""Which part of a motion a caption speaks of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption

__all__ = ["UNKNOWN_TIMES", "crop_of", "moved", "seconds", "span"]

UNKNOWN_TIMES = "times unknown, taken as the whole clip"
_LATEST = 1e6
"""Seconds; a recording of eleven days is not believed."""


def seconds(value: object, where: str) -> float:
    """A time from a table: a number, or text of one; nan where it says NaN or null.

    Raises FormatError at ``where`` for anything else, for a negative time and for one that is not finite.
    """
    if value is None:
        return math.nan
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError
        time = float(value)
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"expected a time in seconds, found {str(value)[:40]!r}", where) from None
    if time < 0 or time > _LATEST:
        raise FormatError(f"a time of {time:g} s is not possible", where)
    return time


def span(start: float, end: float, where: str) -> tuple[float, float | None]:
    """(start, end) of a caption, end None for the end of the clip. Both 0, or one of them nan, mean the whole clip.

    Raises FormatError at ``where`` when the end does not come after the start.
    """
    if math.isnan(start) or math.isnan(end) or start == end == 0:
        return 0.0, None
    if end <= start:
        raise FormatError(f"a caption from {start:g} s to {end:g} s ends before it starts", where)
    return start, end


def crop_of(captions: Sequence[Caption]) -> tuple[float, float | None]:
    """The part of a motion that the captions speak of, all together."""
    ends = [caption.end for caption in captions if caption.end is not None]
    whole = len(ends) < len(captions) or not ends
    return min((caption.start for caption in captions), default=0.0), None if whole else max(ends)


def moved(captions: Sequence[Caption], offset: float, duration: float, step: float) -> tuple[list[Caption], int]:
    """Captions of a clip that begins ``offset`` seconds into its file, and how many lie outside the clip altogether.

    A caption that ends within one ``step`` (the seconds of a frame) of the end, or later, goes to the end.
    """
    kept = []
    for caption in captions:
        start = max(0.0, caption.start - offset)
        end = None if caption.end is None else caption.end - offset
        if start >= duration or (end is not None and end <= 0):
            continue
        if end is not None and end >= duration - step:
            end = None
        kept.append(replace(caption, start=round(start, 6), end=None if end is None else round(end, 6)))
    return kept, len(captions) - len(kept)
