"""Limbs whose bones shrink on the way from one pose to another turn over as a limb does, not in one frame."""

from dataclasses import replace

import numpy as np
import pytest

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.evaluation.generation.physical import joint_jerk
from chronomotion.motion.cleaning import cleaned, steadied
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion

ARM = ("left_elbow", "left_wrist")


def mixed(frames=60, over=8):
    """An arm that goes from hanging to lifted as a decoder mixes it: joint by joint, so that it has no length between.

    Nearly opposite, so that the middle has a direction.
    """
    take = ProceduralClips().clip("stand-still", "val", 0)
    positions = np.repeat(take.positions[:1].astype(np.float64), frames, axis=0)
    skeleton = take.skeleton
    share = np.clip((np.arange(frames) - (frames - over) / 2) / over, 0, 1)
    share = share**2 * (3 - 2 * share)
    for joint in ARM:
        number = skeleton.joints.index(joint)
        bone = positions[0, number] - positions[0, skeleton.parents[number]]
        lifted = -bone + np.array([0.01, 0, 0.02])
        bones = (1 - share)[:, None] * bone + share[:, None] * lifted
        positions[:, number] = positions[:, skeleton.parents[number]] + bones
    return Motion(positions, 20.0)


def bones_of(motion):
    return motion.positions[:, 1:].astype(np.float64) - motion.positions[:, HUMANML3D_LAYOUT.parents]


def test_a_limb_that_shrinks_turns_over_in_more_than_a_frame():
    motion = mixed()
    before, after = cleaned(motion), cleaned(steadied(motion))
    jerks = [joint_jerk(each.positions.astype(np.float64)).max() for each in (before, after)]
    assert jerks[0] > 0.5
    assert jerks[1] < 0.4 * jerks[0]
    steps = [np.linalg.norm(np.diff(each.positions, axis=0), axis=-1).max() for each in (before, after)]
    assert steps[1] < 0.5 * steps[0]


def test_it_begins_and_ends_where_it_did_and_leaves_the_rest():
    motion = mixed()
    steady = steadied(motion)
    np.testing.assert_allclose(steady.positions[:15], motion.positions[:15], atol=1e-5)
    np.testing.assert_allclose(steady.positions[-15:], motion.positions[-15:], atol=1e-5)
    others = [n for n, joint in enumerate(motion.skeleton.joints) if joint not in ARM]
    np.testing.assert_allclose(steady.positions[:, others], motion.positions[:, others], atol=1e-5)
    for first, second in zip(bones_of(motion).swapaxes(0, 1), bones_of(steady).swapaxes(0, 1), strict=True):
        np.testing.assert_allclose(np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1), atol=1e-5)


@pytest.mark.parametrize("action", ["walk", "jumping-jack", "throw", "kick-left"])
def test_a_motion_with_steady_bones_is_left_alone(action):
    take = ProceduralClips().clip(action, "val", 1)
    assert steadied(take) is take
    noise = np.random.default_rng(0).normal(0, 0.002, take.positions.shape).astype(np.float32)
    shaky = replace(take, positions=take.positions + noise)
    assert steadied(shaky) is shaky


def test_bones_without_any_length_and_short_motions():
    motion = mixed(frames=12)
    positions = motion.positions.copy()
    positions[6, 20] = positions[6, 18]
    for frames in (1, 2, 7, 12):
        steady = steadied(replace(motion, positions=positions[:frames]))
        assert steady.frames == frames
        assert np.isfinite(steady.positions).all()
    assert np.isfinite(steadied(replace(motion, positions=np.zeros_like(positions))).positions).all()
