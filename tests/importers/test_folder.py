"""Folders of motion files, with and without a table."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from test_published import imported
from wild_folders import kit_motion, save, takes, text, toy_features, toy_motion

from chronomotion.corpus.importers import Reading, import_corpus
from chronomotion.corpus.importers.result import counts
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.features import features_of
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.motion import Motion


def test_a_table_of_captions(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes")
    text(
        src / "captions.csv",
        "file,start,end,caption,source",
        'take0.bvh,,,"raises a hand, then lowers it",me',
        "take0.bvh,0.5,2.0,part of it,me",
        "take1.bvh,1.0,,from one second on,me",
        "take1.bvh,,1.5,until then,me",
        "take1.bvh,nan,nan,who knows,me",
        "take9.bvh,,,not there,me",
        "../../x.bvh,,,outside,me",
        "/etc/passwd,,,outside,me",
    )
    corpus, result = imported(src)
    assert (result.layout, corpus.names) == ("folder", ["take0", "take1", "take2"])
    assert corpus.captions("take0") == (Caption("raises a hand, then lowers it"), Caption("part of it", 0.5, 2.0))
    assert corpus.captions("take1") == (
        Caption("from one second on", 1.0),
        Caption("until then", 0.0, 1.5),
        Caption("who knows"),
    )
    assert corpus.captions("take2") == ()
    assert counts(result.skipped) == {"no motion file": 1, "not a name that is allowed": 2}
    assert counts(result.notes) == {"times unknown, taken as the whole clip": 1, "no caption in the table": 1}
    read = read_motion(src / "take1.bvh").resample(20.0)
    np.testing.assert_array_equal(corpus.features("take1"), features_of(read))


def test_a_table_of_labels(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    text(src / "labels.csv", "file,label,style", "take0.bvh,raise-left-hand,happy")
    corpus, _ = imported(src)
    said = "a person raises the left hand."
    assert corpus.captions("take0") == (
        Caption(said, events=Events((said,), labels=("raise-left-hand",), source="labels")),
    )


def test_without_a_table(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=2)
    corpus, result = imported(src, licence="CC0-1.0")
    assert corpus.info["captions"] == 0
    assert corpus.info["licence"] == "CC0-1.0"
    assert "0 captions" in result.table()


def test_another_table_by_name(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    text(tmp_path / "mine.csv", "file,caption", "take0.bvh,moves")
    corpus, _ = imported(src, table=tmp_path / "mine.csv")
    assert corpus.captions("take0") == (Caption("moves"),)


def test_every_rate_becomes_twenty_a_second(tmp_path: Path) -> None:
    motion = toy_motion(0)
    src = takes(tmp_path / "takes", count=0)
    write_motion(Motion(np.repeat(motion.positions, 2, axis=0)[:-1], 40.0), src / "fast.npz")
    corpus, _ = imported(src)
    assert corpus.fps == 20.0
    np.testing.assert_allclose(corpus.features("fast"), features_of(motion), atol=1e-3)


def test_a_lead_in_is_cut_and_spans_follow(tmp_path: Path) -> None:
    """Half a second of T-pose before the motion: captions speak of the file, the clip begins after it."""
    motion = toy_motion(0)
    held = motion.positions[:1].copy()
    shoulder, arms = held[0, 16:18].copy(), ((18, 20), (19, 21))
    for side, joints in enumerate(arms):
        sign = 1 if shoulder[side, 0] > shoulder[1 - side, 0] else -1
        for at, joint in enumerate(joints, start=1):
            held[0, joint] = shoulder[side] + np.array([sign * 0.26 * at, 0, 0])
    src = takes(tmp_path / "takes", count=0)
    whole = np.concatenate([np.repeat(held, 10, axis=0), motion.positions])
    write_motion(Motion(whole, 20.0), src / "led.npz")
    text(src / "captions.csv", "file,start,end,caption", "led.npz,1.5,2.5,part", "led.npz,0.0,0.4,the lead-in")
    corpus, result = imported(src)
    cut = len(whole) - 1 - len(corpus.features("led"))
    assert 8 <= cut <= 12
    (caption,) = corpus.captions("led")
    assert (caption.text, caption.start, caption.end) == (
        "part",
        pytest.approx(1.5 - cut / 20),
        pytest.approx(2.5 - cut / 20),
    )
    assert counts(result.notes)["frames cut from the start (T-pose lead-in)"] == 1
    assert counts(result.notes)["captions outside the motion, left out"] == 1
    left = import_corpus(src, tmp_path / "left", reading=Reading(trim=0)).corpus
    assert left is not None
    assert len(left.features("led")) == len(whole) - 1


def test_names_tell_files_apart(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    write_motion(toy_motion(0), src / "take0.npz")
    (src / "day 2").mkdir()
    shutil.copy(src / "take0.bvh", src / "day 2" / "take0.bvh")
    (src / ".hidden").mkdir()
    shutil.copy(src / "take0.bvh", src / ".hidden" / "take0.bvh")
    text(src / "captions.csv", "file,caption", "day 2/take0.bvh,the second day", "take0.npz,the archive")
    corpus, _ = imported(src)
    assert corpus.names == ["day 2__take0", "take0.bvh", "take0.npz"]
    assert corpus.captions("day 2__take0") == (Caption("the second day"),)
    assert corpus.captions("take0.npz") == (Caption("the archive"),)


def test_own_splits_by_name_or_file(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes")
    text(src / "splits" / "train.txt", "take0", "take1.bvh")
    text(src / "splits" / "test.txt", "take2.bvh", "take7")
    corpus, result = imported(src)
    assert {split: corpus.split(split) for split in corpus.splits} == {"train": ["take0", "take1"], "test": ["take2"]}
    assert counts(result.skipped) == {"no motion file": 1}


def test_splits_by_hash_stay_when_clips_are_added(tmp_path: Path) -> None:
    src = tmp_path / "takes"
    for number in range(40):
        save(src / f"take{number}.npy", toy_features(number % 3))
    corpus, _ = imported(src)
    before = {name: split for split in corpus.splits for name in corpus.split(split)}
    for number in range(40, 60):
        save(src / f"take{number}.npy", toy_features(number % 3))
    more = import_corpus(src, tmp_path / "more").corpus
    assert more is not None
    after = {name: split for split in more.splits for name in more.split(split)}
    assert before.items() <= after.items()
    assert len(more.split("train")) > len(more.split("test")) > 0


def test_what_does_not_fit_is_skipped(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    save(src / "kit.npy", features_of(kit_motion(0)))
    text(src / "broken.bvh", "HIERARCHY", "ROOT Hips")
    write_motion(Motion(toy_motion(0).positions[:1], 20.0), src / "still.npz")
    corpus, result = imported(src)
    assert corpus.names == ["take0"]
    details = {remark.clip: remark.detail for remark in result.skipped}
    assert "does not go with motions of humanml3d" in details["kit"]
    assert "broken.bvh:" in details["broken"]
    assert "too short" in details["still"]


def test_a_rate_that_would_fill_the_memory(tmp_path: Path) -> None:
    """A frame an hour: resampled to 20 a second, sixty of them would be 1.1 thousand million numbers."""
    src = takes(tmp_path / "takes", count=1)
    np.savez(src / "slow.npz", positions=toy_motion(0).positions, fps=np.array(1 / 3600))
    _, result = imported(src)
    assert "numbers of features, but at most" in result.skipped[0].detail


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["file,start,end,caption", "take0.bvh,5,2,backwards"], "captions.csv:2: a caption from 5 s to 2 s"),
        (["file,start,end,caption", "take0.bvh,soon,2,x"], "captions.csv:2: expected a time in seconds, found 'soon'"),
        (["file,start,end,caption", f"take0.bvh,,,{'x' * 10001}"], "captions.csv:2: a text of 10001 characters"),
        (
            ["file,start,end,caption", f"take0.bvh,,,{'x' * 200_000}"],
            "captions.csv:[12]: not a CSV table: field larger",
        ),
        (
            ["name,words", "a,b"],
            "captions.csv:1: expected the columns file,start,end,caption or file,label; found name",
        ),
        (["file,caption"], "captions.csv: no rows"),
        ([], "captions.csv: no rows"),
    ],
)
def test_tables_that_make_no_sense(lines: list[str], message: str, tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    text(src / "captions.csv", *lines)
    with pytest.raises(FormatError, match=message):
        import_corpus(src, tmp_path / "corpus")
    assert [path.name for path in tmp_path.iterdir()] == ["takes"]


@pytest.mark.parametrize(
    ("reading", "message"),
    [
        (Reading(unit="furlong"), "unknown unit 'furlong'"),
        (Reading(up="q"), "unknown up axis 'q'"),
        (Reading(trim=-1), "trim must be"),
        (Reading(fps=0.0), "a frame rate of 0.0"),
        (Reading(joint_map="nowhere.toml"), "nowhere.toml"),
        (Reading(body_model="nowhere.npz"), "nowhere.npz: there is no such body model"),
    ],
)
def test_settings_that_make_no_sense_stop_at_once(reading: Reading, message: str, tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    with pytest.raises(FormatError, match=message):
        import_corpus(src, tmp_path / "corpus", reading=reading)
    assert [path.name for path in tmp_path.iterdir()] == ["takes"]


def test_a_joint_map_helps_a_rig_that_nobody_knows(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=1)
    body = (src / "take0.bvh").read_text()
    (src / "take0.bvh").write_text(body.replace("pelvis", "Zz1").replace("left_wrist", "Qq"))
    reading = Reading(joint_map={"left_wrist": "Qq", "pelvis": "Zz1"})
    result = import_corpus(src, tmp_path / "corpus", reading=reading)
    assert result.imported == 1
