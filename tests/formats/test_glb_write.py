"""Motions written as GLB: sound by the specification, read back within a millimetre, curves without jumps."""

from __future__ import annotations

import json
import logging
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acrobats import curve, waving
from test_bvh_write import random_motion

from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.formats.glb_write import glb_bytes
from chronomotion.motion.formats.kinematics import euler_rotations
from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import pose_skeleton
from chronomotion.motion.rotation import from_matrix, matrix
from chronomotion.motion.skeleton import HUMANML3D, KITML

SIZES = {5126: 4, 5123: 2}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def parts(raw: bytes) -> tuple[dict, bytes]:
    """(JSON, binary) of a GLB, after its frame was checked."""
    magic, version, length = struct.unpack_from("<4sII", raw)
    assert (magic, version, length) == (b"glTF", 2, len(raw))
    size, kind = struct.unpack_from("<I4s", raw, 12)
    assert (kind, size % 4) == (b"JSON", 0)
    left, other = struct.unpack_from("<I4s", raw, 20 + size)
    assert (other, left % 4, 28 + size + left) == (b"BIN\0", 0, len(raw))
    return json.loads(raw[20 : 20 + size]), raw[28 + size :]


def numbers(root: dict, content: bytes, at: int) -> np.ndarray:
    accessor = root["accessors"][at]
    view = root["bufferViews"][accessor["bufferView"]]
    kind = "<f4" if accessor["componentType"] == 5126 else "<u2"
    width = WIDTHS[accessor["type"]]
    return np.frombuffer(content, kind, accessor["count"] * width, view["byteOffset"]).reshape(-1, width)


@pytest.mark.parametrize("frames", [1, 2, 40])
def test_a_file_is_sound(frames: int) -> None:
    root, content = parts(glb_bytes(waving(frames).motion()))
    assert root["asset"]["version"] == "2.0"
    assert root["buffers"] == [{"byteLength": len(content)}]
    end = 0
    for at, accessor in enumerate(root["accessors"]):
        view = root["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] >= end
        end = view["byteOffset"] + view["byteLength"]
        size = SIZES[accessor["componentType"]] * WIDTHS[accessor["type"]]
        assert view["byteLength"] == accessor["count"] * size
        values = numbers(root, content, at)
        assert np.isfinite(values.astype(float)).all()
        np.testing.assert_array_equal(values.min(axis=0), np.array(accessor["min"], dtype=values.dtype))
        np.testing.assert_array_equal(values.max(axis=0), np.array(accessor["max"], dtype=values.dtype))
    assert end <= len(content) < end + 4
    assert all(node.get("mesh", 0) == 0 for node in root["nodes"])
    children = [child for node in root["nodes"] for child in node.get("children", [])]
    assert sorted(children) == list(range(1, len(root["nodes"])))
    (animation,) = root["animations"]
    assert len(animation["channels"]) == len(animation["samplers"]) == 1 + 22
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        assert root["accessors"][sampler["output"]]["count"] == root["accessors"][sampler["input"]]["count"] == frames
        if channel["target"]["path"] == "rotation":
            turns = numbers(root, content, sampler["output"]).astype(np.float64)
            np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-6)
            assert (np.einsum("fi,fi->f", turns[1:], turns[:-1]) > 0.9).all()


def test_the_library_that_everyone_uses_reads_it() -> None:
    pygltflib = pytest.importorskip("pygltflib")
    gltf = pygltflib.GLTF2.load_from_bytes(glb_bytes(waving(10).motion()))
    assert [gltf.nodes[at].name for at in range(22)] == [node.name for node in pose_skeleton(waving(10).motion()).nodes]
    assert len(gltf.animations[0].channels) == 23
    assert len(gltf.binary_blob()) == gltf.buffers[0].byteLength


@pytest.mark.parametrize("fps", [20.0, 30.0, 120.0])
def test_motions_come_back_within_a_millimetre(fps: float, tmp_path: Path) -> None:
    pytest.importorskip("pygltflib")
    motion = waving(40, 2, fps).turn("pelvis", "Y", curve((0, 0), (39 / fps, 360), frames=40, fps=fps)).motion()
    write_motion(motion, tmp_path / "m.glb")
    back = read_motion(tmp_path / "m.glb")
    assert (back.frames, back.fps, back.skeleton) == (40, pytest.approx(fps, rel=1e-3), HUMANML3D)
    np.testing.assert_allclose(back.positions, motion.positions, atol=1e-3)


def test_helper_joints_are_read_back_too(tmp_path: Path) -> None:
    pytest.importorskip("pygltflib")
    motion = random_motion(4)
    positions = motion.positions.copy()
    positions[:, [1, 4, 7, 10]] += np.linspace(0, 0.01, 12)[:, None, None]
    lengths = np.linalg.norm(positions[:, 1] - positions[:, 0], axis=1)
    assert np.ptp(lengths) > 1e-3
    write_motion(Motion(positions, 30.0), tmp_path / "m.glb")
    assert "pelvis_to_left_hip" in [node["name"] for node in parts((tmp_path / "m.glb").read_bytes())[0]["nodes"]]
    np.testing.assert_allclose(read_motion(tmp_path / "m.glb").positions, positions, atol=1.2e-2)


def test_bones_that_stretch_are_said_and_other_skeletons_are_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    motion = waving(20).motion()
    positions = motion.positions.copy()
    positions[3, 20] += 0.05
    with caplog.at_level(logging.WARNING):
        glb_bytes(replace(motion, positions=positions, name="elastic"))
    assert "elastic: the bone to left_wrist changes its length" in caplog.text
    assert "the GLB keeps the median" in caplog.text
    rng = np.random.default_rng(0)
    body = np.repeat(rng.normal(0, 1, (1, 21, 3)), 5, axis=0) + np.linspace(0, 1, 5)[:, None, None]
    root, _ = parts(glb_bytes(Motion(body, 12.5, KITML)))
    assert {node["name"] for node in root["nodes"]} > set(KITML.joints)


def test_the_same_motion_gives_the_same_bytes() -> None:
    assert glb_bytes(waving(12).motion()) == glb_bytes(waving(12).motion())


def test_quaternions_of_matrices_run_on() -> None:
    spin = euler_rotations(
        "XYZ", np.stack([np.arange(0, 1080, 7.0), np.arange(155) * 3.0, np.full(155, 170.0)], axis=1)
    )
    turns = from_matrix(spin)
    np.testing.assert_allclose(matrix(turns), spin, atol=1e-12)
    assert (np.einsum("fi,fi->f", turns[1:], turns[:-1]) > 0.99).all()
