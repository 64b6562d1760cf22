"""Filters, against a twin that Python's own evaluation stands for."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.errors import ConfigError
from chronomotion.search.asking.where import FIELDS, parse_filter
from chronomotion.search.records import LibraryClip


def clip(number=0, name="walk_fwd_01", seconds=4.0, date="2026-03-01T14:30:00", labels=("walk",), captions=()):
    return LibraryClip(
        number, name, "takes", f"day1/{name}.bvh", round(seconds * 20), 20.0,
        datetime.fromisoformat(date).timestamp(), tuple(captions), tuple(labels),
    )  # fmt: skip


WALK = clip(captions=["a person walks forward", "She walks."])
FALL = clip(1, 'Fall (2) "hard"', 9.35, "2025-12-31T23:59:59", labels=("fall", "trip"))
BARE = clip(2, "take_0421", 12.0, "2026-04-01T00:00:00", labels=())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [0, 1, 2]),
        ("duration < 8", [0]),
        ("duration >= 9.35", [1, 2]),
        ("duration = 9.35", [1]),
        ("duration = 9.4", [1]),  # written with one digit: 9.35 to 9.45
        ("duration != 4s", [1, 2]),
        ("frames = 80", [0]),
        ('label = "walk"', [0]),
        ("label = WALK", [0]),
        ("label != trip", [0, 2]),
        ("label in (walk, trip)", [0, 1]),
        ("label not in (walk, 'trip')", [2]),
        ("not label in (walk)", [1, 2]),
        ("name ~ FWD or name contains 0421", [0, 2]),
        ('name = "Fall (2) \\"hard\\""', [1]),
        ("name = 'fall (2) \"HARD\"'", [1]),
        ("caption ~ 'she walks'", [0]),
        ('caption = "a person walks forward"', [0]),
        ("file ~ day1/take", [2]),
        ("source = takes and duration <= 9.35", [0, 1]),
        ("date = 2026-03-01", [0]),
        ("date < 2026-01-01", [1]),
        ("date >= 2026-03", [0, 2]),
        ("date = 2026-03", [0]),
        ("date > 2026-03", [2]),
        ("date != 2026", [1]),
        ("date = 2026-03-01T14:30", [0]),
        ("date > '2026-03-01 14:30'", [2]),
        ("duration < 5 or duration > 10 and label = walk", [0]),
        ("(duration < 5 or duration > 10) and not label = walk", [2]),
        ("DURATION<5AND label=walk", None),
        ("duration<5and label=walk", None),
        ("NOT (duration<5) AND label=fall", [1]),
        ("label = and", None),
        ('label = "and"', []),
        ("label = name", []),
    ],
)  # fmt: skip
def test_filters(text, numbers):
    if numbers is None:
        with pytest.raises(ConfigError):
            parse_filter(text)
    else:
        assert parse_filter(text).numbers([BARE, WALK, FALL]) == numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lenght < 8", "character 1, at 'lenght': no field of a clip: there are name, source, file, duration, frames"),
        ("durration < 8", "'durration': no field of a clip: did you mean duration\\?"),
        ('"duration" < 8', "no field"),
        ("duration", "ends too early: expected an operator: = != <"),
        ("duration <", "ends too early: expected a value"),
        ("duration < 8 and", "ends too early: expected a field: name, source"),
        ("duration < long", "character 12, at 'long': duration is compared with a number of seconds"),
        ("duration < nan", "compared with a number"),
        ("duration < 1e999", "compared with a number"),
        ("frames ~ 8", "frames is a number"),
        ("duration 8", "character 10, at '8': expected an operator behind 'duration'"),
        ("label < walk", "label is text: compare it with = != ~ contains in"),
        ("date = yesterday", "a date is written 2026-03-01"),
        ("date = 2026-13-01", "a date is written 2026-03-01"),
        ("date ~ 2026", "not by parts of it"),
        ('label = "walk', "character 9, at '\"': the quote is not closed"),
        ("label = walk run", "character 14, at 'run': expected \"and\", \"or\" or the end"),
        ("(label = walk", 'ends too early: expected "\\)"'),
        ("label in walk", 'at \'walk\': expected "\\("'),
        ("label ! walk", "character 7, at '!': no part of a filter"),
        ("(" * 2000 + "label = x", "more than 50"),
        ("not " * 900 + "label = x", "more than 50"),
        ("label = x or " * 400 + "label = x", "at most 4000 are read"),
    ],
)  # fmt: skip
def test_what_is_no_filter_is_told_in_one_line(text, message):
    with pytest.raises(ConfigError, match=message) as raised:
        parse_filter(text)
    assert "\n" not in str(raised.value)


NUMBERS = st.integers(0, 20).map(lambda n: n / 2)
LEAVES = st.one_of(
    st.tuples(st.just("duration"), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS),
    st.tuples(st.just("label"), st.sampled_from(["=", "!=", "~"]), st.sampled_from(["walk", "run", "al"])),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=8,
)  # fmt: skip
SECONDS = st.integers(1, 20).map(lambda n: n / 2)
LABELS = st.lists(st.sampled_from(["walk", "run"]), max_size=2)


def written(tree) -> str:
    match tree:
        case ("not", inner):
            return f"not ({written(inner)})"
        case (("and" | "or") as word, left, right):
            return f"({written(left)}) {word} ({written(right)})"
        case (field, sign, value):
            return f"{field}{sign}{value}" if field == "duration" else f'{field} {sign} "{value}"'
    raise AssertionError(tree)


def holds(tree, clip) -> bool:
    match tree:
        case ("not", inner):
            return not holds(inner, clip)
        case ("and", left, right):
            return holds(left, clip) and holds(right, clip)
        case ("or", left, right):
            return holds(left, clip) or holds(right, clip)
        case ("duration", sign, value):
            x = clip.duration
            return {"<": x < value, "<=": x <= value, ">": x > value, ">=": x >= value, "=": x == value,
                    "!=": x != value}[sign]  # fmt: skip
        case ("label", sign, value):
            same = {"=": value in clip.labels, "!=": value not in clip.labels}
            return same[sign] if sign in same else any(value in label for label in clip.labels)
    raise AssertionError(tree)


@given(TREES, SECONDS, LABELS)
def test_a_filter_means_what_it_says(tree, seconds, labels):
    drawn = clip(seconds=seconds, labels=labels)
    assert parse_filter(written(tree)).test(drawn) is holds(tree, drawn)


@given(st.text(alphabet=st.sampled_from("dlnot and()=<>~,\"'\\-:5 \u00e9"), max_size=40))
def test_any_text_is_a_filter_or_a_one_line_error(text):
    error = ""
    try:
        parse_filter(text).test(WALK)
    except ConfigError as raised:
        error = str(raised)
    assert "\n" not in error


def test_every_field_can_be_compared():
    values = {"duration": "1", "frames": "1", "date": "2026-01-01"}
    for field in FIELDS:
        assert isinstance(parse_filter(f"{field} != {values.get(field, 'x')}").test(WALK), bool)
