import numpy as np
import pytest
from placed_events import corpus_of

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
