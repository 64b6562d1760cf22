"""Neutral wording gives nothing away: who acts keeps its number, the tense is one, no word tells the place."""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest
from test_wording_of_captions import _real_captions

from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.wording import neutral, tell


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("two people walk", "two people walk."),
        ("The two men are walking together.", "two people walk together."),
        ("2 women shake hands", "two people shake hands."),
        ("both people bow", "two people bow."),
        ("they both bow and wave", "two people bow and wave."),
        ("a couple of dancers spin", "two people spin."),
        ("a man and a woman dance", "two people dance."),
        ("three dancers jumped", "three people jump."),
        ("the people walk and wave", "people walk and wave."),
        ("people were pushed aside", "people are pushed aside."),
        ("some kids slowly raise their arms", "people slowly raise their arms."),
        ("we walk to the chair", "people walk to the chair."),
        ("the other person bows", "another person bows."),
        ("Another man pushes him", "another person pushes them."),
        ("the second person is waving", "another person waves."),
        ("the other sits down", "another person sits down."),
        ("the other person's arms swing", "another person's arms swing."),
        ("the other people sit", "other people sit."),
        ("the first person kneels", "a person kneels."),
        ("a man pushes the other man", "a person pushes the other man."),
        ("both hands go up", "a person's both hands go up."),
        ("the other hand waves", "a person the other hand waves."),
    ],
)
def test_who_acts_keeps_its_number(event: str, expected: str) -> None:
    assert neutral(event) == expected
    assert neutral(expected) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("I walk forward", "walks forward"),
        ("I am walking and I raise my hand", "walks and they raise their hand"),
        ("i'm jumping", "jumps"),
        ("I've turned around", "turns around"),
        ("you walk to your chair", "walks to their chair"),
        ("you're kneeling", "kneels"),
        ("walk forward", "walks forward"),
        ("Please turn around and bow", "turns around and bows"),
        ("let's jump", "jumps"),
        ("i hurt myself", "hurts themselves"),
    ],
)
def test_the_speaker_and_who_is_spoken_to_are_a_person(event: str, expected: str) -> None:
    assert neutral(event) == f"a person {expected}."
    assert neutral(neutral(event)) == neutral(event)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("had just sat", "sits"),
        ("a person had just sat down", "sits down"),
        ("a man has slowly walked away", "slowly walks away"),
        ("he has been walking", "walks"),
        ("she had been pushed", "is pushed"),
        ("a man has his arms raised", "has their arms raised"),
        ("a person has raised arms", "has raised arms"),
        ("the man had a ball in his hand", "has a ball in their hand"),
        ("he will walk", "walks"),
        ("she is going to jump over it", "jumps over it"),
        ("someone can be seen waving", "is seen waving"),
        ("a person could be dancing", "dances"),
        ("he would have fallen", "falls"),
        ("he was on the floor", "is on the floor"),
        ("he was kicked", "is kicked"),
        ("a man walked to a chair and sat down", "walks to a chair and sits down"),
        ("a man walked in, spun around and left the room", "walks in, spins around and leaves the room"),
        ("he threw a ball with arms bent and raised", "throws a ball with arms bent and raised"),
        ("a person bent over picks up a box", "bent over picks up a box"),
        ("he did not move", "does not move"),
        ("he hasn't moved", "does not move"),
        ("he couldn't reach it", "does not reach it"),
        ("he used to walk", "walks"),
        ("he starts to walk", "starts to walk"),
        ("he ended up sitting", "ends up sitting"),
    ],
)
def test_the_tense_is_the_present(event: str, expected: str) -> None:
    assert neutral(event) == f"a person {expected}."
    assert neutral(neutral(event)) == neutral(event)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("a person bows, second", "bows"),
        ("a person bows third", "bows"),
        ("a person walks first", "walks"),
        ("a person turns first to the north", "turns to the north"),
        ("a person finally bows", "bows"),
        ("a person sits down, finally", "sits down"),
        ("a person sits down at last", "sits down"),
        ("a person sits down afterwards", "sits down"),
        ("a person sits down after that", "sits down"),
        ("a person eventually sits down", "sits down"),
        ("a person bows at the end", "bows"),
        ("a person bows and then", "bows"),
        ("a person walks forward next", "walks forward"),
        ("a man now sits", "sits"),
        ("a person waves his hand first", "waves their hand"),
        ("secondly, he bows", "bows"),
        # counts, places and repetition are what happens
        ("a person bows again", "bows again"),
        ("a person jumps a second time", "jumps a second time"),
        ("a person takes the second step", "takes the second step"),
        ("a person bows for a second", "bows for a second"),
        ("a person balances for 1 second", "balances for 1 second"),
        ("a person steps with the right foot first", "steps with the right foot first"),
        ("a person stands next to a box", "stands next to a box"),
        ("a person stops at the end of the line", "stops at the end of the line"),
        ("a person walks back to start", "walks back to start"),
        ("a person leaves second base", "leaves second base"),
    ],
)
def test_no_word_tells_the_place_of_an_event(event: str, expected: str) -> None:
    assert neutral(event) == f"a person {expected}."
    assert neutral(neutral(event)) == neutral(event)


def test_the_words_of_one_caption_are_those_of_its_orders() -> None:
    """The same acts told in any order by these words read alike, event by event."""
    acts = ["bows", "sits down", "waves his hand"]
    frames = ["First, a man {}", "the person {} second", "finally he {}"]
    told = {
        tuple(sorted(neutral(frame.format(act)) for frame, act in zip(frames, order, strict=True)))
        for order in permutations(acts)
    }
    assert len(told) == 1
    assert Counter(tell(["two men bow", "the two men wave"]).split())["people"] == 2


def test_real_events_have_no_words_of_rank(shared: Path) -> None:
    rules = RuleDecomposer()
    rank = re.compile(r"\b(?:finally|lastly|secondly|firstly|subsequently|afterwards)\b(?= *[.,])")
    worded = [neutral(event) for caption in _real_captions(shared)[::3] for event in rules.split(caption).events]
    assert [text for text in worded if rank.search(text)] == []
    assert sum(neutral(text) != text for text in worded) == 0
