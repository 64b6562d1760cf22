"""Joints and features in numpy files, AMASS with a body model, and archives that are not to be trusted."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import REST

from chronomotion.errors import FormatError
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.formats import inspect_motion, read_motion, write_motion
from chronomotion.motion.formats.amass import BODY_MODEL_VARIABLE
from chronomotion.motion.layout import KITML_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import to_reference
from chronomotion.motion.skeleton import HUMANML3D, KITML
from walker import walking


@pytest.fixture(params=["walk", "published"])
def joints(request: pytest.FixtureRequest) -> np.ndarray:
    if request.param == "walk":
        return walking(170, speed=0.4).positions
    return np.load(request.getfixturevalue("shared") / "golden/humanml3d/012314_joints.npy")


@pytest.mark.parametrize("count", [22, 24, 52])
def test_the_first_22_of_smpl_joints_are_ours(count: int, joints: np.ndarray, tmp_path: Path) -> None:
    extra = np.repeat(joints[:, -1:], count - 22, axis=1)
    np.save(tmp_path / "clip.npy", np.concatenate([joints, extra], axis=1))
    motion = read_motion(tmp_path / "clip.npy")
    np.testing.assert_array_equal(motion.positions, joints)
    assert (motion.fps, motion.name, motion.skeleton) == (20.0, "clip", HUMANML3D)
    report = inspect_motion(tmp_path / "clip.npy", fps=60.0)
    assert (report.fps, report.fps_from, report.unit) == (60.0, "caller", "m")


@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4", "int32"])
def test_any_type_of_number_and_unit(dtype: str, joints: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "clip.npy", (joints * 1000).astype(dtype))
    np.testing.assert_allclose(read_motion(tmp_path / "clip.npy").positions, joints, atol=2e-3)


def test_z_up_joints_are_turned(joints: np.ndarray, tmp_path: Path) -> None:
    np.savez(tmp_path / "clip.npz", joints=joints[..., [0, 2, 1]] * [1, -1, 1], fps=30)
    motion = read_motion(tmp_path / "clip.npz")
    np.testing.assert_allclose(motion.positions, joints, atol=1e-6)
    assert motion.fps == 30


def test_a_crawl_along_z_is_not_taken_for_z_up(joints: np.ndarray, tmp_path: Path) -> None:
    """Stretched out along z and moving along it: the pose of a figure that stands in z-up axes."""
    crawl = joints[:, :, [0, 2, 1]] * [1, -1, 1] + np.linspace(0, 4, len(joints))[:, None, None] * [0, 0, 1]
    np.save(tmp_path / "crawl.npy", crawl)
    report = inspect_motion(tmp_path / "crawl.npy")
    assert report.up == "y"
    assert "not upright enough" in report.warnings[0]


def test_features_become_joints_again(joints: np.ndarray, tmp_path: Path) -> None:
    features = features_of(to_reference(Motion(joints, 20.0)))
    np.save(tmp_path / "clip.npy", features)
    np.testing.assert_array_equal(read_motion(tmp_path / "clip.npy").positions, motion_of(features).positions)
    report = inspect_motion(tmp_path / "clip.npy")
    assert (report.format, report.fps, report.fps_from) == ("humanml3d features", 20.0, "format")


def test_kitml_features_and_joints_come_on_their_own_skeleton(tmp_path: Path) -> None:
    features = np.zeros((5, 251), dtype=np.float32)
    features[:, 3] = 500.0
    features[:, 4:64] = np.random.default_rng(0).normal(0, 300, (5, 60))
    np.save(tmp_path / "clip.npy", features)
    motion = read_motion(tmp_path / "clip.npy")
    assert (motion.skeleton, motion.fps) == (KITML, 12.5)
    np.save(tmp_path / "joints.npy", KITML_LAYOUT.to_units(motion.positions))
    np.testing.assert_allclose(read_motion(tmp_path / "joints.npy").positions, motion.positions, atol=1e-5)
    # Ours are metres and not mirrored, whatever their size.
    write_motion(motion, tmp_path / "ours.npz")
    np.testing.assert_array_equal(read_motion(tmp_path / "ours.npz").positions, motion.positions)


def test_our_own_files_come_back_as_they_were(joints: np.ndarray, tmp_path: Path) -> None:
    motion = Motion(joints, 29.97, name="clip")
    write_motion(motion, tmp_path / "clip.npz")
    back = read_motion(tmp_path / "clip.npz")
    np.testing.assert_array_equal(back.positions, motion.positions)
    assert (back.fps, back.name, back.skeleton) == (29.97, "clip", HUMANML3D)
    write_motion(motion, tmp_path / "clip.npy")
    np.testing.assert_array_equal(read_motion(tmp_path / "clip.npy", fps=29.97).positions, motion.positions)


# -- AMASS --


@pytest.fixture
def body_model(tmp_path: Path) -> Path:
    """A body of 60 vertices with SMPL-H's tree."""
    rng = np.random.default_rng(1)
    parents = [*HUMANML3D.parents, *(wrist for wrist in (20, 21) for _ in range(15))]
    regressor = rng.random((52, 60))
    folder = tmp_path / "models"
    (folder / "female").mkdir(parents=True)
    np.savez(
        folder / "female" / "model.npz",
        v_template=rng.normal(0, 1, (60, 3)),
        shapedirs=rng.normal(0, 0.1, (60, 3, 16)),
        J_regressor=regressor / regressor.sum(axis=1, keepdims=True),
        kintree_table=np.array([[2**32 - 1, *parents[1:]], range(52)], dtype=np.uint32),
        # Real files hold fields that only a pickle can give; nobody asks for them.
        part2num=np.array({"hand": 1}, dtype=object),
    )
    return folder


