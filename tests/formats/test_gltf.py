"""GLB, glTF and VRMA: nodes become joints, curves become frames, and what is wrong is one line."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from figures import JOINTS, PARENTS, Figure
from hypothesis import example, given
from hypothesis import strategies as st
from test_fuzz_formats import FUZZ, Edit, assert_only_format_errors, damaged, edits

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion, read_recording

g = pytest.importorskip("pygltflib")

from gltf_files import Writer, quaternions, written  # noqa: E402

from chronomotion.motion.formats.gltf_animation import Curve  # noqa: E402

MILLIMETRE = 1e-3
LIMBS = [i for i, joint in enumerate(JOINTS) if joint.endswith(("ankle", "knee", "hip", "wrist", "elbow", "shoulder"))]

MIXAMO = {
    "pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
    **{
        f"{side}_{ours}": f"{side.capitalize()}{theirs}"
        for side in ("left", "right")
        for ours, theirs in {
            "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase", "collar": "Shoulder", "shoulder": "Arm",
            "elbow": "ForeArm", "wrist": "Hand",
        }.items()
    },
}  # fmt: skip
VRM = {
    "pelvis": "hips", "spine1": "spine", "spine2": "chest", "spine3": "upperChest", "neck": "neck", "head": "head",
    **{
        f"{side}_{ours}": f"{side}{theirs}"
        for side in ("left", "right")
        for ours, theirs in {
            "hip": "UpperLeg", "knee": "LowerLeg", "ankle": "Foot", "foot": "Toes", "collar": "Shoulder",
            "shoulder": "UpperArm", "elbow": "LowerArm", "wrist": "Hand",
        }.items()
    },
}  # fmt: skip


def edited(path: Path, edit: Any) -> Path:
    """The same .gltf with its JSON changed in place by ``edit``."""
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["m.glb", "m.gltf", "m.vrma"])
@pytest.mark.parametrize(("fps", "frames"), [(30.0, 31), (24.0, 100), (60.0, 7), (12.5, 20)])
def test_joints_come_back_within_a_millimetre(name: str, fps: float, frames: int, tmp_path: Path) -> None:
    figure = Figure(1, frames, fps)
    recording = read_recording(written(tmp_path / name, figure))
    assert np.abs(recording.motion.positions - figure.positions).max() < MILLIMETRE
    report = recording.report
    assert (report.fps, report.fps_from, report.up, report.metres_per_unit) == (fps, "file", "y", 1.0)
    assert report.doubts == ()


@pytest.mark.parametrize("prefix", ["", "mixamorig:", "mixamorig"])
def test_the_rules_for_names_are_those_of_every_rig(prefix: str, tmp_path: Path) -> None:
    figure = Figure(2)
    names = {joint: prefix + name for joint, name in MIXAMO.items()}
    motion = read_motion(written(tmp_path / "m.glb", figure, names=names, skin=True))
    assert np.abs(motion.positions - figure.positions)[:, LIMBS].max() < MILLIMETRE


@pytest.mark.parametrize("version", ["VRMC_vrm_animation", "VRMC_vrm", "VRM"])
def test_bones_of_the_humanoid_go_before_names_of_nodes(version: str, tmp_path: Path) -> None:
    figure = Figure(3)
    # Names that would mislead, on purpose: left and right exchanged.
    names = {
        joint: MIXAMO[joint.replace("left", "r_").replace("right", "left").replace("r__", "right_")] for joint in JOINTS
    }
    path = written(tmp_path / "m.gltf", figure, names=names)

    def humanoid(content: dict[str, Any]) -> None:
        bones: Any = {VRM[joint]: {"node": at} for at, joint in enumerate(JOINTS)}
        if version == "VRM":
            bones = [{"bone": bone, **of} for bone, of in bones.items()]
        content["extensions"] = {version: {"humanoid": {"humanBones": bones}}}

    recording = read_recording(edited(path, humanoid))
    assert np.abs(recording.motion.positions - figure.positions)[:, LIMBS].max() < MILLIMETRE
    assert recording.report.sources["left_wrist"] == "leftHand"


def test_the_node_above_counts_with_its_scale_and_turn(tmp_path: Path) -> None:
    """An armature of an FBX: centimetres under a scale of 0.01, z up under a quarter turn."""
    figure = Figure(4)
    quarter = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # z up to y up
    inner = Figure(4)
    inner.offsets, inner.path = figure.offsets * 100, figure.path * 100 @ quarter  # root turned back below
    inner.turns = figure.turns.copy()
    inner.turns[:, 0] = quarter.T @ figure.turns[:, 0]
    for above in (
        g.Node(name="Armature", scale=[0.01] * 3, rotation=quaternions(quarter[None])[0].tolist()),
        g.Node(name="Armature", matrix=(np.diag([0.01, 0.01, 0.01, 1]) @ _padded(quarter)).T.ravel().tolist()),
    ):
        motion = read_motion(written(tmp_path / "m.glb", inner, skin=True, above=above))
        assert np.abs(motion.positions - figure.positions).max() < MILLIMETRE


def _padded(turn: np.ndarray) -> np.ndarray:
    whole = np.eye(4)
    whole[:3, :3] = turn
    return whole


def test_centimetres_without_a_scale_are_told_from_the_skeleton(tmp_path: Path) -> None:
    figure = Figure(5)
    expected = figure.positions
    figure.offsets, figure.path = figure.offsets * 100, figure.path * 100
    recording = read_recording(written(tmp_path / "m.glb", figure))
    assert recording.report.unit == "cm"
    assert np.abs(recording.motion.positions - expected).max() < MILLIMETRE


# -- curves --


def one_joint(path: Path, channel: Any, figure: Figure | None = None) -> Path:
    """A figure that stands still; ``channel(writer, animation)`` moves it."""
    still, writer, animation = figure or Figure(0), Writer(), g.Animation(name="one")
    for joint, name in enumerate(JOINTS):
        below = [child for child, parent in enumerate(PARENTS) if parent == joint]
        writer.gltf.nodes.append(g.Node(name=name, translation=still.offsets[joint].tolist(), children=below))
    writer.gltf.scenes[0].nodes = [0]
    writer.gltf.skins.append(g.Skin(joints=list(range(22))))
    channel(writer, animation)
    if animation.channels:
        writer.gltf.animations.append(animation)
    return writer.save(path)


def test_two_keys_far_apart_are_sampled_at_30_on_the_shorter_way(tmp_path: Path) -> None:
    """A quarter turn about y in a second, its second key given by the opposite quaternion."""
    ends = np.array([[0, 0, 0, 1], [0, -np.sqrt(0.5), 0, -np.sqrt(0.5)]])

    def turn(writer: Writer, animation: Any) -> None:
        writer.channel(animation, 0, "rotation", writer.accessor(np.array([0.5, 1.5])), writer.accessor(ends))

    recording = read_recording(one_joint(tmp_path / "m.glb", turn))
    assert (recording.motion.fps, recording.motion.frames, recording.report.fps_from) == (30.0, 31, "format")
    hip = recording.motion.positions[:, 1] - recording.motion.positions[:, 0]
    angles = np.unwrap(np.arctan2(-hip[:, 2], hip[:, 0]))
    np.testing.assert_allclose(angles - angles[0], np.linspace(0, np.pi / 2, 31), atol=1e-5)


def test_steps_stay_until_the_next_key(tmp_path: Path) -> None:
    places = np.array([[0, 1.0, 0], [0, 1.2, 0], [0, 1.1, 0]])

    def step(writer: Writer, animation: Any) -> None:
        keys = writer.accessor(np.array([0.0, 0.35, 1.0]))
        writer.channel(animation, 0, "translation", keys, writer.accessor(places), "STEP")

    height = read_motion(one_joint(tmp_path / "m.glb", step)).positions[:, 0, 1]
    np.testing.assert_allclose(height, [1.0] * 11 + [1.2] * 19 + [1.1], atol=1e-6)


def test_cubic_splines_follow_a_cubic_exactly() -> None:
    """Hermite's spline with true tangents is the cubic itself."""
    cubic = np.polynomial.Polynomial([0.5, -1.0, 2.0, 0.7])
    keys = np.array([0.0, 0.4, 1.3, 2.0])
    slope = cubic.deriv()(keys)
    values = np.repeat(np.stack([slope, cubic(keys), slope], axis=1)[..., None], 3, axis=2)
    at = np.linspace(-0.5, 2.5, 61)
    sampled = Curve(0, "translation", keys, values, "CUBICSPLINE").at(at)
    np.testing.assert_allclose(sampled[:, 1], cubic(np.clip(at, 0, 2)), atol=1e-12)


