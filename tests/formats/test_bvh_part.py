"""Reading a part of a BVH file: other frames and joints change nothing in those that are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chronomotion.errors import FormatError
from chronomotion.motion.formats.bvh import BvhPart, read_bvh
from chronomotion.motion.formats.joint_names import parse_name
from chronomotion.motion.formats.recording import read_recording
from synthetic_soma import FPS, bvh_text, channels_of, perform


def is_coarse(name: str) -> bool:
    return not parse_name(name).is_fine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "take.bvh"
    path.write_text(bvh_text(channels_of(perform(["walk_ff", "turn_180_R", "wave_R", "crouch"], 401, 1.1))))
    return path


def test_every_sixth_frame_is_what_resampling_gives(file: Path) -> None:
    whole, part = read_bvh(file), read_bvh(file, part=BvhPart(rate=20.0))
    assert (whole.fps, part.fps) == (FPS, 20.0)
    assert np.array_equal(part.positions, whole.positions[::6])
    assert np.array_equal(
        read_recording(file, unit="cm", up="y", part=BvhPart(20.0, is_coarse)).motion.positions,
        read_recording(file, unit="cm", up="y").motion.resample(20.0).positions,
    )


@pytest.mark.parametrize("rate", [24.0, 20.0, 60.0, 120.0, 50.0])
def test_a_rate_that_is_no_part_of_the_files_leaves_all_frames(file: Path, rate: float) -> None:
    every = {24.0: 5, 20.0: 6, 60.0: 2, 120.0: 1, 50.0: 1}[rate]
    part = read_bvh(file, part=BvhPart(rate=rate))
    assert part.fps == FPS / every
    assert len(part.positions) == len(range(0, 401, every))


def test_joints_that_nobody_wants_are_left_out_with_all_below(file: Path) -> None:
    whole, part = read_bvh(file), read_bvh(file, part=BvhPart(joints=is_coarse))
    fine = {"Jaw", "LeftEye", "RightEye", *(name for name in whole.joints if "Hand" in name and name[-4:] != "Hand")}
    assert len(fine) == 3 + 2 * 24
    assert part.joints == tuple(name for name in whole.joints if name not in fine)
    places = [whole.joints.index(name) for name in part.joints]
    assert np.array_equal(part.positions, whole.positions[:, places])
    above = [part.joints[parent] if parent >= 0 else "" for parent in part.parents]
    assert above == [whole.joints[whole.parents[place]] if whole.parents[place] >= 0 else "" for place in places]


def test_a_joint_with_a_wanted_joint_below_it_stays(file: Path) -> None:
    part = read_bvh(file, part=BvhPart(joints=lambda name: name == "LeftHandIndex2"))
    chain = ("Root", "Hips", "Spine1", "Spine2", "Chest", "LeftShoulder", "LeftArm", "LeftForeArm", "LeftHand")
    assert part.joints == (*chain, "LeftHandIndex1", "LeftHandIndex2")
    whole = read_bvh(file)
    assert np.array_equal(part.positions[:, -1], whole.positions[:, whole.joints.index("LeftHandIndex2")])


def test_ends_go_with_their_joint(tmp_path: Path) -> None:
    path = tmp_path / "ends.bvh"
    end = "End Site\n{\nOFFSET 0 1 0\n}\n"
    path.write_text(
        "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Yrotation Xrotation\n"
        f"JOINT Thumb\n{{\nOFFSET 1 0 0\nCHANNELS 3 Zrotation Yrotation Xrotation\n{end}}}\n"
        f"JOINT Arm\n{{\nOFFSET 2 0 0\nCHANNELS 3 Zrotation Yrotation Xrotation\n{end}}}\n}}\n"
        "MOTION\nFrames: 1\nFrame Time: 0.05\n0 0 0 1 2 3 90 0 0\n"
    )
    part = read_bvh(path, part=BvhPart(joints=is_coarse))
    assert part.joints == ("Hips", "Arm", "Arm (end)")
    assert np.allclose(part.positions[0, -1], (1, 0, 0))
    nothing = read_bvh(path, part=BvhPart(joints=lambda name: False))
    assert nothing.joints == read_bvh(path).joints


def spoilt(file: Path, frame: int, column: int, word: str | None) -> Path:
    """The file with another word at a place of a frame, or without that word."""
    lines = file.read_text().split("\n")
    at = lines.index("MOTION") + 3 + frame
    words = lines[at].split()
    words[column : column + 1] = [] if word is None else [word]
    lines[at] = " ".join(words)
    path = file.with_name(f"spoilt-{frame}-{column}.bvh")
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("frame", [0, 6, 7, 400])
@pytest.mark.parametrize("column", [7, 120])
@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-Infinity", None, "1 2"])
def test_what_is_not_read_is_refused_where_it_is_wrong(file: Path, frame: int, column: int, word: str | None) -> None:
    path = spoilt(file, frame, column, word)
    with pytest.raises(FormatError) as whole:
        read_bvh(path)
    with pytest.raises(FormatError) as part:
        read_bvh(path, part=BvhPart(20.0, is_coarse))
    assert str(part.value) == str(whole.value)


def test_columns_that_somebody_aligned_are_counted(file: Path) -> None:
    lines = file.read_text().split("\n")
    at = lines.index("MOTION") + 3
    lines[at:] = [line.replace(" ", "   ", 1 + number % 5).replace(" ", "\t") for number, line in enumerate(lines[at:])]
    aligned = file.with_name("aligned.bvh")
    aligned.write_text("\n".join(lines))
    part = BvhPart(20.0, is_coarse)
    assert np.array_equal(read_bvh(aligned, part=part).positions, read_bvh(file, part=part).positions)


def test_a_cut_file_is_refused_as_ever(file: Path) -> None:
    content = file.read_bytes()
    with pytest.raises(FormatError, match="announces 401 frames, but only"):
        read_bvh(file, part=BvhPart(20.0), raw=content[: len(content) // 2])


def test_content_that_was_read_already(file: Path) -> None:
    inside = Path("soma_uniform/bvh/take.bvh")
    take = read_bvh(inside, raw=file.read_bytes())
    assert np.array_equal(take.positions, read_bvh(file).positions)
    with pytest.raises(FormatError, match="soma_uniform/bvh/take.bvh:1: not a BVH"):
        read_bvh(inside, raw=b"")
