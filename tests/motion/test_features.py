"""Features agree with the published ones, with their naive twin, and with what they mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_features import HUMANML3D_BODY, KITML_BODY, naive_features, parents_of
from random_motions import moved, random_motion, standing

from chronomotion.errors import FormatError
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, Layout, layout_of_width
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import to_reference
from chronomotion.motion.rotation import about_y, rotate
from chronomotion.motion.skeleton import HUMANML3D, KITML, Skeleton

LAYOUTS = pytest.mark.parametrize("layout", [HUMANML3D_LAYOUT, KITML_LAYOUT], ids=lambda layout: layout.skeleton.name)
SEEDS = st.integers(0, 2**32 - 1)
COLUMNS = HUMANML3D_LAYOUT.columns


@pytest.fixture(scope="module")
def golden(shared) -> Path:
    return shared / "golden/humanml3d"


@pytest.fixture(scope="module")
def our_golden() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parents[1] / "golden" / "features.npz") as arrays:
        return dict(arrays)


class TestPublished:
    """The tolerances allow for the approximate round trip that the published joints passed through."""

    @pytest.mark.parametrize("retarget", [True, False])
    def test_features_of_the_published_clip(self, golden, retarget):
        expected = np.load(golden / "012314_features.npy")[:-1]
        actual = features_of(Motion(np.load(golden / "012314_joints.npy"), 20.0), retarget=retarget)
        tolerances = dict.fromkeys(COLUMNS._fields, 0.0005) | {"joints": 0.007, "rotations": 0.015, "contacts": 0}
        for part, columns in COLUMNS._asdict().items():
            np.testing.assert_allclose(actual[:, columns], expected[:, columns], rtol=0, atol=tolerances[part])

    @pytest.mark.parametrize("retarget", [True, False])
    def test_features_made_by_the_published_procedure(self, golden, retarget):
        pair = np.load(golden / "more_features.npz")
        actual = features_of(Motion(pair["a_joints"], 20.0), retarget=retarget)
        np.testing.assert_allclose(actual, pair["a_features"], rtol=0, atol=2e-5)

    def test_joints_of_the_published_features(self, golden):
        motion = motion_of(np.load(golden / "012314_features.npy"), name="012314")
        np.testing.assert_allclose(motion.positions, np.load(golden / "012314_joints.npy"), rtol=0, atol=1e-5)
        assert (motion.fps, motion.skeleton, motion.name) == (20.0, HUMANML3D, "012314")

    def test_columns_are_where_the_published_mean_says(self, golden):
        mean, std = np.load(golden / "Mean.npy"), np.load(golden / "Std.npy")
        assert 0.8 < mean[COLUMNS.height].item() < 1.1
        assert (mean[COLUMNS.contacts] > 0.4).all()
        assert np.abs(mean[COLUMNS.velocities]).max() < 0.02
        assert mean[COLUMNS.joints][1::3].min() > 0
        assert (std > 0).all()


def uneven(seed: int, skeleton: Skeleton, frames: int) -> Motion:
    """A random motion whose bones change their lengths a little, and whose feet rest now and then, each on its own."""
    rng = np.random.default_rng(seed)
    motion = random_motion(seed, skeleton, frames)
    positions = motion.positions + rng.normal(scale=0.005, size=motion.positions.shape)
    for foot in (7, 8, 10, 11) if skeleton is HUMANML3D else (14, 15, 19, 20):
        start = rng.integers(frames)
        positions[start : start + 5, foot] = positions[start, foot]
    return replace(motion, positions=positions)


class TestOurOwnGoldenNumbers:
    """Features that the naive twin gave when the files were made; see tests/golden/make.py."""

    @LAYOUTS
    def test_features(self, our_golden, layout):
        name = layout.skeleton.name
        features = features_of(Motion(our_golden[f"{name}_joints"], layout.fps, layout.skeleton))
        # KIT-ML's unit is 1/640 m, and a float32 of metres is turned into it.
        atol = 2e-5 if layout is HUMANML3D_LAYOUT else 2e-6 * 640
        np.testing.assert_allclose(features, our_golden[f"{name}_features"], rtol=1e-6, atol=atol)

    def test_features_of_bones_as_they_are(self, our_golden):
        actual = features_of(Motion(our_golden["humanml3d_joints"], 20.0), retarget=False)
        np.testing.assert_allclose(actual, our_golden["humanml3d_features_own_bones"], rtol=1e-6, atol=2e-5)

    @LAYOUTS
    def test_joints(self, our_golden, layout):
        name = layout.skeleton.name
        motion = motion_of(our_golden[f"{name}_features"])
        expected = our_golden[f"{name}_back"] * np.array(layout.axes)
        np.testing.assert_allclose(motion.positions, expected, rtol=0, atol=1e-5)
        assert (motion.fps, motion.skeleton) == (layout.fps, layout.skeleton)

    def test_the_reference_body(self, our_golden):
        assert HUMANML3D_LAYOUT.bone_lengths == tuple(our_golden["lengths"])
        parents = parents_of(HUMANML3D_BODY)
        assert HUMANML3D.parents == (-1, *(parents[joint] for joint in range(1, 22)))


class TestNaiveTwin:
    @given(SEEDS, st.sampled_from([2, 3, 25]), st.booleans())
    @settings(max_examples=12, deadline=None)
    def test_humanml3d(self, seed, frames, retarget):
        motion = uneven(seed, HUMANML3D, frames)
        lengths = list(HUMANML3D_LAYOUT.bone_lengths) if retarget else None
        expected = naive_features(motion.positions.tolist(), HUMANML3D_BODY, lengths)
        np.testing.assert_allclose(features_of(motion, retarget=retarget), expected, rtol=1e-6, atol=1e-6)

    @given(SEEDS, st.sampled_from([2, 3, 25]))
    @settings(max_examples=12, deadline=None)
    def test_kitml(self, seed, frames):
        motion = uneven(seed, KITML, frames)
        # Published files: x mirrored, 640 units to the metre.
        published = motion.positions.astype(np.float64) * [-640, 640, 640]
        expected = naive_features(published.tolist(), KITML_BODY, None)
        np.testing.assert_allclose(features_of(motion), expected, rtol=1e-6, atol=2e-6 * 640)

    def test_long_enough_for_the_whole_gaussian(self):
        motion = random_motion(11, HUMANML3D, 190, turning=0.02)
        expected = naive_features(motion.positions.tolist(), HUMANML3D_BODY, list(HUMANML3D_LAYOUT.bone_lengths))
        np.testing.assert_allclose(features_of(motion), expected, rtol=1e-6, atol=1e-6)


class TestMeaning:
    @LAYOUTS
    def test_shape_and_type(self, layout):
        features = features_of(random_motion(1, layout.skeleton, 33))
        assert features.shape == (32, layout.width)
        assert features.dtype == np.float32
        assert layout.columns.contacts.stop == layout.width
        assert layout_of_width(layout.width) is layout

    def test_widths_are_the_published_ones(self):
        assert (HUMANML3D_LAYOUT.width, KITML_LAYOUT.width) == (263, 251)

    @LAYOUTS
    def test_standing_still(self, layout):
        features = features_of(standing(30, layout.skeleton))
        for columns in (layout.columns.yaw, layout.columns.path, layout.columns.velocities):
            np.testing.assert_allclose(features[:, columns], 0, atol=1e-6)
        np.testing.assert_array_equal(features[:, layout.columns.contacts], 1)

    def test_walking_forward_at_constant_speed(self):
        motion = standing(30)
        steps = np.arange(30)[:, None, None] * np.array([0, 0, 0.05])
        features = features_of(replace(motion, positions=motion.positions + steps), retarget=False)
        np.testing.assert_allclose(features[:, COLUMNS.path], np.broadcast_to([0, 0.05], (29, 2)), atol=1e-6)
        np.testing.assert_array_equal(features[:, COLUMNS.contacts], 0)
        np.testing.assert_allclose(features[:, COLUMNS.height], motion.positions[0, 0, 1], atol=1e-6)

    @pytest.mark.parametrize(
        ("skeleton", "foot", "threshold"), [(HUMANML3D, 10, 0.002**0.5), (KITML, 20, 0.05**0.5 * 0.75 / 480)]
    )
    def test_contacts_begin_at_the_threshold(self, skeleton, foot, threshold):
        motion = standing(3, skeleton)
        for step, resting in ((0.98 * threshold, 1), (1.02 * threshold, 0)):
            positions = motion.positions.copy()
            positions[2, foot, 0] += step
            features = features_of(replace(motion, positions=positions), retarget=False)
            assert features[:, -4:].tolist() == [[1, 1, 1, 1], [1, resting, 1, 1]]

    def test_yaw_is_half_the_angle_and_negative_to_the_left(self):
        rate = 0.02
        still = standing(200).positions.astype(np.float64)
        # A positive angle about y turns +z to +x, the person's left.
        positions = rotate(about_y(rate * np.arange(200))[:, None], still)
        yaw = features_of(Motion(positions, 20.0))[:, COLUMNS.yaw]
        # Away from the edges, where the smoothing holds the first and last value.
        np.testing.assert_allclose(yaw[82:110], -rate / 2, atol=1e-5)

    def test_passing_backward_flips_one_yaw_step_as_the_published_code_does(self):
        rate, frames = 0.05, 200
        still = standing(frames).positions.astype(np.float64)
        positions = rotate(about_y(rate * np.arange(frames))[:, None], still)
        yaw = features_of(Motion(positions, 20.0))[1:, COLUMNS.yaw].ravel()
        turns = rate * frames / (2 * np.pi)
        assert (yaw > 0).sum() == round(turns)
        np.testing.assert_allclose(np.abs(yaw[82:-82]), rate / 2, atol=1e-5)

    @LAYOUTS
    @given(seed=SEEDS, angle=st.floats(-7, 7), x=st.floats(-5, 5), z=st.floats(-5, 5))
    @settings(max_examples=15, deadline=None)
    def test_place_and_heading_do_not_matter(self, layout, seed, angle, x, z):
        motion = random_motion(seed, layout.skeleton)
        unit = 1 / layout.axes[2]
        # KIT-ML's hips and shoulders are near a half turn from rest, where rounding counts more.
        rotations = 1e-2 if layout is KITML_LAYOUT else 1e-3
        actual, expected = features_of(moved(motion, angle, x, z)), features_of(motion)
        for part, columns in layout.columns._asdict().items():
            tolerance = {"rotations": rotations, "contacts": 0}.get(part, 1e-4 * unit)
            if part != "contacts":
                np.testing.assert_allclose(actual[:, columns], expected[:, columns], rtol=0, atol=tolerance)

    @given(SEEDS)
    @settings(max_examples=15, deadline=None)
    def test_without_retargeting_bones_stay(self, seed):
        motion = random_motion(seed)
        bones = features_of(motion, retarget=False)[:, COLUMNS.joints].reshape(-1, 21, 3)
        spine = motion.positions[:-1, 6] - motion.positions[:-1, 3]
        np.testing.assert_allclose(
            np.linalg.norm(bones[:, 5] - bones[:, 2], axis=1), np.linalg.norm(spine, axis=1), atol=1e-5
        )


class TestRoundTrip:
    @LAYOUTS
    @given(seed=SEEDS)
    @settings(max_examples=15, deadline=None)
    def test_motion_comes_back(self, layout, seed):
        # Little turning: a heading that passes -z is lost by the published features themselves.
        motion = to_reference(random_motion(seed, layout.skeleton, turning=0.01))
        back = motion_of(features_of(motion), name=motion.name)
        assert (back.fps, back.skeleton, back.name) == (layout.fps, layout.skeleton, motion.name)
        np.testing.assert_allclose(back.positions, motion.positions[:-1], atol=2e-5)

    @LAYOUTS
    def test_only_path_and_places_are_used(self, layout):
        features = features_of(random_motion(8, layout.skeleton))
        bare = features.copy()
        bare[:, layout.columns.joints.stop :] = 0
        np.testing.assert_array_equal(motion_of(bare).positions, motion_of(features).positions)

    def test_frame_rate_can_be_said(self):
        assert motion_of(np.zeros((3, 263), dtype=np.float32), fps=30.0).fps == 30


class TestMirror:
    @LAYOUTS
    @given(seed=SEEDS)
    @settings(max_examples=15, deadline=None)
    def test_mirroring_twice_changes_nothing(self, layout, seed):
        motion = random_motion(seed, layout.skeleton)
        np.testing.assert_array_equal(motion.mirrored().mirrored().positions, motion.positions)

    @LAYOUTS
    @given(seed=SEEDS)
    @settings(max_examples=15, deadline=None)
    def test_features_are_mirrored(self, layout, seed):
        motion = random_motion(seed, layout.skeleton)
        # The reference body is not quite symmetric, so bones are left as they are.
        features = features_of(motion, retarget=False)
        actual = features_of(motion.mirrored(), retarget=False)
        tolerance = 1e-4 / layout.axes[2]
        for part, expected in mirrored(features, layout).items():
            values = actual[:, getattr(layout.columns, part)]
            np.testing.assert_allclose(values, expected, rtol=0, atol=2e-3 if part == "rotations" else tolerance)


def mirrored(features: np.ndarray, layout: Layout) -> dict[str, np.ndarray]:
    """What the mirror image must do to each part of the features."""
    columns, rows = layout.columns, len(features)
    order = np.array(layout.skeleton.mirror_order)
    flip = np.array([-1, 1, 1])
    joints = features[:, columns.joints].reshape(rows, -1, 3)
    velocities = features[:, columns.velocities].reshape(rows, -1, 3)
    # A mirrored rotation R is S R S with S = diag(-1, 1, 1): in its first two columns these four signs change.
    signs = np.array([1, -1, -1, -1, 1, 1])
    rotations = features[:, columns.rotations].reshape(rows, -1, 6)
    return {
        "yaw": -features[:, columns.yaw],
        "path": features[:, columns.path] * np.array([-1, 1]),
        "height": features[:, columns.height],
        "joints": (joints[:, order[1:] - 1] * flip).reshape(rows, -1),
        "velocities": (velocities[:, order] * flip).reshape(rows, -1),
        "rotations": (rotations[:, order[1:] - 1] * signs).reshape(rows, -1),
        "contacts": features[:, columns.contacts][:, [2, 3, 0, 1]],
    }


class TestBadInput:
    def test_one_frame(self):
        with pytest.raises(FormatError, match=r"^take 3: a motion of 1 frame is too short: features need at least 2$"):
            features_of(Motion(standing(1).positions, 20.0, name="take 3"))

    def test_another_frame_rate(self):
        with pytest.raises(FormatError, match=r"30 frames a second, but humanml3d .* 20: use motion.resample\(20\)"):
            features_of(Motion(standing(5).positions, 30.0))

    def test_another_skeleton(self):
        stick = Skeleton("humanml3d", ("root", "tip"), (-1, 0))
        with pytest.raises(FormatError, match="'humanml3d' with 2 joints: map the motion onto one of humanml3d, kitml"):
            features_of(Motion(np.ones((5, 2, 3)), 20.0, stick))

    def test_positions_that_are_not_finite(self):
        positions = standing(5).positions.copy()
        positions[2, 0] = np.inf
        with pytest.raises(FormatError, match="joint 'pelvis' has no finite position in frame 2"):
            features_of(Motion(positions, 20.0))

    def test_rows_of_another_width(self):
        with pytest.raises(FormatError, match=r"rows of 262 numbers .* 263 \(humanml3d\), 251 \(kitml\)"):
            motion_of(np.zeros((4, 262)))

    @pytest.mark.parametrize("shape", [(0, 263), (263,), (2, 3, 263)])
    def test_no_rows(self, shape):
        with pytest.raises(FormatError, match=r"expected .frames, dim. with at least one frame"):
            motion_of(np.zeros(shape))

    def test_rows_that_are_not_finite(self):
        features = np.zeros((4, 251))
        features[2, 7] = np.nan
        with pytest.raises(FormatError, match=r"^KIT 03: feature row 2 of 4 holds a number that is not finite"):
            motion_of(features, name="KIT 03")

    def test_bodies_without_width_or_bones_give_finite_features(self):
        flat = np.zeros((5, 22, 3))
        flat[:, :, 1] = np.linspace(0, 1.7, 22)
        assert np.isfinite(features_of(Motion(flat, 20.0))).all()
        assert np.isfinite(features_of(Motion(np.zeros((5, 22, 3)), 20.0), retarget=False)).all()
