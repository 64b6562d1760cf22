import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.language.decompose.llm.check import AnswerError, checked_events
from chronomotion.language.decompose.llm.prompt import EXAMPLES


def answer(*events):
    return json.dumps({"events": events})


@pytest.mark.parametrize(("caption", "events"), EXAMPLES)
def test_the_examples_of_the_prompt_pass(caption, events):
    assert checked_events(caption, answer(*events)) == tuple(f"{event}." for event in events)


@pytest.mark.parametrize("dropped", range(len(EXAMPLES)))
def test_an_example_without_one_of_its_events_does_not_pass(dropped):
    caption, events = EXAMPLES[dropped]
    for i in range(len(events)):
        with pytest.raises(AnswerError):
            checked_events(caption, answer(*events[:i], *events[i + 1 :]))


@pytest.mark.parametrize(
    ("caption", "events"),
    [
        ("the man sat down after running", ["a person runs", "a person sits down"]),
        ("He is waving, then hops.", ["A person waves.", "A person hops."]),
        ("a figure carries boxes and lies down", ["a person carries a box", "a person is lying down"]),
        ("slow steps with a foot, then feet", ["a person slowly steps with a foot", "a person steps with feet"]),
        ("a person side steps", ["a person sidesteps"]),
        ("a person sidesteps counter-clockwise", ["a person side steps counterclockwise"]),
        ("a person streches, then does a hand stand", ["a person stretches", "a person does a handstand"]),
        ("a person stumbels", ["a person stumbles"]),
        ("someone begins to crouch and after that stands", ["a person crouches", "a person stands"]),
        ("the person's left arm swings; it rests", ["a person swings their left arm", "a person rests it"]),
    ],
)  # fmt: skip
def test_inflections_compounds_and_mended_spelling_are_the_same_words(caption, events):
    assert len(checked_events(caption, answer(*events))) == len(events)


@pytest.mark.parametrize(
    ("caption", "events", "fault"),
    [
        ("a person walks left", ["a person walks right"], "does not have: right; words of the caption are lost: left"),
        ("a person lifts a leg", ["a person lifts a left leg"], "does not have: left"),
        ("a person walks slowly", ["a person walks"], "lost: slowly"),
        ("a person jumps, turns, jumps", ["a person jumps", "a person turns"], "lost: jumps"),
        ("a person waves twice", ["a person waves two times"], "does not have: two, times; words of the caption"),
        ("a person walks then sits", ["a person walks then sits"], 'event 1 still says "then"'),
        ("a person walks then sits", ["a person walks and sits"], 'says "then", but there is only one event'),
        ("a person walks", ["a person", "a person walks"], "event 1 says nothing"),
        ("a person walks", ["a person walks", "A person walks."], "events 1 and 2 are the same"),
        ("a person walks", [], "0 events, but 1 to 8 are allowed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(caption, events, fault):
    with pytest.raises(AnswerError) as raised:
        checked_events(caption, answer(*events))
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"events": ["a person walks"]}',
        '["a person walks"]',
        '```json\n{"events": ["a person walks"]}\n```',
        'The events {in order} are: {"events": ["a person walks"]}. Good luck [1]!',
        'For example {"events": ["a person flies"]}, but here: {"events": ["a person walks"]}',
        '<think>{"events": ["a person flies"]} or not</think>{"events": ["a person walks"]}',
        '{"note": "x"} {"events": ["a person walks"], "more": null}',
    ],
)
def test_json_is_found_wherever_it_stands(text):
    assert checked_events("a person walks", text) == ("a person walks.",)


@pytest.mark.parametrize(
    "text",
    ["", "walks", '{"events": "a person walks"}', '{"events": [1]}', '{"events": ["a p', "<think> {", "[" * 99_999],
)  # fmt: skip
def test_no_list_of_events_is_an_answer_that_cannot_be_used(text):
    with pytest.raises(AnswerError):
        checked_events("a person walks", text)


def test_events_come_in_neutral_wording():
    events = checked_events("The man raises his leg, then he bows.", answer("He raises his leg.", "bows"))
    assert events == ("a person raises their leg.", "a person bows.")


@given(
    st.lists(
        st.sampled_from("walks runs sits jumps turns left right back slowly twice".split()), min_size=1, max_size=6
    )
)
def test_a_caption_passes_as_its_own_event_and_never_with_another_word(content):
    caption = f"a person {' '.join(content)}"
    assert checked_events(caption, answer(caption)) == (f"{caption}.",)
    with pytest.raises(AnswerError, match="does not have: somersaults"):
        checked_events(caption, answer(f"{caption} somersaults"))


@settings(max_examples=40)
@given(st.text(max_size=100), st.text(max_size=40))
def test_no_text_breaks_the_check(text, caption):
    for given_answer in (text, answer(text)):
        try:
            events = checked_events(caption, given_answer)
        except AnswerError:
            continue
        assert 1 <= len(events) <= 8
