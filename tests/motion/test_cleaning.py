"""Cleaned motions: bones keep their lengths, feet stay where they stand, and what is meant stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_motions import random_motion
from stepping import LEFT, RIGHT, bones, skating, stepping, toe_speed

from chronomotion.corpus.compose.procedural import perform, perform_varied
from chronomotion.errors import FormatError
from chronomotion.motion.cleaning import clean, cleaned, contacts_of
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.formats import read_motion
from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import rotate, shortest_arc
from chronomotion.motion.skeleton import KITML
from walker import standing

ON_FEET = ["walk", "walk-circle-left", "walk-turn-right", "turn-left", "walk-back", "sneak", "sidestep-left"]


def noisy(motion: Motion, seed: int, size: float = 0.01, smooth: int = 0) -> Motion:
    """Every joint off by about so many metres; ``smooth`` times averaged over three frames, as a decoder's errors."""
    noise = np.random.default_rng(seed).normal(0, 1, motion.positions.shape)
    for _ in range(smooth):
        noise = (np.roll(noise, 1, axis=0) + noise + np.roll(noise, -1, axis=0)) / 3
    return replace(motion, positions=motion.positions + size * noise / noise.std())


def shifted(motion: Motion, way: np.ndarray) -> Motion:
    return replace(motion, positions=motion.positions + way)


def apart(motion: Motion, other: Motion) -> np.ndarray:
    """Farthest joint of each frame, metres."""
    return np.linalg.norm(motion.positions.astype(np.float64) - other.positions, axis=-1).max(axis=1)


# -- bones ------------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.floats(0.002, 0.1))
def test_bones_keep_one_length_and_no_joint_moves_far(seed: int, size: float) -> None:
    motion = noisy(perform_varied("walk", np.random.default_rng(seed)), seed, size, smooth=seed % 5)
    result = clean(motion)
    lengths = bones(result.motion)
    np.testing.assert_allclose(lengths, np.broadcast_to(np.median(bones(motion), axis=0), lengths.shape), atol=2e-6)
    assert result.moved <= 0.15
    assert result.bone == pytest.approx(np.abs(bones(motion) - lengths[0]).max(), abs=1e-5)


def test_bones_get_the_lengths_that_are_given() -> None:
    motion = noisy(perform("walk", np.random.default_rng(1)), 1)
    lengths = np.concatenate([[0.0], np.linspace(0.1, 0.4, 21)])
    np.testing.assert_allclose(bones(clean(motion, lengths=lengths).motion)[7], lengths[1:], atol=1e-6)


def test_a_bone_without_length_in_a_frame_keeps_its_last_direction() -> None:
    positions = np.repeat(standing()[None], 20, axis=0)
    positions[7, 15] = positions[7, 12]
    result = cleaned(Motion(positions, 20.0))
    np.testing.assert_allclose(result.positions[7], result.positions[6], atol=1e-6)


# -- feet -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("smooth", "left"), [(0, 0.4), (4, 0.5)])
def test_feet_of_noisy_motions_skate_less(smooth: int, left: float) -> None:
    figures = []
    for seed, action in enumerate(2 * ON_FEET):
        real = perform_varied(action, np.random.default_rng(seed))
        motion = noisy(real, seed, smooth=smooth)
        result = clean(motion)
        on_floor = shifted(motion, np.array([0, -result.floor, 0]))
        figures.append([measure(of) for measure in (toe_speed, skating) for of in (real, on_floor, result.motion)])
    speed, noisy_speed, clean_speed, _, skates, clean_skates = np.mean(figures, axis=0)
    assert clean_speed - speed < left * (noisy_speed - speed)
    # Smooth noise of a centimetre hardly counts in the ratio, which begins at .5 m/s: there it may not rise by much.
    assert clean_skates < (skates if smooth == 0 else skates + 0.03)


@pytest.mark.parametrize("fps", [20.0, 30.0, 120.0])
def test_feet_of_a_noisy_figure_that_stands_do_not_move(fps: float) -> None:
    still = stepping(*np.zeros((3, round(3 * fps), 3)), fps=fps)
    motion = shifted(noisy(still, 0), np.array([1, 0.4, 2]))
    result = clean(motion)
    toes = result.motion.positions[:, [10, 11]]
    assert np.ptp(toes, axis=0).max() < 2e-3
    assert toes[..., 1].min() > -1e-4
    assert result.let_go == 0
    # Knees go on bending forward.
    knees = result.motion.positions[:, [4, 5]] - result.motion.positions[:, [1, 2]]
    assert knees[..., 2].min() > 0


