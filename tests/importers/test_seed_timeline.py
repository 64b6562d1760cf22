"""Timelines as annotated, and the events that they become."""

from __future__ import annotations

import itertools
import math

import pytest

from chronomotion.corpus.importers.seed.timeline import (
    BAD_TIMES,
    BEFORE,
    LATE,
    NO_LENGTH,
    NO_ORDER,
    NO_WORDS,
    NOTHING_LEFT,
    OVERLAP,
    PAST_END,
    RawEvent,
    RawTimeline,
    timeline_caption,
)

Spans = list[tuple[float, float]]


def told(*events: tuple[object, object, object], duration: float = 6.0) -> tuple[Spans, list[str], list[str]]:
    """(spans, texts, kinds of repair)."""
    caption, repairs = timeline_caption(RawTimeline(tuple(RawEvent(*event) for event in events)), duration)
    kinds = [kind for kind, _ in repairs]
    if caption is None:
        return [], [], kinds
    assert caption.events is not None
    assert caption.events.spans is not None
    assert caption.text == " ".join(caption.events.texts)
    assert (caption.start, caption.end) == (0.0, None)
    return list(caption.events.spans), list(caption.events.texts), kinds


def test_events_that_touch_stay_as_they_are() -> None:
    spans, texts, repairs = told((0.0, 1.07, "A person starts."), (1.07, 6.0, "A person  walks.\n"))
    assert spans == [(0.0, 1.07), (1.07, 6.0)]
    assert texts == ["A person starts.", "A person walks."]
    assert repairs == []


def test_gaps_stay_gaps() -> None:
    assert told((0.5, 1, "a"), (2, 3, "b")) == ([(0.5, 1.0), (2.0, 3.0)], ["a", "b"], [])


@pytest.mark.parametrize("text", ["", "  \n", None, 3, "\ud800"])
def test_an_event_without_words_is_left_out(text: object) -> None:
    assert told((0, 1, "a"), (1, 2, text), (2, 3, "c")) == ([(0.0, 1.0), (2.0, 3.0)], ["a", "c"], [NO_WORDS])


@pytest.mark.parametrize("time", [None, "soon", math.nan, math.inf, True, [1], 10**400])
def test_an_event_without_times_is_left_out(time: object) -> None:
    assert told((0, 1, "a"), (1, time, "b")) == ([(0.0, 1.0)], ["a"], [BAD_TIMES])
    assert told((0, 1, "a"), (time, 2, "b")) == ([(0.0, 1.0)], ["a"], [BAD_TIMES])


@pytest.mark.parametrize("end", [1.0, 1.0004, 0.5])
def test_an_event_of_no_length_is_left_out(end: float) -> None:
    assert told((0, 1, "a"), (1, end, "b"), (1, 2, "c")) == ([(0.0, 1.0), (1.0, 2.0)], ["a", "c"], [NO_LENGTH])


def test_events_are_put_in_order() -> None:
    spans, texts, repairs = told((2, 3, "c"), (0, 1, "a"), (1, 2, "b"))
    assert (spans, texts) == ([(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)], ["a", "b", "c"])
    assert repairs == [NO_ORDER]


def test_of_two_that_overlap_the_earlier_ends_where_the_next_begins() -> None:
    assert told((0, 2.5, "a"), (2, 4, "b")) == ([(0.0, 2.0), (2.0, 4.0)], ["a", "b"], [OVERLAP])
    assert told((0, 6, "a"), (1, 2, "b"), (2, 3, "c")) == (
        [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)], ["a", "b", "c"], [OVERLAP],
    )  # fmt: skip


def test_of_two_that_begin_together_the_shorter_comes_first() -> None:
    assert told((1, 4, "b"), (1, 2, "a")) == ([(1.0, 2.0), (2.0, 4.0)], ["a", "b"], [OVERLAP])
    assert told((1, 2, "a"), (1, 2, "b")) == ([(1.0, 2.0)], ["a"], [OVERLAP, NO_LENGTH])


def test_no_event_begins_before_the_end_of_the_one_before() -> None:
    spans, _, _ = told((0, 3, "a"), (0, 5, "b"), (1, 2, "c"), (4, 5.5, "d"), (0.5, 0.7, "e"), duration=5.0)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert spans[-1][1] <= 5.0


def test_the_end_of_the_take() -> None:
    assert told((0, 3, "a"), (3, 6.2, "b")) == ([(0.0, 3.0), (3.0, 6.0)], ["a", "b"], [])  # times are rounded
    assert told((0, 3, "a"), (3, 9, "b")) == ([(0.0, 3.0), (3.0, 6.0)], ["a", "b"], [PAST_END])
    assert told((0, 3, "a"), (7, 9, "b")) == ([(0.0, 3.0)], ["a"], [LATE])
    assert told((-1, 3, "a")) == ([(0.0, 3.0)], ["a"], [BEFORE])


def test_nothing_left() -> None:
    assert told((0, 1, "")) == ([], [], [NO_WORDS, NOTHING_LEFT])
    assert told() == ([], [], [NOTHING_LEFT])


def test_who_made_it() -> None:
    event = (RawEvent(0, 1, "a"),)
    sources = []
    for propagated in (False, True):
        caption, _ = timeline_caption(RawTimeline(event, propagated=propagated), 2.0)
        assert caption is not None
        assert caption.events is not None
        sources.append(caption.events.source)
    assert sources == ["timeline", "timeline (propagated)"]
