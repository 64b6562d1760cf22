"""Every family of rig comes onto the 22 joints, and what cannot be found is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import REST, RIGS, bvh_text, write_rig
from rigs_of_programs import PROGRAM_RIGS

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion
from chronomotion.motion.formats.joint_names import parse_name
from chronomotion.motion.skeleton import HUMANML3D

ALL_RIGS = RIGS | PROGRAM_RIGS


@pytest.mark.parametrize("kind", ALL_RIGS)
def test_each_joint_comes_from_the_right_one(kind: str, tmp_path: Path) -> None:
    rig = ALL_RIGS[kind]
    report = inspect_motion(write_rig(tmp_path, rig))
    assert {joint: report.sources[joint] for joint in rig.ours} == rig.ours
    assert report.family == rig.family
    assert report.doubts == ()


@pytest.mark.parametrize("kind", ALL_RIGS)
def test_a_standing_figure_stands_where_it_should(kind: str, tmp_path: Path) -> None:
    positions = read_motion(write_rig(tmp_path, ALL_RIGS[kind])).positions
    for joint, place in zip(HUMANML3D.joints, positions[0], strict=True):
        # Joints that the rig has lie exactly; those that are put between others, near.
        exact = joint in ALL_RIGS[kind].ours or joint in ("neck", "head")
        near = 1e-5 if exact else 0.06
        np.testing.assert_allclose(place, REST[joint], atol=near, err_msg=joint)


@pytest.mark.parametrize("kind", [kind for kind in RIGS if "twist" not in kind])
def test_limbs_keep_their_lengths_when_the_body_moves(kind: str, tmp_path: Path) -> None:
    positions = read_motion(write_rig(tmp_path, RIGS[kind], frames=20, spread=20.0)).positions
    for side in ("left", "right"):
        for bone in ("hip knee", "knee ankle", "ankle foot", "shoulder elbow", "elbow wrist"):
            parent, child = (HUMANML3D.index(f"{side}_{part}") for part in bone.split())
            assert np.ptp(np.linalg.norm(positions[:, child] - positions[:, parent], axis=-1)) < 1e-5, bone


@pytest.mark.parametrize(
    ("name", "side", "words"),
    [
        ("LHipJoint", "left", ("hip", "joint")), ("lfemur", "left", ("femur",)), ("rButtock", "right", ("buttock",)),
        ("mixamorig1:LeftUpLeg", "left", ("up", "leg")), ("Bip01 L Thigh", "left", ("bip", "thigh")),
        ("upper_arm.R", "right", ("upper", "arm")), ("L5", "", ("l5",)), ("lowerback", "", ("lowerback",)),
        ("leftforearm", "left", ("forearm",)), ("Root", "", ("root",)), ("RightHandThumb1", "right", ("hand", "thumb")),
        ("J_Bip_R_LowerLeg", "right", ("j", "bip", "lower", "leg")),
    ],
)  # fmt: skip
def test_names_are_taken_apart(name: str, side: str, words: tuple[str, ...]) -> None:
    label = parse_name(name)
    assert (label.side, label.words) == (side, words)


def test_missing_joints_are_listed_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "alien.bvh"
    path.write_text(bvh_text(RIGS["lafan1"]).replace("LeftHand", "tentacle"), encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_motion(path)
    message = str(caught.value)
    assert "left_wrist, left_elbow, left_shoulder" in message
    assert "tentacle" in message
    assert "--joint-map" in message
    assert "\n" not in message


def test_a_joint_map_names_what_the_rules_cannot_find(tmp_path: Path) -> None:
    path = tmp_path / "alien.bvh"
    path.write_text(bvh_text(RIGS["lafan1"]).replace("LeftHand", "tentacle"), encoding="utf-8")
    table = tmp_path / "map.toml"
    table.write_text('[joints]\nleft_wrist = "tentacle"\n', encoding="utf-8")
    expected = read_motion(write_rig(tmp_path, RIGS["lafan1"])).positions
    np.testing.assert_array_equal(read_motion(path, joint_map={"left_wrist": "tentacle"}).positions, expected)
    np.testing.assert_array_equal(read_motion(path, joint_map=table).positions, expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tail = "Hips"', "'tail' is none of the 22 joints"),
        ('head = "Haupt"', "the file has no such joint"),
        ("head = 7", "in quotes"),
        ("head = ", "not a TOML file"),
    ],
)
def test_a_wrong_joint_map_is_refused(text: str, message: str, tmp_path: Path) -> None:
    table = tmp_path / "map.toml"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        read_motion(write_rig(tmp_path, RIGS["lafan1"]), joint_map=table)


def test_a_foot_without_toe_or_end_is_put_forward(tmp_path: Path) -> None:
    rig = RIGS["daz"]
    text = bvh_text(rig)
    for side in "lr":
        start = text.index("End Site", text.index(f"{side}Foot"))
        text = text[:start] + text[text.index("}", start) + 1 :]
    path = tmp_path / "footless.bvh"
    path.write_text(text, encoding="utf-8")
    positions = read_motion(path).positions[0]
    for side in ("left", "right"):
        ankle, foot = (positions[HUMANML3D.index(f"{side}_{part}")] for part in ("ankle", "foot"))
        assert foot[2] - ankle[2] > 0.1
        np.testing.assert_allclose((foot - ankle)[:2], 0, atol=0.03)
    assert "estimated, forward of the ankle" in " ".join(inspect_motion(path).warnings)
