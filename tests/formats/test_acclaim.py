"""Acclaim ASF and AMC: kinematics, the agreement with the BVH of the same trial, and broken files named by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import REST

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion
from chronomotion.motion.formats.acclaim import read_acclaim
from chronomotion.motion.skeleton import HUMANML3D

ASF = """# a leg and a stick
:version 1.10
:name VICON
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 1 0 0
     length 4
     axis 0 0 90  XYZ
    dof rx rz
    limits (-160.0 20.0)
           (-70.0 70.0)
  end
  begin
     id 2
     name shin
     direction 0 -1 0
     length 3
     axis 0 0 0  XYZ
  end
:hierarchy
  begin
    root thigh
    thigh shin
  end
"""
AMC = """#!OML:ASF leg.asf
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
thigh 0 0
2
root 1 2 3 0 0 90
thigh 90 0
"""


def leg(folder: Path, asf: str = ASF, amc: str = AMC) -> Path:
    (folder / "07.asf").write_text(asf, encoding="utf-8")
    (folder / "07_01.amc").write_text(amc, encoding="utf-8")
    return folder / "07_01.amc"


BONES = {
    "lhipjoint": ("root", "pelvis", "left_hip"), "lfemur": ("lhipjoint", "left_hip", "left_knee"),
    "ltibia": ("lfemur", "left_knee", "left_ankle"), "lfoot": ("ltibia", "left_ankle", "left_foot"),
    "ltoes": ("lfoot", "left_foot", "left_foot"), "lclavicle": ("thorax", "spine3", "left_shoulder"),
    "lhumerus": ("lclavicle", "left_shoulder", "left_elbow"), "lradius": ("lhumerus", "left_elbow", "left_wrist"),
    "lwrist": ("lradius", "left_wrist", "left_wrist"),
}  # fmt: skip
TRUNK = {
    "lowerback": ("root", "pelvis", "spine1"), "thorax": ("lowerback", "spine1", "spine3"),
    "lowerneck": ("thorax", "spine3", "neck"), "upperneck": ("lowerneck", "neck", "head"),
    "head": ("upperneck", "head", "head"),
}  # fmt: skip


def body_bones() -> dict[str, tuple[str, str, str]]:
    """Bone -> bone above, our joint where it begins, our joint where it ends."""
    right = {}
    for bone, (above, *ends) in BONES.items():
        start, end = (joint.replace("left", "right") for joint in ends)
        right[f"r{bone[1:]}"] = (f"r{above[1:]}" if above in BONES else above, start, end)
    return {**TRUNK, **BONES, **right}


def body_asf() -> str:
    """A whole body in T-pose, in CMU's own unit."""
    lines = [":units", " length 0.45", " angle deg", ":root", " order TX TY TZ RX RY RZ", " axis XYZ", ":bonedata"]
    for bone, (_, start, end) in body_bones().items():
        way = (np.array(REST[end]) - REST[start]) / (0.0254 / 0.45)
        length = float(np.linalg.norm(way))
        direction = " ".join(f"{part:.6f}" for part in way / max(length, 1e-9))
        lines += [" begin", f"  name {bone}", f"  direction {direction}", f"  length {length:.6f}", "  axis 0 0 0 XYZ"]
        lines += ["  dof rx ry rz", " end"]
    lines += [":hierarchy", " begin", *(f"  {above} {bone}" for bone, (above, *_) in body_bones().items()), " end"]
    return "\n".join(lines) + "\n"


def body_amc() -> str:
    """Two frames of the body standing."""
    rows = [f"root 0 {REST['pelvis'][1] / (0.0254 / 0.45):.6f} 0 0 0 0", *(f"{bone} 0 0 0" for bone in body_bones())]
    return "\n".join([":FULLY-SPECIFIED", ":DEGREES", "1", *rows, "2", *rows]) + "\n"


def test_a_made_body_stands_where_it_should(tmp_path: Path) -> None:
    (tmp_path / "07.asf").write_text(body_asf(), encoding="utf-8")
    (tmp_path / "07_01.amc").write_text(body_amc(), encoding="utf-8")
    report, motion = inspect_motion(tmp_path / "07_01.amc"), read_motion(tmp_path / "07_01.amc")
    assert (report.family, report.fps, motion.frames) == ("cmu-acclaim", 120.0, 2)
    for joint, place in zip(HUMANML3D.joints, motion.positions[0], strict=True):
        np.testing.assert_allclose(place, REST[joint], atol=0.06, err_msg=joint)


