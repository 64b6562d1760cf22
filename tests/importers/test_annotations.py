"""Folders in the layout of TMR and ChronAccRet."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from test_published import imported
from wild_folders import annotation, annotations, save, text, toy_features

from chronomotion.corpus.importers import import_corpus
from chronomotion.corpus.importers.result import counts
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.caption import Caption
from chronomotion.motion.features import motion_of


def test_a_clip_is_the_part_that_its_captions_speak_of(tmp_path: Path) -> None:
    table = {
        "000001": annotation("000001", ("walks", 0.5, 2.5), ("turns", 1.0, 2.0)),
        "000002": annotation("000002", ("all of it", 0.0, 3.0)),
    }
    src = annotations(
        tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0), "CMU/000002_poses": toy_features(1)}
    )
    corpus, result = imported(src)
    assert result.layout == "annotations"
    np.testing.assert_array_equal(corpus.features("000001"), toy_features(0)[10:50])
    assert corpus.captions("000001") == (Caption("walks"), Caption("turns", 0.5, 1.5))
    np.testing.assert_array_equal(corpus.features("000002"), toy_features(1))
    assert corpus.captions("000002") == (Caption("all of it"),)


def test_events_are_counted_by_all_captions(tmp_path: Path) -> None:
    """A caption that cannot be used must not shift the events of those after it."""
    table = {"000001": annotation("000001", ("backwards", 2, 1), ("walks, then sits", 0, 3), ("no events", 0, 3))}
    src = annotations(tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0)})
    for index, events in enumerate((["wrong"], ["A person walks.", "The  person sits."])):
        text(src / "event_texts" / f"000001_{index}.json", json.dumps({"events": events}))
    corpus, _ = imported(src)
    first, second = corpus.captions("000001")
    assert first.events is not None
    assert first.events.texts == ("A person walks.", "The person sits.")
    assert first.events.source == "event_texts"
    assert first.events.spans is None
    assert second.events is None


def test_recorded_events_may_lie_elsewhere(tmp_path: Path) -> None:
    table = {"000001": annotation("000001", ("walks", 0, 3))}
    src = annotations(tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0)})
    text(src / "event_texts" / "000001_0.json", json.dumps({"events": ["in the source"]}))
    text(tmp_path / "mine" / "000001_0.json", json.dumps({"events": ["mine"]}))
    corpus, _ = imported(src, events=tmp_path / "mine")
    events = corpus.captions("000001")[0].events
    assert events is not None
    assert events.texts == ("mine",)
    with pytest.raises(FormatError, match="no such folder of events"):
        import_corpus(src, tmp_path / "again", events=tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content", ["[]", '{"events": []}', '{"events": "a"}', '{"events": [1]}', "{", '{"events": [""]}']
)
def test_broken_events_are_left_out(content: str, tmp_path: Path) -> None:
    table = {"000001": annotation("000001", ("walks", 0, 3))}
    src = annotations(tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0)})
    text(src / "event_texts" / "000001_0.json", content)
    corpus, result = imported(src)
    assert corpus.captions("000001") == (Caption("walks"),)
    assert counts(result.notes) == {"events that cannot be read, left out": 1}
    assert "000001_0.json" in result.notes[0].detail


@pytest.mark.parametrize("prefix", ["", "M/"])
@pytest.mark.parametrize("own", [True, False])
def test_mirrored_ids(prefix: str, own: bool, tmp_path: Path) -> None:
    table = {
        "000001": annotation("000001", ("left", 0, 3)),
        "M000001": annotation("M000001", ("right", 0, 3), path=f"{prefix}CMU/000001_poses"),
    }
    files = {"CMU/000001_poses": toy_features(0)} | ({"M/CMU/000001_poses": toy_features(1)} if own else {})
    corpus, result = imported(annotations(tmp_path / "tmr", table, files=files))
    assert not result.skipped
    assert corpus.captions("M000001") == (Caption("right"),)
    if own:
        np.testing.assert_array_equal(corpus.features("M000001"), toy_features(1))
    else:
        plain = motion_of(toy_features(0)).mirrored().positions[:-1]
        np.testing.assert_allclose(motion_of(corpus.features("M000001")).positions, plain, atol=1e-4)


def test_times_that_say_nothing_mean_the_whole_clip(tmp_path: Path) -> None:
    spoken = [("nan", float("nan"), 2.0), ("null", None, None), ("zero", 0.0, 0.0), ("part", 1.0, 2.0)]
    src = annotations(
        tmp_path / "tmr", {"000001": annotation("000001", *spoken)}, files={"CMU/000001_poses": toy_features(0)}
    )
    corpus, result = imported(src)
    assert len(corpus.features("000001")) == 60
    assert corpus.captions("000001") == (Caption("nan"), Caption("null"), Caption("zero"), Caption("part", 1.0, 2.0))
    assert [note.reason for note in result.notes] == ["times unknown, taken as the whole clip"] * 2


def test_what_cannot_be_used_is_skipped_and_counted(tmp_path: Path) -> None:
    good = annotation("000001", ("walks", 0, 3))
    table = {
        "000001": good,
        "late": annotation("late", ("after the end", 7, 9), path="CMU/000001_poses"),
        "absent": annotation("absent", ("walks", 0, 3)),
        "silent": {**good, "annotations": []},
        "bare": {**good, "annotations": None},
        "number": 7,
        "empty": {**good, "path": ""},
        "pathless": {"annotations": good["annotations"]},
        "listed": {**good, "annotations": [3, {"text": 4, "start": 0, "end": 1}, {"text": "x", "start": 1, "end": {}}]},
    }  # fmt: skip
    src = annotations(tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0)})
    text(src / "splits" / "val.txt", "000001", "nobody", "late")
    corpus, result = imported(src)
    assert corpus.names == ["000001"]
    assert corpus.splits == ["train", "val"]
    assert counts(result.skipped) == {
        "entry that cannot be read": 4,
        "no captions": 3,
        "motion that cannot be read": 1,
        "no motion file": 1,
    }
    details = {remark.clip: remark.detail for remark in result.skipped}
    assert "speak of 7 s to 9 s, but it lasts 3.00 s" in details["late"]
    assert details["number"].endswith("annotations.json: 'number': expected an object, found int")


HOSTILE = ["../../x", "/etc/passwd", "..", ".", "", "a\0b", "a/b", "a\nb", "C:\\x", "x" * 300, "\ud800", " "]


@pytest.mark.parametrize("name", HOSTILE)
def test_ids_are_names_never_paths(name: str, tmp_path: Path) -> None:
    table = {"000001": annotation("000001", ("walks", 0, 3)), name: annotation("x", ("out", 0, 3))}
    files = {"CMU/000001_poses": toy_features(0), "CMU/x_poses": toy_features(1)}
    src = annotations(tmp_path / "deep" / "tmr", {"000001": table["000001"]}, files=files)
    (src / "annotations.json").write_text(json.dumps(table))
    corpus, result = imported(src)
    assert corpus.names == ["000001"]
    assert counts(result.skipped) == {"not a name that is allowed": 1}
    assert "\n" not in result.table().removeprefix(result.table().split("\n")[0] + "\n")
    assert sorted(path.name for path in tmp_path.rglob("*.*") if path.is_file() and src not in path.parents) == [
        "captions.jsonl", "corpus.json", "motions.arrow", "stats.safetensors", "train.txt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["../../secret", "/secret", "CMU/../../../secret", "a\0b", "CMU//x", "M/../../../secret"]
)
def test_paths_stay_in_the_folder(path: str, tmp_path: Path) -> None:
    save(tmp_path / "secret.npy", toy_features(2))
    table = {"000001": annotation("000001", ("walks", 0, 3)), "000002": annotation("000002", ("out", 0, 3))}
    table["000002"]["path"] = path
    src = annotations(tmp_path / "tmr", table, files={"CMU/000001_poses": toy_features(0)})
    corpus, result = imported(src)
    assert corpus.names == ["000001"]
    assert [remark.reason for remark in result.skipped] == ["entry that cannot be read"]
    assert "never leave the folder" in result.skipped[0].detail


def test_motions_may_lie_elsewhere(tmp_path: Path) -> None:
    src = annotations(tmp_path / "tmr", {"000001": annotation("000001", ("walks", 0, 3))}, files={})
    save(tmp_path / "feats" / "CMU" / "000001_poses.npy", toy_features(0))
    corpus, _ = imported(src, motions=tmp_path / "feats")
    assert corpus.names == ["000001"]
    with pytest.raises(CorpusError, match="no such folder of motions"):
        import_corpus(src, tmp_path / "again", motions=tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="goes with the layout folder"):
        import_corpus(src, tmp_path / "again", table=tmp_path / "table.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "annotations.json: expected an object of ids, found list"),
        ('{\n"a": }', "annotations.json:2: not JSON"),
        ("[" * 100_000, "annotations.json: not JSON that can be read"),
        ("9" * 10_000, "annotations.json: not JSON that can be read"),
    ],
)
def test_broken_annotations(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "annotations.json").write_text(content)
    with pytest.raises(FormatError, match=message):
        import_corpus(tmp_path, tmp_path / "corpus")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["annotations.json"]


def test_the_captions_of_kit_ml_without_motions(shared: Path, tmp_path: Path) -> None:
    result = import_corpus(shared / "data" / "kitml", tmp_path / "corpus")
    assert result.corpus is None
    assert counts(result.skipped) == {"no motion file": 5766, "no captions": 3}
    assert result.seconds < 20
    assert list(tmp_path.iterdir()) == []
