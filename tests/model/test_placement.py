"""The placement with gaps beside every placement there is."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.model.placement import place_spans, placed_gains, placed_spans
from chronomotion.model.timeline import place_with_gaps, sliding_windows

seeds = st.integers(0, 2**32 - 1)


def every(events, steps, begin=0):
    """All spans of so many events, in order and without overlap."""
    if events == 0:
        yield ()
        return
    for start in range(begin, steps):
        for end in range(start + 1, steps + 1):
            for rest in every(events - 1, steps, end):
                yield ((start, end), *rest)


def gain(gains, spans):
    return sum(gains[k, a:b].sum() for k, (a, b) in enumerate(spans))


def slow(gains):
    """The highest gain of all placements."""
    return max((gain(gains, spans) for spans in every(*gains.shape)), default=-np.inf)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 3), st.integers(1, 7), seeds)
def test_the_placement_is_the_best_one(events, steps, seed):
    gains = np.random.default_rng(seed).normal(size=(events, steps))
    if steps < events:
        with pytest.raises(ValueError, match=f"{steps} steps hold no {events} events"):
            place_spans(gains)
        return
    placed = place_spans(gains)
    assert placed.gain == pytest.approx(slow(gains))
    assert placed.gain == pytest.approx(gain(gains, placed.spans))
    assert placed.spans in set(every(events, steps))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.lists(st.integers(1, 9), min_size=1, max_size=6), seeds)
def test_a_gallery_is_placed_as_each_motion_by_itself(events, lengths, seed):
    """Whatever stands in the padding, and also where more events are asked about than a motion has steps."""
    rng = np.random.default_rng(seed)
    gains = rng.normal(size=(len(lengths), events, max(lengths)))
    orders = list(permutations(range(events)))
    sums = placed_gains(gains, np.array(lengths), orders)
    spans, told = placed_spans(gains, np.array(lengths))
    for motion, length in enumerate(lengths):
        own = gains[motion, :, :length]
        if length < events:
            assert (sums[motion] == -np.inf).all()
            assert told[motion] == -np.inf
            continue
        assert sums[motion] == pytest.approx([place_spans(own[list(order)]).gain for order in orders])
        alone = place_spans(own)
        assert tuple(map(tuple, spans[motion].tolist())) == alone.spans
        assert told[motion] == alone.gain == sums[motion, 0]


def test_a_large_gallery_is_cut_into_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    gains, lengths = rng.normal(size=(50, 3, 12)), rng.integers(3, 13, size=50)
    orders = list(permutations(range(3)))
    whole = placed_gains(gains, lengths, orders)
    monkeypatch.setattr("chronomotion.model.placement._NUMBERS_AT_ONCE", 200)
    assert np.array_equal(placed_gains(gains, lengths, orders), whole)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(3, 7), seeds)
def test_of_equal_placements_the_earliest_is_taken_the_last_event_first(events, steps, seed):
    gains = np.random.default_rng(seed).integers(-1, 2, size=(events, steps)).astype(float)
    best = [spans for spans in every(events, steps) if gain(gains, spans) == slow(gains)]

    def latest_first(spans):
        return [bound for begin, end in reversed(spans) for bound in (end, begin)]

    assert place_spans(gains).spans == min(best, key=latest_first)


def test_what_was_not_asked_about_is_a_gap():
    gains = np.array([[-1, 2, 2, -1, -1, -1, -1, -1], [-1, -1, -1, -1, -1, 3, -1, -1]], dtype=float)
    placed = place_spans(gains)
    assert placed.spans == ((1, 3), (5, 6))
    assert placed.gain == 7
    assert place_spans(gains[::-1]).gain == 4 - 1  # one of the two has to be where it loses
    assert int(placed_gains(gains[None], np.array([8]), [(0, 1), (1, 0)]).argmax()) == 0


def test_repeated_events_get_a_span_each():
    walks, sits = [3.0, 3, -1, -1, 3, -1], [-1.0, -1, 3, 3, -1, -1]
    placed = place_spans(np.array([walks, sits, walks]))
    assert placed.spans == ((0, 2), (2, 4), (4, 5))


def test_windows_with_gaps():
    windows = sliding_windows(100, 20.0, 1, seconds=(0.5,), stride=0.25)
    windows = windows[windows[:, 1] - windows[:, 0] == 10]
    inside = [(windows[:, 0] >= 20) & (windows[:, 1] <= 40), (windows[:, 0] >= 60) & (windows[:, 1] <= 90)]
    scores = np.where(inside, 0.8, 0.1)
    placed = place_with_gaps(scores, windows, 0.4)
    assert np.allclose(placed.spans, [(20, 40), (60, 90)], atol=5)
    assert np.allclose(place_with_gaps(scores, windows).spans, [(20, 40), (60, 90)], atol=5)
    assert place_with_gaps(scores, windows, np.array([0.4, 0.4])) == placed
    everything = place_with_gaps(scores, windows, 0.0)
    assert everything.spans[0][0] == 0
    assert everything.spans[1][1] == 100
    assert everything.spans[0][1] == everything.spans[1][0]


def test_frames_without_room():
    with pytest.raises(ValueError, match="1 steps hold no 2 events"):
        place_with_gaps(np.ones((2, 1)), np.array([[0, 1]]))