def sequence(folder: Path, **changes: object) -> Path:
    rng = np.random.default_rng(2)
    fields: dict[str, object] = {
        "poses": rng.normal(0, 0.5, (6, 156)), "trans": rng.normal(0, 1, (6, 3)), "betas": rng.normal(0, 1, 16),
        "gender": "female", "mocap_framerate": 120.0, "dmpls": np.zeros((6, 8)),
    }  # fmt: skip
    fields.update(changes)
    np.savez(folder / "seq.npz", **{name: value for name, value in fields.items() if value is not None})  # type: ignore[arg-type]
    return folder / "seq.npz"


def naive_joints(sequence: Path, model: Path) -> np.ndarray:
    """The same one joint and frame at a time, after the definition."""
    data, body = np.load(sequence), np.load(model, allow_pickle=False)
    shaped = body["v_template"] + sum(body["shapedirs"][..., i] * data["betas"][i] for i in range(16))
    rest = body["J_regressor"] @ shaped
    frames = []
    for pose, move in zip(data["poses"], data["trans"], strict=True):
        turns, places = [], []
        for joint, parent in enumerate(HUMANML3D.parents):
            turn = rodrigues(pose[3 * joint : 3 * joint + 3])
            above, place = (turns[parent], places[parent]) if parent >= 0 else (np.eye(3), rest[0])
            places.append(place + (above @ (rest[joint] - rest[parent]) if parent >= 0 else 0))
            turns.append(above @ turn)
        frames.append([np.array([p[0], p[2], -p[1]]) for p in np.array(places) + move])
    return np.array(frames)


def rodrigues(vector: np.ndarray) -> np.ndarray:
    angle = np.linalg.norm(vector)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def test_amass_joints_agree_with_the_definition(body_model: Path, tmp_path: Path) -> None:
    path = sequence(tmp_path)
    expected = naive_joints(path, body_model / "female" / "model.npz")
    motion = read_motion(path, body_model=body_model)
    np.testing.assert_allclose(motion.positions, expected, atol=1e-5)
    assert (motion.fps, motion.skeleton) == (120, HUMANML3D)
    file = body_model / "female" / "model.npz"
    np.testing.assert_array_equal(read_motion(path, body_model=file).positions, motion.positions)