def test_straight_knees_of_a_noisy_figure_do_not_flip() -> None:
    body = standing()
    body[[4, 5], 2] = 0.0
    body[[4, 5], 0] = [0.085, -0.085]
    motion = noisy(Motion(np.repeat(body[None], 60, axis=0), 20.0), 3, 0.005, smooth=3)
    knees = cleaned(motion).positions[:, [4, 5]]
    # A straight leg that has to be a little shorter bends by centimetres: but forward, always.
    assert knees[..., 2].min() > -0.015
    assert knees[..., 2].max() < 0.08


@pytest.mark.parametrize("action", [*ON_FEET, "jump", "hop", "squat", "sit-down", "kneel", "stand-still", "kick-left"])
def test_what_is_clean_stays_and_cleaning_twice_changes_little(action: str) -> None:
    motion = perform_varied(action, np.random.default_rng(2))
    once = clean(motion)
    assert np.percentile(apart(once.motion, shifted(motion, np.array([0, -once.floor, 0]))), 90) < 0.035
    assert abs(once.floor) < 0.02
    assert (once.slowed, once.root) == (0, 0)
    assert np.percentile(apart(cleaned(once.motion), once.motion), 90) < 0.005


def test_a_figure_that_glides_is_slowed_and_what_follows_is_moved_along() -> None:
    real = perform_varied("walk", np.random.default_rng(5))
    still = stepping(*np.zeros((3, 40, 3)))
    glide = np.zeros((40, 3))
    glide[:, 0] = np.concatenate([np.zeros(10), np.linspace(0, 0.6, 20), np.full(10, 0.6)])
    contacts = np.ones((40, 4), dtype=bool)
    motion = shifted(still, glide[:, None])
    result = clean(motion, contacts)
    assert result.slowed > 0
    assert result.root == pytest.approx(0.6, abs=0.02)
    assert np.ptp(result.motion.positions[..., 0], axis=0).max() < 0.02
    # A model that says nothing of contacts may mean it.
    assert clean(motion).slowed == 0
    assert clean(motion, ~contacts).held == 0
    assert clean(real).slowed == 0


def test_a_walk_that_drifts_sideways_goes_straight_again() -> None:
    real = perform_varied("walk", np.random.default_rng(5))
    contacts = np.concatenate([contacts_of(features_of(real)), np.ones((1, 4), dtype=bool)])
    drift = np.zeros((real.frames, 1, 3))
    drift[:, 0, 0] = 0.3 * np.arange(real.frames) / real.fps
    before, after = shifted(real, drift), cleaned(shifted(real, drift), contacts)
    assert toe_speed(before) > toe_speed(real) + 0.15
    assert toe_speed(after) < toe_speed(cleaned(real, contacts)) + 0.03


