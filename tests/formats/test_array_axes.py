"""Arrays as the programs of the field write them: axes in any order, batches, flat rows, joints of other bodies."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from figures import Figure

from chronomotion.errors import FormatError
from chronomotion.motion.features import features_of
from chronomotion.motion.formats import inspect_motion, read_motion, read_recording, unreadable
from chronomotion.motion.formats.plausible import check_features, is_body
from chronomotion.motion.formats.soma import SOMA_SKELETONS
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D, KITML


@pytest.fixture(scope="module")
def joints() -> np.ndarray:
    """A walk of 40 frames with bones of constant length."""
    return upright(40)


def upright(frames: int, seed: int = 0) -> np.ndarray:
    return Figure(seed, frames).positions


def saved(folder: Path, array: np.ndarray) -> Path:
    np.save(folder / "clip.npy", array)
    return folder / "clip.npy"


@pytest.mark.parametrize(
    "arrange",
    [
        lambda j: j[None],  # a batch of one
        lambda j: j[:, None],  # one person
        lambda j: j.transpose(1, 2, 0)[None],  # MDM
        lambda j: j.transpose(1, 2, 0),
        lambda j: j.transpose(0, 2, 1),
        lambda j: j.transpose(2, 0, 1)[None, ..., None],  # ST-GCN: batch, 3, frames, joints, persons
        lambda j: j.transpose(1, 0, 2),
        lambda j: j.reshape(len(j), -1),
        lambda j: j.transpose(0, 2, 1).reshape(len(j), -1),  # all x, all y, all z
    ],
)
@pytest.mark.parametrize("frames", [40, 21, 55, 66, 263])
def test_any_order_of_axes(arrange, frames: int, tmp_path: Path) -> None:
    joints = upright(frames)
    recording = read_recording(saved(tmp_path, arrange(joints)), up="y")
    np.testing.assert_allclose(recording.motion.positions, joints, atol=1e-6)


@pytest.mark.parametrize("frames", [3, 22, 24])
def test_the_body_decides_where_the_shape_does_not(frames: int, tmp_path: Path) -> None:
    """As many frames as a body has joints or a point has coordinates."""
    joints = upright(frames)
    for arrange in ((0, 1, 2), (1, 2, 0), (1, 0, 2), (2, 1, 0)):
        recording = read_recording(saved(tmp_path, joints.transpose(arrange)), up="y")
        np.testing.assert_allclose(recording.motion.positions, joints, atol=1e-6)
    report = inspect_motion(saved(tmp_path, upright(22)))
    assert report.doubts[0] == (
        "an array of shape (22, 22, 3) is read as (frames, joints, 3), which fits a body better than "
        "(joints, frames, 3)"
    )


@pytest.mark.parametrize("count", [24, 45, 52, 55, 73, 127, 144])
def test_bodies_of_the_smpl_family_begin_with_ours(count: int, joints: np.ndarray, tmp_path: Path) -> None:
    whole = np.concatenate([joints, np.repeat(joints[:, 20:21], count - 22, axis=1)], axis=1)
    for array in (whole, whole[None], whole.reshape(len(whole), -1), whole.transpose(1, 2, 0)[None]):
        np.testing.assert_allclose(read_motion(saved(tmp_path, array), up="y").positions, joints, atol=1e-6)


@pytest.mark.parametrize("width", [263, 251])
def test_features_in_a_batch_of_one(width: int, joints: np.ndarray, tmp_path: Path) -> None:
    if width == 263:
        features = features_of(Motion(joints, 20.0))
    else:
        features = np.zeros((30, 251), np.float32)
        features[:, 3] = 500
        features[:, 4:64] = np.random.default_rng(0).normal(0, 300, (30, 60))
    expected = read_motion(saved(tmp_path, features))
    for array in (features[None], features[:, None], features.T[None, :, None], features.T):
        back = read_motion(saved(tmp_path, array))
        np.testing.assert_allclose(back.positions, expected.positions, atol=1e-6)
        assert back.skeleton == expected.skeleton


def test_kitml_joints_may_have_other_axes(tmp_path: Path) -> None:
    features = np.zeros((30, 251), np.float32)
    features[:, 3] = 500
    features[:, 4:64] = np.random.default_rng(0).normal(0, 300, 60)
    motion = read_motion(saved(tmp_path, features))
    units = KITML_LAYOUT.to_units(motion.positions.astype(np.float64))
    back = read_motion(saved(tmp_path, units.transpose(1, 2, 0)[None]))
    assert back.skeleton == KITML
    np.testing.assert_allclose(back.positions, motion.positions, atol=1e-4)


@pytest.mark.parametrize(("shape", "axis"), [((3, 40, 22, 3), 0), ((40, 2, 22, 3), 1), ((3, 22, 3, 40), 0)])
def test_a_batch_of_several_says_how_to_part_it(shape: tuple[int, ...], axis: int, tmp_path: Path) -> None:
    array = np.stack([upright(40, seed) for seed in range(shape[axis])], axis=0)
    array = array.transpose(0, 2, 3, 1) if shape[1:] == (22, 3, 40) else np.moveaxis(array, 0, axis)
    assert array.shape == shape
    path = saved(tmp_path, array)
    with pytest.raises(FormatError, match=rf"holds {shape[axis]} motions, but one file is one motion") as caught:
        read_motion(path)
    run_line(str(caught.value), tmp_path)
    for seed in range(shape[axis]):
        parted = read_motion(tmp_path / f"motion_{seed:03}.npy", up="y")
        np.testing.assert_allclose(parted.positions, upright(40, seed), atol=1e-6)
    with pytest.raises(FormatError, match="holds 2 motions"):
        read_motion(saved(tmp_path, np.zeros((2, 60, 263))))


def run_line(message: str, folder: Path) -> None:
    """Run the line that an error prints, as its reader would."""
    words = shlex.split(message[message.index("python -c") :])
    subprocess.run([sys.executable, *words[1:]], cwd=folder, check=True)


@pytest.mark.parametrize("width", [66, 72, 156, 165])
def test_flat_rotations_are_no_joints(width: int, tmp_path: Path) -> None:
    """Poses of SMPL, SMPL-H and SMPL-X have as many numbers as their joints have coordinates."""
    rng = np.random.default_rng(1)
    poses = rng.normal(0, 0.4, width) + np.cumsum(rng.normal(0, 0.05, (60, width)), axis=0)
    with pytest.raises(FormatError, match=r"are not joints, .* save an \.npz with poses, trans and mocap_frame_rate"):
        read_motion(saved(tmp_path, poses))
    if width == 66:
        with_doubt = inspect_motion(saved(tmp_path, poses.reshape(60, 22, 3)), unit="m", up="y")
        assert "bones change their lengths as in no body" in with_doubt.doubts[0]


def test_a_row_of_another_known_kind_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"Motion-X's SMPL-X parameters: save an \.npz with poses"):
        read_motion(saved(tmp_path, np.zeros((9, 322))))


# -- SOMA --

SOMA_NAMES = {
    "left_hip": "LeftLeg", "left_knee": "LeftShin", "left_ankle": "LeftFoot", "left_foot": "LeftToeBase",
    "left_collar": "LeftShoulder", "left_shoulder": "LeftArm", "left_elbow": "LeftForeArm", "left_wrist": "LeftHand",
    "pelvis": "Hips", "spine1": "Spine1", "spine2": "Spine2", "spine3": "Chest", "neck": "Neck1", "head": "Head",
}  # fmt: skip
SOMA_NAMES |= {k.replace("left", "right"): v.replace("Left", "Right") for k, v in SOMA_NAMES.items() if "left" in k}


def soma(joints: np.ndarray, count: int) -> np.ndarray:
    """Our joints at SOMA's places, all others on the joint above them."""
    skeleton = SOMA_SKELETONS[count]
    ours = {theirs: HUMANML3D.index(joint) for joint, theirs in SOMA_NAMES.items()}
    array = np.zeros((len(joints), count, 3))
    for joint, name in enumerate(skeleton.joints):
        near = joints[:, ours[name]] if name in ours else array[:, skeleton.parents[joint]] + [0.0, 0.02, 0.0]
        array[:, joint] = near
    return array


