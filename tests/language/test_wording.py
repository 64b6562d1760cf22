from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.language.caption import Events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.language.verbs import base_form, gerund, third_person
from chronomotion.language.wording import as_written, neutral, predicate, tell

EVENTS = ["A person walks forward.", "The person sits down.", "He waves his left hand."]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("The man raises his left leg.", "a person raises their left leg."),
        ("she turns around", "a person turns around."),
        ("They walk slowly.", "a person walks slowly."),
        ("Someone bends  down.", "a person bends down."),
        ("the figure pushes himself up", "a person pushes themselves up."),
        ("jumps twice", "a person jumps twice."),
        ("then the person stops", "a person stops."),
    ],
)
def test_neutral_wording_gives_every_event_the_same_subject(event, expected):
    assert neutral(event) == expected
    assert neutral(expected) == expected


@given(st.permutations(EVENTS))
def test_neutral_texts_of_two_orders_hold_the_same_words(order):
    assert Counter(tell(order).split()) == Counter(tell(EVENTS).split())


def test_as_written_keeps_articles_and_joins_by_one_space():
    assert as_written(["A person walks", "The person sits. "]) == "A person walks. The person sits."


@pytest.mark.parametrize("style", STYLES)
def test_every_style_tells_every_event_once(style):
    words = narrate(EVENTS, style).lower()
    assert [words.count(stem) for stem in ("walk", "sit", "wav")] == [1, 1, 1]
    assert words.endswith(".")


def test_some_styles_tell_a_later_event_first():
    assert narrate(EVENTS[:2], "after") == "A person sits down after walking forward."
    assert narrate(EVENTS[:2], "before, first") == "Before sitting down, a person walks forward."


def test_one_event_is_told_alone():
    assert {narrate(EVENTS[:1], style) for style in STYLES} == {"A person walks forward."}


@pytest.mark.parametrize(
    ("base", "third", "participle"),
    [
        ("walk", "walks", "walking"),
        ("sit down", "sits down", "sitting down"),
        ("crouch", "crouches", "crouching"),
        ("carry a box", "carries a box", "carrying a box"),
        ("raise", "raises", "raising"),
        ("slowly run", "slowly runs", "slowly running"),
        ("do a flip", "does a flip", "doing a flip"),
        ("lie down", "lies down", "lying down"),
        ("kneel", "kneels", "kneeling"),
        ("bow", "bows", "bowing"),
        ("stay", "stays", "staying"),
        ("toss", "tosses", "tossing"),
        ("dodge", "dodges", "dodging"),
        ("use", "uses", "using"),
    ],
)
def test_forms_of_verbs(base, third, participle):
    assert third_person(base) == third
    assert base_form(third) == base
    assert gerund(third) == participle


def test_events_know_equal_events_and_lose_their_times_when_reordered():
    events = Events(("a person walks.", "the man walks"), spans=((0.0, 1.0), (1.0, 2.0)))
    assert len(set(events.keys)) == 1
    assert events.reordered([1, 0]).spans is None
    assert Events(("walks", "strolls"), labels=("walk", "walk")).keys == ("walk", "walk")
    with pytest.raises(ValueError, match="not a permutation of 2 events"):
        events.reordered([0, 0])
    with pytest.raises(ValueError, match="2 events but 1 labels"):
        Events(("a", "b"), labels=("a",))
    assert predicate("A person walks.") == "walks"
