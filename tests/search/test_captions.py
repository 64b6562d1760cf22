"""From a motion to sentences."""

from __future__ import annotations

import pytest
from toy_library import ACTS, ToyLibrary

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.search.asking.captions import describe
from chronomotion.search.asking.prepared import PreparedLibrary
from chronomotion.search.asking.searching import Searcher
from chronomotion.search.records import MotionReference

PHRASES = tuple(f"a person {act}s." for act in ACTS)


@pytest.fixture(scope="module")
def prepared():
    takes = {"a": [("walk", 3)], "b": [("walk", 3.5)], "c": [("sit", 3)], "d": [("jump", 4)], "e": [("bow", 2)],
             "long": [("jump", 8), ("walk", 8), ("kneel", 8)]}  # fmt: skip
    told = {"a": ["a person walks like a crab."], "b": ["the walking of a king."], "c": ["a person sits."]}
    return PreparedLibrary(ToyLibrary(takes, captions=told, labels={"d": ["jump-up"]}))


def test_a_motion_is_told_by_the_captions_of_others_and_by_phrases(prepared):
    (part,) = describe(prepared, MotionReference("a"), PHRASES, top=3)
    assert part.span == (0, 3)
    assert {"the walking of a king.", "a person walks."} <= {caption.text for caption in part.captions}
    assert "a person walks like a crab." not in {caption.text for caption in part.captions}  # its own
    assert {caption.source for caption in part.captions} == {"library", "phrases"}
    assert part.captions[0].found
    assert part.captions[0].score >= part.captions[-1].score


def test_a_long_motion_is_told_part_by_part(prepared):
    parts = describe(prepared, MotionReference("long"), PHRASES, top=1)
    assert [part.span for part in parts] == [(0, 4), (4, 8), (8, 12), (12, 16), (16, 20), (20, 24)]
    words = [part.captions[0].text for part in parts]
    assert all("jump" in text for text in words[:2])
    assert all("walk" in text for text in words[2:4])
    assert words[4:] == ["a person kneels."] * 2


def test_times_of_a_part_are_those_of_the_whole(prepared):
    (part,) = describe(prepared, MotionReference("long", 9.0, 15.0), PHRASES, top=1)
    assert part.span == (9, 15)
    assert "walk" in part.captions[0].text


def test_a_label_is_a_sentence(prepared):
    (part,) = describe(prepared, MotionReference("long", 0.0, 5.0), PHRASES, top=9)
    assert any(caption.text == "jump-up" and caption.source == "library" for caption in part.captions)


def test_only_what_is_shown_is_found(prepared):
    (part,) = describe(prepared, MotionReference("e"), PHRASES, top=20)
    assert [caption.text for caption in part.captions if caption.found] == ["a person bows."]


def test_describing_by_a_name(prepared):
    with pytest.raises(CorpusError, match="neither a clip of the library nor a motion file"):
        Searcher(prepared.library).describe("nothing")
    with pytest.raises(ConfigError, match="top is 0"):
        Searcher(prepared.library).describe("a", top=0)
