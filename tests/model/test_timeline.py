"""Events in a motion that shows other things too: values by hand, and every placement there is beside the programme."""

import tracemalloc
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.model import timeline
from chronomotion.model.placement import Boundaries
from chronomotion.model.timeline import frame_scores, gap_scores, locate, occurrences, sliding_windows

seeds = st.integers(0, 2**32 - 1)
FRAMES = np.stack([np.arange(12), np.arange(1, 13)], axis=1)
"""Windows of one frame each: the score of a frame is the score of its window."""


def spans_of(located):
    return [place.span for place in located.events]


def every(events, frames, least, begin=0):
    """All spans of so many events of ``least`` frames or more, in order and without overlap."""
    if events == 0:
        yield ()
        return
    for start in range(begin, frames):
        for end in range(start + least, frames + 1):
            for rest in every(events - 1, frames, least, end):
                yield ((start, end), *rest)


def test_a_window_speaks_for_its_middle_half():
    windows = np.array([[0, 4], [2, 6], [4, 8]])
    # middle halves: 1-3, 3-5, 5-7; frames 0 and 7 lie in none, and have the windows that hold them
    assert frame_scores(np.array([[1.0, 2.0, 4.0]]), windows).tolist() == [[1, 1, 1, 2, 2, 4, 4, 4]]


def test_windows_of_several_lengths_have_the_mean_of_their_middles():
    windows = np.array([[0, 8], [2, 6]])  # middle halves: 2-6, 3-5
    assert frame_scores(np.array([[1.0, 3.0]]), windows).tolist() == [[1, 1, 1, 2, 2, 1, 1, 1]]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(6, 30), seeds)
def test_the_score_of_a_frame_is_that_of_counting(events, frames, seed):
    rng = np.random.default_rng(seed)
    windows = sliding_windows(frames, 4.0, 1, seconds=(0.5, 1.0, 2.0), stride=0.5)
    windows = np.concatenate([windows[rng.random(len(windows)) < 0.6], [[frames - 2, frames]]])
    values = rng.normal(size=(events, len(windows)))
    times = np.arange(frames)
    quarter = (windows[:, 1] - windows[:, 0]) // 4
    middle = (windows[:, :1] + quarter[:, None] <= times) & (times < windows[:, 1:] - quarter[:, None])
    whole = (windows[:, :1] <= times) & (times < windows[:, 1:])
    expected = np.zeros((events, frames))
    for frame in range(frames):
        holds = middle[:, frame] if middle[:, frame].any() else whole[:, frame]
        if holds.any():
            expected[:, frame] = values[:, holds].mean(axis=1)
    assert frame_scores(values, windows) == pytest.approx(expected)


def test_what_is_not_asked_about_is_a_gap():
    walks = [0.0, 0.9, 0.9, 0.9, 0, 0, 0, 0, 0, 0, 0, 0]
    sits = [0.0, 0, 0, 0, 0, 0, 0.7, 0.9, 0, 0, 0, 0]
    located = locate(np.array([walks, sits]), FRAMES, gap_scores=0.5, least=1)
    assert spans_of(located) == [(1, 4), (6, 8)]
    assert [place.score for place in located.events] == pytest.approx([0.9, 0.8])
    assert all(place.found for place in located.events)
    # asked: 3 * .4 + .2 + .4 = 1.8; the other order: one of both where it loses .5: 1.2 - .5; 5 frames, and 4
    assert located.margin == pytest.approx((1.8 - 0.7) / 5)
    assert located.best_order == (0, 1)
    assert located.orders == 2


def test_the_other_order_is_told_where_it_fits_better():
    walks, sits = np.zeros(12), np.zeros(12)
    sits[1:3], walks[5:9] = 1, 1
    located = locate(np.stack([walks, sits]), FRAMES, gap_scores=0.5, least=1)
    assert located.margin < 0
    assert located.best_order == (1, 0)
    back = locate(np.stack([sits, walks]), FRAMES, gap_scores=0.5, least=1)
    assert back.margin == pytest.approx(-located.margin)
    assert spans_of(back) == [(1, 3), (5, 9)]


def test_long_stretches_gain_more_than_a_short_peak():
    """The mean of a window has no term for length, and took the peak."""
    walks = np.array([0.95, 0, 0, 0, 0.8, 0.8, 0.8, 0.8, 0.8, 0, 0, 0])
    assert spans_of(locate(walks[None], FRAMES, gap_scores=0.5, least=1)) == [(4, 9)]