def test_bones_turn_about_their_own_axes(tmp_path: Path) -> None:
    take = read_acclaim(leg(tmp_path))
    assert take.joints == ("root", "thigh", "shin", "shin (end)")
    np.testing.assert_allclose(take.positions[0], [[1, 2, 3], [1, 2, 3], [5, 2, 3], [5, -1, 3]], atol=1e-12)
    # The thigh's own x is the world's y, so 90 degrees about it turn +x to -z; then the root turns x to y and -z stays.
    np.testing.assert_allclose(take.positions[1], [[1, 2, 3], [1, 2, 3], [1, 2, -1], [4, 2, -1]], atol=1e-12)
    assert take.metres_per_unit == pytest.approx(0.0254 / 0.45)


def test_angles_apply_in_their_listed_order(tmp_path: Path) -> None:
    asf = ASF.replace("axis 0 0 90  XYZ", "axis 0 0 0 XYZ")
    amc = AMC.replace("root 1 2 3 0 0 90\nthigh 90 0", "root 0 0 0 0 0 0\nthigh 90 90")
    # About x first: +x stays; then about z: to +y. The shin, -y at rest, goes to -z about x and stays there about z.
    expected = [[0, 0, 0], [0, 0, 0], [0, 4, 0], [0, 4, -3]]
    np.testing.assert_allclose(read_acclaim(leg(tmp_path, asf, amc)).positions[1], expected, atol=1e-12)


def test_radians_and_another_order_of_the_root(tmp_path: Path) -> None:
    expected = read_acclaim(leg(tmp_path)).positions
    asf = ASF.replace("angle deg", "angle rad").replace("0 0 90", f"0 0 {np.pi / 2}").replace("TX TY TZ", "TZ TY TX")
    amc = AMC.replace(":DEGREES", ":RADIANS").replace("1 2 3", "3 2 1").replace("90", str(np.pi / 2))
    np.testing.assert_allclose(read_acclaim(leg(tmp_path, asf, amc)).positions, expected, atol=1e-9)


def test_the_skeleton_is_found_beside_the_motion(tmp_path: Path) -> None:
    path = leg(tmp_path)
    expected = read_acclaim(path).positions
    (tmp_path / "07.asf").rename(tmp_path / "person.ASF")
    np.testing.assert_array_equal(read_acclaim(path).positions, expected)
    (tmp_path / "08.asf").write_text(ASF, encoding="utf-8")
    with pytest.raises(FormatError, match=r"the skeleton is missing: put 07\.asf beside it"):
        read_acclaim(path)
    with pytest.raises(FormatError, match="no such file"):
        read_acclaim(tmp_path / "09_01.amc")
    with pytest.raises(FormatError, match=r"a skeleton only: read the \.amc"):
        read_motion(tmp_path / "08.asf")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":bonedata", ":bones", r"07\.asf:1: not an ASF skeleton: there is no section :bonedata"),
        ("length 0.45", "length 0", r"07\.asf:6: a length unit of 0"),
        ("angle deg", "angle grad", r"07\.asf:7: angles are in deg or rad"),
        ("order TX TY", "order TX TX", r"07\.asf:9: the root's order"),
        ("axis XYZ", "axis XYY", r"07\.asf:10: expected an axis order such as XYZ"),
        ("direction 1 0 0", "direction 1 0", r"07\.asf:17: expected 3 numbers, found 2"),
        ("direction 1 0 0", "direction 1 0 nan", r"07\.asf:17: expected a finite number"),
        ("dof rx rz", "dof rx l", r"07\.asf:20: dof 'rx l': only rx, ry and rz"),
        ("name shin", "name thigh", r"07\.asf:30: a bone needs a unique name"),
        ("  begin\n     id 2", "     id 2", r"07\.asf:24: expected 'begin', found 'id'"),
        ("thigh shin\n", "\n", r"07\.asf:35: the hierarchy leaves out shin"),
        ("root thigh", "root thigh thumb", r"07\.asf:33: bone 'thumb' is not in the bone data"),
        ("thigh shin\n", "thigh shin\n root shin\n", r"07\.asf:35: bone 'shin' has two parents"),
        ("root thigh", "shin thigh", r"07\.asf:33: bone 'shin' has children before it has a parent"),
    ],
)
def test_a_broken_skeleton_is_named_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in ASF
    with pytest.raises(FormatError, match=message):
        read_acclaim(leg(tmp_path, asf=ASF.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (AMC, "", r"07_01\.amc:1: not an AMC motion"),
        (AMC, "\x00\xff", r"07_01\.amc:1: not an AMC motion"),
        ("1\nroot 1 2 3 0 0 0\n", "root 1 2 3 0 0 0\n", r"07_01\.amc:4: not an AMC motion"),
        ("thigh 90 0\n", "", r"07_01\.amc:7: frame 2 has 1 bones, but the first has 2: is the file cut\?"),
        ("thigh 90 0", "thigh 90", r"07_01\.amc:9: expected 2 numbers, found 1"),
        ("thigh 90 0", "thigh 90 inf", r"07_01\.amc:9: expected a finite number, found 'inf'"),
        ("thigh 90 0", "calf 90 0", r"07_01\.amc:9: expected bone 'thigh' here, found 'calf'"),
        ("thigh 0 0", "calf 0 0", r"07_01\.amc:6: bone 'calf' is not in the skeleton"),
        ("thigh 0 0", "root 0 0", r"07_01\.amc:6: bone 'root' comes twice"),
        ("root 1 2 3 0 0 0\n", "", r"07_01\.amc:4: the first frame has no line for the root"),
        ("\n2\n", "\n3\n", r"07_01\.amc:7: frame number 3 is out of order"),
        ("\n2\n", f"\n{'9' * 5000}\n", r"07_01\.amc:7: frame number 9{20} is out of order"),
    ],
)
def test_a_broken_motion_is_named_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in AMC
    with pytest.raises(FormatError, match=message):
        read_acclaim(leg(tmp_path, amc=AMC.replace(old, new)))