def test_the_newer_layout_of_amass_and_the_environment(
    body_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_motion(sequence(tmp_path), body_model=body_model).positions
    poses = np.load(tmp_path / "seq.npz")["poses"]
    path = sequence(
        tmp_path, poses=None, root_orient=poses[:, :3], pose_body=poses[:, 3:66], mocap_framerate=None,
        mocap_frame_rate=np.float32(100),
    )  # fmt: skip
    monkeypatch.setenv(BODY_MODEL_VARIABLE, str(body_model))
    np.testing.assert_array_equal(read_motion(path).positions, expected)
    assert read_motion(path).fps == 100


def toy_body(folder: Path) -> Path:
    """A body model of 22 vertices, one at each joint of a person who stands y up with level arms."""
    rest = np.array([REST[joint] for joint in HUMANML3D.joints])
    np.savez(
        folder / "toy.npz",
        v_template=rest - rest[0],
        shapedirs=np.zeros((22, 3, 10)),
        J_regressor=np.eye(22),
        kintree_table=np.array([HUMANML3D.parents, range(22)]),
    )
    return folder / "toy.npz"


def walk(up: str, frames: int = 30) -> dict[str, np.ndarray]:
    """A pose of SMPL-X that sways, and walks: the root turns the y-up body to the axis that points up."""
    rng = np.random.default_rng(3)
    poses = np.zeros((frames, 165))
    poses[:, 3:66] = rng.normal(0, 0.15, 63) * np.sin(np.linspace(0, 6, frames))[:, None]
    poses[:, 0] = {"y": 0.0, "z": np.pi / 2, "-y": np.pi}[up]
    trans = np.zeros((frames, 3))
    trans[:, 0] = np.linspace(0, 1, frames)
    trans[:, "xyz".index(up[-1])] = -0.95 if up.startswith("-") else 0.95
    return {"poses": poses, "trans": trans, "betas": np.zeros(10)}


@pytest.mark.parametrize("up", ["y", "z"])
def test_which_axis_is_up_is_told_from_the_body(up: str, tmp_path: Path) -> None:
    """The same walk in the axes of AMASS and in those of BEAT2 and of programs that get motion from video."""
    model = toy_body(tmp_path)
    np.savez(tmp_path / "y.npz", **walk("y"), mocap_frame_rate=30.0)
    expected = read_motion(tmp_path / "y.npz", body_model=model).positions
    assert expected[:, HUMANML3D.index("head"), 1].min() > 1.3
    fields = walk(up)
    np.savez(tmp_path / "seq.npz", **fields, mocap_frame_rate=30.0)
    report = inspect_motion(tmp_path / "seq.npz", body_model=model)
    assert (report.up, report.up_from, report.doubts) == (up, "body", ())
    positions = read_motion(tmp_path / "seq.npz", body_model=model).positions
    # x stays, and what was z in the y-up file points the other way round in the z-up one: only a rotation lies between.
    np.testing.assert_allclose(positions[..., :2], expected[..., :2], atol=1e-5)


def test_who_lies_on_the_floor_leaves_the_axis_to_the_format(tmp_path: Path) -> None:
    """Level along x in both: z for AMASS, y for the fields of other programs, and a doubt."""
    model = toy_body(tmp_path)
    for names, usual in ((("poses", "trans"), "z"), (("body_pose", "transl"), "y")):
        lying = walk("y")
        lying["poses"][:, :3] = [0, 0, np.pi / 2]
        lying["trans"][:] = [0, 0.1, 0.1]
        lying["trans"][:, 0] = np.linspace(0, 3, 30)
        fields = {"poses": lying["poses"], "trans": lying["trans"]}
        if names[0] == "body_pose":
            fields = {"global_orient": lying["poses"][:, :3], "body_pose": lying["poses"][:, 3:66]}
            fields["transl"] = lying["trans"]
        np.savez(tmp_path / "seq.npz", **fields, fps=30)
        report = inspect_motion(tmp_path / "seq.npz", body_model=model)
        assert report.up == usual
        assert "which axis points up" in report.doubts[0]


@pytest.mark.parametrize(
    ("orient", "body", "trans"),
    [
        (lambda p: p[:, :3], lambda p: p[:, 3:66], lambda t: t),  # GVHMR
        (lambda p: p[:, None, :3], lambda p: p[:, 3:66].reshape(-1, 21, 3), lambda t: t),
        (lambda p: p[None, :, :3], lambda p: p[None, :, 3:66], lambda t: t[None]),  # a batch of one
        (
            lambda p: p[:, :3],
            lambda p: np.hstack([p[:, 3:66], np.zeros((len(p), 6))]),
            lambda t: t[:, None],
        ),  # SMPL's 23
        (lambda p: matrices(p[:, :3])[:, 0], lambda p: matrices(p[:, 3:66]), lambda t: t),
        (lambda p: matrices(p[:, :3]), lambda p: matrices(p[:, 3:66]), lambda t: t),  # HMR 2.0
        (lambda p: matrices(p[:, :3])[None], lambda p: matrices(p[:, 3:66])[None], lambda t: t[None]),
    ],
)
def test_orientation_and_pose_in_fields_of_their_own(orient, body, trans, tmp_path: Path) -> None:
    model, fields = toy_body(tmp_path), walk("y")
    np.savez(tmp_path / "whole.npz", **fields, fps=25)
    expected = read_motion(tmp_path / "whole.npz", body_model=model).positions
    poses = fields["poses"]
    np.savez(tmp_path / "p.npz", global_orient=orient(poses), body_pose=body(poses), transl=trans(fields["trans"]))
    with pytest.raises(FormatError, match=r"the frame rate is missing: .*; give it with --fps"):
        read_motion(tmp_path / "p.npz", body_model=model)
    motion = read_motion(tmp_path / "p.npz", body_model=model, fps=25.0)
    np.testing.assert_allclose(motion.positions, expected, atol=1e-5)
    assert motion.fps == 25


def test_the_fields_of_aist(tmp_path: Path) -> None:
    """Places are those of a body as large as its scaling says."""
    model, fields = toy_body(tmp_path), walk("y")
    np.savez(tmp_path / "whole.npz", **fields, fps=60)
    expected = read_motion(tmp_path / "whole.npz", body_model=model).positions
    poses, trans = fields["poses"][:, :72], fields["trans"] * 93.5
    np.savez(tmp_path / "a.npz", smpl_poses=poses, smpl_trans=trans, smpl_scaling=np.array([93.5]))
    np.testing.assert_allclose(
        read_motion(tmp_path / "a.npz", body_model=model, fps=60.0).positions, expected, atol=1e-5
    )


def test_joints_beside_poses_need_no_body_model(joints: np.ndarray, tmp_path: Path) -> None:
    fields = {"poses": np.zeros((170, 156)), "trans": np.zeros((170, 3)), "mocap_frame_rate": 20.0}
    np.savez(tmp_path / "both.npz", **fields, joints=joints)
    np.testing.assert_array_equal(read_motion(tmp_path / "both.npz").positions, joints)
    with_model = read_motion(tmp_path / "both.npz", body_model=toy_body(tmp_path))
    assert not np.allclose(with_model.positions, joints)


def matrices(vectors: np.ndarray) -> np.ndarray:
    """Rotation matrices (frames, joints, 3, 3) of flat rotation vectors."""
    rows = vectors.reshape(-1, 3) + 1e-12
    return np.stack([rodrigues(row) for row in rows]).reshape(len(vectors), -1, 3, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mocap_framerate": None}, "the frame rate is missing"),
        ({"mocap_framerate": -1.0}, "mocap_framerate: expected one positive number"),
        ({"trans": np.zeros((5, 3))}, r"trans: expected shape \(6, 3\), found \(5, 3\)"),
        ({"poses": np.zeros((6, 52, 4))}, r"poses: expected rotations .*, found shape \(6, 52, 4\)"),
        (
            {"poses": None, "trans": None, "root_orient": np.zeros((6, 3)), "pose_body": np.zeros((6, 63))},
            "the root's path is missing: expected one of trans, transl",
        ),
        (
            {"poses": None, "root_orient": np.zeros((5, 3)), "pose_body": np.zeros((6, 63))},
            "root_orient: 5 frames, but 6 of pose_body",
        ),
        ({"poses": np.zeros((6, 30))}, "poses: 30 numbers a frame, but 66 are needed"),
        ({"poses": np.zeros((0, 156)), "trans": np.zeros((0, 3))}, "poses: the sequence has no frames"),
        ({"poses": np.full((6, 156), np.nan)}, "6 of 6 frames are not finite"),
        ({"betas": np.full(16, np.inf)}, "betas: expected a row of finite numbers"),
        ({"gender": "male"}, "no body model for gender 'male'"),
    ],
)
def test_broken_sequences_are_named(changes: dict[str, object], message: str, body_model: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message):
        read_motion(sequence(tmp_path, **changes), body_model=body_model)


