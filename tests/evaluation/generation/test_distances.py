"""Distances against hand-made cases and against other ways to compute the same."""

import numpy as np
import pytest

from chronomotion.evaluation.generation.distances import (
    TooFewError,
    diversity,
    fid,
    matching_distance,
    multimodality,
    precision_ceiling,
    r_precision,
)

DIM = 6


def rows(count, seed=0, dim=DIM):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, dim)) @ rng.normal(size=(dim, dim)) + rng.normal(size=dim)


def frechet(first, second):
    """By singular values: with C = A A' and D = B B' the trace of the root of C D is the sum of those of A' B."""
    centred = [(one - one.mean(axis=0)).T / np.sqrt(len(one) - 1) for one in (first, second)]
    root = np.linalg.svd(centred[0].T @ centred[1], compute_uv=False).sum()
    traces = sum(np.square(one).sum() for one in centred)
    return np.square(first.mean(axis=0) - second.mean(axis=0)).sum() + traces - 2 * root


@pytest.mark.parametrize("counts", [(50, 80), (7, 7), (300, 20)])
def test_fid_is_the_frechet_distance(counts):
    first, second = rows(counts[0]), rows(counts[1], seed=1)
    assert fid(first, second) == pytest.approx(frechet(first, second), rel=1e-6)
    assert fid(second, first) == pytest.approx(fid(first, second), rel=1e-6)


def test_fid_by_scipy():
    linalg = pytest.importorskip("scipy.linalg", reason="scipy is not installed; singular values check the same")
    first, second = rows(50), rows(80, seed=1)
    covariances = [np.cov(one, rowvar=False) for one in (first, second)]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(first.mean(0) - second.mean(0)).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert fid(first, second) == pytest.approx(expected, rel=1e-5)


def test_fid_of_normals_that_are_known():
    """One dimension: (m1 - m2)^2 + (s1 - s2)^2 with n - 1."""
    first, second = np.array([[0.0], [2.0], [4.0]]), np.array([[10.0], [11.0], [12.0]])
    assert fid(first, second) == pytest.approx((2 - 11) ** 2 + (2 - 1) ** 2)
    assert fid(first, first) == pytest.approx(0, abs=1e-12)
    assert fid(first, first + 3) == pytest.approx(9)


def test_a_covariance_of_too_few_motions_is_refused():
    with pytest.raises(TooFewError, match="6 dimensions needs more than 6 motions, there are 6"):
        fid(rows(20), rows(6))
    assert fid(rows(20), rows(7)) > 0


def naive_precision(texts, motions, top, batch):
    """Arg-sort, as published."""
    hits, count = np.zeros(top), len(texts) // batch
    for start in range(0, count * batch, batch):
        for i in range(batch):
            near = sorted(range(batch), key=lambda j: np.linalg.norm(texts[start + i] - motions[start + j]))
            hits += [i in near[: k + 1] for k in range(top)]
    return hits / (count * batch)


def test_r_precision_is_the_published_one():
    texts = rows(100)
    motions = texts + np.random.default_rng(5).normal(0, 1.5, texts.shape)
    assert r_precision(texts, motions) == pytest.approx(naive_precision(texts, motions, 3, 32))
    assert r_precision(texts, motions, batch=10, top=5) == pytest.approx(naive_precision(texts, motions, 5, 10))
    assert 0.1 < r_precision(texts, motions)[0] < 1.0


def test_who_knows_everything_gets_all_and_who_knows_nothing_chance():
    texts = rows(64)
    assert r_precision(texts, texts).tolist() == [1, 1, 1]
    assert r_precision(texts, np.zeros_like(texts)) == pytest.approx([1 / 32, 2 / 32, 3 / 32])


def test_ties_are_shared():
    texts = np.arange(4.0)[:, None]
    motions = np.array([[0.0], [0.0], [2.0], [3.0]])
    # text 0: two motions at 0; text 1: both at 1, and the one of text 2 as near
    assert r_precision(texts, motions, batch=4) == pytest.approx(
        [(1 / 2 + 1 / 3 + 1 + 1) / 4, (1 + 2 / 3 + 2) / 4, 1.0]
    )


def test_texts_in_the_same_words_have_a_ceiling():
    texts = ["a"] * 4 + [str(number) for number in range(28)] + ["dropped"]
    assert precision_ceiling(texts) == pytest.approx([(4 / 4 + 28) / 32, (8 / 4 + 28) / 32, (12 / 4 + 28) / 32])


def test_matching_distance_is_the_mean_of_pairs_in_whole_batches():
    texts = rows(70)
    motions = texts + np.array([3.0, 4.0, 0, 0, 0, 0])
    motions[64:] += 100
    assert matching_distance(texts, motions) == pytest.approx(5.0)


@pytest.mark.parametrize("measure", [r_precision, matching_distance])
def test_less_than_a_batch_is_refused(measure):
    with pytest.raises(TooFewError, match="batch of 32 motions, there are 31"):
        measure(rows(31), rows(31))


def test_diversity_draws_without_replacement():
    points = np.arange(300.0)[:, None]
    drawn = diversity(points, 0)
    assert drawn == diversity(points, 0)
    assert drawn != diversity(points, 1)
    # the distance of two places of 300 drawn at random, in the mean (n^2 - 1) / (3 n)
    assert np.mean([diversity(points, seed) for seed in range(30)]) == pytest.approx((300**2 - 1) / 900, rel=0.03)
    assert diversity(np.array([[0.0], [3.0]]), 0, pairs=2) in (0.0, 3.0)
    with pytest.raises(TooFewError, match="draws 300 motions without replacement, there are 299"):
        diversity(points[:299], 0)


def test_multimodality_pairs_motions_of_one_text():
    motions = np.stack([np.full((30, 1), 7.0), np.full((30, 1), 9.0)])
    assert multimodality(motions, 0) == 0.0
    spread = np.tile(np.arange(30.0), (40, 1))[..., None]
    values = [multimodality(spread, seed) for seed in range(100)]
    assert np.mean(values) == pytest.approx((30**2 - 1) / 90, rel=0.1)
    with pytest.raises(TooFewError, match="2 texts with 9"):
        multimodality(motions[:, :9], 0)
