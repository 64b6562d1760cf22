from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.search.asking.words import WordIndex
from chronomotion.search.records import LibraryClip


def clip(number, name, labels=(), captions=(), file=""):
    return LibraryClip(number, name, "takes", file or f"{name}.bvh", 80, 20.0, 0.0, tuple(captions), tuple(labels))


CLIPS = [
    clip(3, "take_0421", captions=["a person walks forward and waves"]),
    clip(4, "take_0422", captions=["a man is running in a circle"]),
    clip(5, "take_1421", captions=["She kicks."]),
    clip(7, "walk_fwd_01", ["walk"]),
    clip(8, "walk_fwd_02", ["walk"]),
    clip(9, "Moon-Walk_03", ["dance"]),
    clip(11, "TurnLeft90", ["turn left"]),
    clip(12, "001", file="dance/moonwalk/001.bvh"),
    clip(13, "danse_\u00e9t\u00e9", ["\u8df3\u821e"]),
]
WORDS = WordIndex(CLIPS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("take_0421", [3]),
        ("take_0421.bvh", [3]),
        ("TAKE 421", [3]),
        ("Take0421", [3]),
        ("moonwalk", [9, 12]),
        ("moon walk", [9]),
        ("walk_fwd_02", [8]),
        ("WalkFwd02", [8]),
        ("turn left", [11]),
        ("turns left 90", [11]),
        ("walking", [7, 8, 9, 3]),
        ("a man runs", [4]),
        ("she kicked", [5]),
        ("\u00c9T\u00c9", [13]),
        ("\u8df3\u821e", [13]),
        ("dance/moonwalk/001", [12]),
    ],
)
def test_what_is_typed_is_first(text, first):
    numbers = WORDS.search(text, in_one=True).ranked.numbers.tolist()
    assert set(numbers[: len(first)]) == set(first)


def test_a_name_in_full_is_covered_and_part_of_one_is_not():
    matches = WORDS.search("take_0421", in_one=True)
    shares = dict(zip(matches.ranked.numbers.tolist(), matches.shares.tolist(), strict=True))
    assert shares[3] == pytest.approx(1)
    assert shares[4] < 0.6
    assert shares[4] == pytest.approx(shares[5])  # "1421" is another number, not one that ends in 421
    unknown = WORDS.search("a person walks like a quokka")
    assert 0 < unknown.shares.max() < 0.4


@pytest.mark.parametrize("text", ["", "the", "a person", "quokka", "!?", "..."])
def test_nothing_is_found_by_words_that_say_nothing(text):
    assert len(WORDS.search(text).ranked.numbers) == 0
    assert len(WordIndex([]).search(text).ranked.numbers) == 0


@given(st.permutations(["walks", "turns", "take_0421", "moon", "walk", "left", "circle"]))
def test_the_order_of_words_makes_no_difference(words):
    matches, same = WORDS.search(" ".join(words)), WORDS.search("walks turns take_0421 moon walk left circle")
    assert np.array_equal(matches.ranked.numbers, same.ranked.numbers)
    assert np.array_equal(matches.shares, same.shares)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_is_found_by_itself(name, other):
    words = WordIndex([clip(1, other), clip(2, name), clip(3, "x")])
    found = words.search(name, in_one=True)
    if len(found.ranked.numbers):
        assert found.shares.max() <= 1 + 1e-9
        shares = dict(zip(found.ranked.numbers.tolist(), found.shares.tolist(), strict=True))
        assert shares.get(2) == pytest.approx(1)


def test_many_clips_are_searched_quickly():
    clips = [clip(n, f"take_{n:06d}", captions=["a person walks and turns around"]) for n in range(5_000)]
    words = WordIndex(clips)
    start = time.process_time()
    for _ in range(5):
        assert words.search("take_001234").ranked.numbers[0] == 1234
    assert (time.process_time() - start) / 5 < 0.05
