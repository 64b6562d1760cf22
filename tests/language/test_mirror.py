"""Captions of the mirror image."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.language.caption import Caption, Events
from chronomotion.language.mirror import mirrored, mirrored_caption, mirrored_events


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("raises the left hand, then the right leg", "raises the right hand, then the left leg"),
        ("Left foot first. RIGHT after.", "Right foot first. LEFT after."),
        ("turns left", "turns right"),
        ("turns right away from the wall", "turns left away from the wall"),
        ("walks in a clockwise circle", "walks in a counterclockwise circle"),
        ("spins counter-clockwise", "spins clockwise"),
        ("makes an anti-clockwise turn", "makes a clockwise turn"),
        ("a clockwise turn, then an anticlockwise one", "an anticlockwise turn, then a clockwise one"),
        ("goes counter clock wise", "goes clock wise"),
        ("Clockwise, CW and ccw", "Counterclockwise, CCW and cw"),
        ("left-handed, lefthanded, left-hand side, lefthand", "right-handed, righthanded, right-hand side, righthand"),
        ("leans leftward, rightwards, to the leftmost", "leans rightward, leftwards, to the rightmost"),
        ("steps with the right foot leading", "steps with the left foot leading"),
        ("from left to right", "from right to left"),
        ("left/right", "right/left"),
        ("has left hand up", "has right hand up"),
        ("a slight right angle", "a slight left angle"),
        ("serves left handed", "serves right handed"),
        ("steps to the right before stopping", "steps to the left before stopping"),
        ("crosses the left behind the right", "crosses the right behind the left"),
        ("stands left of the box", "stands right of the box"),
        ("moves it left by two steps", "moves it right by two steps"),
        ("a person's right", "a person's left"),
        ("a 90 degreeleftwards curve", "a 90 degreerightwards curve"),
        ("wave-left-hand", "wave-right-hand"),
        ("turnleft walk_left turnRight", "turnright walk_right turnLeft"),
    ],
)
def test_sides_and_senses_are_exchanged(text: str, other: str) -> None:
    assert mirrored(text) == other


@pytest.mark.parametrize(
    "text",
    [
        "stands upright, all right, in bright light",
        "turns at a right angle, at right angles, right-angled",
        "does it right away, right now",
        "gets right back up and walks right back to the start",
        "stops right in front of the box, right next to it",
        "puts it right on top of the table",
        "stops right before the wall",
        "falls over right after being hit",
        "someone left the room",
        "as he left something on the ground",
        "a person has left.",
        "a person has left the stage",
        "is left alone, is left standing, is left on the floor",
        "the object left behind",
        "nothing left to do, what's left",
        "goes back to the right place in the right way",
        "stands up right",
        "stands upleft",
        "walks forward",
        "",
    ],
)
def test_what_is_no_side_stays(text: str) -> None:
    assert mirrored(text) == text


WORDS = st.sampled_from(
    "left right Left RIGHT clockwise counterclockwise Counterclockwise cw CCW upright bright angle angles slight now "
    "away from all back gets stands stops in front on behind the his a an person has someone is it top before after up "
    "turns degrees foot hand next to nothing place alone standing left-handed rightwards turnleft degree_right down "
    "out and , . ' / - 90".split()
)
SPACES = st.sampled_from([" ", " ", " ", "  ", "\n", ""])


@given(st.lists(st.tuples(WORDS, SPACES)).map(lambda parts: "".join(word + space for word, space in parts)))
def test_mirroring_twice_gives_the_text_back(text: str) -> None:
    again = mirrored(mirrored(text))
    if re.search(r"clock[\s-]wise|counter[\s-]+c|an(?:\s)+[Cc]lock|\ba\s+a|an\s+[Cc]ounter|\b[Aa]n?\s+c?cw", text):
        text, again = _plain(text), _plain(again)
    assert again == text


@given(st.text())
def test_text_without_sides_stays(text: str) -> None:
    if not re.search("left|right|clock|cw", text, re.IGNORECASE):
        assert mirrored(text) == text


def test_a_caption_is_mirrored_with_its_events_and_tags() -> None:
    events = Events(
        ("a person steps left.", "a person bows."), ((0.0, 1.0), (1.0, 2.0)), ("step-left", "bow"), "rules/1"
    )
    caption = Caption("Steps left, then bows", 0.5, 2.5, events, (("step", "VERB"), ("left", "ADV"), ("bow", "VERB")))
    other = mirrored_caption(caption)
    assert other.text == "Steps right, then bows"
    assert (other.start, other.end) == (0.5, 2.5)
    assert other.events == Events(
        ("a person steps right.", "a person bows."), ((0.0, 1.0), (1.0, 2.0)), ("step-right", "bow"), "rules/1"
    )
    assert other.tags == (("step", "VERB"), ("right", "ADV"), ("bow", "VERB"))
    assert mirrored_caption(other) == caption
    assert mirrored_events(mirrored_events(events)) == events
    assert mirrored_caption(Caption("bows")) == Caption("bows")


def _plain(text: str) -> str:
    """Every spelling of counterclockwise, with its article, as one."""
    text = re.sub(
        r"(?:co?u?nter|anti?)[\s-]*counterclockwise", "clockwise", text
    )  # as others mirrored "counter clockwise"
    text = re.sub(r"(?:co?u?nter|anti?)[\s-]*(?=clock)", "counter", text, flags=re.IGNORECASE)
    text = re.sub(r"clock[\s-]?wa?ise", "clockwise", text, flags=re.IGNORECASE)
    return re.sub(r"\ban(?=\s+c)", "a", text, flags=re.IGNORECASE)


def test_real_captions(shared: Path) -> None:
    """What comes back otherwise differs in the spelling of "counterclockwise" and in nothing else."""
    lines = (shared / "data" / "captions" / "humanml3d_sample.jsonl").read_text(encoding="utf-8").splitlines()
    table = json.loads((shared / "data" / "kitml" / "annotations.json").read_text(encoding="utf-8"))
    captions = {json.loads(line)["caption"] for line in lines}
    captions |= {found["text"] for entry in table.values() for found in entry["annotations"]}
    back = {caption: mirrored(mirrored(caption)) for caption in captions}
    otherwise = {caption: again for caption, again in back.items() if caption != again}
    assert len(otherwise) < 0.01 * len(captions)
    assert [caption for caption, again in otherwise.items() if _plain(caption) != _plain(again)] == []


def test_what_others_mirrored_word_by_word(shared: Path) -> None:
    """Published mirrored captions say "stands upleft": that word is kept, and no other becomes "upright"."""
    lines = (shared / "data" / "captions" / "humanml3d_sample.jsonl").read_text(encoding="utf-8").splitlines()
    captions = {json.loads(line)["caption"] for line in lines}
    botched = [caption for caption in captions if "upleft" in caption]
    assert len(botched) > 5
    assert all("upleft" in mirrored(caption) for caption in botched)
    assert all(("upright" in mirrored(caption)) == ("upright" in caption) for caption in captions)
