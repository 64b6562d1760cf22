"""HumanML3D and KIT-ML folders."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from wild_folders import TAGS, humanml3d, kit_motion, kitml, save, takes, text, toy_features, toy_motion

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import ImportResult, import_corpus
from chronomotion.corpus.importers.published import parse_caption
from chronomotion.corpus.importers.result import counts
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.features import features_of, motion_of


def imported(src: Path, **options: object) -> tuple[Corpus, ImportResult]:
    result = import_corpus(src, src.parent / "corpus", **options)
    assert result.corpus is not None
    assert not list(src.parent.glob(".corpus*")), "nothing is left beside a corpus that is whole"
    return result.corpus, result


def tagged(words: str, start: float = 0.0, end: float | None = None) -> Caption:
    """A caption with the tags that all captions of the folder have."""
    return Caption(words, start, end, tags=(("a", "DET"), ("person", "NOUN"), ("walk", "VERB")))


def test_features_captions_and_splits_come_as_they_are(tmp_path: Path) -> None:
    corpus, result = imported(humanml3d(tmp_path / "HumanML3D"))
    assert (result.layout, result.imported, result.skipped, result.notes) == ("humanml3d", 3, (), ())
    assert corpus.names == ["000000", "000001", "000002"]
    np.testing.assert_array_equal(corpus.features("000001"), toy_features(1))
    assert corpus.captions("000001") == (tagged("person 1 walks."), tagged("walks", 0.5, 2.0))
    assert {split: corpus.split(split) for split in corpus.splits} == {
        "train": ["000000", "000001"],
        "test": ["000002"],
    }
    assert corpus.info["skeleton"] == "humanml3d"
    assert corpus.fps == 20


def test_recorded_events_are_counted_by_all_captions(tmp_path: Path) -> None:
    """A line that cannot be used must not shift the events of those after it; an empty one is no caption."""
    src = humanml3d(tmp_path / "HumanML3D", ids=1)
    text(
        src / "texts" / "000000.txt", f"bad#{TAGS}#2#1", "", f"walks, then sits#{TAGS}#0.0#0.0", f"none#{TAGS}#0.0#0.0"
    )
    for index, events in enumerate(('["wrong"]', '["A person walks.", "The person sits."]')):
        text(src / "event_texts" / f"000000_{index}.json", f'{{"events": {events}}}')
    corpus, _ = imported(src)
    first, second = corpus.captions("000000")
    assert first.events == Events(("A person walks.", "The person sits."), source="event_texts")
    assert second.events is None
    with pytest.raises(CorpusError, match="recorded events go with published layouts, but this one is folder"):
        import_corpus(takes(tmp_path / "takes"), tmp_path / "x", events=src / "event_texts")


def test_statistics_are_of_the_training_split(tmp_path: Path) -> None:
    corpus, _ = imported(humanml3d(tmp_path / "HumanML3D"))
    rows = np.concatenate([toy_features(0), toy_features(1)]).astype(np.float64)
    np.testing.assert_allclose(corpus.stats[0], rows.mean(0), atol=1e-5)
    np.testing.assert_allclose(corpus.stats[1], np.maximum(rows.std(0), 1e-3), atol=1e-4)


def test_kit_is_told_from_the_width(tmp_path: Path) -> None:
    corpus, result = imported(kitml(tmp_path / "KIT-ML"))
    assert result.layout == "kitml"
    assert (corpus.dim, corpus.fps, corpus.info["skeleton"]) == (251, 12.5, "kitml")
    np.testing.assert_array_equal(corpus.features("00001"), features_of(kit_motion(0)))


def test_joints_stand_in_for_features(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    (src / "new_joint_vecs" / "000001.npy").unlink()
    save(src / "new_joints" / "000001.npy", toy_motion(1).positions)
    corpus, result = imported(src)
    assert not result.skipped
    np.testing.assert_allclose(corpus.features("000001"), toy_features(1), atol=1e-4)


def test_kit_joints_in_their_own_unit(tmp_path: Path) -> None:
    """Published KIT-ML joints are about a thousand units tall, in a mirrored frame."""
    from chronomotion.motion.layout import KITML_LAYOUT

    src = kitml(tmp_path / "KIT-ML")
    (src / "new_joint_vecs" / "00002.npy").unlink()
    save(src / "new_joints" / "00002.npy", KITML_LAYOUT.to_units(kit_motion(1).positions))
    corpus, result = imported(src)
    assert not result.skipped
    np.testing.assert_allclose(corpus.features("00002"), features_of(kit_motion(1)), atol=0.05, rtol=1e-3)


def test_a_mirrored_id_has_its_own_motion_or_is_mirrored(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D", ids=2)
    own = features_of(toy_motion(0).mirrored(), retarget=False)
    save(src / "new_joint_vecs" / "M000000.npy", own)
    for name in ("M000000", "M000001"):
        text(src / "texts" / f"{name}.txt", f"raises the right hand.#{TAGS}#0.0#0.0")
    text(src / "train.txt", "000000", "M000000", "M000001")
    corpus, result = imported(src)
    assert not result.skipped
    assert corpus.split("train") == ["000000", "M000000", "M000001"]
    np.testing.assert_array_equal(corpus.features("M000000"), own)
    made, plain = motion_of(corpus.features("M000001")), motion_of(toy_features(1))
    # Features have one row fewer than the motion has frames, so mirroring them costs the last row.
    np.testing.assert_allclose(made.positions, plain.mirrored().positions[:-1], atol=1e-4)


def test_a_clip_and_its_mirror_image_share_a_split(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D", ids=12)
    (src / "train.txt").unlink()
    (src / "test.txt").unlink()
    for number in range(12):
        text(src / "texts" / f"M{number:06d}.txt", f"mirrored.#{TAGS}#0.0#0.0")
    corpus, _ = imported(src)
    where = {name: split for split in corpus.splits for name in corpus.split(split)}
    assert len(where) == 24
    assert all(where[name] == where[f"M{name}"] for name in where if not name.startswith("M"))
    assert len(set(where.values())) > 1


def test_what_is_missing_is_skipped_and_counted(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    text(src / "train.txt", "000000", "000001", "999999", "../../x", "")
    text(src / "texts" / "000007.txt", f"no motion.#{TAGS}#0.0#0.0")
    text(src / "texts" / "000008.txt", "")
    save(src / "new_joint_vecs" / "000008.npy", toy_features(0))
    broken = toy_features(0).copy()
    broken[3, 7] = np.nan
    text(src / "texts" / "000009.txt", f"nan in the features.#{TAGS}#0.0#0.0")
    save(src / "new_joint_vecs" / "000009.npy", broken)
    corpus, result = imported(src)
    assert len(corpus) == 3
    assert counts(result.skipped) == {
        "no captions": 2,
        "motion that cannot be read": 1,
        "no motion file": 1,
        "not a name that is allowed": 1,
    }
    details = {remark.clip: remark.detail for remark in result.skipped}
    assert details["000009"].endswith("000009.npy: feature row 3 of 60 holds a number that is not finite")
    assert details["999999"] == "in a split, but not in texts"
    assert corpus.split("train") == ["000000", "000001"]
    table = result.table()
    assert "imported" in table
    assert "skipped: no captions" in table


def test_odd_times(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D", ids=1)
    lines = [
        f"nan#{TAGS}#nan#nan",
        f"one nan#{TAGS}#0.0#nan",
        f"to the end#{TAGS}#1.0#2.97",
        f"beyond the end#{TAGS}#1.0#9.0",
        f"after the end#{TAGS}#5.0#9.0",
        f"backwards#{TAGS}#2.0#1.0",
        f"endless#{TAGS}#0.0#inf",
        f"before the start#{TAGS}#-1#2",
        f"no time#{TAGS}#soon#later",
    ]
    text(src / "texts" / "000000.txt", *lines)
    corpus, result = imported(src)
    assert corpus.captions("000000") == (
        tagged("nan"),
        tagged("one nan"),
        tagged("to the end", 1.0),
        tagged("beyond the end", 1.0),
    )
    noted = [remark.reason for remark in result.notes]
    assert noted.count("times unknown, taken as the whole clip") == 2
    assert noted.count("caption that cannot be read, left out") == 4
    assert noted.count("captions outside the motion, left out") == 1
    assert any("000000.txt:6: a caption from 2 s to 1 s ends before it starts" in note.detail for note in result.notes)


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        (f"a person walks.#{TAGS}#0.0#0.0", "a person walks."),
        ("a person walks.##0.0#0.0", "a person walks."),
        ("takes route #9 home#take/VERB route/NOUN #/SYM 9/NUM#0.0#0.0", "takes route #9 home"),
        ("draws a #### sign#draw/VERB a/DET ####/SYM sign/NOUN#0.0#0.0", "draws a #### sign"),
        ("walks and/or runs#walk/VERB and/or/CCONJ run/VERB#0.0#0.0", "walks and/or runs"),
        ("  two   spaces\u2028and a line \x85#x/X#0.0#0.0", "two spaces and a line"),
        ("a sentence alone", "a sentence alone"),
    ],
)
def test_captions_out_of_their_tags(line: str, caption: str) -> None:
    text, _, start, end = parse_caption(line, "x:1")
    assert (text, start, end) == (caption, 0.0, 0.0)


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (TAGS, (("a", "DET"), ("person", "NOUN"), ("walk", "VERB"))),
        ("walk/VERB and/or/CCONJ #9/NUM", (("walk", "VERB"), ("and/or", "CCONJ"), ("#9", "NUM"))),
        ("", None),
        ("walk sit", None),
        ("a/DET " * 100_000, None),
    ],
)
def test_tags_are_kept_where_they_can_be_read(words: str, tags: tuple[tuple[str, str], ...] | None) -> None:
    assert parse_caption(f"a person walks.#{words}#0.0#0.0", "x:1") == ("a person walks.", tags, 0.0, 0.0)


@pytest.mark.parametrize("line", ["a#b", "a#b#1.0", "#x/X#0.0#0.0", "a#x/X#0.0#1_", f"{'a' * 10001}#x/X#0#0"])
def test_lines_that_are_no_captions(line: str) -> None:
    with pytest.raises(FormatError, match="^x:1: "):
        parse_caption(line, "x:1")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    save(tmp_path / "secret.npy", toy_features(4))
    (src / "new_joint_vecs" / "000001.npy").unlink()
    (src / "new_joint_vecs" / "000001.npy").symlink_to(tmp_path / "secret.npy")
    corpus, result = imported(src)
    assert "000001" not in corpus
    assert counts(result.skipped) == {"no motion file": 1}


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    src = humanml3d(tmp_path / "HumanML3D")
    np.save(src / "new_joint_vecs" / "000001.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    _, result = imported(src)
    assert "never loaded" in result.skipped[0].detail
    assert not (tmp_path / "exploded").exists()


def test_a_layout_can_be_forced_and_must_fit(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    result = import_corpus(src, tmp_path / "corpus", layout="kitml")
    assert result.corpus is None
    assert counts(result.skipped) == {"motion that cannot be read": 3}
    assert "(60, 263), expected (frames, 251)" in result.skipped[0].detail
    assert not (tmp_path / "corpus").exists()
    with pytest.raises(CorpusError, match="has not the layout 'annotations': looked for annotations.json"):
        import_corpus(src, tmp_path / "corpus", layout="annotations")
    with pytest.raises(CorpusError, match="there is no layout 'bvh'"):
        import_corpus(src, tmp_path / "corpus", layout="bvh")


def test_nothing_to_import_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError) as caught:
        import_corpus(tmp_path / "empty", tmp_path / "corpus")
    for word in ("annotations.json", "new_joint_vecs", "new_joints", "texts", ".bvh", ".amc", "folder"):
        assert word in str(caught.value)
    with pytest.raises(CorpusError, match="no such folder"):
        import_corpus(tmp_path / "nowhere", tmp_path / "corpus")


def test_a_taken_place_is_refused_before_any_work(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    text(tmp_path / "corpus" / "precious.txt", "mine")
    with pytest.raises(CorpusError, match="exists and is not empty"):
        import_corpus(src, tmp_path / "corpus")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["HumanML3D", "corpus"]