def test_the_order_of_soma() -> None:
    """As the published skeletons have it; joints of the two that share a name hang on the same."""
    full, reduced = SOMA_SKELETONS[77], SOMA_SKELETONS[30]
    assert [full.joints[at] for at in (0, 6, 11, 14, 18, 38, 39, 42, 66, 67, 71, 72, 76)] == [
        "Hips", "Head", "LeftShoulder", "LeftHand", "LeftHandThumbEnd", "LeftHandPinkyEnd", "RightShoulder",
        "RightHand", "RightHandPinkyEnd", "LeftLeg", "LeftToeEnd", "RightLeg", "RightToeEnd",
    ]  # fmt: skip
    assert [reduced.joints[at] for at in (7, 10, 14, 15, 16, 22, 29)] == [
        "Jaw", "LeftShoulder", "LeftHandThumbEnd", "LeftHandMiddleEnd", "RightShoulder", "LeftLeg", "RightToeBase",
    ]  # fmt: skip
    assert reduced.parents == (
        -1, 0, 1, 2, 3, 4, 5, 6, 6, 6, 3, 10, 11, 12, 13, 13, 3, 16, 17, 18, 19, 19, 0, 22, 23, 24, 0, 26, 27, 28,
    )  # fmt: skip


@pytest.mark.parametrize("count", [77, 30])
def test_soma_joints_are_found_by_their_names(count: int, joints: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "clip.npz", posed_joints=soma(joints, count), foot_contacts=np.zeros((40, 4), bool))
    recording = read_recording(tmp_path / "clip.npz", up="y")
    assert recording.report.sources["left_knee"] == "LeftShin"
    limbs = [at for at, joint in enumerate(HUMANML3D.joints) if joint.startswith(("left_", "right_"))]
    np.testing.assert_allclose(recording.motion.positions[:, limbs], joints[:, limbs], atol=1e-5)
    assert (recording.report.fps, recording.report.fps_from) == (30.0, "format")


