"""Constant shifts and missing groups of features in training."""

from __future__ import annotations

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.training.augment import Augmentation
from chronomotion.training.config import TrainingConfig
from chronomotion.training.pairs import Pair, pairs_of

COLUMNS = HUMANML3D_LAYOUT.columns
STATS = (np.arange(263, dtype=np.float32) / 100, np.full(263, 2.0, np.float32))
MOTION = np.random.default_rng(0).normal(size=(30, 263)).astype(np.float32)


def _pair(clip: str) -> Pair:
    return Pair(clip, (), "a person walks.", ("walk",))


def test_without_settings_the_motions_are_the_same_objects() -> None:
    motions = [MOTION]
    assert Augmentation(STATS, TrainingConfig())(3, [_pair("a")], motions)[0] is MOTION


def test_a_shift_is_constant_over_frames_and_the_same_for_twins() -> None:
    augment = Augmentation(STATS, TrainingConfig(feature_shift=1.0))
    first, twin, other = augment(5, [_pair("a"), _pair("a"), _pair("b")], [MOTION, MOTION[:7], MOTION])
    shift = first - MOTION
    np.testing.assert_allclose(shift, np.broadcast_to(shift[0], shift.shape), atol=1e-5)
    np.testing.assert_allclose(twin, first[:7])
    assert np.abs(other - first).max() > 0.01
    assert np.abs(shift).max() <= 3 * 2.0 + 1e-5


def test_the_spread_is_in_standard_deviations() -> None:
    augment = Augmentation(STATS, TrainingConfig(feature_shift=1.0))
    shifts = np.stack([(augment(step, [_pair("a")], [MOTION])[0] - MOTION)[0] for step in range(300)])
    # u * normal * 2 with u uniform in (0, 1): a standard deviation of 2 / sqrt(3)
    np.testing.assert_allclose(shifts.std(), 2 / np.sqrt(3), rtol=0.05)
    np.testing.assert_allclose(shifts.mean(), 0, atol=0.02)


def test_a_missing_group_is_at_its_mean_and_joints_stay() -> None:
    augment = Augmentation(STATS, TrainingConfig(group_dropout=0.5))
    missing = 0
    for step in range(200):
        (changed,) = augment(step, [_pair("a")], [MOTION])
        np.testing.assert_array_equal(changed[:, COLUMNS.joints], MOTION[:, COLUMNS.joints])
        gone = np.array_equal(changed[:, COLUMNS.rotations], np.tile(STATS[0][COLUMNS.rotations], (30, 1)))
        assert gone or np.array_equal(changed[:, COLUMNS.rotations], MOTION[:, COLUMNS.rotations])
        missing += gone
    assert 70 < missing < 130


def test_it_is_a_function_of_seed_step_and_clip(toy_corpus: Corpus) -> None:
    pairs = pairs_of(toy_corpus, toy_corpus.split("train")[0], TrainingConfig(), 0)
    motions = [MOTION] * len(pairs)
    one, again = (Augmentation(STATS, TrainingConfig(feature_shift=0.5)) for _ in range(2))
    one(1, pairs, motions)
    np.testing.assert_array_equal(one(2, pairs, motions)[0], again(2, pairs, motions)[0])
    assert not np.array_equal(one(2, pairs, motions)[0], one(3, pairs, motions)[0])