def test_splines_and_scales_in_a_file(tmp_path: Path) -> None:
    rise = np.array([[0, 0, 0], [0, 1.0, 0], [0, 1.0, 0], [0, 1.0, 0], [0, 2.0, 0], [0, 0, 0]])

    def spline(writer: Writer, animation: Any) -> None:
        keys = writer.accessor(np.array([0.0, 1.0]))
        writer.channel(animation, 0, "translation", keys, writer.accessor(rise), "CUBICSPLINE")
        writer.channel(animation, 0, "scale", keys, writer.accessor(np.array([[1.0] * 3, [1.1] * 3])))

    positions = read_motion(one_joint(tmp_path / "m.glb", spline)).positions
    np.testing.assert_allclose(positions[:, 0, 1], 1 + np.linspace(0, 1, 31), atol=1e-6)
    hips = np.linalg.norm(positions[:, 1] - positions[:, 2], axis=1)
    np.testing.assert_allclose(hips / hips[0], np.linspace(1, 1.1, 31), atol=1e-5)


@pytest.mark.parametrize(("component", "most", "near"), [("SHORT", 32767, 1e-3), ("BYTE", 127, 0.03)])
def test_integers_that_stand_for_shares(component: str, most: int, near: float, tmp_path: Path) -> None:
    figure = Figure(6)

    def turn(writer: Writer, animation: Any) -> None:
        keys = writer.accessor(figure.times)
        for joint in range(22):
            whole = np.rint(quaternions(figure.turns[:, joint]) * most)
            values = writer.accessor(whole, getattr(g, component), normalized=True)
            writer.channel(animation, joint, "rotation", keys, values)
        writer.channel(animation, 0, "translation", keys, writer.accessor(figure.path))

    motion = read_motion(one_joint(tmp_path / "m.glb", turn, figure))
    assert np.abs(motion.positions - figure.positions).max() < near


