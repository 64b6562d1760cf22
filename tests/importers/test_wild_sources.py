"""Folders as hubs, archives and other systems leave them: links, packed and twice unpacked parts, files of macOS."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from test_published import imported
from wild_folders import annotation, annotations, everything_below, humanml3d, takes, text, toy_features

from chronomotion.corpus.importers import ImportResult, import_corpus
from chronomotion.corpus.importers.result import counts
from chronomotion.errors import CorpusError

LINK_OUT = "link that leads out of the folder (--follow-links reads it)"
AGAIN = "link to a folder that is read already"


def passed(result: ImportResult) -> dict[str, str]:
    assert result.to_dict()["passed"] == [vars(remark) for remark in result.passed]
    return {remark.clip: remark.reason for remark in result.passed}


def snapshot(cache: Path, plain: Path) -> Path:
    """A folder as the cache of a hub has it: every file a link into ``blobs``."""
    repository = cache / "datasets--me--moves"
    target = repository / "snapshots" / "0a1b2c"
    for number, (name, content) in enumerate(sorted(everything_below(plain).items())):
        blob = repository / "blobs" / f"{number:08x}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).symlink_to(os.path.relpath(blob, (target / name).parent))
    text(repository / "refs" / "main", "0a1b2c")
    return target


def annotated(folder: Path) -> Path:
    src = annotations(folder, {"1": annotation("1", ("walks", 0, 3))}, files={"CMU/1_poses": toy_features(0)})
    text(src / "event_texts" / "1_0.json", '{"events": ["a person walks."]}')
    return src


def captioned_takes(folder: Path) -> Path:
    text(takes(folder) / "captions.csv", "file,caption", *(f"take{number},moves" for number in range(3)))
    return folder


@pytest.mark.parametrize("make", [humanml3d, annotated, captioned_takes])
@pytest.mark.parametrize("given", ["snapshot", "link to it", "repository"])
def test_a_snapshot_of_a_hub_is_read_without_asking(make, given: str, tmp_path: Path) -> None:
    plain = make(tmp_path / "plain")
    src = snapshot(tmp_path / "cache", plain)
    if given == "link to it":
        (tmp_path / "link").symlink_to(src)
        src = tmp_path / "link"
    if given == "repository":
        src = src.parents[1]
    result, expected = import_corpus(src, tmp_path / "linked"), import_corpus(plain, tmp_path / "files")
    assert result.corpus is not None
    assert expected.corpus is not None
    assert result.corpus.fingerprint == expected.corpus.fingerprint
    assert (result.passed, result.skipped) == ((), ())


def test_a_snapshot_does_not_lead_further(tmp_path: Path) -> None:
    src = snapshot(tmp_path / "cache", takes(tmp_path / "plain"))
    shutil.copy(src / "take0.bvh", tmp_path / "cache" / "other.bvh")
    (src / "take9.bvh").symlink_to(tmp_path / "cache" / "other.bvh")
    result = import_corpus(src, tmp_path / "corpus")
    assert result.imported == 3
    assert passed(result) == {"take9.bvh": LINK_OUT}


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_links_are_followed_inside_and_passed_over_outside(tmp_path: Path) -> None:
    src, away = takes(tmp_path / "takes"), takes(tmp_path / "away", count=1)
    (away / "take0.bvh").rename(away / "far.bvh")
    (src / "inner").mkdir()
    (src / "take2.bvh").rename(src / "inner" / "take2.bvh")
    os.mkfifo(src / "pipe.bvh")
    links = {
        "near.bvh": "take0.bvh", "far.bvh": away / "far.bvh", "far": away, "gone.bvh": "nothing", "loop": ".",
        "again": "inner", "self": "self", "self.bvh": "self.bvh", "up": "..", "inner/back": "../again",
    }  # fmt: skip
    for name, target in links.items():
        (src / name).symlink_to(target)
    corpus, result = imported(src)
    assert corpus.names == ["inner__take2", "near", "take0", "take1"]
    broken = dict.fromkeys(("gone.bvh", "self", "self.bvh"), "broken link")
    again = dict.fromkeys(("again", "inner/back", "loop"), AGAIN)
    special = {"pipe.bvh": "neither file nor folder"}
    assert passed(result) == broken | again | special | dict.fromkeys(("far", "far.bvh", "up"), LINK_OUT)
    assert f"passed over: {LINK_OUT}" in result.table()

    followed = import_corpus(src, tmp_path / "followed", follow_links=True)
    assert followed.corpus is not None
    assert followed.corpus.names == ["far", "far__far", "inner__take2", "near", "take0", "take1"]
    assert passed(followed) == broken | again | special | {"up": AGAIN}


def test_many_links_to_one_another_end(tmp_path: Path) -> None:
    """Each of thirty folders links to all others: there are more ways through them than could ever be walked."""
    src = takes(tmp_path / "takes", count=1)
    for number in range(30):
        (src / f"{number}").mkdir()
    for number in range(30):
        for other in range(30):
            (src / f"{number}" / f"to{other}").symlink_to(src / f"{other}")
    assert imported(src)[0].names == ["take0"]


def test_linked_parts_and_tables_of_a_source(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    (src / "texts").rename(tmp_path / "texts")
    (src / "texts").symlink_to(tmp_path / "texts")
    with pytest.raises(CorpusError, match=r"passed over 'texts' \(link that leads out of the folder \(--follow-links"):
        import_corpus(src, tmp_path / "corpus", layout="humanml3d")
    assert import_corpus(src, tmp_path / "corpus", follow_links=True).imported == 3

    folder = captioned_takes(tmp_path / "takes")
    (folder / "captions.csv").rename(tmp_path / "captions.csv")
    (folder / "captions.csv").symlink_to(tmp_path / "captions.csv")
    result = import_corpus(folder, tmp_path / "without")
    assert passed(result) == {"captions.csv": LINK_OUT}
    assert result.corpus is not None
    assert result.corpus.info["captions"] == 0
    named = import_corpus(folder, tmp_path / "named", table=folder / "captions.csv").corpus
    assert named is not None
    assert named.info["captions"] == 3


def test_what_systems_leave_behind_is_no_data(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    for name in ("texts/._000000.txt", "new_joint_vecs/._000001.npy", ".DS_Store", "Thumbs.db", "texts/.hidden.txt"):
        (src / name).write_bytes(b"\0\5\x16\7")
    (src / "__MACOSX" / "texts").mkdir(parents=True)
    text(src / "all.txt", "000000", "000001", "000002")
    text(src / "train_val.txt", "000000", "000001")
    text(src / "texts" / "000002.txt")
    shutil.copy(src / "new_joint_vecs" / "000000.npy", src / "new_joint_vecs" / "000009.npy")
    corpus, result = imported(src)
    assert corpus.names == ["000000", "000001"]
    assert counts(result.skipped) == {"no captions": 1}
    apple = "left by macOS, holds no data"
    names = ("__MACOSX", "new_joint_vecs/._000001.npy", "texts/._000000.txt")
    assert passed(result) == dict.fromkeys(names, apple) | {"texts/.hidden.txt": "hidden"}
    assert counts(result.notes) == {
        "list that repeats the splits, not read": 2, "motion without a file of captions, not imported": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moves", "reasons"),
    [
        ([("texts", "t/texts"), ("t", "texts")], {"folder that was unpacked into itself, the inner one is read": 1}),
        (
            [
                ("new_joint_vecs", "t/new_joint_vecs"), ("t", "new_joint_vecs"), ("texts", "Texts"),
                ("train.txt", "Train.txt"),
            ],
            {
                "folder that was unpacked into itself, the inner one is read": 1,
                "folder in other letters, read all the same": 1,
            },
        ),
        ([("", "HumanML3D")], {"the data set lies in a subfolder, which is read": 1}),
        ([("", "HumanML3D-main/HumanML3D")], {"the data set lies in a subfolder, which is read": 2}),
    ],
)  # fmt: skip
def test_data_sets_as_they_are_unpacked(moves: list, reasons: dict[str, int], tmp_path: Path) -> None:
    src, expected = humanml3d(tmp_path / "source"), import_corpus(humanml3d(tmp_path / "plain"), tmp_path / "expected")
    for old, new in moves:
        target = src / new if old else tmp_path / "outer" / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (src / old).rename(target)
    corpus, result = imported(src if src.exists() else tmp_path / "outer")
    assert expected.corpus is not None
    assert corpus.fingerprint == expected.corpus.fingerprint
    assert counts(result.notes) == reasons
    assert not result.skipped


def test_parts_that_nobody_unpacked(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    shutil.make_archive(str(src / "texts"), "zip", src / "texts")
    shutil.make_archive(str(src / "new_joints"), "zip", src / "new_joint_vecs")
    _, result = imported(src)
    assert {remark.clip: remark.reason for remark in result.notes} == {"new_joints.zip": "packed and not read"}
    shutil.rmtree(src / "texts")
    with pytest.raises(CorpusError, match=r"texts.zip: not unpacked: unpack it to texts/ beside it"):
        import_corpus(src, tmp_path / "again")
    with pytest.raises(CorpusError, match=r"texts.zip: not unpacked"):
        import_corpus(tmp_path, tmp_path / "again")
    humanml3d(tmp_path / "KIT-ML")
    with pytest.raises(CorpusError, match="2 data sets in it, HumanML3D, KIT-ML: import one of them"):
        import_corpus(tmp_path, tmp_path / "again")


def test_a_folder_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src = takes(tmp_path / "takes", count=1)
    (src / "closed").mkdir()
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = import_corpus(src, tmp_path / "corpus")
    assert (result.imported, passed(result)) == (1, {"closed": "cannot be opened (Permission denied)"})
