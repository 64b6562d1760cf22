"""Damaged files of every format: what is wrong is a FormatError that names the file, and nothing else ever happens."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rigs_in_the_wild import RIGS, bvh_text
from test_acclaim import ASF, body_amc, body_asf
from test_bvh_write import random_motion

from chronomotion.errors import FormatError
from chronomotion.motion.features import features_of
from chronomotion.motion.formats import read_motion
from chronomotion.motion.formats.amass import load_body_model
from chronomotion.motion.motion import Motion

pytestmark = pytest.mark.filterwarnings("error")

HUGE = [
    b"1e308",
    b"-1e308",
    b"9" * 400,
    b"nan",
    b"inf",
    b"-1",
    b"0",
    b"1e-320",
    b"99999999",
    b"0x1F",
    b"1_0",
    b"\xff\xfe",
]

Edit = Callable[[bytes], bytes]


def edits() -> st.SearchStrategy[list[Edit]]:
    """One to four kinds of damage: cut, flip, drop, repeat and swap lines, put huge numbers, insert junk."""
    share = st.floats(0, 1, exclude_max=True)
    cut = st.builds(lambda at: lambda raw: raw[: int(at * len(raw))], share)
    flip = st.builds(lambda at, bit: lambda raw: _flipped(raw, int(at * len(raw)), bit), share, st.integers(0, 7))
    insert = st.builds(
        lambda at, junk: lambda raw: raw[: int(at * len(raw))] + junk + raw[int(at * len(raw)) :],
        share,
        st.binary(max_size=9),
    )
    lines = st.builds(
        lambda at, kind, span: lambda raw: _lines(raw, at, kind, span),
        share,
        st.sampled_from(["drop", "double", "swap", "blank"]),
        st.integers(1, 3),
    )
    numbers = st.builds(lambda at, value: lambda raw: _number(raw, at, value), share, st.sampled_from(HUGE))
    return st.lists(st.one_of(cut, flip, insert, lines, numbers), min_size=1, max_size=4)


def _flipped(raw: bytes, at: int, bit: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :] if at < len(raw) else raw


def _lines(raw: bytes, share: float, kind: str, span: int) -> bytes:
    lines = raw.split(b"\n")
    at = int(share * len(lines))
    part = lines[at : at + span]
    changed = {"drop": [], "double": part * 2, "swap": part[::-1], "blank": [b""] * len(part)}[kind]
    return b"\n".join([*lines[:at], *changed, *lines[at + span :]])


def _number(raw: bytes, share: float, value: bytes) -> bytes:
    words = raw.split(b" ")
    words[int(share * len(words))] = value
    return b" ".join(words)


def damaged(raw: bytes, damage: list[Edit]) -> bytes:
    for edit in damage:
        raw = edit(raw)
    return raw


def assert_only_format_errors(path: Path, content: bytes, read: Callable[[Path], object] = read_motion) -> None:
    """Reading works or raises a FormatError of one line that names the file; what comes out is finite."""
    path.write_bytes(content)
    message = ""
    try:
        result = read(path)
    except FormatError as error:
        message = str(error)
    else:
        assert not isinstance(result, Motion) or np.isfinite(result.positions).all()
    assert not message or path.stem.partition("_")[0] in message
    assert "\n" not in message
    # The array annotations are checked while tests run; a wrong one must not pass for a damaged file.
    assert "ype-check" not in message


FUZZ = settings(
    max_examples=80, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

BVH = bvh_text(RIGS["lafan1"], frames=4, spread=10.0).encode()


@FUZZ
@given(damage=edits())
@example(damage=[lambda raw: raw.replace(b"Frames: 4", b"Frames: 3000000")])
@example(damage=[lambda raw: raw.replace(b"{", b"{" * 1000)])
@example(damage=[lambda raw: raw.replace(b"OFFSET", b"OFFSET 1e308 1e308 1e308\nOFFSET")])
@example(damage=[lambda raw: raw[: raw.index(b"MOTION")] + b"MOTION\nFrames: 1\nFrame Time: 1\n" + b"1 " * 10**6])
@example(damage=[lambda raw: b"\x00" * len(raw)])
@example(damage=[lambda raw: raw.replace(b" ", b"\x00")])
@example(damage=[lambda raw: raw.replace(b"CHANNELS 3", b"CHANNELS 1e9")])
@example(damage=[lambda raw: raw.replace(b"Time: 0.033333", b"Time: 1e-300")])
def test_bvh(damage: list[Edit], tmp_path: Path) -> None:
    assert_only_format_errors(tmp_path / "take.bvh", damaged(BVH, damage))


@FUZZ
@given(damage=edits())
def test_amc(damage: list[Edit], tmp_path: Path) -> None:
    (tmp_path / "07.asf").write_text(body_asf(), encoding="utf-8")
    assert_only_format_errors(tmp_path / "07_01.amc", damaged(body_amc().encode(), damage))


@FUZZ
@given(damage=edits())
def test_asf(damage: list[Edit], tmp_path: Path) -> None:
    (tmp_path / "07_01.amc").write_text(body_amc(), encoding="utf-8")
    assert_only_format_errors(
        tmp_path / "07.asf", damaged(body_asf().encode(), damage), lambda _: read_motion(tmp_path / "07_01.amc")
    )


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


JOINTS = npy(random_motion(0, frames=3).positions)
FEATURES = npy(features_of(Motion(random_motion(0, frames=3).positions, 20.0)))
MDM = npy(random_motion(0, frames=3).positions.transpose(1, 2, 0)[None])
FLAT = npy(random_motion(0, frames=3).positions.reshape(3, 66))


@FUZZ
@given(damage=edits(), content=st.sampled_from([JOINTS, FEATURES, MDM, FLAT]))
def test_npy(damage: list[Edit], content: bytes, tmp_path: Path) -> None:
    assert_only_format_errors(tmp_path / "clip.npy", damaged(content, damage))


@FUZZ
@given(
    descr=st.sampled_from(
        ["<f4", "<f8", "|O", "<U7", "<c16", "<M8[s]", "|V8", "<i8", "<f2", "|b1", "<U0", "[('a', '<f4')]"]
    ),
    fortran=st.sampled_from(["True", "False", "7", "None"]),
    shape=st.lists(st.integers(-3, 10**12) | st.sampled_from([1, 22, 3, 263, 66, 77]), max_size=6),
    body=st.binary(max_size=600),
    version=st.sampled_from([1, 2, 3, 4]),
)
def test_npy_headers(descr: str, fortran: str, shape: list[int], body: bytes, version: int, tmp_path: Path) -> None:
    kind = descr if descr.startswith("[") else repr(descr)
    text = f"{{'descr': {kind}, 'fortran_order': {fortran}, 'shape': {tuple(shape)!r}}}\n".encode()
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    assert_only_format_errors(tmp_path / "clip.npy", b"\x93NUMPY" + bytes([version, 0]) + size + text + body)


def archive(**members: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **members)
    return stream.getvalue()


BODY = np.random.default_rng(0)
PARENTS = np.array([[2**32 - 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19], range(22)])
ARCHIVES = [
    archive(positions=random_motion(0, frames=3).positions, fps=np.array(30.0), format_version=np.array(1)),
    archive(poses=np.zeros((2, 156)), trans=np.zeros((2, 3)), betas=np.zeros(10), mocap_framerate=np.array(60.0)),
    archive(
        v_template=BODY.normal(size=(5, 3)), shapedirs=BODY.normal(size=(5, 3, 4)),
        J_regressor=BODY.normal(size=(22, 5)),
        kintree_table=PARENTS,
    ),
    archive(
        global_orient=np.zeros((1, 2, 3)), body_pose=np.zeros((2, 21, 3, 3)), transl=np.zeros((2, 3)),
        fps=np.array(30),
    ),
    archive(
        posed_joints=np.zeros((2, 4, 3)), joint_names=np.array(["Hips", "a", "b", "c"]), parents=np.array([-1, 0, 1, 2])
    ),
]  # fmt: skip


@FUZZ
@given(damage=edits(), content=st.sampled_from(ARCHIVES))
def test_npz(damage: list[Edit], content: bytes, tmp_path: Path) -> None:
    assert_only_format_errors(tmp_path / "clip.npz", damaged(content, damage))
    assert_only_format_errors(tmp_path / "body.npz", damaged(content, damage), load_body_model)


@FUZZ
@given(
    damage=edits(), content=st.sampled_from([JOINTS, FEATURES]), name=st.sampled_from(["joints", "poses", "../../x"])
)
def test_members_of_npz(damage: list[Edit], content: bytes, name: str, tmp_path: Path) -> None:
    """The archive is whole, the array in it is not."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as members:
        members.writestr(f"{name}.npy", damaged(content, damage))
        members.writestr("trans.npy", JOINTS)
    assert_only_format_errors(tmp_path / "clip.npz", stream.getvalue())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.npz"]


@FUZZ
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".bvh", ".amc", ".npy", ".npz", ".glb", ".gltf"]))
def test_any_bytes_at_all(content: bytes, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "07.asf").write_text(ASF, encoding="utf-8")
    assert_only_format_errors(tmp_path / f"07{suffix}", content)


@settings(FUZZ, max_examples=60)
@given(damage=edits())
def test_joint_maps(damage: list[Edit], tmp_path: Path) -> None:
    (tmp_path / "take.bvh").write_bytes(BVH)
    table = b'[joints]\nleft_wrist = "LeftHand"\nhead = "Head"\n'
    assert_only_format_errors(
        tmp_path / "take.toml", damaged(table, damage), lambda path: read_motion(tmp_path / "take.bvh", joint_map=path)
    )