def test_joints_with_names_and_a_tree_are_taken_by_name(joints: np.ndarray, tmp_path: Path) -> None:
    names = [f"{joint}_joint" if joint == "spine1" else SOMA_NAMES[joint] for joint in HUMANML3D.joints]
    order = np.argsort([len(HUMANML3D.joints) if p < 0 else p for p in HUMANML3D.parents], kind="stable")
    order = [0, *[at for at in order.tolist() if at]]
    parents = [-1 if HUMANML3D.parents[at] < 0 else order.index(HUMANML3D.parents[at]) for at in order]
    fields = {
        "joints": joints[:, order], "joint_names": np.array(names)[order], "parents": np.array(parents), "fps": 50,
    }  # fmt: skip
    np.savez(tmp_path / "clip.npz", **fields)
    motion = read_motion(tmp_path / "clip.npz", up="y")
    limbs = [at for at, joint in enumerate(HUMANML3D.joints) if joint.startswith(("left_", "right_"))]
    np.testing.assert_allclose(motion.positions[:, limbs], joints[:, limbs], atol=1e-5)
    assert motion.fps == 50
    for broken, message in (
        ({"parents": np.array(parents[:-1])}, "21 joints"),
        ({"parents": np.array([5, *parents[1:]])}, "each joint needs a parent before it"),
        ({"joints": joints[:, :20]}, r"expected \(frames, joints, 3\)"),
    ):
        np.savez(tmp_path / "clip.npz", **{**fields, **broken})
        with pytest.raises(FormatError, match=message):
            read_motion(tmp_path / "clip.npz")


# -- pickles and other kinds --