def test_a_moonwalk_stays() -> None:
    time = np.arange(60) / 20
    back = -0.4 * time
    root, left, right = np.zeros((3, 60, 3))
    root[:, 2] = back
    # One foot slides back, flat, while the other stands; then they change.
    phase = np.floor(time).astype(int)
    left[:, 2] = 0.2 - 0.8 * (np.where(phase % 2 == 0, time - phase, 1) + phase // 2)
    right[:, 2] = -0.2 - 0.8 * (np.where(phase % 2 == 1, time - phase, 0) + phase // 2)
    root[:, 1] = -0.15
    motion = stepping(root, left, right)
    result = clean(motion, np.ones((60, 4), dtype=bool))
    assert (result.slowed, result.root) == (0, 0)
    assert apart(result.motion, motion).max() < 0.05


def test_a_foot_that_slides_slowly_beside_one_that_stands_is_let_go() -> None:
    root, left, right = np.zeros((3, 80, 3))
    root[:, 1] = -0.12
    left[:, 2] = np.linspace(0, 0.35, 80)
    motion = stepping(root, left, right)
    result = clean(motion, np.ones((80, 4), dtype=bool))
    assert result.let_go == 2
    assert result.root == 0
    assert np.ptp(result.motion.positions[:, LEFT[-1], 2]) == pytest.approx(0.35, abs=0.02)
    assert np.ptp(result.motion.positions[:, RIGHT[-1], 2]) < 1e-3


def test_a_raised_foot_is_not_held_though_the_columns_say_that_it_rests() -> None:
    root, left, right = np.zeros((3, 60, 3))
    root[:, 1] = -0.1
    left[:, 1] = 0.25
    left[:, 0] = 0.05 * np.sin(np.arange(60) / 3)
    motion = stepping(root, left, right)
    result = clean(motion, np.ones((60, 4), dtype=bool))
    assert apart(result.motion, shifted(motion, np.array([0, -result.floor, 0]))).max() < 2e-3


# -- floor ------------------------------------------------------------------------------------------------------------


def lying(frames: int = 40) -> Motion:
    """On the back, along z; the lowest joint is 10 cm above the floor."""
    body = rotate(shortest_arc(np.array([0, 1.0, 0]), np.array([0, 0, 1.0])), standing())
    body[:, 1] += 0.1 - body[:, 1].min()
    return Motion(np.repeat(body[None], frames, axis=0), 20.0)


def test_the_floor_is_where_a_figure_rests() -> None:
    ups = np.concatenate([np.zeros(20), 0.6 * np.sin(np.linspace(0, np.pi, 12)), np.zeros(20)])
    jump = stepping(*np.zeros((3, 52, 3)))
    jump = shifted(jump, np.stack([0 * ups, ups + 0.3, 0 * ups], axis=1)[:, None])
    assert clean(jump).floor == pytest.approx(0.3 + standing()[10, 1], abs=0.005)
    assert clean(lying()).motion.positions[..., 1].min() == pytest.approx(0, abs=0.01)


def test_nothing_is_pushed_through_the_floor() -> None:
    stand = stepping(*np.zeros((3, 60, 3)))
    upside_down = stand.positions[:40] * np.array([1, -1, -1], dtype=np.float32)
    hands = upside_down - np.array([0, upside_down[..., 1].min(), 0])
    both = replace(stand, positions=np.concatenate([stand.positions, hands]))
    whole = np.concatenate([lying().positions, stand.positions])
    on_a_box = np.concatenate([stand.positions + np.array([0, 0.5, 0]), stand.positions[:20]])
    for positions in (hands, both.positions, whole, on_a_box):
        assert clean(Motion(positions, 20.0)).motion.positions[..., 1].min() > -0.025
    glitch = stand.positions.copy()
    glitch[30, 10, 1] -= 0.3
    assert clean(replace(stand, positions=glitch)).floor == pytest.approx(clean(stand).floor, abs=1e-3)


def test_noise_does_not_raise_or_lower_the_floor() -> None:
    real = perform_varied("walk", np.random.default_rng(3))
    floors = [clean(noisy(real, seed)).floor for seed in range(5)]
    assert np.abs(np.array(floors) - clean(real).floor).max() < 0.006


# -- in and out -------------------------------------------------------------------------------------------------------


def test_contacts_are_read_from_the_columns() -> None:
    features = features_of(perform_varied("walk", np.random.default_rng(0)))
    contacts = contacts_of(features)
    assert contacts.shape == (len(features), 4)
    np.testing.assert_array_equal(contacts, features[:, 259:263] == 1)
    halves = features.copy()
    halves[:, 259:263] = [0.49, 0.51, 1.3, -0.2]
    np.testing.assert_array_equal(contacts_of(halves)[3], [False, True, True, False])
    assert clean(motion_of(features), contacts).held > 0
    with pytest.raises(FormatError, match="feature rows of 12 numbers"):
        contacts_of(np.zeros((3, 12)))


def test_bad_input_is_one_clear_line() -> None:
    motion = perform("walk", np.random.default_rng(0))
    with pytest.raises(FormatError, match=rf"contacts of shape \(3, 4\), but {motion.frames} frames need"):
        clean(motion, np.ones((3, 4), dtype=bool))
    broken = motion.positions.copy()
    broken[4, 7, 1] = np.nan
    with pytest.raises(FormatError, match="'left_ankle' has no finite position in frame 4"):
        clean(replace(motion, positions=broken))


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_short_motions_are_cleaned(frames: int) -> None:
    motion = replace(perform("walk", np.random.default_rng(0)), positions=standing()[None].repeat(frames, axis=0))
    assert cleaned(motion, np.ones((frames, 4), dtype=bool)).frames == frames


def test_the_other_skeleton_is_cleaned_too() -> None:
    motion = random_motion(0, KITML)
    result = clean(motion)
    assert result.moved <= 0.15
    assert result.motion.skeleton == KITML


@pytest.mark.parametrize(
    ("file", "again"), [("dataset-1_walk_normal_001.bvh", 0.005), ("dataset-1_run_normal_001.bvh", 0.01)]
)
def test_real_takes_stay_nearly_as_they_are(file: str, again: float, shared: Path) -> None:
    motion = read_motion(shared / "data" / "bandai" / file).resample(20.0)
    result = clean(motion)
    assert np.median(apart(result.motion, shifted(motion, np.array([0, -result.floor, 0])))) < 0.03
    assert np.percentile(apart(cleaned(result.motion), result.motion), 95) < again
