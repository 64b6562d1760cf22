"""What a query asks for: checked, its text split into events, and what no motion can show told to the reader."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from chronomotion.errors import ConfigError
from chronomotion.language.canonical import reduced
from chronomotion.language.caption import Events
from chronomotion.language.decompose import decompose
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.tokens import Tokenising
from chronomotion.search.order import check_strength
from chronomotion.search.records import Query, Sort
from chronomotion.text_files import MAX_CAPTION

__all__ = ["MOST_EVENTS", "AskedEvents", "asked_events", "check_query", "notes_on_tokens"]

MOST_EVENTS = 16
"""Events of a query: more is a story, whose places in a take nobody can tell apart."""
_MOST_WITHOUT = 16
_MOST_LISTED = 10_000
"""Clips on one page, and clips that are ranked again."""
_NAME = re.compile(r"\S*[\d_]\S*")
_ASKED_BY = {"text": "a sentence", "events": "events", "like": "a motion to be like"}
_UNSEEN = ("place", "feeling", "object")


@dataclass(frozen=True)
class AskedEvents:
    """The events of a query in the order told; None where a name was typed ("take_0421"), which no motion shows.

    ``words`` is what names, labels and captions are searched for; ``sentence`` what the model reads in the place of the
    events in neutral wording, where these do not hold all that was asked.
    """

    events: Events | None
    words: str
    sentence: str | None = None
    notes: tuple[str, ...] = ()


def check_query(query: Query) -> None:
    """Raises ConfigError, in one line, for a query that contradicts itself or has a value out of range."""
    check_strength(query.order)
    given = [noun for name, noun in _ASKED_BY.items() if _is_told(getattr(query, name))]
    if len(given) > 1:
        raise ConfigError(f"a query has {' and '.join(given)}: give one of them")
    if query.sort not in get_args(Sort):
        raise ConfigError(f"sort is {query.sort!r}, expected one of {', '.join(get_args(Sort))}")
    for name, least in (("top", 1), ("offset", 0), ("rerank", 0)):
        value = getattr(query, name)
        if not least <= value <= _MOST_LISTED * (100 if name == "offset" else 1):
            raise ConfigError(
                f"{name} is {value}, expected {least} to {_MOST_LISTED * (100 if name == 'offset' else 1)}"
            )
    if any(not text.strip() for text in query.events):
        raise ConfigError(f"the events are {list(query.events)}: none of them may be empty")
    if len(query.without) > _MOST_WITHOUT or any(not text.strip() for text in query.without):
        raise ConfigError(f"give up to {_MOST_WITHOUT} sentences to do without, none of them empty")
    longest = max(len(text) for text in (query.text, *query.events, *query.without))
    if longest > MAX_CAPTION:
        raise ConfigError(f"a sentence of the query has {longest} characters, at most {MAX_CAPTION} are read")
    if query.like is not None:
        _check_seconds(query.like.start, query.like.end)


def asked_events(query: Query) -> AskedEvents | None:
    """The events that a query asks for; None where it has neither a sentence nor events.

    A sentence is split by the rules of :mod:`chronomotion.language`. Raises ConfigError for too many events.
    """
    if query.events:
        texts, doubt, mark = query.events, "", ""
    elif _NAME.fullmatch(query.text.strip()):
        return AskedEvents(None, query.text)
    elif query.text.strip():
        parts = decompose(query.text)
        texts, doubt, mark = parts.events.texts, parts.doubt, parts.mark
    else:
        return None
    if len(texts) > MOST_EVENTS:
        raise ConfigError(f"the query has {len(texts)} events, at most {MOST_EVENTS} are placed")
    notes = [f"read as a whole: {mark.removeprefix('kept whole: ')}"] if mark else []
    if doubt:
        notes.append(f"not in the events, and left to the sentence as a whole: {doubt}")
    unseen = _unseen_words(texts)
    if unseen and not mark:
        notes.append(f"no motion shows {unseen}: found by names and captions only")
    words = query.text if query.text.strip() else " ".join(query.events)
    return AskedEvents(Events(tuple(texts)), words, query.text if mark or doubt else None, tuple(notes))


def notes_on_tokens(model: MotionTextEncoder, asked: AskedEvents) -> tuple[str, ...]:
    """Says where the model does not read all of a query."""
    if asked.events is None or not isinstance(model, Tokenising):
        return ()
    texts = [asked.sentence or " ".join(neutral(text) for text in asked.events.texts)]
    cut = [read for read in model.tokens(texts) if read.cut]
    return tuple(
        f"the model reads {len(read.ids)} tokens of the query: what stands behind them is not read" for read in cut
    )


def _is_told(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, ())


def _unseen_words(texts: Sequence[str]) -> str:
    """Words that a reduction takes out: places, feelings and things. "" where there are none."""
    changes = reduced("", texts).changes
    return ", ".join(dict.fromkeys(f'"{change.before}"' for change in changes if change.kind in _UNSEEN))


def _check_seconds(start: float | None, end: float | None) -> None:
    for name, value in (("start", start), ("end", end)):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ConfigError(f"the motion to search with: {name} is {value}, expected seconds from 0 on")
    if start is not None and end is not None and start >= end:
        raise ConfigError(f"the motion to search with begins at {start:g} s, which is not before its end at {end:g} s")
