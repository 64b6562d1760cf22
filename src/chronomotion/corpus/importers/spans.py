"""Which part of a motion a caption speaks of."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption

__all__ = ["UNKNOWN_TIMES", "OutsideError", "Unit", "crop_of", "moved", "seconds", "span", "timed"]

UNKNOWN_TIMES = "times unknown, taken as the whole clip"
OUTSIDE = "no caption speaks of the motion"
BEYOND = "captions that end behind the motion, cut at its end"
IN_FRAMES = "times in frames, turned into seconds"
FRAMES = "times that look like frames, left out (name the columns start_frame,end_frame)"
_LATEST = 1e6
"""Seconds or frames; a recording of eleven days is not believed."""
Unit = Literal["seconds", "frames"]
"""What a table counts times in."""
_SHORT = {"seconds": "s", "frames": "frames"}
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d*)?)\Z")
_SLACK = 1.0
"""Seconds by which a caption may end behind its motion before that is worth a word: people round up."""


class OutsideError(FormatError):
    """No caption of a clip lies in its motion; ``reason`` says it in words that many clips share."""

    def __init__(self, duration: float, odd: Sequence[tuple[str, str]], where: str) -> None:
        self.reason = odd[0][0] if odd else OUTSIDE
        detail = "".join(f"; {detail}" for _, detail in odd)
        super().__init__(f"it lasts {duration:.2f} s, and no caption speaks of that part{detail}", where)


def seconds(value: object, where: str, unit: Unit = "seconds") -> float:
    """A time from a table: a number, text of one, or of minutes and seconds (``m:ss.s``, ``h:mm:ss``); nan where it
    says NaN or null. ``unit`` is what the table counts in, for the error.

    Raises FormatError at ``where`` for anything else, for a negative time and for one that is not finite.
    """
    if value is None:
        return math.nan
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError
        clock = _CLOCK.match(value.strip()) if isinstance(value, str) else None
        time = float(value) if clock is None else (int(clock[1] or 0) * 60 + int(clock[2])) * 60 + float(clock[3])
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"expected a time in {unit}, found {str(value)[:40]!r}", where) from None
    if time < 0 or time > _LATEST:
        raise FormatError(f"a time of {time:g} {_SHORT[unit]} is not possible", where)
    return time


def span(start: float, end: float, where: str, unit: Unit = "seconds") -> tuple[float, float | None]:
    """(start, end) of a caption, end None for the end of the clip. Both 0, or one of them nan, mean the whole clip.

    Raises FormatError at ``where`` when the end does not come after the start.
    """
    if math.isnan(start) or math.isnan(end) or start == end == 0:
        return 0.0, None
    if end <= start:
        short = _SHORT[unit]
        raise FormatError(
            f"a caption from {start:g} {short} to {end:g} {short} ends before it starts: were they exchanged?",
            where,
        )
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


def timed(
    captions: Sequence[Caption], duration: float, fps: float, *, in_frames: bool = False
) -> tuple[list[Caption], list[tuple[str, str]]]:
    """Captions of a motion file with times in seconds that can be believed, and (reason, detail) of what is odd.

    ``duration`` is that of the file in seconds, ``fps`` its own rate; with ``in_frames`` the times are frames, counted
    from 0. Otherwise, where all times are whole numbers that fit into the frames of the file but not into its seconds,
    somebody has counted frames: what does not fit is left out rather than stretched to the end.
    """
    if in_frames:
        captions = [_in_seconds(caption, fps) for caption in captions]
        any_time = any(caption.start or caption.end for caption in captions)
        notes = [(IN_FRAMES, f"{fps:g} frames a second")] if any_time else []
    else:
        notes = []
    late = [caption for caption in captions if max(caption.start, caption.end or 0.0) > duration + _SLACK]
    times = [time for caption in captions for time in (caption.start, caption.end or 0.0)]
    if late and not in_frames and all(time.is_integer() for time in times) and max(times) <= duration * fps + 1:
        counted = f"{len(late)} of {len(captions)}, up to {max(times):g}: the file lasts {duration:.2f} s"
        detail = f"{counted} or {duration * fps:.0f} frames"
        return [caption for caption in captions if caption not in late], [*notes, (FRAMES, detail)]
    cut = [caption for caption in late if caption.start < duration]
    if cut:
        notes.append((BEYOND, f"{len(cut)} of {len(captions)}, up to {max(times):g} s of {duration:.2f} s"))
    return list(captions), notes


def _in_seconds(caption: Caption, fps: float) -> Caption:
    end = None if caption.end is None else round(caption.end / fps, 6)
    return replace(caption, start=round(caption.start / fps, 6), end=end)
