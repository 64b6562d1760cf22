"""Captions and their events as JSON lines: what ``chronomotion decompose`` writes, and reads again.

One object a line. ``text`` is the caption, ``events`` its events in the order in which they happen. ``source`` says
who made them, ``mark`` what is out of the ordinary, ``doubt`` which words were lost, ``why`` why the caption was split
where it was; ``spans``, ``labels``, ``tags`` are those of :class:`~chronomotion.language.caption.Events` and Caption.
``id`` and ``n`` say whose caption it is: ``n`` is the number of the caption among ALL captions of that id, from 0,
whether they can be used or not; without an id it is whatever the file numbers its lines by.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chronomotion.errors import FormatError
from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposition, Described
from chronomotion.text_files import clean_text, read_text

__all__ = ["MAX_EVENTS", "CaptionOfClip", "event_texts_in", "lines_of", "read_event_lines", "record_of"]

MAX_EVENTS = 1000
"""Events of one caption; published ones have a dozen at most."""
_SHOWN = 40


@dataclass(frozen=True)
class CaptionOfClip(Described):
    """A caption to split of which more is known: whose it is, and the events that somebody made already.

    ``number`` counts ALL captions of the clip from 0, also those that were left out of a corpus; None where it is not
    known. ``recorded`` are the events that came with the caption.
    """

    clip: str | None = None
    number: int | None = None
    recorded: Decomposition | None = None


def event_texts_in(value: object, where: str) -> tuple[str, ...]:
    """A list of events from JSON, checked. Raises FormatError at ``where`` for anything else."""
    if not isinstance(value, list):
        raise FormatError(f"expected a list of events, found {type(value).__name__}", where)
    if not 0 < len(value) <= MAX_EVENTS:
        raise FormatError(f"{len(value)} events, expected 1 to {MAX_EVENTS}", where)
    return tuple(clean_text(text, f"{where}[{i}]") for i, text in enumerate(value))


def record_of(caption: Described, made: Decomposition, *, explain: bool = False) -> dict[str, Any]:
    """The object of a line, its keys in a fixed order. ``explain`` keeps why the caption was split."""
    events = made.events
    record: dict[str, Any] = {}
    if isinstance(caption, CaptionOfClip):
        record = {"id": caption.clip, "n": caption.number}
    record |= {"text": made.caption, "events": list(events.texts), "source": events.source}
    if events.spans is not None:
        record["spans"] = [list(span) for span in events.spans]
    if events.labels is not None:
        record["labels"] = list(events.labels)
    if caption.tags is not None:
        record["tags"] = [list(pair) for pair in caption.tags]
    if made.mark:
        record["mark"] = made.mark
    if made.doubt:
        record["doubt"] = made.doubt
    if explain and made.why:
        record["why"] = list(made.why)
    return {key: value for key, value in record.items() if value is not None}


def read_event_lines(path: Path) -> Iterator[CaptionOfClip]:
    """The captions of a file of JSON lines; see :func:`lines_of`. Raises FormatError with file, line and field."""
    return lines_of(read_text(path), str(path))


def lines_of(text: str, name: str) -> Iterator[CaptionOfClip]:
    """The captions of JSON lines, with their events where they have them. ``caption`` will do for ``text``.

    A caption may be missing only where ``n``, and ``events``, are there. Empty lines are passed over, and so are keys
    that are not ours. Raises FormatError, at ``name`` with the line and the field, for a line that is no such object.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _caption(_object(line, f"{name}:{number}"), f"{name}:{number}")


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {str(error)[:100]}", where) from error
    if not isinstance(value, dict):
        raise FormatError(f"expected an object, found {type(value).__name__}", where)
    return value


def _caption(row: Mapping[str, Any], where: str) -> CaptionOfClip:
    clip, number = row.get("id"), row.get("n")
    if clip is not None:
        clip = clean_text(str(clip) if type(clip) is int else clip, f"{where}: id")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        raise FormatError(f"expected a whole number, found {str(number)[:_SHOWN]!r}", f"{where}: n")
    key = "caption" if "text" not in row and "caption" in row else "text"
    nameless = key not in row and number is not None and row.get("events") is not None
    text = "" if nameless else clean_text(row.get(key), f"{where}: {key}")
    return CaptionOfClip(text, _tags(row.get("tags"), f"{where}: tags"), clip, number, _made(text, row, where))


def _made(text: str, row: Mapping[str, Any], where: str) -> Decomposition | None:
    if row.get("events") is None:
        return None
    texts = event_texts_in(row["events"], f"{where}: events")
    labels = _texts(row.get("labels"), len(texts), f"{where}: labels")
    spans = _spans(row.get("spans"), len(texts), f"{where}: spans")
    source, mark, doubt = (
        clean_text(row[key], f"{where}: {key}") if row.get(key) else "" for key in ("source", "mark", "doubt")
    )
    why = _texts(row.get("why"), None, f"{where}: why") or ()
    return Decomposition(text, Events(texts, spans, labels, source or "recorded"), why, mark, doubt)


def _texts(value: object, count: int | None, where: str) -> tuple[str, ...] | None:
    """A list of texts, of length ``count`` unless that is None."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > 10 * MAX_EVENTS or (count is not None and len(value) != count):
        raise FormatError(f"expected a list{'' if count is None else f' of {count}, one for each event'}", where)
    return tuple(clean_text(text, f"{where}[{i}]") for i, text in enumerate(value))


def _spans(value: object, count: int, where: str) -> tuple[tuple[float, float], ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count or not all(map(_is_span, value)):
        raise FormatError(f"expected {count} pairs [start, end] of seconds, one for each event", where)
    return tuple((float(start), float(end)) for start, end in value)


def _is_span(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    numbers = [number for number in value if isinstance(number, int | float) and not isinstance(number, bool)]
    return (
        len(numbers) == 2
        and all(math.isfinite(number) and abs(number) < 1e9 for number in numbers)
        and numbers[0] <= numbers[1]
    )


def _tags(value: object, where: str) -> tuple[tuple[str, str], ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > 10 * MAX_EVENTS:
        raise FormatError("expected pairs [token, part of speech]", where)
    pairs = []
    for i, pair in enumerate(value):
        if not isinstance(pair, list) or len(pair) != 2:
            raise FormatError("expected a pair [token, part of speech]", f"{where}[{i}]")
        pairs.append((clean_text(pair[0], f"{where}[{i}]"), clean_text(pair[1], f"{where}[{i}]")))
    return tuple(pairs)
