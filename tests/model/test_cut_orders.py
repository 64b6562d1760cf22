"""Which other orders a told one is compared with, and that many events and long motions take little."""

import tracemalloc
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.model import cuts
from chronomotion.model.cuts import cut_motions
from chronomotion.model.timeline import sliding_windows


class Shares:
    """A model of motions that are stretches of one number each: the share of each number in a window. An event is told
    by its number."""

    def __init__(self, kinds):
        self.kinds = kinds

    def encode_text(self, texts):
        return np.eye(self.kinds)[[int(text.split("-")[0]) for text in texts]] + 1e-3

    def encode_motion(self, motions):
        return np.stack([[(motion == i).mean() + 1e-3 for i in range(self.kinds)] for motion in motions])


def motion(events, frames=20):
    return np.repeat(np.arange(events, dtype=np.float32), frames)[:, None]


@pytest.fixture
def compared(monkeypatch):
    """The orders that each told one was compared with."""
    seen = []
    placed = cuts._placed_scores

    def remembered(scores, windows, orders):
        told, *others = map(tuple, orders)
        assert told == tuple(range(len(scores)))
        seen.append(others)
        return placed(scores, windows, orders)

    monkeypatch.setattr(cuts, "_placed_scores", remembered)
    return seen


@pytest.mark.parametrize("events", [10, 11, 15, 16])
def test_many_events_take_little(events, compared):
    """Listing all orders of 11 events took 6.5 GiB; real captions have up to 16."""
    told = [str(i) for i in range(events)]
    tracemalloc.start()
    try:
        (line,) = cut_motions(Shares(events), [motion(events)], [told], 20.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20
    assert [len(orders) for orders in compared] == [23]
    assert line.gap > 0
    assert np.allclose(line.parts, [(i, i + 1) for i in range(events)], atol=0.5)


@pytest.mark.parametrize(
    ("told", "others"),
    [
        (["0", "1"], 1),
        (["0", "1", "2"], 5),
        (["0", "1", "2", "3"], 23),
        (["0", "1", "0"], 2),
        (["0", "0", "1", "1", "0"], 9),  # 5! / (3! 2!) - 1
        (["0", "1", "0", "1", "0", "1"], 19),
    ],
)
def test_of_few_events_all_other_orders_are_compared(told, others, compared):
    cut_motions(Shares(4), [motion(4)], [told], 20.0)
    (orders,) = compared
    stories = [tuple(told[i] for i in order) for order in orders]
    assert set(stories) == set(permutations(told)) - {tuple(told)}
    assert len(stories) == others


def test_of_more_events_a_fair_sample_is_compared(compared):
    """Not the first of all orders by number, which all start with the same event."""
    sets = [[f"{i}-{name}" for i in range(6)] for name in range(60)]
    cut_motions(Shares(6), [motion(6)] * 60, sets, 20.0)
    for orders in compared:
        assert len(orders) == len(set(orders)) == 23
        assert tuple(range(6)) not in orders
        assert all(sorted(order) == list(range(6)) for order in orders)
    for place in range(6):
        counts = Counter(order[place] for orders in compared for order in orders)
        # 1,380 orders, 230 each; the 23 of one set are one draw of a start and a step
        assert all(abs(counts[event] - 230) < 60 for event in range(6))
    assert len({tuple(orders) for orders in compared}) == 60


def test_the_sample_is_a_function_of_seed_and_events(compared):
    told, other = [[f"{i}-{name}" for i in range(5)] for name in "ab"]
    long = motion(5)
    first, _ = cut_motions(Shares(5), [long, long], [told, other], 20.0)
    (again,) = cut_motions(Shares(5), [long], [told], 20.0)
    cut_motions(Shares(5), [long], [told], 20.0, seed=1)
    assert first == again
    assert compared[0] == compared[2]
    assert len({tuple(compared[i]) for i in (0, 1, 3)}) == 3


def test_equal_events_are_no_other_order():
    two = motion(2, 40)
    (line,) = cut_motions(Shares(2), [two], [["0", "0"]], 20.0)
    assert np.isnan(line.gap)
    (worded,) = cut_motions(Shares(2), [two], [["0", "0-again"]], 20.0, keys=[["walk", "walk"]])
    assert np.isnan(worded.gap)
    (apart,) = cut_motions(Shares(2), [two], [["0", "0-again"]], 20.0)
    assert apart.gap == pytest.approx(0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(8, 24), st.integers(0, 2**32 - 1))
def test_the_gap_is_to_the_best_other_order(events, frames, seed):
    rng = np.random.default_rng(seed)
    windows = sliding_windows(frames, 4.0, events, seconds=(0.5, 1.0), stride=0.5)
    scores = rng.normal(size=(events, len(windows)))
    orders = [order for order in permutations(range(events)) if order != tuple(range(events))]
    line = cuts._cuts(scores, windows, orders, 4.0)
    told, *each = cuts._placed_scores(scores, windows, [tuple(range(events)), *orders]).tolist()
    if orders:
        assert line.gap == told - max(each)
    else:
        assert np.isnan(line.gap)


def test_windows_that_cannot_follow_one_another_in_any_order():
    with pytest.raises(ValueError, match="no 2 of these windows follow"):
        cuts._placed_scores(np.ones((2, 2)), np.array([[0, 5], [3, 8]]), [(0, 1), (1, 0)])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(6, 30), st.integers(0, 2**32 - 1))
def test_the_score_of_a_frame_is_the_mean_of_its_windows(events, frames, seed):
    rng = np.random.default_rng(seed)
    windows = sliding_windows(frames, 4.0, events, seconds=(0.5, 1.0, 2.0), stride=0.5)
    windows = windows[rng.random(len(windows)) < 0.7]  # some frames lie in no window
    windows = np.concatenate([windows, [[frames - 2, frames]]])
    scores = rng.normal(size=(events, len(windows)))
    within = (windows[:, :1] <= np.arange(frames)) & (np.arange(frames) < windows[:, 1:])
    expected = [[row[holds].mean() if holds.any() else 0.0 for holds in within.T] for row in scores]
    assert cuts._frame_scores(scores, windows) == pytest.approx(np.array(expected))


def test_a_long_motion_takes_little():
    """Ten minutes: windows times frames would be 115 million truth values."""
    windows = sliding_windows(12_000, 20.0, 3)
    scores = np.random.default_rng(0).normal(size=(3, len(windows)))
    tracemalloc.start()
    try:
        bounds = cuts.cut_in_order(scores, windows)
        cuts._placed_scores(scores, windows, [(0, 1, 2)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(bounds) == 2
    assert len(windows) * 12_000 > 100 << 20
    assert peak < 8 << 20
