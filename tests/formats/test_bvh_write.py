"""Motions written as BVH come back within a millimetre, and files are written whole or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rigs_in_the_wild import REST, RIGS, write_rig

from chronomotion.errors import FormatError
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.formats.bvh import read_bvh
from chronomotion.motion.formats.bvh_write import _angles
from chronomotion.motion.formats.kinematics import euler_rotations, forward_kinematics
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D, KITML


def random_motion(seed: int, frames: int = 12, degrees: float = 60.0) -> Motion:
    """A body of constant bones, every joint turned at random."""
    rng = np.random.default_rng(seed)
    rest = np.array([REST[joint] for joint in HUMANML3D.joints]) * rng.uniform(0.8, 1.2)
    offsets = rest - rest[[max(parent, 0) for parent in HUMANML3D.parents]]
    translations = np.repeat(offsets[None], frames, axis=0)
    translations[:, 0] = rest[0] + rng.normal(0, 1, (frames, 3))
    # The hips stay near upright, so that up can be told when the file is read.
    turns = rng.normal(0, degrees, (frames, len(HUMANML3D), 3)) * np.where(np.arange(22) == 0, 0.2, 1.0)[:, None]
    turns[:, [3, 6, 9, 12]] *= 0.3
    return Motion(forward_kinematics(HUMANML3D.parents, translations, euler_rotations("ZXY", turns)), 30.0, name="m")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_constant_bones_come_back_within_a_millimetre(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    motion = random_motion(seed)
    path = tmp_path_factory.mktemp("bvh") / "m.bvh"
    write_motion(motion, path)
    back = read_motion(path, unit="cm", up="y")
    np.testing.assert_allclose(back.positions, motion.positions, atol=1e-4)
    assert (back.fps, back.frames, back.name) == (30.0, 12, "m")


def test_a_rigid_body_needs_no_helper_joints(tmp_path: Path) -> None:
    write_motion(random_motion(3), tmp_path / "m.bvh")
    take = read_bvh(tmp_path / "m.bvh")
    # Depth first, as every BVH is.
    assert sorted(take.names) == sorted(HUMANML3D.joints)
    assert sum(take.ends) == 5
    text = (tmp_path / "m.bvh").read_text(encoding="utf-8")
    assert text.count("CHANNELS 6") == 1
    assert text.count("CHANNELS 3") == 21


def test_bones_that_change_their_angles_get_helpers_and_stay_exact(tmp_path: Path) -> None:
    motion = random_motion(4)
    positions = motion.positions.copy()
    # The left hip swings about the pelvis on its own, its leg with it.
    hip = positions[:, 1] - positions[:, 0]
    swung = np.einsum("fab,fb->fa", euler_rotations("Y", np.linspace(0, 20, 12)[:, None]), hip)
    positions[:, [1, 4, 7, 10]] += (swung - hip)[:, None]
    write_motion(Motion(positions, 30.0), tmp_path / "m.bvh")
    assert "pelvis_to_left_hip" in read_bvh(tmp_path / "m.bvh").names
    np.testing.assert_allclose(read_motion(tmp_path / "m.bvh", unit="cm", up="y").positions, positions, atol=1e-4)


def test_bones_that_stretch_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    positions = random_motion(5).positions.copy()
    positions[3, 20] += 0.05
    with caplog.at_level(logging.WARNING):
        write_motion(Motion(positions, 30.0, name="elastic"), tmp_path / "m.bvh")
    assert "elastic: the bone to left_wrist changes its length" in caplog.text


@pytest.mark.parametrize("kind", ["lafan1", "daz", "bandai", "mixamo"])
def test_foreign_rigs_go_through_a_bvh_of_ours(kind: str, tmp_path: Path) -> None:
    motion = read_motion(write_rig(tmp_path, RIGS[kind], frames=10, spread=5.0))
    write_motion(motion, tmp_path / "ours.bvh")
    worst = np.abs(read_motion(tmp_path / "ours.bvh").positions - motion.positions).max()
    # Points between two joints of the rig shorten their bones a little when it bends.
    assert worst < 1.5e-2


@pytest.mark.parametrize("file", ["golden/humanml3d/012314_joints.npy", "data/bandai/dataset-1_walk_happy_001.bvh"])
def test_real_motions_come_back_within_a_millimetre(file: str, shared: Path, tmp_path: Path) -> None:
    motion = read_motion(shared / file)
    write_motion(motion, tmp_path / "m.bvh")
    np.testing.assert_allclose(read_motion(tmp_path / "m.bvh").positions, motion.positions, atol=1e-3)


def test_another_library_reads_what_we_write(tmp_path: Path) -> None:
    bvhio = pytest.importorskip("bvhio")
    motion = random_motion(6, frames=4)
    write_motion(motion, tmp_path / "m.bvh")
    hierarchy = bvhio.readAsHierarchy(str(tmp_path / "m.bvh"))
    joints = {joint.Name: joint for joint, _, _ in hierarchy.layout()}
    for frame in range(4):
        hierarchy.loadPose(frame, recursive=True)
        for at, name in enumerate(HUMANML3D.joints):
            np.testing.assert_allclose(
                np.array(joints[name].PositionWorld) / 100, motion.positions[frame, at], atol=1e-5
            )


def test_other_skeletons_are_written_in_their_first_pose(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    positions = np.repeat(rng.normal(0, 1, (1, 21, 3)), 5, axis=0) + np.linspace(0, 1, 5)[:, None, None]
    write_motion(Motion(positions, 12.5, KITML), tmp_path / "kit.bvh")
    take = read_bvh(tmp_path / "kit.bvh")
    order = [take.joints.index(joint) for joint in KITML.joints]
    np.testing.assert_allclose(take.positions[:, order] / 100, positions, atol=1e-5)
    assert take.fps == 12.5


def test_one_frame_and_bones_of_no_length_are_written(tmp_path: Path) -> None:
    positions = np.zeros((1, 22, 3))
    positions[0, 15] = [0, 1, 0]
    write_motion(Motion(positions, 30.0), tmp_path / "m.bvh")
    take = read_bvh(tmp_path / "m.bvh")
    np.testing.assert_allclose(take.positions[0, take.joints.index("head")] / 100, [0, 1, 0], atol=1e-9)


@given(st.lists(st.tuples(*[st.floats(-180, 180)] * 3), min_size=1, max_size=5))
def test_angles_give_back_their_rotations(angles: list[tuple[float, float, float]]) -> None:
    degrees = np.array(angles)
    degrees[0, 1] = 90.0
    rotations = euler_rotations("ZXY", degrees)
    np.testing.assert_allclose(euler_rotations("ZXY", _angles(rotations)), rotations, atol=1e-6)


def test_angles_run_on_over_full_turns() -> None:
    spin = euler_rotations("Y", np.arange(0, 1080, 10.0)[:, None])
    assert np.ptp(np.diff(_angles(spin)[:, 2])) < 1e-6


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.npz"
    write_motion(random_motion(7), path)
    before = path.read_bytes()

    def broken(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(FormatError, match=r"m\.npz: cannot be written: No space left"):
        write_motion(random_motion(8), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    motion = random_motion(9)
    with pytest.raises(FormatError, match=r"cannot write a motion file '\.fbx': known are \.bvh, \.glb, \.npy, \.npz"):
        write_motion(motion, tmp_path / "m.fbx")
    with pytest.raises(FormatError, match="cannot be written: No such file or directory"):
        write_motion(motion, tmp_path / "nowhere" / "m.bvh")
    broken = motion.positions.copy()
    broken[0, 0, 0] = np.inf
    with pytest.raises(FormatError, match="not finite: nothing is written"):
        write_motion(Motion(broken, 30.0), tmp_path / "m.bvh")