def test_sparse_values_replace_those_that_they_name(tmp_path: Path) -> None:
    places = np.repeat([[0, 1.0, 0]], 31, axis=0)

    def sparse(writer: Writer, animation: Any) -> None:
        keys, values = writer.accessor(np.arange(31) / 30), writer.accessor(places)
        writer.channel(animation, 0, "translation", keys, values)
        rows = writer.view(np.array([3, 30], "<u2").tobytes())
        others = writer.view(np.array([[0, 1.5, 0], [0, 1.2, 0]], "<f4").tobytes())
        writer.gltf.accessors[values].sparse = g.Sparse(
            count=2,
            indices=g.AccessorSparseIndices(bufferView=rows, componentType=g.UNSIGNED_SHORT),
            values=g.AccessorSparseValues(bufferView=others),
        )

    height = read_motion(one_joint(tmp_path / "m.glb", sparse)).positions[:, 0, 1]
    np.testing.assert_allclose(height, [1.0] * 3 + [1.5] + [1.0] * 26 + [1.2], atol=1e-6)


# -- what else is in a file --


def test_the_first_animation_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "m.gltf", Figure(7))

    def more(content: dict[str, Any]) -> None:
        content["animations"] = [{**content["animations"][0], "name": name} for name in ("walk", "run", "idle")]

    report = inspect_motion(edited(path, more))
    assert report.doubts == ("of 3 animations 'walk' is read; the others: run, idle",)


def test_a_skin_leaves_out_what_else_moves(tmp_path: Path) -> None:
    """A second figure with fewer joints, and a thing in the hand that has a name of a body part."""
    figure = Figure(8)
    path = written(tmp_path / "m.gltf", figure, skin=True)

    def more(content: dict[str, Any]) -> None:
        content["nodes"] += [
            {"name": "left_wrist_prop", "mesh": 0},
            {"name": "other", "children": [24]},
            {"name": "other_head"},
        ]
        content["meshes"] = [{"primitives": [{"attributes": {}}]}]
        content["nodes"][JOINTS.index("left_wrist")]["children"] = [22]
        content["skins"].append({"joints": [23, 24]})
        channels = content["animations"][0]["channels"]
        channels.append({"sampler": 0, "target": {"node": 23, "path": "rotation"}})

    recording = read_recording(edited(path, more))
    assert np.abs(recording.motion.positions - figure.positions).max() < MILLIMETRE
    assert recording.report.doubts == ("2 figures move: the one with most joints is read",)


def test_bytes_in_a_file_beside_are_read_but_never_outside_the_folder(tmp_path: Path) -> None:
    figure = Figure(9)
    path = written(tmp_path / "m.glb", figure)
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[12:16])[0]
    content, blob = json.loads(raw[20 : 20 + length]), raw[28 + length :]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "my bytes.bin").write_bytes(blob)
    (tmp_path / "out.bin").write_bytes(blob)
    content["buffers"][0]["uri"] = "my%20bytes.bin"
    (folder / "m.gltf").write_text(json.dumps(content))
    assert np.abs(read_motion(folder / "m.gltf").positions - figure.positions).max() < MILLIMETRE
    for uri in ("../out.bin", str(tmp_path / "out.bin"), "http://example.org/out.bin", "gone.bin"):
        content["buffers"][0]["uri"] = uri
        (folder / "m.gltf").write_text(json.dumps(content))
        with pytest.raises(FormatError, match=r"never leave the folder|there is no such file"):
            read_motion(folder / "m.gltf")