def test_an_absent_event_is_not_found_and_moves_nobody():
    walks = [0.9, 0.9, 0.9, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    flies = [0.1] * 12
    sits = [0.0, 0, 0, 0, 0, 0, 0.9, 0.9, 0.9, 0, 0, 0]
    located = locate(np.array([walks, flies, sits]), FRAMES, gap_scores=0.5, least=1)
    assert [place.found for place in located.events] == [True, False, True]
    assert [spans_of(located)[k] for k in (0, 2)] == [(0, 3), (6, 9)]
    assert located.events[1].score == pytest.approx(0.1)
    # the event's mean in this very motion would call any event present somewhere: gaps come from elsewhere
    constant = locate(np.full((1, 12), 0.1), FRAMES, gap_scores=0.5)
    assert not constant.events[0].found


def test_presence_decides_what_is_found():
    scores = np.array([[0.9, 0.9, 0, 0], [0, 0, 0.9, 0.9]])
    presence = {(0, (0, 2)): 0.6, (1, (2, 4)): 0.4}
    for threshold, found in ((0.3, [True, True]), (0.5, [True, False]), (0.7, [False, False])):
        located = locate(
            scores,
            FRAMES[:4],
            gap_scores=0.5,
            presence=lambda event, span: presence[event, span],
            threshold=threshold,
            least=1,
        )
        assert [place.presence for place in located.events] == [0.6, 0.4]
        assert [place.found for place in located.events] == found


def test_a_gap_can_score_otherwise_for_every_event_and_window():
    scores = np.full((2, 12), 0.6)
    gaps = np.full((2, 12), 0.9)
    gaps[0, 2:5] = gaps[1, 7:11] = 0.2
    assert spans_of(locate(scores, FRAMES, gap_scores=gaps, least=1)) == [(2, 5), (7, 11)]
    above, others = np.array([0.1, 0.3]), np.array([[0.9, 0.0], [0.9, 0.0]])
    assert gap_scores(above) == pytest.approx(above + timeline.ABOVE_MEAN)
    assert gap_scores(above, others) == pytest.approx(np.array([[0.6, 0.45], [0.65, 0.65]]))


def test_repeated_events_get_a_span_each():
    walks, sits = np.zeros(12), np.zeros(12)
    walks[[1, 2, 8, 9]], sits[4:7] = 1, 1
    located = locate(np.stack([walks, sits, walks]), FRAMES, gap_scores=0.5, least=1)
    assert spans_of(located) == [(1, 3), (4, 7), (8, 10)]
    assert located.orders == 3  # walks sits walks, sits walks walks, walks walks sits
    assert located.margin > 0


def test_equal_events_are_no_other_order():
    walks = np.zeros(12)
    walks[[1, 2, 8, 9]] = 1
    located = locate(np.stack([walks, walks]), FRAMES, gap_scores=0.5, least=1)
    assert np.isnan(located.margin)
    assert located.orders == 1
    assert spans_of(located) == [(1, 3), (8, 10)]
    nearly = np.stack([walks, walks + 1e-6])
    assert np.isnan(locate(nearly, FRAMES, gap_scores=0.5, least=1, keys=["walk", "walk"]).margin)
    assert not np.isnan(locate(nearly, FRAMES, gap_scores=0.5, least=1).margin)


def test_without_room_there_are_no_spans():
    located = locate(np.ones((3, 2)), FRAMES[:2])
    assert spans_of(located) == [None] * 3
    assert not any(place.found for place in located.events)
    assert np.isnan(located.margin)
    single = locate(np.ones((1, 1)), FRAMES[:1], gap_scores=0.5)
    assert spans_of(single) == [(0, 1)]
    assert single.events[0].found
    assert spans_of(locate(np.ones((2, 2)), FRAMES[:2])) == [(0, 1), (1, 2)]
    for nothing in (np.ones((0, 2)), np.ones((2, 0))):
        with pytest.raises(ValueError, match="nothing to place"):
            locate(nothing, FRAMES[: nothing.shape[1]])


def test_an_event_lasts_half_a_second_where_there_is_room():
    scores = np.zeros((2, 60))
    scores[0, 20], scores[1, 40] = 1, 1
    windows = np.stack([np.arange(60), np.arange(1, 61)], axis=1)
    lengths = [end - begin for begin, end in spans_of(locate(scores, windows, gap_scores=0.5))]
    assert lengths == [10, 10]
    assert [end - begin for begin, end in spans_of(locate(scores[:, 20:32], FRAMES, gap_scores=0.9))] == [6, 6]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(3, 8), st.integers(1, 2), st.booleans(), seeds)
