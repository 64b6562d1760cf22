"""Lead-ins, joints that jump and exchanged sides are found in real and in made recordings."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import RIGS, bvh_text, write_rig

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion
from chronomotion.motion.formats.defects import find_glitches, lead_in, spans
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

DAMAGED = {"05_05", "05_06", "05_08", "05_14", "05_15", "05_16", "05_19"}
"""CMU trials whose right leg (and once a wrist) flips for a few frames; seen by eye in the curves of their joints."""


def test_every_cmu_bvh_starts_with_a_lead_in_and_only_the_damaged_jump(shared: Path) -> None:
    jumping = set()
    for path in sorted((shared / "data/cmu").glob("*.bvh")):
        report = inspect_motion(path)
        # One frame of T-pose, four of blending, and up to three in which the blend overshoots.
        assert 5 <= report.lead_in <= 8, path.name
        assert "trim='auto'" in report.warnings[0]
        if report.glitches:
            jumping.add(path.stem)
    assert jumping == DAMAGED


def test_glitches_are_named_by_joint_and_frame(shared: Path) -> None:
    report = inspect_motion(shared / "data/cmu/05_14.bvh", trim=10)
    assert [str(glitch) for glitch in report.glitches] == [
        "right_knee in frames 324-328",
        "right_ankle in frames 324-328",
    ]
    assert "right_knee in frames 324-328, right_ankle in frames 324-328" in report.warnings[-1]
    assert "left as recorded" in report.warnings[-1]


def test_no_bandai_take_has_a_lead_in_or_jumps(shared: Path) -> None:
    for path in sorted((shared / "data/bandai").glob("*.bvh"))[::40]:
        report = inspect_motion(path)
        assert (report.lead_in, report.warnings) == (0, ()), path.name


def test_trimming_cuts_what_it_says(shared: Path) -> None:
    path = shared / "data/cmu/02_01.bvh"
    whole, cut, five = (read_motion(path, trim=trim).positions for trim in (0, "auto", 5))
    found, report = inspect_motion(path).lead_in, inspect_motion(path, trim="auto")
    np.testing.assert_array_equal(cut, whole[report.trimmed :])
    np.testing.assert_array_equal(five, whole[5:])
    assert (report.trimmed, report.frames, report.lead_in, report.warnings) == (found, len(cut), 0, ())
    with pytest.raises(FormatError, match="trimming 999 frames leaves nothing: the file has 344"):
        read_motion(path, trim=999)
    with pytest.raises(FormatError, match="not -1"):
        read_motion(path, trim=-1)


def standing(frames: int, fps: float, seed: int = 0) -> np.ndarray:
    """A standing figure with hanging arms that sways a little."""
    pose = t_pose()
    for side, sign in (("left", 1), ("right", -1)):
        for part, drop in (("elbow", 0.27), ("wrist", 0.52)):
            pose[HUMANML3D.index(f"{side}_{part}")] = [sign * 0.2, 1.39 - drop, 0]
    sway = np.sin(np.arange(frames)[:, None, None] / fps * 3 + np.arange(22)[:, None]) * 0.01
    return pose + sway


def t_pose() -> np.ndarray:
    from rigs_in_the_wild import REST

    return np.array([REST[joint] for joint in HUMANML3D.joints])


@pytest.mark.parametrize("fps", [30.0, 60.0, 120.0])
@pytest.mark.parametrize("hold", [1, 40])
def test_a_held_t_pose_that_jumps_into_motion_is_a_lead_in(fps: float, hold: int) -> None:
    positions = np.concatenate([np.repeat(t_pose()[None], hold, axis=0), standing(60, fps)])
    assert hold <= lead_in(positions, HUMANML3D, fps) <= hold + 1


def test_a_t_pose_within_a_motion_is_none() -> None:
    share = np.linspace(0, 1, 60)[:, None, None]
    lowering = t_pose() * (1 - share) + standing(60, 60.0) * share
    assert lead_in(lowering, HUMANML3D, 60.0) <= 12
    assert lead_in(standing(60, 60.0), HUMANML3D, 60.0) == 0
    assert lead_in(np.concatenate([standing(30, 60.0), lowering]), HUMANML3D, 60.0) == 0


@pytest.mark.parametrize("fps", [20.0, 30.0, 120.0])
def test_a_single_joint_that_jumps_is_found_alone(fps: float) -> None:
    positions = standing(100, fps)
    assert find_glitches(positions, HUMANML3D, fps) == ()
    jump = 0.1 + 200 / fps**2
    positions[50, HUMANML3D.index("left_wrist")] += [0, jump, 0]
    (glitch,) = find_glitches(positions, HUMANML3D, fps, offset=7)
    assert (glitch.joint, glitch.first, glitch.last) == ("left_wrist", 57, 57)


def test_a_jump_of_the_whole_body_is_the_roots() -> None:
    positions = standing(50, 120.0)
    positions[20:] += [3.0, 0, 0]
    assert {glitch.joint for glitch in find_glitches(positions, HUMANML3D, 120.0)} == {"pelvis"}


def test_runs_are_joined_over_small_gaps() -> None:
    marked = np.array([1, 1, 0, 0, 1, 0, 0, 0, 1], dtype=bool)
    assert spans(marked) == [(0, 1), (4, 4), (8, 8)]
    assert spans(marked, gap=2) == [(0, 4), (8, 8)]
    assert spans(np.zeros(4, dtype=bool)) == []


def test_exchanged_sides_are_doubted(tmp_path: Path) -> None:
    text = bvh_text(RIGS["lafan1"])
    swapped = text.replace("Left", "#").replace("Right", "Left").replace("#", "Right")
    path = tmp_path / "mirrored.bvh"
    path.write_text(swapped, encoding="utf-8")
    assert "the toes point backwards" in inspect_motion(path).warnings[0]


def test_a_forced_unit_that_makes_a_giant_is_doubted(tmp_path: Path) -> None:
    report = inspect_motion(write_rig(tmp_path, RIGS["lafan1"]), unit="m")
    assert "is the unit right?" in report.warnings[0]


def test_numbers_beyond_reason_are_an_error(tmp_path: Path) -> None:
    text = bvh_text(RIGS["lafan1"], frames=2).splitlines()
    text[-1] = "1e30 " + text[-1].split(maxsplit=1)[1]
    path = tmp_path / "far.bvh"
    path.write_text("\n".join(text), encoding="utf-8")
    with pytest.raises(FormatError, match="away from the origin: the numbers are damaged"):
        read_motion(path)


def test_reading_logs_what_it_found(shared: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="chronomotion.motion.formats"):
        motion = read_motion(shared / "data/cmu/05_15.bvh")
    assert isinstance(motion, Motion)
    levels = [record.levelname for record in caplog.records]
    assert levels == ["INFO", "WARNING", "WARNING"]
    assert "rig cmu-daz, 541 frames at 120 a second (from the file), unit cm (from the skeleton), y up" in caplog.text