def _drop_animation(content: dict[str, Any]) -> None:
    content["animations"] = []


def _compress(content: dict[str, Any]) -> None:
    content["bufferViews"][2]["extensions"] = {"EXT_meshopt_compression": {"buffer": 0}}


def _cycle(content: dict[str, Any]) -> None:
    content["nodes"][21]["children"] = [0]


def _two_parents(content: dict[str, Any]) -> None:
    content["nodes"][20]["children"] = [21]


def _long_view(content: dict[str, Any]) -> None:
    content["bufferViews"][1]["byteLength"] = 10**7
    content["accessors"][1]["count"] = 10**5


def _huge_count(content: dict[str, Any]) -> None:
    content["accessors"][0]["count"] = 10**12


def _no_node(content: dict[str, Any]) -> None:
    content["animations"][0]["channels"][0]["target"]["node"] = 99


def _negative(content: dict[str, Any]) -> None:
    content["nodes"][3]["children"] = [-1]


def _far_apart(content: dict[str, Any]) -> None:
    content["accessors"][0] |= {"componentType": 5125}  # floats read as whole numbers: a billion seconds


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_drop_animation, "a figure but no animation: export the figure with its animation"),
        (_compress, r"accessor 2: compressed \(meshopt\), which is not read: save it without compression"),
        (_cycle, "the nodes form a cycle"),
        (_two_parents, "node 21 is a child of node 19 and of node 20"),
        (_long_view, "the file is cut"),
        (_huge_count, "count 1000000000000 is not possible"),
        (_no_node, "node 99 is not there: the file has 22"),
        (_negative, "node -1 is not there"),
        (_far_apart, r"frames, but at most|values for a"),
    ],
)
def test_what_is_wrong_is_one_line(damage: Any, message: str, tmp_path: Path) -> None:
    path = edited(written(tmp_path / "m.gltf", Figure(1)), damage)
    with pytest.raises(FormatError, match=message) as caught:
        read_motion(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_package_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "m.glb", Figure(1))
    monkeypatch.setitem(__import__("sys").modules, "pygltflib", None)
    with pytest.raises(FormatError, match=r"m\.glb: .*pip install 'chronomotion\[gltf\]'"):
        read_motion(path)


CONTENTS: dict[str, bytes] = {}


def content_of(suffix: str, folder: Path) -> bytes:
    if suffix not in CONTENTS:
        CONTENTS[suffix] = written(folder / f"whole{suffix}", Figure(0, 4), skin=True).read_bytes()
    return CONTENTS[suffix]


@FUZZ
@given(damage=edits(), suffix=st.sampled_from([".glb", ".gltf"]))
@example(damage=[lambda raw: raw.replace(b'"children"', b'"mesh"')], suffix=".gltf")
@example(damage=[lambda raw: raw.replace(b'"nodes"', b'"skins"')], suffix=".gltf")
@example(damage=[lambda raw: raw.replace(b"VEC4", b"MAT4")], suffix=".gltf")
@example(damage=[lambda raw: b"[" * 100_000], suffix=".gltf")
@example(damage=[lambda raw: b"null"], suffix=".gltf")
def test_damaged_files(damage: list[Edit], suffix: str, tmp_path: Path) -> None:
    content = content_of(suffix, tmp_path)
    assert_only_format_errors(tmp_path / f"clip{suffix}", damaged(content, damage))


JUNK = [None, True, -1, 21, 1e308, -0.5, "x", [], {}, [1, 2], {"a": 1}, 10**30, float("nan"), [0] * 16, [0, 0, 0, 0]]


@FUZZ
@given(picks=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_values_of_another_kind(picks: list[tuple[float, Any]], tmp_path: Path) -> None:
    """The JSON is whole, what stands in it is not what should stand there."""
    content = json.loads(content_of(".gltf", tmp_path))
    for share, junk in picks:
        places = list(_places(content))
        holder, key = places[int(share * len(places))]
        holder[key] = deepcopy(junk)  # a list that was put in place may be chosen as a place itself
    assert_only_format_errors(tmp_path / "clip.gltf", json.dumps(content).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
