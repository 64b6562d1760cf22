"""``chronomotion convert``: what is read comes out in the form that is wanted, whole, and nothing is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from test_cli import run

sys.path.insert(0, str(Path(__file__).parents[1] / "importers"))
import itertools

from wild_folders import kit_motion, takes, text, toy_motion

from chronomotion.corpus import Corpus
from chronomotion.motion.exchange import on_skeleton
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.skeleton import HUMANML3D, KITML

MILLIMETRE = 1e-3


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    takes(tmp_path / "takes")
    return tmp_path


def test_a_file_goes_round_through_every_format(workplace: Path) -> None:
    expected = read_motion(workplace / "takes" / "take0.bvh")
    chain = ["takes/take0.bvh", "a.npy", "b.npz", "c.bvh"]
    for source, dest in itertools.pairwise(chain):
        done = run("convert", source, dest, "--fps", expected.fps, cwd=workplace)
        assert done.stdout == f"{dest}: {expected.frames} frames at {expected.fps:g} a second\n"
    for name in chain[1:]:
        back = read_motion(workplace / name, fps=expected.fps)
        np.testing.assert_allclose(back.positions, expected.positions, atol=MILLIMETRE)


def test_recordings_keep_their_joints(shared: Path, tmp_path: Path) -> None:
    """Real takes as BVH, to joints and back: bones are constant, so nothing may move by a millimetre."""
    folder = tmp_path / "takes"
    folder.mkdir()
    sources = sorted((shared / "data/bandai").glob("*.bvh"))[:200:25]
    sources += sorted((shared / "data/cmu").glob("07*.bvh"))[:2]
    for path in sources:
        (folder / path.name).write_bytes(path.read_bytes())
    run("convert", "takes", "joints", "--format", "npz", cwd=tmp_path)
    run("convert", "joints", "back", "--format", "bvh", "--trim", 0, cwd=tmp_path)
    steady = 0
    for path in sources:
        first = read_motion(path, trim="auto")
        last = read_motion(tmp_path / "back" / path.name)
        assert last.fps == pytest.approx(first.fps, rel=1e-6)
        lengths = np.linalg.norm(np.diff(first.positions[:, list(first.skeleton.bones)], axis=2)[:, :, 0], axis=-1)
        constant = np.ptp(lengths, axis=0).max() < MILLIMETRE / 2
        steady += constant
        # The spine of CMU's rig bends between the joints that ours lie on, so there two bones change by millimetres.
        np.testing.assert_allclose(last.positions, first.positions, atol=MILLIMETRE if constant else 10 * MILLIMETRE)
    assert steady >= 5


def test_a_npy_says_that_it_has_no_rate(workplace: Path) -> None:
    write_motion(toy_motion(0).resample(30.0), workplace / "thirty.npz")
    done = run("convert", "thirty.npz", "joints.npy", cwd=workplace)
    assert "a .npy does not hold its rate: read it with --fps 30" in done.stderr
    done = run("convert", "thirty.npz", "twenty.npy", "--resample", 20, cwd=workplace)
    assert done.stderr == ""
    assert read_motion(workplace / "twenty.npy").duration == pytest.approx(toy_motion(0).duration, abs=0.06)


def test_features_of_both_kinds(workplace: Path) -> None:
    motion = read_motion(workplace / "takes" / "take1.bvh")
    run("convert", "takes/take1.bvh", "f.npy", "--features", cwd=workplace)
    np.testing.assert_allclose(np.load(workplace / "f.npy"), features_of(motion.resample(20.0)), atol=1e-6)
    run("convert", "takes/take1.bvh", "k.npy", "--features", "--skeleton", "kitml", cwd=workplace)
    rows = np.load(workplace / "k.npy")
    assert rows.shape == (int((motion.frames - 1) * 12.5 / motion.fps), 251)
    back = motion_of(rows)
    height = [back.positions[0, KITML.index(joint), 1] for joint in ("LK", "root", "BUN")]
    ours = [motion.positions[0, HUMANML3D.index(joint), 1] for joint in ("left_knee", "pelvis", "head")]
    np.testing.assert_allclose(np.diff(height), np.diff(ours), atol=0.01)


def test_kitml_features_keep_their_skeleton(workplace: Path) -> None:
    features = features_of(kit_motion(0))
    np.save(workplace / "kit.npy", features)
    run("convert", "kit.npy", "again.npy", "--features", cwd=workplace)
    assert np.load(workplace / "again.npy").shape == (len(features) - 1, 251)
    failed = run("convert", "kit.npy", "x.bvh", "--skeleton", "humanml3d", cwd=workplace, check=False)
    assert failed.returncode == 1
    assert "cannot be put on humanml3d" in failed.stderr


def test_sides_stay_on_kitml() -> None:
    motion = on_skeleton(toy_motion(0), KITML)
    assert on_skeleton(motion, KITML) is motion
    for side, ours in (("L", "left"), ("R", "right")):
        for part, joint in (
            ("H", "hip"),
            ("K", "knee"),
            ("A", "ankle"),
            ("S", "shoulder"),
            ("E", "elbow"),
            ("W", "wrist"),
        ):
            np.testing.assert_array_equal(
                motion.positions[:, KITML.index(side + part)],
                toy_motion(0).positions[:, HUMANML3D.index(f"{ours}_{joint}")],
            )


def test_a_folder_keeps_its_tree_and_lists_what_failed(workplace: Path) -> None:
    src = workplace / "takes"
    (src / "deep").mkdir()
    (src / "take1.bvh").rename(src / "deep" / "take1.bvh")
    np.save(src / "take0.npy", toy_motion(0).positions)
    (src / "broken.bvh").write_text("no BVH")
    (src / "walk.fbx").write_bytes(b"")
    text(src / "notes.txt", "no motion")
    done = run("convert", "takes", "out", "--format", "npz", cwd=workplace)
    assert sorted(str(path.relative_to(workplace / "out")) for path in (workplace / "out").rglob("*.*")) == [
        "conversion.json", "deep/take1.npz", "take0.bvh.npz", "take0.npy.npz", "take2.npz",
    ]  # fmt: skip
    assert done.stdout.split()[:3] == ["converted", "4", "out"]
    errors = done.stderr.splitlines()
    assert len(errors) == 2
    assert "open it in Blender and export BVH" in errors[0]
    assert "broken.bvh" in errors[1]
    both = json.loads(run("convert", "takes", "again", "--format", "bvh", "--json", cwd=workplace).stdout)
    assert (len(both["converted"]), len(both["failed"])) == (4, 2)
    assert {Path(one["source"]).name for one in both["failed"]} == {"broken.bvh", "walk.fbx"}


def test_nothing_is_overwritten_unasked_and_no_source_ever(workplace: Path) -> None:
    run("convert", "takes", "out", "--format", "npy", cwd=workplace)
    before = {path: path.read_bytes() for path in (workplace / "out").iterdir()}
    (workplace / "out" / "conversion.json").rename(workplace / "elsewhere.json")
    again = run("convert", "takes", "out", "--format", "npy", cwd=workplace, check=False)
    assert again.returncode == 1
    assert "take0.npy and 2 more exist already" in again.stderr
    (workplace / "elsewhere.json").rename(workplace / "out" / "conversion.json")
    assert before == {path: path.read_bytes() for path in (workplace / "out").iterdir()}
    run("convert", "takes", "out", "--format", "npy", "--force", cwd=workplace)
    source = (workplace / "takes" / "take0.bvh").read_bytes()
    for dest, options in (("takes/take0.bvh", []), ("takes", ["--format", "bvh"])):
        src = "takes/take0.bvh" if not options else "takes"
        failed = run("convert", src, dest, *options, "--force", cwd=workplace, check=False)
        assert failed.returncode == 1
        assert "is a file that is read" in failed.stderr
    assert (workplace / "takes" / "take0.bvh").read_bytes() == source
    # What an earlier run wrote below the source is no source.
    run("convert", "takes", "takes/out", "--format", "npy", cwd=workplace)
    run("convert", "takes", "takes/out", "--format", "npy", "--force", cwd=workplace)
    assert len(list((workplace / "takes" / "out").glob("*.npy"))) == 3
    assert len(list((workplace / "takes" / "out").iterdir())) == 4


def test_a_failure_leaves_nothing_behind(workplace: Path) -> None:
    (workplace / "broken.bvh").write_text("no BVH")
    (workplace / "only").mkdir()
    (workplace / "only" / "a.bvh").write_text("no BVH")
    before = sorted(workplace.rglob("*"))
    for arguments in (
        ["broken.bvh", "out.npy"],
        ["only", "new", "--format", "npy"],
        ["only", "new", "--to", "humanml3d"],
    ):
        failed = run("convert", *arguments, cwd=workplace, check=False)
        assert failed.returncode == 1
        assert sorted(workplace.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["takes/take0.bvh", "x"],
            2,
            "the format is missing: give --format bvh, glb, npy, npz, features, humanml3d or kitml",
        ),
        (["takes", "x"], 2, "the format is missing"),
        (["takes/take0.bvh", "x.fbx"], 2, "cannot write a motion file '.fbx': known are .bvh, .glb, .npy, .npz"),
        (["takes/take0.bvh", "x.npy", "--format", "bvh"], 2, "has the suffix .npy, but .bvh is to be written"),
        (["takes/take0.bvh", "x.bvh", "--features"], 2, "has the suffix .bvh, but .npy is to be written"),
        (["takes/take0.bvh", "x.npz", "--resample", -1], 2, "a frame rate of -1.0 is not possible"),
        (["takes/take0.bvh", "x.npy", "--features", "--resample", 30], 2, "features have their own frame rate"),
        (["takes", "x", "--format", "humanml3d", "--features"], 2, "leave --features, --resample and --skeleton out"),
        (["takes", "x", "--format", "npy", "--table", "t.csv"], 2, "--table goes with --format humanml3d"),
        (["takes", "takes/x", "--format", "humanml3d"], 1, "name a new folder outside takes"),
        (["nowhere", "x.npy"], 1, "nowhere: there is no such file or folder"),
        (["takes/take0.bvh", "x.npz", "--resample", 1e12], 1, "numbers at that rate, but at most"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments: list[object], status: int, message: str, workplace: Path) -> None:
    before = sorted(workplace.rglob("*"))
    failed = run("convert", *arguments, cwd=workplace, check=False)
    assert failed.returncode == status
    assert message in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert sorted(workplace.rglob("*")) == before


# -- folders as HumanML3D has them --


def test_our_own_import_takes_the_folder(workplace: Path) -> None:
    """Features, captions with their times and splits are those of an import of the takes themselves."""
    text(
        workplace / "takes" / "captions.csv", "file,start,end,caption", "take0.bvh,,,a person walks then sits.",
        "take0.bvh,0.5,2,someone swings # the arm", "take1.bvh,1,,jumps", "gone.bvh,,,nobody",
    )  # fmt: skip
    text(workplace / "takes" / "train.txt", "take0", "take2")
    text(workplace / "takes" / "test.txt", "take1")
    done = run("convert", "takes", "data", "--format", "humanml3d", cwd=workplace)
    assert "1 files that the tables name are not there: 'gone.bvh'" in done.stderr
    assert "1 of 3 clips have no caption" in done.stderr
    first = (workplace / "data" / "texts" / "take0.txt").read_text().splitlines()
    assert first[0] == "a person walks then sits.#a/DET person/NOUN walks/VERB then/ADV sits/VERB#0.0#0.0"
    assert not (workplace / "data" / "texts" / "take2.txt").exists()
    joints = np.load(workplace / "data" / "new_joints" / "take2.npy")
    features = np.load(workplace / "data" / "new_joint_vecs" / "take2.npy")
    np.testing.assert_allclose(joints, motion_of(features).positions, atol=1e-5)
    assert (workplace / "data" / "all.txt").read_text().split() == ["take0", "take1", "take2"]
    assert (np.load(workplace / "data" / "Mean.npy").shape, np.load(workplace / "data" / "Std.npy").shape) == (
        (263,),
        (263,),
    )
    run("import", "data", "corpus", cwd=workplace)
    run("import", "takes", "direct", cwd=workplace)
    ours, direct = Corpus(workplace / "corpus"), Corpus(workplace / "direct")
    assert ours.names == ["take0", "take1"]
    for name in ours.names:
        np.testing.assert_array_equal(ours.features(name), direct.features(name))
        for back, caption in zip(ours.captions(name), direct.captions(name), strict=True):
            assert (back.text, back.start, back.end) == (caption.text, caption.start, caption.end)
    assert (ours.split("train"), ours.split("test")) == (["take0"], ["take1"])


def test_the_published_deviation_is_shared_by_each_part(workplace: Path) -> None:
    run("convert", "takes", "data", "--format", "humanml3d", cwd=workplace)
    rows = np.concatenate([np.load(path) for path in sorted((workplace / "data" / "new_joint_vecs").iterdir())])
    deviation = np.load(workplace / "data" / "Std.npy")
    np.testing.assert_allclose(np.load(workplace / "data" / "Mean.npy"), rows.mean(axis=0), atol=1e-5)
    for first, last in ((0, 1), (1, 3), (3, 4), (4, 67), (67, 193), (193, 259), (259, 263)):
        np.testing.assert_allclose(deviation[first:last], rows[:, first:last].std(axis=0).mean(), atol=1e-5)


def test_kitml_folders(workplace: Path) -> None:
    text(workplace / "takes" / "labels.csv", "file,label", *(f"take{number}.bvh,walk" for number in range(3)))
    run("convert", "takes", "kit", "--format", "kitml", cwd=workplace)
    assert np.load(workplace / "kit" / "new_joint_vecs" / "take0.npy").shape[1] == 251
    assert np.load(workplace / "kit" / "new_joints" / "take0.npy").shape[1:] == (21, 3)
    lines = run("import", "kit", "corpus", cwd=workplace).stdout.splitlines()
    assert lines[0].split()[:2] == ["imported", "3"]
    assert [line.split()[-1] for line in lines[1:]] == ["all.txt"]
    assert Corpus(workplace / "corpus").dim == 251


def test_a_data_set_is_replaced_only_by_force_and_nothing_else_is(workplace: Path) -> None:
    run("convert", "takes", "data", "--format", "humanml3d", cwd=workplace)
    (workplace / "data" / "conversion.json").unlink()  # as from a version that wrote none
    failed = run("convert", "takes", "data", "--format", "humanml3d", cwd=workplace, check=False)
    assert "data exists and is not empty: choose another folder, or --force" in failed.stderr
    (workplace / "takes" / "take2.bvh").unlink()
    run("convert", "takes", "data", "--format", "humanml3d", "--force", cwd=workplace)
    assert (workplace / "data" / "all.txt").read_text().split() == ["take0", "take1"]
    text(workplace / "mine" / "precious.txt", "do not touch")
    failed = run("convert", "takes", "mine", "--format", "humanml3d", "--force", cwd=workplace, check=False)
    assert "--force does not replace it" in failed.stderr
    assert (workplace / "mine" / "precious.txt").is_file()
    assert not [path for path in workplace.iterdir() if path.name.startswith(".")]


def test_one_file_becomes_a_data_set_of_one(workplace: Path) -> None:
    run("convert", "takes/take0.bvh", "data", "--format", "humanml3d", cwd=workplace)
    assert (workplace / "data" / "all.txt").read_text().split() == ["take0"]
