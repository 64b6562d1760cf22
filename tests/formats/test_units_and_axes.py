"""Units of children and giants, axes of cameras and of people who lie, and what is said about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import RIGS, write_rig
from walkers import ANIMAL, FIGURE, Y_DOWN, Z_DOWN, Z_UP, facing_z, sized, write_walk

from chronomotion.errors import FormatError
from chronomotion.motion.formats import inspect_motion, read_motion, read_recording, write_motion
from chronomotion.motion.motion import Motion


@pytest.mark.parametrize(
    ("size", "scale", "unit"),
    [
        (0.62, 1 / 0.0254, "inch"),
        (0.58, 100, "cm"),
        (0.55, 1, "m"),
        (0.5, 1000, "mm"),
        (0.6, 10, "dm"),
        (1.2, 100, "cm"),
    ],
)
def test_children_and_giants_keep_their_size_and_are_doubted(
    size: float, scale: float, unit: str, tmp_path: Path
) -> None:
    path = write_walk(tmp_path / "child.bvh", sized(size), scale=scale)
    recording = read_recording(path)
    grown = read_motion(write_walk(tmp_path / "grown.bvh")).positions
    assert recording.report.unit == unit
    np.testing.assert_allclose(
        recording.motion.positions[0] - recording.motion.positions[0, :1], size * (grown[0] - grown[0, :1]), atol=1e-4
    )
    (doubt,) = recording.report.doubts
    assert "an unusual size" in doubt
    assert "(--unit " in doubt
    assert f"(--unit {unit})" not in doubt


def test_cmus_unit_is_believed_of_cmus_rigs_only(tmp_path: Path) -> None:
    assert inspect_motion(write_rig(tmp_path, RIGS["cmu motionbuilder"], scale=17.717)).unit == "cmu"
    report = inspect_motion(write_rig(tmp_path, RIGS["mixamo"], scale=17.717))
    assert report.unit == "inch"
    assert "(--unit cmu)" in report.doubts[0]


def test_the_error_does_the_sum(tmp_path: Path) -> None:
    path = write_walk(tmp_path / "odd.bvh", scale=200)
    with pytest.raises(FormatError, match=r"--unit (\S+) makes it 1\.4 m") as caught:
        read_motion(path)
    unit = float(str(caught.value).rpartition("--unit ")[2].split()[0])
    assert inspect_motion(path, unit=unit).height == pytest.approx(1.4, abs=0.01)


@pytest.mark.parametrize("size", [0.25, 0.4, 0.6, 1.0, 1.3])
def test_our_own_bvh_comes_back_at_its_size(size: float, tmp_path: Path) -> None:
    motion = read_motion(write_walk(tmp_path / "walk.bvh"))
    write_motion(Motion(motion.positions * np.float32(size), motion.fps, name="child"), tmp_path / "child.bvh")
    back = read_recording(tmp_path / "child.bvh")
    np.testing.assert_allclose(back.motion.positions, motion.positions * size, atol=1e-4)
    assert back.report.doubts == ()


@pytest.mark.parametrize(("turn", "up"), [(Y_DOWN, "-y"), (Z_UP, "z"), (Z_DOWN, "-z")])
def test_axes_that_point_down_are_turned_and_said(turn: tuple[np.ndarray, str], up: str, tmp_path: Path) -> None:
    recording = read_recording(write_walk(tmp_path / "turned.bvh", turn=turn))
    right = read_motion(write_walk(tmp_path / "walk.bvh")).positions
    np.testing.assert_allclose(facing_z(recording.motion.positions), facing_z(right), atol=1e-4)
    assert recording.report.up == up
    said = [doubt for doubt in recording.report.doubts if f"--up={up[-1]}" in doubt]
    assert len(said) == up.startswith("-")


def test_a_person_who_sits_with_y_down_is_turned(tmp_path: Path) -> None:
    """Legs stretched out along the floor, head below the feet in all frames."""
    sitting = {**FIGURE, "Hips": ("", (0, 0.1, 0))}
    for side in ("Left", "Right"):
        sitting |= {f"{side}Leg": (f"{side}UpLeg", (0, 0, 0.42)), f"{side}Foot": (f"{side}Leg", (0, 0, 0.4)),
                    f"{side}Toe": (f"{side}Foot", (0, 0.13, 0.02))}  # fmt: skip
    report = inspect_motion(write_walk(tmp_path / "sits.bvh", sitting, turn=Y_DOWN, travel=0))
    assert report.up == "-y"


def test_a_handstand_beside_walks_is_not_turned(tmp_path: Path) -> None:
    for take in range(3):
        write_walk(tmp_path / f"walk_{take}.bvh")
    report = read_recording(write_walk(tmp_path / "handstand.bvh", turn=Y_DOWN, travel=0), beside=True).report
    assert (report.up, report.up_from) == ("y", "folder")
    assert "this body is upside down" in report.doubts[0]


def test_a_handstand_in_a_walk_turns_nothing(tmp_path: Path) -> None:
    upright = write_walk(tmp_path / "walk.bvh", frames=20).read_text().splitlines()
    over = write_walk(tmp_path / "over.bvh", frames=40, turn=Y_DOWN, travel=0).read_text().splitlines()
    text = "\n".join([*over[: over.index("MOTION") + 1], "Frames: 60", upright[upright.index("MOTION") + 2],
                      *over[-40:], *upright[-20:]])  # fmt: skip
    (tmp_path / "mixed.bvh").write_text(text)
    report = inspect_motion(tmp_path / "mixed.bvh")
    assert report.up == "y"
    assert "--up" in report.doubts[0]


@pytest.mark.parametrize("turn", [None, Z_UP])
@pytest.mark.parametrize("head", [(0, 0.2, 0.2), (0, -0.1, 0.3), (0, 0.3, 0.1)])
def test_an_animal_is_doubted_and_not_turned_over(
    head: tuple[float, float, float], turn: tuple[np.ndarray, str] | None, tmp_path: Path
) -> None:
    report = inspect_motion(write_walk(tmp_path / "dog.bvh", {**ANIMAL, "Head": ("Neck", head)}, turn=turn))
    assert any("four legs" in doubt for doubt in report.doubts)
    assert report.up in ("y", "z")


def test_people_who_bend_and_crawl_are_no_animals(tmp_path: Path) -> None:
    crawl = {**FIGURE, "LeftLeg": ("LeftUpLeg", (0, -0.42, 0)), "LeftFoot": ("LeftLeg", (0, 0, -0.4)),
             "RightFoot": ("RightLeg", (0, 0, -0.4)), "Spine": ("Hips", (0, 0, 0.12)),
             "Spine1": ("Spine", (0, 0, 0.26)), "Neck": ("Spine1", (0, 0, 0.14)),
             "LeftForeArm": ("LeftArm", (0, -0.27, 0)),
             "LeftHand": ("LeftForeArm", (0, -0.25, 0)), "RightForeArm": ("RightArm", (0, -0.27, 0)),
             "RightHand": ("RightForeArm", (0, -0.25, 0))}  # fmt: skip
    text = write_walk(tmp_path / "crawl.bvh", crawl).read_text()
    (tmp_path / "crawl.bvh").write_text(text.replace("70.000000", "0.000000"))
    assert not any("four legs" in doubt for doubt in inspect_motion(tmp_path / "crawl.bvh").doubts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four standing takes with z up, and one of a person who lies along y."""
    folder = tmp_path / "takes"
    folder.mkdir()
    for take in range(4):
        write_walk(folder / f"walk_{take}.bvh", turn=Z_UP, travel=1 + take / 10)
    write_walk(folder / "lying.bvh", travel=0)
    return folder


