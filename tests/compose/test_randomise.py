"""Domain randomisation: what may change, what must not, and that it is a function of seed and identity."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from chronomotion.corpus.compose.randomise import Randomisation, RandomisedClips, randomised
from chronomotion.corpus.compose.sources import ProceduralClips, VariedClips
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

NOTHING = Randomisation(**{field.name: 0.0 for field in fields(Randomisation)})
SOURCE = VariedClips(0)


def _changed(motion: Motion, settings: Randomisation, seed: int = 0) -> Motion:
    return randomised(motion, settings, np.random.default_rng(seed), np.random.default_rng(seed + 1))


@pytest.mark.parametrize("action", ["walk", "wave-left-hand", "jump", "sit-down", "turn-left"])
def test_with_all_at_zero_nothing_changes(action: str) -> None:
    motion = SOURCE.clip(action, "train", 0)
    np.testing.assert_allclose(_changed(motion, NOTHING).positions, motion.positions, atol=1e-5)


@pytest.mark.parametrize("name", [field.name for field in fields(Randomisation)])
def test_each_piece_changes_something(name: str) -> None:
    """With the default's strength, or certainly where the piece is a matter of chance."""
    certain = 1.0 if name in ("pauses", "cuts", "drop_outs") else getattr(Randomisation(), name)
    motion = SOURCE.clip("walk", "train", 0)
    changes = [_changed(motion, replace(NOTHING, **{name: certain}), seed) for seed in range(4)]
    assert any(
        changed.frames != motion.frames or np.abs(changed.positions - motion.positions).max() > 1e-3
        for changed in changes
    )


def test_bones_keep_their_lengths_but_for_sensor_noise() -> None:
    motion = SOURCE.clip("throw", "train", 3)
    changed = _changed(motion, replace(Randomisation(), noise=0.0, drop_outs=0.0, pace=0.0))
    parents = list(HUMANML3D.parents[1:])
    for kept in (motion, changed):
        lengths = np.linalg.norm(kept.positions[:, 1:] - kept.positions[:, parents], axis=-1)
        np.testing.assert_allclose(lengths, np.broadcast_to(lengths[0], lengths.shape), atol=2e-5)
    before = np.linalg.norm(motion.positions[0, 1:] - motion.positions[0, parents], axis=-1)
    after = np.linalg.norm(changed.positions[0, 1:] - changed.positions[0, parents], axis=-1)
    np.testing.assert_allclose(after, before, atol=2e-5)


def test_the_floor_stays_at_zero_and_jumps_stay_jumps() -> None:
    for seed in range(5):
        changed = _changed(SOURCE.clip("jump", "train", seed), replace(Randomisation(), cuts=0.0), seed)
        lowest = changed.positions[..., 1].min(axis=1)
        assert lowest.min() == pytest.approx(0.0, abs=1e-6)
        assert lowest.max() > 0.08, "both feet leave the floor"


def test_a_raised_hand_is_still_the_hand_that_goes_up() -> None:
    """Whatever the body: the left wrist ends up higher than the right one, and higher than it hangs."""
    wrist, other = HUMANML3D.index("left_wrist"), HUMANML3D.index("right_wrist")
    for seed in range(30):
        changed = _changed(SOURCE.clip("raise-left-hand", "train", seed), Randomisation(), seed)
        high = changed.positions[:, wrist, 1].max()
        assert high > changed.positions[:, other, 1].max() + 0.1, seed
        assert high > 1.2, seed


def test_one_person_performs_a_whole_compound_motion() -> None:
    """Rig and posture depend on the identity alone: two actions of one identity share them, two identities do not."""
    still = replace(NOTHING, rig=5.0)
    clips = RandomisedClips(ProceduralClips(0), still)

    def shoulders(action: str, person: int) -> np.ndarray:
        plain = ProceduralClips(0).clip(action, "train", 0, person).positions[0]
        changed = clips.clip(action, "train", 0, person).positions[0]
        bone = [HUMANML3D.index("neck"), HUMANML3D.index("spine3")]
        return np.subtract(*changed[bone]) - np.subtract(*plain[bone])

    same = np.abs(shoulders("bow", 1) - shoulders("bow", 1)).max()
    assert same == 0
    walk, wave = shoulders("walk", 1), shoulders("wave-left-hand", 1)
    assert np.linalg.norm(walk - wave) < 0.3 * np.linalg.norm(walk)
    assert np.linalg.norm(walk - shoulders("walk", 2)) > 0.3 * np.linalg.norm(walk)


def test_a_clip_is_a_function_of_seed_and_identity() -> None:
    first, again = (RandomisedClips(SOURCE, seed=4) for _ in range(2))
    first.clip("walk", "train", 9)
    np.testing.assert_array_equal(first.clip("run", "train", 1).positions, again.clip("run", "train", 1).positions)
    other = RandomisedClips(SOURCE, seed=5).clip("run", "train", 1)
    mine = again.clip("run", "train", 1)
    assert other.frames != mine.frames or np.abs(other.positions - mine.positions).max() > 1e-3


def test_other_splits_stay_as_they_are() -> None:
    clips = RandomisedClips(SOURCE)
    np.testing.assert_array_equal(clips.clip("walk", "test", 1).positions, SOURCE.clip("walk", "test", 1).positions)


def test_the_description_names_source_and_settings() -> None:
    description = RandomisedClips(SOURCE, Randomisation(noise=0.001)).description
    assert "varied procedural" in description["source"]
    assert "noise=0.001" in description["randomised"]