def test_the_line_for_mdm_writes_each_motion(tmp_path: Path) -> None:
    """MDM pads all samples to the longest, and pickles the lot."""
    samples = np.stack([upright(40, seed).transpose(1, 2, 0) for seed in range(2)])
    results = {"motion": samples, "text": ["a", "b"], "lengths": np.array([40, 25]), "num_samples": 2}
    folder = tmp_path / "with space"
    folder.mkdir()
    np.save(folder / "results.npy", results, allow_pickle=True)  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="never loaded") as caught:
        read_motion(folder / "results.npy")
    assert "\n" not in str(caught.value)
    run_line(str(caught.value), tmp_path)
    for seed, frames in enumerate((40, 25)):
        back = read_motion(tmp_path / f"motion_{seed:03}.npy", up="y")
        np.testing.assert_allclose(back.positions, upright(40, seed)[:frames], atol=1e-6)


def test_the_lines_for_other_pickled_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", {"joints": upright(9), "fps": 30.0}, allow_pickle=True)  # type: ignore[arg-type]
    with pytest.raises(FormatError) as caught:
        read_motion(tmp_path / "d.npy")
    run_line(str(caught.value), tmp_path)
    assert read_motion(tmp_path / "motion.npz", up="y").frames == 9
    np.save(tmp_path / "o.npy", upright(9).astype(object), allow_pickle=True)
    with pytest.raises(FormatError) as caught:
        read_motion(tmp_path / "o.npy")
    run_line(str(caught.value), tmp_path)
    assert read_motion(tmp_path / "motion.npy", up="y").frames == 9


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("walk.FBX", "open it in Blender and export BVH"),
        ("walk.blend", "Blender"),
        ("walk.c3d", "solve a skeleton"),
        ("walk.trc", "solve a skeleton"),
        ("walk.pkl", "pickles are never loaded"),
        ("walk.pt", "torch"),
        ("walk.vmd", "Blender"),
        ("walk.usdz", "Blender"),
        ("walk.vrm", "without a motion"),
    ],
)
def test_other_kinds_name_the_way_out(name: str, way_out: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(FormatError, match=way_out) as caught:
        read_motion(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert unreadable(Path(name).suffix) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_read_or_is_no_motion_has_no_way_out() -> None:
    assert [unreadable(suffix) for suffix in (".bvh", ".npz", ".glb", ".csv", ".txt", "")] == [None] * 6


# -- values --


def test_what_is_a_body() -> None:
    assert all(is_body(upright(30, seed).astype(np.float64)) for seed in range(5))
    rng = np.random.default_rng(0)
    assert not is_body(rng.normal(0, 1, (40, 22, 3)))
    assert not is_body(np.zeros((4, 22, 3)))
    assert not is_body(np.full((4, 22, 3), np.nan))
    # Generated motions do not keep their bones to the millimetre.
    assert is_body(upright(60).astype(np.float64) + rng.normal(0, 0.01, (60, 22, 3)))


def test_features_that_were_normalised_or_scaled_are_refused(shared: Path) -> None:
    features = np.load(shared / "golden/humanml3d/012314_features.npy").astype(np.float64)
    mean, deviation = (np.load(shared / f"golden/humanml3d/{name}.npy") for name in ("Mean", "Std"))
    assert check_features(features, HUMANML3D_LAYOUT, "x") == ()
    generated = features + np.random.default_rng(0).normal(0, 0.1, features.shape)
    assert check_features(generated, HUMANML3D_LAYOUT, "x") == ()
    for changed, message in (
        ((features - mean) / deviation, r"normalised: undo that with features \* Std \+ Mean"),
        (features - mean, "normalised"),
        (features * 1000, "another unit: divide them by 1000"),
        (features / 1000, r"another unit: divide them by 0\.001"),
    ):
        with pytest.raises(FormatError, match=message):
            check_features(changed, HUMANML3D_LAYOUT, "x")
    low = features.copy()
    low[:, 3] -= 0.8
    assert "the root is" in check_features(low, HUMANML3D_LAYOUT, "x")[0]
