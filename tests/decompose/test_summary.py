"""What is said of many decompositions."""

from __future__ import annotations

import pytest

from chronomotion.language.caption import Events
from chronomotion.language.decompose import Decomposition
from chronomotion.language.decompose.summary import (
    CONNECTIVE,
    EQUAL,
    FELL_BACK,
    LONG,
    NO_VERB,
    NOT_KEPT,
    Summary,
    suspicions,
)


def made(*texts: str, mark: str = "") -> Decomposition:
    return Decomposition("caption", Events(texts, source="test/1"), mark=mark)


@pytest.mark.parametrize(
    ("one", "kinds"),
    [
        (made("a person walks forward.", "a person sits."), set()),
        (made("a person walks then sits."), {CONNECTIVE}),
        (made("a person sits after walking."), {CONNECTIVE}),
        (made("a person steps next to a box."), set()),
        (made("a person jumps once in the air."), set()),
        (made("a person puts one foot after the other before their body."), set()),
        (made("a person bows once they stop."), {CONNECTIVE}),
        (made("a person walks.", "The man is walking."), {EQUAL}),
        (made("a person walks " + "and walks " * 13), {LONG}),
        (made("a person purple."), {NO_VERB}),
        (made("a person walks.", mark="fell back to the rules: no answer"), {FELL_BACK}),
        (made("purple.", "purple then.", mark="x"), {FELL_BACK, NO_VERB, CONNECTIVE}),
    ],
)
def test_what_is_suspicious(one: Decomposition, kinds: set[str]) -> None:
    assert {found.kind for found in suspicions(one)} == kinds


def test_the_summary_counts() -> None:
    summary = Summary()
    for _ in range(3):
        summary.add(made("a person walks.", "a person sits."))
    summary.add(made("a person walks then sits."))
    summary.seconds = 0.5
    told = summary.to_dict()
    assert told["captions"] == 4
    assert told["captions_a_second"] == 8.0
    assert told["events_a_caption"] == {"1": 1, "2": 3}
    assert told["sources"] == {"test/1": 4}
    assert told["suspicious_by_kind"] == {CONNECTIVE: 1}
    assert told["examples"] == {CONNECTIVE: "a person walks then sits."}
    lines = summary.table().splitlines()
    assert lines[0] == "4 captions, 8 a second"
    assert lines[3].split() == ["2", "events", "#" * 30, "3", "75.0%"]
    assert lines[-1].endswith("a connective left inside, such as 'a person walks then sits.'")


def test_an_empty_summary() -> None:
    assert Summary().table() == "0 captions\nsuspicious: 0 (0.0%)"


def test_captions_whose_words_were_not_kept_are_listed() -> None:
    summary = Summary()
    for number in range(25):
        one = Decomposition(f"caption {number}", Events(("a person walks.",), source="test/1"), doubt="lost: runs")
        assert {found.kind for found in summary.add(one)} == {NOT_KEPT}
    told = summary.to_dict()
    assert told["suspicious_by_kind"] == {NOT_KEPT: 25}
    assert told["words_not_kept"][24] == {"text": "caption 24", "doubt": "lost: runs"}
    lines = summary.table().splitlines()
    assert lines[-22] == "words lost or invented in:"
    assert lines[-21] == "    'caption 0' (lost: runs)"
    assert lines[-1] == "    ... and 5 more: --suspicious FILE takes all of them"
