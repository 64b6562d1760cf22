"""BVH files whose rate, channels, names or figures are not what they should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from walkers import FIGURE, write_walk

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion, read_recording
from chronomotion.motion.formats.bvh import read_bvh
from chronomotion.motion.formats.frame_rate import rate_of_step
from chronomotion.motion.formats.joint_names import parse_name


@pytest.mark.parametrize(
    ("step", "rate"),
    [(".0333", 30), (".033", 30), (".03", 30), (".00833", 120), (".0083", 120), (".008", 120), (".0417", 24),
     (".042", 24), (".0416", 24), (".011", 90), (".0111", 90), (".0167", 60), (".0166", 60), (".0334", 29.97),
     (".04", 25), (".02", 50), (".01", 100), (".0083333", 120), (".004167", 240), (".0133", 75), (".0667", 15)],
)  # fmt: skip
def test_short_steps_mean_rates_in_use(step: str, rate: float, tmp_path: Path) -> None:
    assert rate_of_step(float(step)) == rate
    assert inspect_motion(write_walk(tmp_path / "walk.bvh", step=step)).fps == rate


@pytest.mark.parametrize("step", ["0", "0.000000", "-1"])
def test_an_impossible_frame_time_is_read_with_a_rate(step: str, tmp_path: Path) -> None:
    path = write_walk(tmp_path / "walk.bvh", step=step)
    with pytest.raises(FormatError, match=r"walk\.bvh:\d+: a frame time of \S+ seconds is not possible: .*--fps 30"):
        read_motion(path)
    report = inspect_motion(path, fps=25.0)
    assert (report.fps, report.fps_from, report.doubts) == (25.0, "caller", ())


@pytest.mark.parametrize("step", ["1", "1.000000", "33.333", "0.5"])
def test_an_unbelievable_rate_is_doubted_and_gives_way(step: str, tmp_path: Path) -> None:
    path = write_walk(tmp_path / "walk.bvh", step=step)
    report = inspect_motion(path)
    assert report.fps == pytest.approx(1 / float(step))
    assert "an unusual frame rate" in report.doubts[0]
    assert "--fps" in report.doubts[0]
    given = inspect_motion(path, fps=30.0)
    assert (given.fps, given.fps_from, given.doubts) == (30.0, "caller", ())


def test_a_believable_rate_stays_and_that_is_said(tmp_path: Path) -> None:
    report = inspect_motion(write_walk(tmp_path / "walk.bvh"), fps=60.0)
    assert (report.fps, report.fps_from) == (30.0, "file")
    assert "the file states 30 a second, which is kept; --fps 60 is used" in report.doubts[0]
    assert inspect_motion(tmp_path / "walk.bvh", fps=30.0).doubts == ()
    with pytest.raises(FormatError, match="a frame rate of -5.0 is not possible"):
        read_motion(tmp_path / "walk.bvh", fps=-5.0)


def test_positions_of_zero_keep_the_offsets(tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    zero = read_recording(write_walk(tmp_path / "zero.bvh", inner="zero"))
    np.testing.assert_allclose(zero.motion.positions, right, atol=1e-5)
    assert "OFFSET is kept" in zero.report.doubts[0]
    full = read_recording(write_walk(tmp_path / "full.bvh", inner="offset"))
    np.testing.assert_allclose(full.motion.positions, right, atol=1e-5)
    assert full.report.doubts == ()


def test_positions_beside_zero_shift_the_offsets(tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    shifted = read_recording(write_walk(tmp_path / "shift.bvh", inner="shift"))
    assert 0.001 < np.abs(shifted.motion.positions - right).max() < 0.08
    assert "added to its OFFSET" in shifted.report.doubts[0]


JAPANESE = {"Hips": "センター", "Spine": "上半身", "Spine1": "上半身2", "Neck": "首", "Head": "頭"} | {
    side + part: kanji + name
    for side, kanji in (("Left", "左"), ("Right", "右"))
    for part, name in (("UpLeg", "足"), ("Leg", "ひざ"), ("Foot", "足首"), ("Toe", "つま先"), ("Shoulder", "肩"),
                       ("Arm", "腕"), ("ForeArm", "ひじ"), ("Hand", "手首"))
}  # fmt: skip
HALF_WIDTH = {joint: name.replace("ひ", "ﾋ").replace("ざ", "ｻﾞ").replace("じ", "ｼﾞ").replace("センター", "ｾﾝﾀｰ")
              for joint, name in JAPANESE.items()}  # fmt: skip
CHINESE = {"Hips": "骨盆", "Spine": "脊柱", "Spine1": "胸", "Neck": "颈", "Head": "头"} | {
    side + part: hanzi + name
    for side, hanzi in (("Left", "左"), ("Right", "右"))
    for part, name in (("UpLeg", "大腿"), ("Leg", "小腿"), ("Foot", "脚"), ("Toe", "脚趾"), ("Shoulder", "锁骨"),
                       ("Arm", "上臂"), ("ForeArm", "前臂"), ("Hand", "手"))
}  # fmt: skip


@pytest.mark.parametrize(
    ("names", "encoding"),
    [(JAPANESE, "utf-8"), (JAPANESE, "cp932"), (HALF_WIDTH, "cp932"), (CHINESE, "gb18030"), (CHINESE, "utf-8")],
)
def test_names_in_old_encodings_are_read_and_known(names: dict[str, str], encoding: str, tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    recording = read_recording(write_walk(tmp_path / "names.bvh", names=names, encoding=encoding))
    np.testing.assert_array_equal(recording.motion.positions, right)
    assert recording.report.sources["left_knee"] == names["LeftLeg"]
    assert recording.report.doubts == ()


def test_western_names_are_read_for_a_joint_map(tmp_path: Path) -> None:
    names = {"Head": "Schädel", "Hips": "Hüfte", "LeftFoot": "Fuß_L", "RightFoot": "Fuß_R", "LeftHand": "Poignée_L"}
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    path = write_walk(tmp_path / "names.bvh", names=names, encoding="latin-1")
    table = tmp_path / "map.toml"
    table.write_text(
        'head = "Schädel"\nleft_ankle = "Fuß_L"\nright_ankle = "Fuß_R"\nleft_wrist = "Poignée_L"\n', encoding="utf-8"
    )
    np.testing.assert_array_equal(read_motion(path, joint_map=table).positions, right)


def test_a_head_in_the_map_finds_the_neck(tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    path = write_walk(tmp_path / "forehead.bvh", names={"Head": "forehead"})
    with pytest.raises(FormatError, match="no joint found for head; .* lines such as head ="):
        read_motion(path)
    np.testing.assert_array_equal(read_motion(path, joint_map={"head": "forehead"}).positions, right)


def test_a_second_skeleton_is_noted_and_left_out(tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    text = (tmp_path / "walk.bvh").read_text()
    tree, _, motion = text.removeprefix("HIERARCHY\n").partition("MOTION\n")
    frames, step, *rows = motion.splitlines()
    twice = "\n".join([frames, step, *(f"{row} {row}" for row in rows)])
    (tmp_path / "two.bvh").write_text(f"HIERARCHY\n{tree}{tree.replace('ROOT ', 'ROOT B:')}MOTION\n{twice}\n")
    recording = read_recording(tmp_path / "two.bvh")
    np.testing.assert_array_equal(recording.motion.positions, right)
    assert recording.report.doubts == (
        "several skeletons: the file holds 2 (Hips, B:Hips), and only the first is read",
    )


@pytest.mark.parametrize("extra", ["heel.02.L", "LeftHeel", "aa_heel"])
def test_a_foot_whose_heel_comes_first(extra: str, tmp_path: Path) -> None:
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    heels = {name: value for name, value in FIGURE.items() if "Toe" not in name}
    for side in ("Left", "Right"):
        heels[f"{side}Heel"] = (f"{side}Foot", (0, -0.06, -0.06))
        heels[f"{side}Toe"] = FIGURE[f"{side}Toe"]
        heels[f"{side}Side"] = (f"{side}Foot", (0, -0.05, 0.02))
    names = {f"{side}Heel": extra.replace("Left", side).replace(".L", f".{side[0]}") for side in ("Left", "Right")}
    recording = read_recording(write_walk(tmp_path / "heels.bvh", heels, names=names))
    np.testing.assert_allclose(recording.motion.positions, right, atol=1e-6)
    # Without a name that says so, the child farthest forward.
    names |= {"LeftToe": "LeftFront", "RightToe": "RightFront"}
    nameless = read_recording(write_walk(tmp_path / "nameless.bvh", heels, names=names))
    np.testing.assert_allclose(nameless.motion.positions, right, atol=1e-6)


@pytest.mark.parametrize(("file", "toe"), [("blender_heel_first.bvh", "toe.{}"), ("daz_metatarsals.bvh", "{}Toe")])
def test_real_feet_beside_heels_end_in_the_toes(file: str, toe: str, shared: Path) -> None:
    path = shared / "data/cases/motion" / file
    recording, take = read_recording(path), read_bvh(path)
    for side, index in (("left", 10), ("right", 11)):
        mark = side[0].upper() if toe.startswith("toe") else side[0]
        joint = take.positions[:, take.joints.index(toe.format(mark))]
        np.testing.assert_allclose(recording.motion.positions[:, index], joint / 100, atol=1e-5)
    assert recording.report.doubts == ()


def test_impossible_proportions_are_doubted(tmp_path: Path) -> None:
    high = {**FIGURE, "LeftLeg": ("LeftUpLeg", (0, -0.2, 0)), "LeftFoot": ("LeftLeg", (0, -0.62, 0))}
    doubts = inspect_motion(write_walk(tmp_path / "knee.bvh", high)).doubts
    assert [doubt for doubt in doubts if "left thigh 0.20 m, shank 0.62 m" in doubt]
    short = {**FIGURE, "Spine": ("Hips", (0, 0.05, 0)), "Spine1": ("Spine", (0, 0.02, 0))}
    doubts = inspect_motion(write_walk(tmp_path / "trunk.bvh", short)).doubts
    assert [doubt for doubt in doubts if "hips to neck 0.27 m, hips to ankles 0.82 m" in doubt]


@pytest.mark.parametrize(
    ("name", "side", "words"),
    [
        ("LUArm", "left", ("upper", "arm")), ("RFArm", "right", ("fore", "arm")), ("LToe", "left", ("toe",)),
        ("左足首", "left", ("ankle",)), ("右ﾋｼﾞ", "right", ("elbow",)), ("左足ＩＫ", "left", ("leg", "ik")),
        ("DEF-thigh.L.001", "left", ("thigh",)), ("footleft", "left", ("foot",)), ("Hüfte", "", ("hufte",)),
    ],
)  # fmt: skip
def test_further_names_are_taken_apart(name: str, side: str, words: tuple[str, ...]) -> None:
    assert (parse_name(name).side, parse_name(name).words) == (side, words)


@pytest.mark.parametrize(
    "name",
    ["LeftUpLegRoll", "l_thightwist1", "CC_Base_L_ToeBaseShareBone", "左足ＩＫ", "ik_hand_gun", "LeftHandProp",
     "LeftHandIndex1", "左親指１", "hand_ik.L", "thigh_parent.L", "左肩P", "ankle_bck_l", "J_Sec_L_Bust1"],
)  # fmt: skip
def test_twists_targets_props_and_fingers_are_passed_over(name: str) -> None:
    assert parse_name(name).passed_over
