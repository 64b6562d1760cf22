"""Captions as JSON records, one a line."""

from __future__ import annotations

from typing import Any

from chronomotion.language.caption import Caption, Events

__all__ = ["caption_from_record", "caption_to_record", "tags_from_text"]


def caption_to_record(clip: str, caption: Caption) -> dict[str, Any]:
    """The record of a clip's caption; times are rounded to a millisecond."""
    record: dict[str, Any] = {"clip": clip, "text": caption.text, "start": round(caption.start, 3), "end": caption.end}
    if caption.events is not None:
        events = caption.events
        record["events"] = {
            "texts": list(events.texts),
            "spans": None if events.spans is None else [[round(a, 3), round(b, 3)] for a, b in events.spans],
            "labels": None if events.labels is None else list(events.labels),
            "source": events.source,
        }
    if caption.tags is not None:
        record["tags"] = " ".join(f"{token}/{tag}" for token, tag in caption.tags)
    return record


def tags_from_text(words: str) -> tuple[tuple[str, str], ...]:
    """(token, part of speech) pairs out of "a/DET person/NOUN", as HumanML3D writes them; a token may hold a "/".

    Raises ValueError for a word without a tag.
    """
    pairs = [tuple(word.rsplit("/", 1)) for word in words.split(" ") if word]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"expected words as token/TAG, found {words[:60]!r}")
    return tuple((pair[0], pair[1]) for pair in pairs)


def caption_from_record(record: dict[str, Any]) -> Caption:
    """A caption from its record. Raises KeyError, TypeError or ValueError when the record is not one."""
    events = None
    if record.get("events") is not None:
        raw = record["events"]
        events = Events(
            texts=tuple(str(text) for text in raw["texts"]),
            spans=None if raw["spans"] is None else tuple((float(a), float(b)) for a, b in raw["spans"]),
            labels=None if raw["labels"] is None else tuple(str(label) for label in raw["labels"]),
            source=str(raw["source"]),
        )
    end = record["end"]
    tags = tags_from_text(str(record["tags"])) if record.get("tags") is not None else None
    return Caption(str(record["text"]), float(record["start"]), None if end is None else float(end), events, tags)
