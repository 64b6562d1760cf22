"""What a judge's log-probabilities say of a motion, against counting by hand and a naive search."""

import itertools

import numpy as np
import pytest

from chronomotion.evaluation.generation.realised_order import (
    best_order,
    detected_sequence,
    motion_order,
    realised_order,
    segmentation_scores,
)

ACTIONS = 4


def shown(*runs, sure=0.9):
    """Log-probabilities of a motion that shows (action, frames) after one another."""
    labels = np.repeat([action for action, _ in runs], [frames for _, frames in runs])
    probabilities = np.full((len(labels), ACTIONS), (1 - sure) / (ACTIONS - 1))
    probabilities[np.arange(len(labels)), labels] = sure
    return np.log(probabilities)


def naive_score(log_probs, actions):
    """Every way to cut the motion, one after another."""
    frames = len(log_probs)
    best = -np.inf
    for cuts in itertools.combinations(range(1, frames), len(actions) - 1):
        bounds = [0, *cuts, frames]
        parts = zip(bounds, bounds[1:], actions, strict=False)
        best = max(best, sum(log_probs[start:end, action].sum() for start, end, action in parts))
    return best


@pytest.mark.parametrize("asked", [(0,), (0, 1), (2, 0, 1), (1, 3, 1)])
def test_the_programme_finds_the_best_cut(asked):
    rng = np.random.default_rng(len(asked))
    for _ in range(5):
        log_probs = np.log(rng.dirichlet(np.ones(ACTIONS), size=9))
        orders = list(itertools.permutations(range(len(asked))))
        expected = [naive_score(log_probs, [asked[place] for place in order]) for order in orders]
        assert segmentation_scores(log_probs, asked, orders) == pytest.approx(expected, abs=1e-9)


def test_a_motion_that_shows_what_was_asked():
    order = motion_order(shown((0, 40), (2, 30), (1, 50)), (0, 2, 1))
    assert (order.present, order.ordered, order.exact) == (True, True, True)
    assert order.detected == order.best == (0, 2, 1)


def test_another_order_is_seen_as_that_order():
    order = motion_order(shown((1, 40), (2, 30), (0, 50)), (0, 2, 1))
    assert (order.present, order.ordered, order.exact) == (True, False, False)
    assert order.best == (1, 2, 0)


def test_a_lost_event_is_missing_though_the_order_of_the_others_is_right():
    order = motion_order(shown((0, 60), (1, 60)), (0, 2, 1))
    assert not order.present
    assert not order.exact
    assert order.detected == (0, 1)


def test_something_more_is_not_exact():
    order = motion_order(shown((0, 40), (3, 20), (1, 40)), (0, 1))
    assert (order.present, order.ordered, order.exact) == (True, True, False)


def test_runs_below_three_quarters_of_a_second_are_no_event():
    assert detected_sequence(shown((0, 40), (1, 14), (2, 40))) == (0, 2)
    assert detected_sequence(shown((0, 40), (1, 16), (2, 40))) == (0, 1, 2)
    assert detected_sequence(shown((0, 40), (1, 4), (0, 40))) == (0,)
    assert detected_sequence(shown((0, 80), (1, 32), (2, 80)), fps=40.0) == (0, 1, 2)
    assert detected_sequence(shown((0, 80), (1, 28), (2, 80)), fps=40.0) == (0, 2)


def test_the_same_event_twice():
    twice = motion_order(shown((0, 30), (1, 30), (0, 30)), (0, 1, 0))
    assert (twice.present, twice.ordered, twice.exact) == (True, True, True)
    once = motion_order(shown((0, 60), (1, 30)), (0, 1, 0))
    assert not once.present
    on_end = motion_order(shown((0, 90)), (0, 0))
    assert (on_end.present, on_end.ordered, on_end.exact) == (True, None, True)


def test_a_tie_is_not_the_asked_order():
    flat = np.log(np.full((60, ACTIONS), 1 / ACTIONS))
    assert motion_order(flat, (0, 1)).ordered is False
    assert best_order(flat, (0, 1)) == ((1, 0), True)


def test_fewer_frames_than_events_fit_no_order():
    order = motion_order(shown((0, 1), (1, 1)), (0, 1, 2))
    assert (order.present, order.ordered, order.exact) == (False, False, False)


def test_shares_by_number_of_events():
    motions = [
        (shown((0, 40)), (0,)),
        (shown((1, 40)), (0,)),
        (shown((0, 40), (1, 40)), (0, 1)),
        (shown((0, 40), (1, 40)), (1, 0)),
        (shown((0, 40), (1, 40), (2, 40)), (0, 1, 2)),
    ]
    figures = realised_order([log_probs for log_probs, _ in motions], [asked for _, asked in motions])
    assert figures.motions == 5
    assert figures.by_events["1"].ordered is None
    assert figures.by_events["1"].present.value == figures.by_events["1"].exact.value == 50.0
    assert (figures.by_events["2"].present.value, figures.by_events["2"].ordered.value) == (100.0, 50.0)
    assert figures.by_events["2"].ordered.clips == 2
    assert figures.by_events["3"].exact.value == 100.0
    assert figures.all.ordered.value == pytest.approx(200 / 3)
    assert figures.all.ordered.clips == 3


def test_intervals_are_over_clusters():
    motions = [shown((0, 40), (1, 40))] * 8
    asked = [(0, 1), (1, 0)] * 4
    apart = realised_order(motions, asked).all.ordered
    twins = realised_order(motions, asked, clusters=[0, 0, 1, 1, 2, 2, 3, 3]).all.ordered
    assert apart.low < 50 < apart.high
    assert (twins.low, twins.high) == (50.0, 50.0)


def test_nothing_to_judge_is_an_error():
    with pytest.raises(ValueError, match="no motion"):
        realised_order([], [])
    with pytest.raises(ValueError, match="no event"):
        motion_order(shown((0, 40)), ())


def test_a_timeline_judges_without_labels(tmp_path):
    from placed_events import ACTS, PLACES, corpus_of

    from chronomotion.evaluation.generation.motion_set import MotionSet
    from chronomotion.evaluation.generation.timeline_judge import TimelineJudge
    from chronomotion.model.locator import Locator

    class Sees:
        """Each frame shows one act; a text is its act."""

        def encode_text(self, texts):
            return np.stack([0.01 + np.array([act in text for act in ACTS], dtype=float) for text in texts])

        def encode_motion(self, motions):
            return np.stack([0.01 + motion[:, : len(ACTS)].mean(axis=0) for motion in motions])

    corpus = corpus_of(tmp_path / "c", [("walks", "bows"), ("bows", "walks"), ("jumps",)])
    shows = [("walks", "bows"), ("walks", "bows"), ("jumps",)]
    clips = []
    for clip, acts in zip(corpus, shows, strict=True):
        features = np.zeros((40 * len(acts), PLACES * len(ACTS)), dtype=np.float32)
        features[np.arange(len(features)), np.repeat([ACTS.index(act) for act in acts], 40)] = 1
        clips.append(type(clip)(clip.name, features, clip.captions))
    order = TimelineJudge(Locator(Sees(), 20.0), "sees").order_of(MotionSet("three", tuple(clips), 20.0))
    assert order.by_events["2"].ordered.value == 50.0
    assert order.by_events["1"].ordered is None
    assert order.all.exact is None
    assert order.motions == 3
