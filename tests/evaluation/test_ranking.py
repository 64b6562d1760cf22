import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chronomotion.evaluation.ranking import rank_of_best, recalls
from chronomotion.evaluation.retrieval import order_tolerance, retrieval

square = st.integers(2, 9).flatmap(lambda n: arrays(np.float64, (n, n), elements=st.integers(-3, 3).map(float)))


def naive_rank(row, right):
    """Places of the best right candidate among the wrong ones, averaged over ties."""
    best = max(score for score, ok in zip(row, right, strict=True) if ok)
    wrong = [score for score, ok in zip(row, right, strict=True) if not ok]
    return sum(score > best for score in wrong) + sum(score == best for score in wrong) / 2


@given(square)
def test_ranks_are_those_of_counting(scores):
    right = np.eye(len(scores), dtype=bool)
    expected = [naive_rank(row, ok) for row, ok in zip(scores, right, strict=True)]
    assert rank_of_best(scores, right).tolist() == expected


@settings(deadline=None)
@given(square, st.randoms(use_true_random=False))
def test_ranks_do_not_change_under_monotone_maps_and_permuted_candidates(scores, random):
    right = np.eye(len(scores), dtype=bool)
    ranks = rank_of_best(scores, right)
    assert np.array_equal(rank_of_best(np.exp(scores) * 5 - 2, right), ranks)
    order = list(range(len(scores)))
    random.shuffle(order)
    assert np.array_equal(rank_of_best(scores[:, order], right[:, order]), ranks)


def test_the_published_metric_gives_the_same_figures(shared):
    expected = json.loads((shared / "golden" / "ranking.json").read_text())
    matrices = np.load(shared / "golden" / "ranking.npz", allow_pickle=False)
    for case in expected:
        stories = [(str(i),) for i in range(case["n"])]
        found = retrieval(matrices[f"scores_{case['seed']}"].astype(np.float64), stories)
        for way in ("t2m", "m2t"):
            for k in (1, 2, 3, 5, 10):
                assert found[way][f"R@{k}"] == pytest.approx(case["all"][f"{way}/R{k:02d}"], abs=0.006)
            assert found[way]["MedR"] == pytest.approx(case["all"][f"{way}/MedR"], abs=0.006)


def test_motions_of_one_story_are_all_right():
    scores = np.array([[0.1, 0.9, 0.5], [0.2, 0.3, 0.8], [0.1, 0.2, 0.9]])
    stories = [("a", "b"), ("a", "b"), ("b", "a")]
    found = retrieval(scores, stories)["t2m"]
    assert found["R@1"] == pytest.approx(200 / 3)
    assert found["MedR"] == 1.0


def test_order_tolerance_looks_for_the_motion_of_the_original_order():
    scores = np.array([[0.9, 0.8], [0.7, 0.1]])
    stories = [("a", "b"), ("b", "a")]
    assert order_tolerance(scores, stories, stories)["R@1"] == 50.0


def test_scores_that_cannot_be_ranked():
    with pytest.raises(ValueError, match="query 1 has no right candidate"):
        rank_of_best(np.zeros((2, 2)), np.array([[True, False], [False, False]]))
    with pytest.raises(ValueError, match="not a number"):
        rank_of_best(np.array([[np.nan, 0.0]]), np.array([[True, False]]))


def test_recalls_of_known_ranks():
    assert recalls(np.array([0.0, 0.5, 1.0, 7.0])) == {
        "R@1": 50.0, "R@2": 75.0, "R@3": 75.0, "R@5": 75.0, "R@10": 100.0, "MedR": 1.75,
    }  # fmt: skip
