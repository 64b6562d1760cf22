from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.model import cuts
from chronomotion.model.cuts import cut_in_order, cut_motions
from chronomotion.model.timeline import sliding_windows


def slow(scores, windows):
    """Every choice of windows."""
    best = -np.inf
    for chosen in product(range(len(windows)), repeat=len(scores)):
        if all(windows[a][1] <= windows[b][0] for a, b in pairwise(chosen)):
            best = max(best, sum(scores[k, w] for k, w in enumerate(chosen)) / len(scores))
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(6, 12), st.integers(0, 2**32 - 1))
def test_an_order_scores_what_its_best_placement_does(events, frames, seed):
    windows = sliding_windows(frames, 4.0, events, seconds=(0.5, 1.0), stride=0.5)
    scores = np.random.default_rng(seed).normal(size=(events, len(windows)))
    orders = list(permutations(range(events)))
    each = [slow(scores[list(order)], windows) for order in orders]
    assert cuts._placed_scores(scores, windows, orders) == pytest.approx(each)


def test_windows_leave_room_for_all_events():
    windows = sliding_windows(50, 20.0, 4)
    assert windows.min() == 0
    assert windows.max() == 50
    assert (windows[:, 1] - windows[:, 0]).max() == 12
    assert {(0, 12), (12, 24), (24, 36), (36, 48)} <= {tuple(one) for one in windows.tolist()}
    with pytest.raises(ValueError, match="3 frames hold no 4 events"):
        sliding_windows(3, 20.0, 4)


class Colours:
    """A model of motions that are stretches of one number each: the share of each number in a window."""

    names = ("red", "green", "blue")

    def encode_text(self, texts):
        return np.eye(3)[[self.names.index(text) for text in texts]]

    def encode_motion(self, motions):
        return np.stack([[(motion == i).mean() + 1e-3 for i in range(3)] for motion in motions])


def motion(*stretches):
    return np.concatenate([np.full((frames, 1), colour, np.float32) for colour, frames in stretches])


def test_the_motion_is_cut_between_its_events():
    long = motion((2, 40), (0, 60), (1, 50))
    right, wrong = cut_motions(Colours(), [long, long], [["blue", "red", "green"], ["green", "red", "blue"]], 20.0)
    true = [(0.0, 2.0), (2.0, 5.0), (5.0, 7.5)]
    assert np.allclose(right.parts, true, atol=0.5)
    assert right.gap > 0.3
    assert wrong.gap < -0.3
    (one,) = cut_motions(Colours(), [long], [["red"]], 20.0)
    assert np.isnan(one.gap)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(6, 12), st.integers(0, 2**32 - 1))
def test_the_cuts_are_the_best_ones(events, frames, seed):
    windows = sliding_windows(frames, 4.0, events, seconds=(0.5, 1.0), stride=0.25)
    scores = np.random.default_rng(seed).normal(size=(events, len(windows)))
    each = np.array([[scores[k][(windows[:, 0] <= t) & (t < windows[:, 1])].mean() for t in range(frames)]
                     for k in range(events)])  # fmt: skip

    def total(cuts):
        bounds = [0, *cuts, frames]
        return sum(each[k, bounds[k] : bounds[k + 1]].sum() for k in range(events))

    cuts = cut_in_order(scores, windows)
    assert len(cuts) == events - 1
    assert total(cuts) == pytest.approx(max(total(some) for some in combinations(range(1, frames), events - 1)))
