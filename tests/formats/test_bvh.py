"""BVH: posed as another library poses it, at the right size and speed, and broken files named by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import RIGS, bvh_text, write_rig

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion, read_recording
from chronomotion.motion.formats.bvh import read_bvh
from chronomotion.motion.formats.frame_rate import rate_of_step
from chronomotion.motion.skeleton import HUMANML3D

FEET = [HUMANML3D.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "foot")]

TINY = """HIERARCHY
ROOT hip
{
  OFFSET 1 2 3
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT knee
  {
    OFFSET 0 -4 0
    CHANNELS 4 Yposition Xrotation Yrotation Zrotation
    End Site
    {
      OFFSET 0 -3 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0333333
0 10 0 0 0 0 -4 0 0 0
0 10 0 90 0 0 -5 90 0 0
"""


def tiny(folder: Path, text: str = TINY) -> Path:
    path = folder / "tiny.bvh"
    path.write_bytes(text.encode())
    return path


def test_position_channels_replace_offsets_and_rotations_compose_in_file_order(tmp_path: Path) -> None:
    take = read_bvh(tiny(tmp_path))
    assert take.joints == ("hip", "knee", "knee (end)")
    assert take.names == ("hip", "knee")
    np.testing.assert_allclose(take.positions[0], [[0, 10, 0], [0, 6, 0], [0, 3, 0]], atol=1e-12)
    # The second frame turns the hip a quarter about z (down becomes +x), then the knee a quarter about its own x.
    np.testing.assert_allclose(take.positions[1], [[0, 10, 0], [5, 10, 0], [5, 10, -3]], atol=1e-12)


@pytest.mark.parametrize("order", ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"])
def test_any_order_of_rotations_agrees_with_products_written_out(order: str, tmp_path: Path) -> None:
    def about(axis: str, degrees: float) -> np.ndarray:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        return np.array(
            {"X": [[1, 0, 0], [0, c, -s], [0, s, c]], "Y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
             "Z": [[c, -s, 0], [s, c, 0], [0, 0, 1]]}[axis]
        )  # fmt: skip

    text = TINY.replace("Zrotation Xrotation Yrotation", " ".join(f"{axis}rotation" for axis in order))
    text = text.replace("0 10 0 90 0 0 -5 90 0 0", "0 10 0 20 30 40 -5 0 0 0")
    knee = read_bvh(tiny(tmp_path, text)).positions[1, 1]
    turn = about(order[0], 20) @ about(order[1], 30) @ about(order[2], 40)
    np.testing.assert_allclose(knee, [0, 10, 0] + turn @ [0, -5, 0], atol=1e-12)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("hip\n{", "hip {").replace("knee\n  {", "knee {"),
        lambda text: text.replace("Xposition", "XPOSITION").replace("End Site", "END SITE"),
        lambda text: text.replace("Frames: 2", "Frames:\t2\n\n").replace("0 10 0 90", "\n 0\t10  0 90"),
        lambda text: text.rstrip("\n"),
    ],
)
def test_spellings_of_the_same_file(edit: object, tmp_path: Path) -> None:
    expected = read_bvh(tiny(tmp_path)).positions
    np.testing.assert_array_equal(read_bvh(tiny(tmp_path, edit(TINY))).positions, expected)  # type: ignore[operator]


def test_two_roots_and_joints_without_channels_are_read(tmp_path: Path) -> None:
    text = TINY.replace("MOTION", "ROOT prop\n{\nOFFSET 7 8 9\n}\nMOTION")
    np.testing.assert_array_equal(read_bvh(tiny(tmp_path, text)).positions[:, 3], [[7, 8, 9]] * 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "\x00\x01\x02", r"tiny\.bvh:1: not a BVH file"),
        (TINY, "", r"tiny\.bvh:1: not a BVH file.*empty"),
        ("0 10 0 90 0 0 -5 90 0 0\n", "", r"tiny\.bvh:19: the header announces 2 frames, but only 1 follow"),
        ("90 0 0\n", "90 0\n", r"tiny\.bvh:20: frame 1 has 9 numbers, but the skeleton has 10"),
        ("0 10 0 90", "0 10 0 0 90", r"tiny\.bvh:20: frame 1 has 11 numbers"),
        ("0 10 0 90", "0 nan 0 90", r"tiny\.bvh:20: expected a finite number, found 'nan'"),
        ("0 10 0 90", "0 1e999 0 90", r"tiny\.bvh:20: expected a finite number, found '1e999'"),
        ("0 10 0 90", "0 ten 0 90", r"tiny\.bvh:20: expected a finite number, found 'ten'"),
        ("Frames: 2", "Frames: 0", r"tiny\.bvh:17: the header announces 0 frames"),
        ("Frames: 2", "Frames: -3", r"tiny\.bvh:17: the header announces -3 frames"),
        ("Frames: 2", "Frames: 2.5", r"tiny\.bvh:17: expected a whole number"),
        ("Frames: 2", "Frames: 99999999999", r"tiny\.bvh:17: 99999999999 frames, but at most"),
        ("Frames: 2", "Frames: 3999999", r"tiny\.bvh:18: 39999990 numbers, but at most"),
        ("Frames: 2", "Frames: 1e300", r"tiny\.bvh:17: 10\*\*300 frames"),
        ("Frames: 2\n", "", r"tiny\.bvh:17: expected 'Frames:'"),
        ("0.0333333", "0", r"tiny\.bvh:18: a frame time of 0 seconds"),
        ("0.0333333", "nan", r"tiny\.bvh:18: expected a finite number"),
        ("MOTION", "", r"tiny\.bvh:17: unknown word 'Frames:'"),
        (TINY[TINY.index("MOTION") :], "", r"tiny\.bvh:16: the file ends inside the HIERARCHY"),
        ("  }\n}\n", "  }\n", r"tiny\.bvh:15: MOTION inside joint 'hip'"),
        ("  }\n}\n", "  }\n}\n}\n", r"tiny\.bvh:16: '}' without"),
        ("ROOT hip\n{", "ROOT hip\n", r"tiny\.bvh:4: expected '{'"),
        ("JOINT knee", "ROOT knee", r"tiny\.bvh:6: ROOT 'knee' out of place"),
        ("ROOT hip", "JOINT hip", r"tiny\.bvh:2: JOINT 'hip' out of place"),
        ("OFFSET 0 -4 0", "OFFSET 0 -4", r"tiny\.bvh:8: expected 3 numbers, found 2"),
        ("OFFSET 0 -4 0", "OFFSET 0 inf 0", r"tiny\.bvh:8: expected a finite number"),
        ("    OFFSET 0 -4 0\n", "", r"tiny\.bvh:13: joint 'knee' has no OFFSET"),
        ("CHANNELS 4", "CHANNELS 3", r"tiny\.bvh:9: CHANNELS announces 3 and names 4"),
        ("4 Yposition", "4 Wposition", r"tiny\.bvh:9: unknown channel 'Wposition'"),
        ("6 Xposition Yposition", "6 Xposition Xposition", r"tiny\.bvh:5: a position channel is named twice"),
        ("JOINT knee", "JOINT", r"tiny\.bvh:6: JOINT without a name"),
        ("OFFSET 0 -3 0", "OFFSET 0 -3 0\nJOINT x\n{", r"tiny\.bvh:13: JOINT 'x' inside an End Site"),
        ("Frame Time: 0.0333333\n", "Frame Time: 0.0333333\n7 7\n", r"tiny\.bvh:19: frame 0 has 2 numbers"),
    ],
)
def test_a_broken_file_is_named_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in TINY
    with pytest.raises(FormatError, match=message) as caught:
        read_bvh(tiny(tmp_path, TINY.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_more_frames_than_announced_are_left_out_and_said(tmp_path: Path) -> None:
    take = read_bvh(tiny(tmp_path, TINY.replace("Frames: 2", "Frames: 1")))
    assert len(take.positions) == 1
    assert "1 lines after the 1 frames" in take.warnings[0]


def test_nesting_without_end_is_stopped(tmp_path: Path) -> None:
    text = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n" + "JOINT a\n{\nOFFSET 0 0 0\n" * 50_000
    with pytest.raises(FormatError, match="2001 joints, but at most 2000"):
        read_bvh(tiny(tmp_path, text))


def test_missing_files_folders_and_other_suffixes(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_motion(tmp_path / "nothing.bvh")
    (tmp_path / "folder.bvh").mkdir()
    with pytest.raises(FormatError, match="a folder"):
        read_motion(tmp_path / "folder.bvh")
    with pytest.raises(FormatError, match=r"files of the kind '\.fbx' are not read: open it in Blender and export BVH"):
        read_motion(tmp_path / "take.fbx")


@pytest.mark.parametrize(
    ("scale", "unit", "kind"),
    [(1, "m", "lafan1"), (10, "dm", "lafan1"), (100, "cm", "lafan1"), (1000, "mm", "lafan1"), (39.37, "inch", "lafan1"),
     (17.717, "cmu", "cmu motionbuilder"), (10, "dm", "cmu motionbuilder")],
)  # fmt: skip
def test_the_unit_is_told_from_the_height(scale: float, unit: str, kind: str, tmp_path: Path) -> None:
    path = write_rig(tmp_path, RIGS[kind], scale=scale)
    report = inspect_motion(path)
    assert (report.unit, report.unit_from) == (unit, "skeleton")
    assert report.height == pytest.approx(1.45, abs=0.05)
    assert inspect_motion(path, unit=2 / scale).height == pytest.approx(2 * report.height, rel=1e-3)


def test_a_figure_of_no_human_size_asks_for_its_unit(tmp_path: Path) -> None:
    path = write_rig(tmp_path, RIGS["lafan1"], scale=4)
    with pytest.raises(FormatError, match=r"not the height of a person in any of .*: give the unit"):
        read_motion(path)
    assert inspect_motion(path, unit=0.25).height == pytest.approx(1.45, abs=0.05)
    with pytest.raises(FormatError, match="unknown unit 'furlong'"):
        read_motion(path, unit="furlong")


@pytest.mark.parametrize("turn", ["0 90 0", "0 0 90"])
def test_z_up_and_x_up_are_turned(turn: str, tmp_path: Path) -> None:
    """A root turned by +90 degrees about x stands along z; by -90 about z along x."""
    expected = read_motion(write_rig(tmp_path, RIGS["lafan1"], frames=1)).positions
    path = tmp_path / "turned.bvh"
    rows = bvh_text(RIGS["lafan1"], frames=1).splitlines()
    values = rows[-1].split()
    along_z = turn == "0 90 0"
    values[:6] = ["0", "0", "95", "0", "90", "0"] if along_z else ["95", "0", "0", "-90", "0", "0"]
    path.write_text("\n".join([*rows[:-1], " ".join(values)]), encoding="utf-8")
    assert inspect_motion(path).up == ("z" if along_z else "x")
    np.testing.assert_allclose(read_motion(path).positions, expected, atol=1e-5)


def test_forced_axes_win_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    path = write_rig(tmp_path, RIGS["lafan1"])
    upside_down = read_motion(path, up="-y").positions
    np.testing.assert_allclose(upside_down, read_motion(path).positions * [-1, -1, 1], atol=1e-6)
    with pytest.raises(FormatError, match="unknown up axis 'w'"):
        read_motion(path, up="w")


@pytest.mark.parametrize(
    ("step", "rate"),
    [(0.0333333, 30), (0.033333, 30), (0.00833333, 120), (0.0083333, 120), (0.0416667, 24), (0.0333667, 29.97),
     (0.033367, 29.97), (0.033, 30), (0.01, 100), (0.02, 50), (0.08, 12.5), (1.0, 1.0), (0.0137, 1 / 0.0137)],
)  # fmt: skip
def test_rounded_steps_mean_rates_in_use(step: float, rate: float) -> None:
    assert rate_of_step(step) == pytest.approx(rate, rel=1e-9)


def test_name_rate_and_type_of_a_motion(tmp_path: Path) -> None:
    motion = read_motion(write_rig(tmp_path, RIGS["mixamo"], name="jump 01.bvh"))
    assert (motion.name, motion.fps, motion.frames, motion.skeleton) == ("jump 01", 30.0, 3, HUMANML3D)
    assert motion.positions.dtype == np.float32


@pytest.mark.parametrize(
    "file",
    ["bandai/dataset-1_dash_normal_001.bvh", "bandai/dataset-2_raise-up-both-hands_active_034.bvh", "cmu/02_03.bvh"],
)
def test_poses_agree_with_bvhio(file: str, shared: Path) -> None:
    bvhio = pytest.importorskip("bvhio")
    path = shared / "data" / file
    take = read_bvh(path)
    hierarchy = bvhio.readAsHierarchy(str(path))
    joints = {joint.Name: joint for joint, _, _ in hierarchy.layout()}
    for frame in np.linspace(0, len(take.positions) - 1, 5).astype(int):
        hierarchy.loadPose(int(frame), recursive=True)
        for at, name in enumerate(take.joints):
            if not take.ends[at]:
                # The other library works in single precision, on centimetres.
                np.testing.assert_allclose(take.positions[frame, at], np.array(joints[name].PositionWorld), atol=2e-4)


def test_real_recordings_stand_on_their_feet_at_human_size(shared: Path) -> None:
    """Every CMU file and every 20th Bandai take here; all of them in the slow test."""
    assert_human_size(sorted((shared / "data/cmu").glob("*.bvh")))
    assert_human_size(sorted((shared / "data/bandai").glob("*.bvh"))[::20])


@pytest.mark.slow
def test_all_real_recordings_stand_on_their_feet_at_human_size(shared: Path) -> None:
    assert_human_size(sorted((shared / "data/bandai").glob("*.bvh")))


DOWNWARDS = {"03_01"}
"""Walks down from a ledge."""
NEVER_UPRIGHT = {"dataset-1_dash_normal_001"}
"""Four strides of a sprint, bent forward."""


def assert_human_size(paths: list[Path]) -> None:
    assert paths
    for path in paths:
        recording = read_recording(path)
        motion, report = recording.motion, recording.report
        assert (report.unit, report.up, report.doubts) == ("cm", "y", ()), path.name
        assert motion.fps == (30 if path.name.startswith("dataset") else 120)
        lowest = float(motion.positions[:, FEET, 1].min())
        assert (-0.3 if path.stem in DOWNWARDS else -0.12) < lowest < 0.06, path.name
        heads = motion.positions[:, HUMANML3D.index("head"), 1] - motion.positions[:, FEET, 1].min(axis=1)
        assert (1.15 if path.stem in NEVER_UPRIGHT else 1.2) < heads.max() < 1.9, path.name
