import numpy as np
import pytest
from placed_events import corpus_of

from chronomotion.evaluation import intervals
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.questions import Questions


def test_the_interval_holds_the_mean_and_is_the_same_every_time():
    values = np.random.default_rng(0).integers(0, 2, 200).astype(float)
    low, high = Resampling(range(200), 0).interval(values)
    assert low < values.mean() < high
    assert (low, high) == Resampling(range(200), 0).interval(values)
    assert 0.10 < high - low < 0.17  # 2 * 1.96 * sqrt(.25 / 200) = 0.139


def test_clusters_are_drawn_whole():
    """Twins of which always one wins and one loses: the mean of every draw is a half."""
    values = np.tile([0.0, 1.0], 100)
    assert Resampling(np.repeat(np.arange(100), 2).tolist(), 0).interval(values) == (0.5, 0.5)
    low, high = Resampling(range(200), 0).interval(values)
    assert high - low > 0.1


def test_copies_of_clips_do_not_make_a_figure_surer():
    values = np.random.default_rng(1).integers(0, 2, 100).astype(float)
    low, high = Resampling(range(100), 0).interval(values)
    copied = Resampling(np.tile(np.arange(100), 9).tolist(), 0).interval(np.tile(values, 9))
    assert copied == pytest.approx((low, high))


def test_clips_that_are_left_out_do_not_count():
    values = np.array([1.0, np.nan, 1.0, np.nan])
    assert Resampling(range(4), 0).interval(values) == (1.0, 1.0)
    assert np.isnan(Resampling(range(4), 0).interval(np.full(4, np.nan))).all()


def test_mirror_images_and_twins_are_one_cluster(tmp_path, toy_corpus):
    story = [("walks", "waves")] * 4
    mirrored = Questions(corpus_of(tmp_path / "c", story, names=["000", "M000", "001", "M002"]))
    assert mirrored.clusters == [0, 0, 1, 2]
    twins = Questions(toy_corpus)
    assert twins.clusters == sorted([*range(12), *range(12)])


def test_one_draw_in_forty_lies_beyond_either_end():
    """95 %: not 90, and on both sides alike."""
    values = np.random.default_rng(2).normal(size=300)
    drawn = Resampling(range(300), 0)
    means, (low, high) = drawn.means(values), drawn.interval(values)
    assert len(means) == 1000
    assert (means < low).mean() == (means > high).mean() == 0.025
    half = 1.96 * values.std() / np.sqrt(300)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.1 * half)


def test_another_seed_draws_other_clips():
    values = np.random.default_rng(3).normal(size=50)
    means = [Resampling(range(50), seed).means(values) for seed in (0, 1, 0)]
    assert np.array_equal(means[0], means[2])
    assert (means[0] != means[1]).mean() > 0.99


def test_draws_are_the_same_whether_they_fit_memory_or_not(monkeypatch):
    values = np.random.default_rng(4).normal(size=40)
    whole = Resampling(range(40), 0)
    expected = whole.means(values)
    monkeypatch.setattr(intervals, "_NUMBERS_AT_ONCE", 40 * 300)
    parts = Resampling(range(40), 0)
    for _ in range(2):
        assert np.allclose(parts.means(values), expected)
    assert np.allclose(whole.means(2 * values), 2 * expected)