def test_the_margin_is_that_of_all_placements_in_all_orders(events, frames, least, known, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(events, frames))
    boundaries = Boundaries(rng.normal(size=frames + 1), rng.normal(size=frames + 1)) if known else None
    least_there = max(1, min(least, frames // events))

    def total(order, spans):
        gains = sum(scores[k, a:b].sum() - 0.2 * (b - a) for k, (a, b) in zip(order, spans, strict=True))
        extra = 0 if boundaries is None else sum(boundaries.begins[a] + boundaries.ends[b] for a, b in spans)
        return gains + extra

    def best(order):
        return max((total(order, spans), spans) for spans in every(events, frames, least_there))

    located = locate(scores, FRAMES[:frames], gap_scores=0.2, boundaries=boundaries, least=least)
    asked = tuple(range(events))
    assert total(asked, spans_of(located)) == pytest.approx(best(asked)[0])
    others = [best(order) for order in permutations(asked) if order != asked]
    if not others:
        assert np.isnan(located.margin)
        return
    other, spans = max(others)
    longer = max(sum(b - a for a, b in chosen) for chosen in (spans, spans_of(located)))
    assert located.margin == pytest.approx((best(asked)[0] - other) / longer)


def test_of_many_events_a_fair_sample_of_orders_is_compared(monkeypatch):
    seen = []
    gains = timeline.placed_gains

    def remembered(values, lengths, orders, **more):
        seen.append([tuple(order) for order in orders])
        return gains(values, lengths, orders, **more)

    monkeypatch.setattr(timeline, "placed_gains", remembered)
    scores = np.random.default_rng(0).normal(size=(6, 12))
    for number in range(60):
        assert locate(scores, FRAMES, least=1, keys=[f"{number}-{k}" for k in range(6)]).orders == 25
    for orders in seen:
        assert len(set(orders)) == 24
        assert tuple(range(6)) not in orders
    for place in range(6):
        counts = Counter(order[place] for orders in seen for order in orders)
        assert all(abs(counts[event] - 240) < 60 for event in range(6))
    locate(scores[:4], FRAMES, least=1)
    assert set(seen[-1]) == set(permutations(range(4))) - {(0, 1, 2, 3)}


def test_every_occurrence_of_an_event():
    waves = np.zeros(12)
    waves[[1, 2, 5, 6, 7, 10]] = 1
    places = occurrences(waves, FRAMES, gap_scores=0.5, least=1, least_gain=0.6)
    assert [place.span for place in places] == [(1, 3), (5, 8)]
    assert [place.score for place in places] == [1, 1]
    short = occurrences(waves, FRAMES, gap_scores=0.5, least=1, least_gain=0.1)
    assert [place.span for place in short] == [(1, 3), (5, 8), (10, 11)]
    # between the first two, two frames lose 1: below the cost of one occurrence more they are one
    joined = occurrences(waves, FRAMES, gap_scores=0.5, least=1, least_gain=1.2)
    assert [place.span for place in joined] == [(1, 8)]
    assert occurrences(waves * 0, FRAMES, gap_scores=0.5, least=1) == ()


def test_occurrences_that_are_not_present_are_left_out():
    waves = np.zeros(12)
    waves[[1, 2, 3, 8, 9]] = 1
    gap = np.full(12, 0.5)

    def presence(event, span):
        return 0.9 if span[1] <= 6 else 0.1

    (place,) = occurrences(waves, FRAMES, gap_scores=gap, presence=presence, least=1, least_gain=0.1)
    assert (place.span, place.presence, place.found) == ((1, 4), 0.9, True)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 2), seeds)
def test_the_occurrences_are_the_best_ones(frames, least, seed):
    """Of all sets of spans, each of which costs ``least_gain``."""
    gains = np.random.default_rng(seed).normal(size=frames)
    cost = 0.4
    placed = timeline.place_repeats(gains, least=least, least_gain=cost)
    net = placed.gain - cost * len(placed.spans)
    if least == 1:  # where events may be of any length, each one more adds less than the one before
        best = max(
            sum(gains[a:b].sum() - cost for a, b in spans)
            for count in range(frames // least + 1)
            for spans in every(count, frames, least)
        )
        assert net == pytest.approx(max(best, 0.0))
    assert placed.gain == pytest.approx(sum(gains[a:b].sum() for a, b in placed.spans))
    assert all(b - a >= least for a, b in placed.spans)


def test_windows_leave_room_for_all_events():
    windows = sliding_windows(50, 20.0, 4)
    assert windows.min() == 0
    assert windows.max() == 50
    assert (windows[:, 1] - windows[:, 0]).max() == 12
    with pytest.raises(ValueError, match="3 frames hold no 4 events"):
        sliding_windows(3, 20.0, 4)


def test_a_take_of_ten_minutes_takes_little():
    """Windows times frames would be 57 million truth values, and 24 orders 4.6 million numbers at a time."""
    windows = sliding_windows(12_000, 20.0, 1, (1.0, 1.5))
    windows = windows[windows[:, 1] - windows[:, 0] <= 30]
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4, len(windows))).astype(np.float32)
    tracemalloc.start()
    try:
        located = locate(scores, windows, gap_scores=rng.normal(size=scores.shape))
        waves = occurrences(scores[0], windows, gap_scores=1.0, least_gain=3.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert located.orders == 24
    assert waves
    assert len(windows) * 12_000 > 50 << 20
    assert peak < 32 << 20
