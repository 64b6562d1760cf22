"""Motions brought to the reference body, floor, origin and heading."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_motions import moved, random_motion

from chronomotion.errors import FormatError
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import face_forward, facing, place_on_floor, rescale, to_reference
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

SEEDS = st.integers(0, 2**32 - 1)
FORWARD = np.array([0, 0, 1.0])
SKELETONS = pytest.mark.parametrize("skeleton", [HUMANML3D, KITML], ids=lambda skeleton: skeleton.name)


def bones_of(motion: Motion) -> np.ndarray:
    return motion.positions[:, 1:] - motion.positions[:, list(motion.skeleton.parents[1:])]


def lengths_of(motion: Motion) -> np.ndarray:
    return np.linalg.norm(bones_of(motion), axis=-1)


def test_layout_has_the_published_reference_body(shared):
    reference = json.loads((shared / "golden/humanml3d/reference_skeleton.json").read_text())
    assert tuple(reference["joints"]) == HUMANML3D.joints
    assert tuple(reference["parents"]) == HUMANML3D.parents
    assert tuple(reference["bone_lengths_m"]) == HUMANML3D_LAYOUT.bone_lengths


@pytest.mark.parametrize("layout", [HUMANML3D_LAYOUT, KITML_LAYOUT], ids=lambda layout: layout.skeleton.name)
def test_layout_fits_its_skeleton(layout):
    bones = {(chain[i], chain[i + 1]) for chain in layout.chains for i in range(len(chain) - 1)}
    assert bones == set(layout.skeleton.bones)
    left_of = dict(layout.skeleton.pairs)
    for right, left in (layout.hips, layout.shoulders):
        assert left_of[left] == right


@given(SEEDS)
@settings(max_examples=30)
def test_to_reference_gives_the_reference_body(seed):
    motion = random_motion(seed)
    result = to_reference(motion)
    np.testing.assert_allclose(lengths_of(result), [HUMANML3D_LAYOUT.bone_lengths[1:]] * motion.frames, atol=1e-5)
    bones, before = bones_of(rescale(motion)), bones_of(motion)
    cosine = (bones * before).sum(-1) / (lengths_of(rescale(motion)) * lengths_of(motion))
    np.testing.assert_allclose(cosine, 1, atol=1e-5)


@SKELETONS
@given(seed=SEEDS)
@settings(max_examples=20)
def test_to_reference_stands_on_the_floor_at_the_origin_and_faces_forward(skeleton, seed):
    motion = random_motion(seed, skeleton)
    result = to_reference(motion)
    assert (result.fps, result.name, result.skeleton) == (motion.fps, motion.name, skeleton)
    assert result.positions[..., 1].min() == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(result.positions[0, 0, [0, 2]], 0, atol=1e-6)
    layout = KITML_LAYOUT if skeleton is KITML else HUMANML3D_LAYOUT
    np.testing.assert_allclose(facing(result.positions, layout)[0], FORWARD, atol=1e-5)


@SKELETONS
@given(seed=SEEDS, angle=st.floats(-7, 7), x=st.floats(-5, 5), z=st.floats(-5, 5))
@settings(max_examples=20)
def test_to_reference_forgets_place_and_heading_and_is_done_once(skeleton, seed, angle, x, z):
    motion = random_motion(seed, skeleton)
    result = to_reference(motion)
    np.testing.assert_allclose(to_reference(moved(motion, angle, x, z)).positions, result.positions, atol=2e-5)
    np.testing.assert_allclose(to_reference(result).positions, result.positions, atol=1e-5)


@given(SEEDS, st.floats(0.2, 5))
@settings(max_examples=20)
def test_the_size_of_a_person_does_not_matter(seed, factor):
    motion = random_motion(seed)
    giant = replace(motion, positions=motion.positions * np.float32(factor))
    np.testing.assert_allclose(to_reference(giant).positions, to_reference(motion).positions, atol=3e-5)


def test_longer_legs_make_longer_steps():
    reference = to_reference(random_motion(1))
    legs = list(HUMANML3D_LAYOUT.legs)
    double = reference.positions * np.float32(2)
    path = rescale(replace(reference, positions=double)).positions[:, 0]
    np.testing.assert_allclose(path, reference.positions[:, 0], atol=1e-5)
    assert lengths_of(reference)[0, [leg - 1 for leg in legs]].sum() == pytest.approx(0.815831, abs=1e-5)


def test_without_a_reference_body_bones_stay():
    motion = random_motion(2, KITML)
    assert rescale(motion) is motion
    np.testing.assert_allclose(lengths_of(to_reference(motion)), lengths_of(motion), atol=1e-5)


@SKELETONS
def test_left_of_a_person_who_faces_forward_is_plus_x(skeleton):
    positions = face_forward(random_motion(3, skeleton)).positions[0]
    left, right = skeleton.pairs[-1]
    assert positions[left, 0] > positions[right, 0]


@given(SEEDS, st.floats(-3, 3))
@settings(max_examples=20)
def test_facing_turns_with_the_person(seed, angle):
    motion = random_motion(seed)
    before, after = facing(motion.positions), facing(moved(motion, angle, 0, 0).positions)
    turned = np.stack(
        [
            np.cos(angle) * before[:, 0] + np.sin(angle) * before[:, 2],
            np.zeros(len(before)),
            np.cos(angle) * before[:, 2] - np.sin(angle) * before[:, 0],
        ],
        axis=1,
    )
    np.testing.assert_allclose(after, turned, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-6)


def test_somebody_with_no_width_faces_forward():
    np.testing.assert_array_equal(facing(np.zeros((2, 22, 3))), [FORWARD, FORWARD])


def test_place_on_floor_moves_up_and_down_only():
    motion = random_motion(4)
    moves = place_on_floor(motion).positions - motion.positions
    np.testing.assert_allclose(moves, np.broadcast_to(moves[0, 0], moves.shape), atol=1e-6)
    assert moves[0, 0, 0] == moves[0, 0, 2] == 0
    assert place_on_floor(motion).positions[..., 1].min() == pytest.approx(0, abs=1e-6)


def test_a_bone_of_no_length_does_no_harm():
    positions = random_motion(5).positions.copy()
    positions[:, 15] = positions[:, 12]
    result = to_reference(Motion(positions, 20.0))
    assert np.isfinite(result.positions).all()
    np.testing.assert_allclose(lengths_of(result)[:, 14], 0, atol=1e-6)


def test_bad_motions_are_named():
    positions = random_motion(6).positions.copy()
    positions[:, [5, 8]] = positions[:, [2, 2]]
    with pytest.raises(FormatError, match=r"^take 7: the legs have no length"):
        to_reference(Motion(positions, 20.0, name="take 7"))
    positions = random_motion(6).positions.copy()
    positions[3, 20, 1] = np.nan
    for function in (to_reference, rescale, face_forward):
        with pytest.raises(FormatError, match="joint 'left_wrist' has no finite position in frame 3"):
            function(Motion(positions, 20.0))
    stick = Skeleton("stick", ("root", "tip"), (-1, 0))
    with pytest.raises(FormatError, match="no features are defined for skeleton 'stick' with 2 joints"):
        to_reference(Motion(np.zeros((4, 2, 3)), 20.0, stick))
