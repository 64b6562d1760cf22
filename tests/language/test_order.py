from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.language.caption import Events
from chronomotion.language.order import count_orders, order_at, other_orders, rank_of, shuffles
from chronomotion.language.wording import as_written, neutral, tell

events = st.lists(st.sampled_from("abcde"), min_size=1, max_size=6)


def told(keys, order):
    return tuple(keys[i] for i in order)


@settings(deadline=None)  # up to 720 orders
@given(events)
def test_orders_are_all_distinct_arrangements_and_numbers_lead_back(keys):
    found = [order_at(keys, rank) for rank in range(count_orders(keys))]
    assert {told(keys, order) for order in found} == set(permutations(keys))
    assert len({told(keys, order) for order in found}) == len(found)
    assert [rank_of(keys, order) for order in found] == list(range(len(found)))


@given(events, st.integers(0, 30), st.integers())
def test_a_shuffle_is_a_permutation_that_tells_another_order(keys, k, seed):
    found = shuffles(keys, k, seed, "clip")
    assert len(found) == (k if len(set(keys)) > 1 else 0)
    for order in found:
        assert sorted(order) == list(range(len(keys)))
        assert told(keys, order) != tuple(keys)
    others = count_orders(keys) - 1
    assert len({told(keys, order) for order in found}) == (min(k, others) if found else 0)


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "a"], ["a"] * 8])
def test_events_that_are_all_equal_have_no_shuffle(keys):
    assert shuffles(keys, 3, 0) == []
    assert other_orders(keys, 0) == []


def test_shuffles_are_uniform_over_the_other_orders():
    counts = {}
    for clip in range(6000):
        order = shuffles("abc", 1, 0, f"clip {clip}")[0]
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 5
    assert all(abs(count - 1200) < 150 for count in counts.values())  # five standard deviations


def test_shuffles_are_the_same_on_every_machine():
    assert shuffles("abcd", 3, 7, 0, "000123", 0) == [(3, 1, 2, 0), (3, 2, 0, 1), (3, 2, 1, 0)]


def test_all_other_orders_up_to_four_events_and_a_sample_above():
    assert len(set(other_orders("abcd", 0))) == 23
    above = other_orders("abcde", 0)
    assert len(set(above)) == 24
    assert tuple(range(5)) not in above


def test_a_number_beyond_the_orders_is_refused():
    with pytest.raises(ValueError, match="no order number 3: these 3 events have 3 distinct orders"):
        order_at("aab", 3)


SENTENCES = [
    "A person walks.",
    "The man is walking",
    "he sits down",
    "A person sits down.",
    "she waves her hand",
    "jumps",
]
LABELS = ["walk", "stroll", "sit", "wave"]


@st.composite
def events_of_a_caption(draw):
    texts = draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6))
    labels = draw(st.none() | st.lists(st.sampled_from(LABELS), min_size=len(texts), max_size=len(texts)).map(tuple))
    return tuple(texts), labels


@given(events_of_a_caption(), st.integers(0, 6), st.integers())
def test_a_shuffle_tells_other_strings_in_the_same_words(told_events, k, seed):
    """Whatever the labels say: a negative that reads as the caption does would teach that right is wrong."""
    events = Events(*told_events[:1], labels=told_events[1])
    for order in shuffles(events.keys, k, seed, 3, "clip", 0):
        shuffled = events.reordered(order)
        assert Counter(shuffled.texts) == Counter(events.texts)
        assert shuffled.texts != events.texts
        assert [neutral(text) for text in shuffled.texts] != [neutral(text) for text in events.texts]
        assert tell(shuffled.texts) != tell(events.texts)
        assert as_written(shuffled.texts) != as_written(events.texts)
        assert Counter(tell(shuffled.texts).split()) == Counter(tell(events.texts).split())


@given(events_of_a_caption())
def test_a_caption_has_a_shuffle_when_it_has_two_distinct_events(told_events):
    events = Events(*told_events[:1], labels=told_events[1])
    distinct = len(set(events.keys))
    assert bool(shuffles(events.keys, 1, 0)) == (distinct > 1)
    assert bool(other_orders(events.keys, 0)) == (distinct > 1)
    assert distinct <= len({neutral(text) for text in events.texts})


@given(st.lists(st.sampled_from("abcde"), min_size=2, max_size=6), st.integers(1, 9), st.integers())
def test_a_shuffle_does_not_depend_on_how_many_are_drawn(keys, k, seed):
    assert shuffles(keys, k, seed) == shuffles(keys, 12, seed)[:k]


def test_more_shuffles_that_are_the_same_on_every_machine():
    assert shuffles("aab", 2, 0, "x") == [(0, 2, 1), (2, 0, 1)]
    assert shuffles("abc", 2, 0, 1, "M000001", 2) == [(2, 0, 1), (0, 2, 1)]
    assert shuffles(("a person walks.", "a person sits."), 1, 5) == [(1, 0)]
    assert shuffles("abcdefghijklmnopqrstuvwxyz", 1, 0)[0][:6] == (2, 20, 11, 24, 6, 19)
    assert other_orders("abcde", 0, "clip")[:2] == [(1, 0, 3, 2, 4), (4, 3, 0, 1, 2)]


def test_long_captions_are_shuffled_as_well():
    """Thirty events have more orders than 64 bits can number; every event can come first."""
    first = Counter(shuffles(range(30), 1, 0, f"clip {clip}")[0][0] for clip in range(600))
    assert len(first) == 30
    assert max(first.values()) < 50  # twenty each; six standard deviations
    assert len(set(shuffles(range(300), 2, 0))) == 2


def test_events_in_the_same_words_are_equal_whatever_their_labels():
    assert Events(("he bows", "a person bows."), labels=("bow", "greet")).keys == ("bow", "bow")
    assert Events(("a", "b", "a"), labels=("x", "y", "y")).keys == ("x", "x", "x")
    assert Events(("a", "b", "c"), labels=("x", "y", "y")).keys == ("x", "y", "y")
