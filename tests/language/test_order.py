from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.language.order import count_orders, order_at, other_orders, rank_of, shuffles

events = st.lists(st.sampled_from("abcde"), min_size=1, max_size=6)


def told(keys, order):
    return tuple(keys[i] for i in order)


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