def test_a_lying_take_keeps_the_axis_of_its_folder(folder: Path) -> None:
    alone, beside = read_recording(folder / "lying.bvh"), read_recording(folder / "lying.bvh", beside=True)
    assert (alone.report.up, beside.report.up, beside.report.up_from) == ("y", "z", "folder")
    trunk = beside.motion.positions[:, [0, 12, 15], 1]
    assert np.ptp(trunk, axis=1).max() < 0.1  # it lies
    (doubt,) = beside.report.doubts
    assert "4 takes of the same rig beside it have z up" in doubt
    standing = read_recording(folder / "walk_1.bvh", beside=True).report
    assert (standing.up, standing.doubts) == ("z", ())


def test_a_take_that_moves_along_its_own_axis_keeps_it(folder: Path, tmp_path: Path) -> None:
    """With z up this one would fly: it is another program's."""
    write_walk(folder / "other.bvh", travel=3)
    report = read_recording(folder / "other.bvh", beside=True).report
    assert (report.up, report.up_from) == ("y", "body")
    assert "stands and moves with y up" in report.doubts[0]


def test_other_rigs_and_other_units_beside_it_change_nothing(folder: Path) -> None:
    write_walk(folder / "stranger.bvh", names={"Spine1": "Chest"}, travel=0)
    assert read_recording(folder / "stranger.bvh", beside=True).report.up == "y"
    write_walk(folder / "inches.bvh", turn=Z_UP, scale=1 / 0.0254)
    report = read_recording(folder / "inches.bvh", beside=True).report
    assert report.unit == "inch"
    assert report.height == pytest.approx(1.5, abs=0.03)
    assert "takes of the same rig beside it are in cm" in report.doubts[0]
