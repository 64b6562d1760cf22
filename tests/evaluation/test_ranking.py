import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.ranking import EqualLabels, PairedOnly, SimilarCaptions, rank, recalls

FEW = st.integers(-3, 3).map(float)  # so few values that there are many ties
square = st.integers(2, 9).flatmap(lambda n: arrays(np.float64, (n, n), elements=FEW))
labelled = st.integers(2, 9).flatmap(
    lambda n: st.tuples(arrays(np.float64, (n, n), elements=FEW), arrays(np.int64, n, elements=st.integers(0, 3)))
)


def dense(scores, right, **settings):
    return rank(lambda rows: scores[rows], *scores.shape, right, **settings)


def naive_rank(row, right, ties):
    """Places of the best right candidate, averaged over those that are tied with it."""
    best = max(score for score, ok in zip(row, right, strict=True) if ok)
    tied = [ok for score, ok in zip(row, right, strict=True) if score == best]
    others = len(tied) - 1 if ties == "all" else tied.count(False)
    return sum(score > best for score in row) + others / 2


@settings(deadline=None)
@given(labelled, st.sampled_from(["all", "wrong"]))
def test_ranks_are_those_of_counting(case, ties):
    scores, labels = case
    right = labels[:, None] == labels
    found = dense(scores, EqualLabels(labels, labels), ties=ties)
    assert found.t2m.tolist() == [naive_rank(row, ok, ties) for row, ok in zip(scores, right, strict=True)]
    assert found.m2t.tolist() == [naive_rank(row, ok, ties) for row, ok in zip(scores.T, right.T, strict=True)]


@settings(deadline=None)
@given(square, st.randoms(use_true_random=False))
def test_ranks_do_not_change_under_monotone_maps_and_permuted_candidates(scores, random):
    count = len(scores)
    ranks = dense(scores, PairedOnly(count))
    for mapped in (np.exp(scores) * 5 - 2, scores**3, (scores / 7).astype(np.float32)):
        assert np.array_equal(dense(mapped, PairedOnly(count)), ranks)
    order = np.array(random.sample(range(count), count))
    permuted = dense(scores[:, order], EqualLabels(np.arange(count), order))
    assert np.array_equal(permuted.t2m, ranks.t2m)
    assert np.array_equal(permuted.m2t, ranks.m2t[order])
    permuted = dense(scores[order], EqualLabels(order, np.arange(count)))
    assert np.array_equal(permuted.m2t, ranks.m2t)
    assert np.array_equal(permuted.t2m, ranks.t2m[order])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 255), st.integers(200, 300), st.integers(0, 5))
def test_blocks_of_any_size_give_the_ranks_of_the_whole(rows, count, seed):
    """Vectors of small whole numbers, so that scores are exact whatever block they are computed in."""
    rng = np.random.default_rng(seed)
    texts, motions = (rng.integers(-2, 3, (count, 8)).astype(np.float32) for _ in range(2))
    answers, everything = Vectors(texts, motions), np.arange(count)
    whole = dense(texts @ motions.T, PairedOnly(count), rows=255)
    blocked = rank(lambda places: answers.scores(places, everything), count, count, PairedOnly(count), rows=rows)
    assert np.array_equal(blocked, whole)


def test_more_motions_than_fit_a_tile():
    """Counts are kept in bytes within a tile; nothing runs over."""
    scores = np.zeros((300, 4100))
    scores[:, 1:] = 1.0  # every candidate is better than the first motion, and as good as all the others
    found = dense(scores, PairedOnly(300))
    assert found.t2m[0] == 4099
    assert found.t2m[1] == 4098 / 2
    assert found.m2t[:300].tolist() == [299 / 2] * 300


def test_equal_texts_tie_in_a_large_matrix():
    rng = np.random.default_rng(0)
    texts, motions = (rng.normal(size=(400, 64)).astype(np.float32) for _ in range(2))
    texts[200:] = texts[:200]
    answers, everything = Vectors(texts, motions), np.arange(400)
    scores = answers.scores(everything, everything)
    ranks = dense(scores, PairedOnly(400)).m2t
    assert (ranks % 1 == 0.5).all()


def test_alike_is_right_and_the_own_one_always_is():
    sentences = np.array([[1.0, 0.0], [0.95, np.sqrt(1 - 0.95**2)], [0.0, 1.0], [0.5, 0.5]])
    rows, motions = SimilarCaptions(sentences, 0.95).pairs(np.arange(4))
    assert list(zip(rows.tolist(), motions.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (3, 3)]
    scores = np.array([[0.1, 0.9, 0.5, 0.0], [0.2, 0.3, 0.1, 0.9], [0.9, 0.0, 0.1, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert dense(scores, SimilarCaptions(sentences, 0.95)).t2m.tolist() == [0.0, 1.0, 1.0, 1.5]


def test_texts_without_a_motion_have_no_rank():
    scores = np.array([[0.5, 0.1], [0.2, 0.3], [0.9, 0.0]])
    found = dense(scores, PairedOnly(2))
    assert np.isnan(found.t2m[2])
    assert found.m2t.tolist() == [1.0, 0.0]


def test_scores_that_cannot_be_ranked():
    with pytest.raises(ValueError, match="not a number"):
        dense(np.array([[1.0, 0.0], [np.nan, 0.0]]), PairedOnly(2))


def test_recalls_of_known_ranks():
    assert recalls(np.array([0.0, 0.5, 1.0, 7.0])) == {
        "R@1": 50.0, "R@2": 75.0, "R@3": 75.0, "R@5": 75.0, "R@10": 100.0, "MedR": 1.75,
    }  # fmt: skip