@pytest.mark.parametrize("trial", ["01_11", "13_29", "86_01"])
def test_real_trials_are_people(trial: str, shared: Path) -> None:
    path = shared / f"data/cmu/{trial}.amc"
    report = inspect_motion(path)
    assert (report.family, report.fps, report.fps_from, report.unit_from, report.up) == (
        "cmu-acclaim", 120, "format", "file", "y",
    )  # fmt: skip
    assert 1.3 < report.height < 1.6
    assert report.warnings == ()


def test_the_two_releases_of_one_trial_agree(shared: Path) -> None:
    """The BVH release is on a body of its own, so limbs agree up to steady offsets; its first frame is a T-pose."""
    acclaim, bvh = (directions(shared / f"data/cmu/13_30.{suffix}") for suffix in ("amc", "bvh"))
    assert len(bvh) == len(acclaim) + 1
    # The first frames of the BVH blend in from the T-pose.
    angles = np.degrees(np.arccos(np.clip((acclaim * bvh[1:]).sum(axis=-1), -1, 1)))[10:]
    joints = [HUMANML3D.joints[child] for _, child in HUMANML3D.bones]
    middle = dict(zip(joints, np.median(angles, axis=0), strict=True))
    spread = dict(zip(joints, angles.std(axis=0), strict=True))
    for side in ("left", "right"):
        for joint, limit in (("knee", 6), ("ankle", 3), ("foot", 7), ("elbow", 6), ("wrist", 21)):
            assert middle[f"{side}_{joint}"] < limit, joint
            assert spread[f"{side}_{joint}"] < 2.5, joint
    assert middle["neck"] < 5
    assert middle["spine2"] < 2
    # One frame earlier or later is worse: time agrees.
    fast = joints.index("left_ankle")
    aligned = angles[:, fast].mean()
    for start, end in ((0, -2), (2, None)):
        shifted = np.degrees(np.arccos(np.clip((acclaim[1:] * bvh[start:end]).sum(-1), -1, 1)))
        assert shifted.shape[0] == len(acclaim) - 1
    assert aligned < np.degrees(np.arccos(np.clip((acclaim[:-20] * bvh[21:]).sum(-1), -1, 1)))[10:, fast].mean()


def directions(path: Path) -> np.ndarray:
    """Unit directions of the bones in every frame."""
    positions = read_motion(path).positions.astype(np.float64)
    bones = np.stack([positions[:, child] - positions[:, parent] for parent, child in HUMANML3D.bones], axis=1)
    return bones / np.linalg.norm(bones, axis=-1, keepdims=True)