def test_amass_without_a_model_says_where_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BODY_MODEL_VARIABLE, raising=False)
    with pytest.raises(FormatError, match=f"get SMPL-H or SMPL-X .* {BODY_MODEL_VARIABLE}"):
        read_motion(sequence(tmp_path))
    with pytest.raises(FormatError, match="pickles are never loaded"):
        read_motion(sequence(tmp_path), body_model=tmp_path / "SMPLH_MALE.pkl")
    with pytest.raises(FormatError, match="no such body model"):
        read_motion(sequence(tmp_path), body_model=tmp_path / "nothing.npz")
    np.savez(tmp_path / "half.npz", v_template=np.zeros((5, 3)))
    with pytest.raises(FormatError, match="there is no array 'shapedirs'"):
        read_motion(sequence(tmp_path), body_model=tmp_path / "half.npz")


# -- strangers' files --


class Bomb:
    """Its pickle writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.path,))


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def test_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    fuse = tmp_path / "exploded"
    (tmp_path / "object.npy").write_bytes(npy(np.array([Bomb(fuse)], dtype=object), allow_pickle=True))
    (tmp_path / "plain.npy").write_bytes(pickle.dumps(Bomb(fuse)))
    with zipfile.ZipFile(tmp_path / "object.npz", "w") as archive:
        archive.writestr("joints.npy", npy(np.array([Bomb(fuse)], dtype=object), allow_pickle=True))
        archive.writestr("fps.npy", pickle.dumps(Bomb(fuse)))
    for name in ("object.npy", "plain.npy", "object.npz"):
        with pytest.raises(FormatError, match=r"never loaded|not a numpy array"):
            read_motion(tmp_path / name)
    assert not fuse.exists()


def header(text: str) -> bytes:
    body = text.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a numpy array"),
        (b"\x93NUMPY\x09\x00", r"format 9\.0 is not known"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 22, 3)}"), "bytes, but at most"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (100, 22, 3)}") + b"1234", "the file is cut"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 22, 3)}"), "is not possible"),
        (header("{'descr': '<U0', 'fortran_order': False, 'shape': (9, 22, 3)}"), "is not possible"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + b"1234", "never loaded"),
        (header("{'descr': '<f4', 'fortran_order': False}"), "not a numpy array"),
        (header("__import__('os').system('touch exploded')"), "not a numpy array"),
        (npy(np.zeros((0, 22, 3))), "has no frames"),
        (npy(np.zeros((4, 23, 3))), "is not a motion: expected"),
        (npy(np.zeros((4, 22, 2))), "is not a motion: expected"),
        (npy(np.zeros(())), "is not a motion: expected"),
        (npy(np.zeros((4, 22, 3))), "the skeleton has no height"),
        (npy(np.zeros((4, 22, 3), dtype=complex)), "expected numbers, found values of type complex128"),
        (npy(np.array(["a", "b"])), "expected numbers"),
    ],
)
def test_broken_arrays_are_named(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "clip.npy").write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_motion(tmp_path / "clip.npy")
    assert "clip.npy" in str(caught.value)


def test_frames_that_are_not_finite_are_named(joints: np.ndarray, tmp_path: Path) -> None:
    broken = joints.copy()
    broken[[0, 1, 7], [15, 15, 20]] = np.nan
    np.save(tmp_path / "clip.npy", broken)
    with pytest.raises(
        FormatError, match=r"3 of 170 frames are not finite \(frames 0, 1, 7; joints head, left_wrist\)"
    ):
        read_motion(tmp_path / "clip.npy")
    with pytest.raises(FormatError, match=r"frames 7; joints left_wrist"):
        read_motion(tmp_path / "clip.npy", trim=2)
    assert read_motion(tmp_path / "clip.npy", trim=8).frames == 162


def test_a_zip_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chronomotion.motion.formats.archives.MAX_BYTES", 2**22)
    with (
        zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("joints.npy", "w", force_zip64=True) as member,
    ):
        member.write(header("{'descr': '<f4', 'fortran_order': False, 'shape': (30000, 22, 3)}"))
        for _ in range(8):
            member.write(bytes(2**20))
    assert (tmp_path / "bomb.npz").stat().st_size < 2**15
    with pytest.raises(FormatError, match=r"bomb\.npz: joints: \d+ bytes, but at most"):
        read_motion(tmp_path / "bomb.npz")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "no motion found: .* the file has nothing"),
        ({"a.npy": npy(np.zeros(3)), "b.npy": npy(np.zeros(3))}, "no motion found: .* the file has a, b"),
        ({"joints.npy": b"junk"}, "joints: not a numpy array"),
        ({"joints.npy": npy(np.zeros((4, 22, 3))), "fps.npy": npy(np.array("fast"))}, "fps: expected one positive"),
        ({"positions.npy": npy(np.zeros((4, 22, 3))), "format_version.npy": npy(np.array(2))}, "written in format 2"),
    ],
)
def test_broken_archives_are_named(members: dict[str, bytes], message: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "clip.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FormatError, match=message):
        read_motion(tmp_path / "clip.npz")
    (tmp_path / "clip.npz").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(FormatError, match="not an npz archive"):
        read_motion(tmp_path / "clip.npz")
