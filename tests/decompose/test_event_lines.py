"""Captions and events as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.errors import FormatError
from chronomotion.language.caption import Events
from chronomotion.language.decompose import Decomposition, Described
from chronomotion.language.decompose.event_lines import CaptionOfClip, lines_of, read_event_lines, record_of

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8)
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@st.composite
def parts(draw: st.DrawFn) -> dict[str, Any]:
    """What a line holds, as plain values."""
    texts = tuple(draw(st.lists(TEXTS, min_size=1, max_size=4)))
    count = len(texts)
    times = st.floats(0, 100).flatmap(lambda start: st.tuples(st.just(start), st.floats(start, 200)))
    return {
        "text": draw(TEXTS),
        "texts": texts,
        "spans": draw(st.none() | st.lists(times, min_size=count, max_size=count).map(tuple)),
        "labels": draw(st.none() | st.lists(TEXTS, min_size=count, max_size=count).map(tuple)),
        "source": draw(TEXTS),
        "why": tuple(draw(st.lists(TEXTS, max_size=2))),
        "mark": draw(st.just("") | TEXTS),
        "doubt": draw(st.just("") | TEXTS),
        "tags": draw(st.none() | st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)),
        "clip": draw(st.none() | TEXTS),
        "number": draw(st.none() | st.integers(0, 99)),
    }


def built(of: dict[str, Any]) -> tuple[CaptionOfClip, Decomposition]:
    events = Events(of["texts"], of["spans"], of["labels"], of["source"])
    made = Decomposition(of["text"], events, of["why"], of["mark"], of["doubt"])
    return CaptionOfClip(of["text"], of["tags"], of["clip"], of["number"], made), made


@given(st.lists(parts(), max_size=3))
def test_what_is_written_is_read(rows: list[dict[str, Any]]) -> None:
    pairs = [built(row) for row in rows]
    lines = "\n".join(json.dumps(record_of(*pair, explain=True), ensure_ascii=False) for pair in pairs)
    assert list(lines_of(lines, "x")) == [caption for caption, _ in pairs]


def test_the_line_of_a_caption(tmp_path: Path) -> None:
    made = Decomposition("walks, sits", Events(("a", "b"), source="rules/1"), ("cut before b",))
    assert record_of(Described("walks, sits"), made) == {
        "text": "walks, sits",
        "events": ["a", "b"],
        "source": "rules/1",
    }
    whose = CaptionOfClip("walks, sits", (("walk", "VERB"),), "000001", 2)
    assert record_of(whose, made, explain=True) == {
        "id": "000001", "n": 2, "text": "walks, sits", "events": ["a", "b"], "source": "rules/1",
        "tags": [["walk", "VERB"]], "why": ["cut before b"],
    }  # fmt: skip
    (tmp_path / "x.jsonl").write_text('{"caption": "walks  far", "id": 12, "other": 1}\n\n{"n": 3, "events": ["a"]}\n')
    first, second = read_event_lines(tmp_path / "x.jsonl")
    assert first == CaptionOfClip("walks far", clip="12")
    assert (second.text, second.number) == ("", 3)
    assert second.recorded is not None
    assert second.recorded.events == Events(("a",), source="recorded")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "x:2: not JSON"),
        ("[1]", "x:2: expected an object, found list"),
        ("{}", "x:2: text: expected text, found NoneType"),
        ('{"text": 3}', "x:2: text: expected text, found int"),
        ('{"text": ""}', "x:2: text: an empty text"),
        ('{"n": 1}', "x:2: text: expected text"),
        ('{"text": "a", "n": "1"}', "x:2: n: expected a whole number, found '1'"),
        ('{"text": "a", "n": true}', "x:2: n: expected a whole number"),
        ('{"text": "a", "id": []}', "x:2: id: expected text, found list"),
        ('{"text": "a", "events": "b"}', "x:2: events: expected a list of events, found str"),
        ('{"text": "a", "events": []}', "x:2: events: 0 events, expected 1 to 1000"),
        ('{"text": "a", "events": ["b", 1]}', r"x:2: events\[1\]: expected text, found int"),
        (
            '{"text": "a", "events": ["b"], "labels": ["c", "d"]}',
            "x:2: labels: expected a list of 1, one for each event",
        ),
        ('{"text": "a", "events": ["b"], "spans": [[2, 1]]}', r"x:2: spans: expected 1 pairs \[start, end\]"),
        ('{"text": "a", "events": ["b"], "spans": [[0, NaN]]}', "x:2: spans: expected 1 pairs"),
        ('{"text": "a", "events": ["b"], "source": 7}', "x:2: source: expected text"),
        ('{"text": "a", "events": ["b"], "why": "c"}', "x:2: why: expected a list"),
        ('{"text": "a", "tags": [["b"]]}', r"x:2: tags\[0\]: expected a pair"),
        ('{"text": "\\ud800"}', "x:2: text: half a character"),
        (json.dumps({"text": "a" * 10_001}), "x:2: text: a text of 10001 characters"),
        (json.dumps({"text": "a", "events": ["b"] * 1001}), "x:2: events: 1001 events"),
        ("[" * 100_000, "x:2: not JSON"),
    ],
)
def test_a_bad_line_is_told_by_line_and_field(line: str, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        list(lines_of('{"text": "good"}\n' + line, "x"))
    assert "\n" not in str(caught.value)
