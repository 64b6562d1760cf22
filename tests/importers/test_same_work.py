"""Importing into a finished folder: the same work is done already, other work is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from wild_folders import everything_below, humanml3d, takes, text

from chronomotion.corpus.importers import Reading, import_corpus
from chronomotion.corpus.importers.importing import work_folder
from chronomotion.errors import CorpusError


def labelled(folder: Path) -> Path:
    takes(folder, count=3)
    text(folder / "captions.csv", "file,caption", "take0.bvh,a person waves")
    return folder


@pytest.mark.parametrize("make", [labelled, humanml3d])
def test_the_same_work_is_done_already(make: Any, tmp_path: Path) -> None:
    src, dest = make(tmp_path / "src"), tmp_path / "corpus"
    first = import_corpus(src, dest, workers=1)
    before = everything_below(dest)
    work_folder(dest).mkdir()  # what a kill between the last two moments leaves
    (src / ".hidden").write_text("nobody reads it")
    (src / "notes.pdf").write_text("nor that")
    again = import_corpus(src, dest, workers=1)
    assert (first.there_already, again.there_already) == (False, True)
    assert again.corpus is not None
    assert again.corpus.fingerprint == first.corpus.fingerprint
    assert "nothing to do" in again.table()
    assert everything_below(dest) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "src"]


def test_a_corpus_inside_its_source_is_no_part_of_it(tmp_path: Path) -> None:
    src = labelled(tmp_path / "src")
    import_corpus(src, src / "corpus", workers=1)
    assert import_corpus(src, src / "corpus", workers=1).there_already


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda src: text(src / "captions.csv", "file,caption", "take0.bvh,a person kicks"), "folder.digest"),
        (lambda src: (src / "take2.bvh").unlink(), "folder.files is 4 there and 3 here"),
        (lambda src: (src / "take2.bvh").rename(src / "take3.bvh"), "folder.digest"),
        (lambda src: text(src / "train.txt", "take0"), "folder.files is 4 there and 5 here"),
    ],
)
def test_other_files_are_other_work(change: Any, difference: str, tmp_path: Path) -> None:
    src, dest = labelled(tmp_path / "src"), tmp_path / "corpus"
    import_corpus(src, dest, workers=1)
    before = everything_below(dest)
    change(src)
    with pytest.raises(CorpusError, match=rf"corpus holds another corpus \(.*{re.escape(difference)}"):
        import_corpus(src, dest, workers=1)
    assert everything_below(dest) == before


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"reading": Reading(trim=3)}, "imported.reading.trim is 'auto' there and '3' here"),
        ({"licence": "CC0"}, "licence is 'that of the source' there and 'CC0' here"),
        ({"table": "other.csv"}, "imported.sources.table.files is None there and 1 here"),
        ({"follow_links": True}, "imported.follow_links is None there and True here"),
    ],
)
def test_other_options_are_other_work(options: dict[str, Any], difference: str, tmp_path: Path) -> None:
    src, dest = labelled(tmp_path / "src"), tmp_path / "corpus"
    text(tmp_path / "other.csv", "file,caption", "take1.bvh,a person jumps")
    import_corpus(src, dest, workers=1)
    if "table" in options:
        options = {"table": tmp_path / options["table"]}
    with pytest.raises(CorpusError, match=re.escape(difference)):
        import_corpus(src, dest, workers=1, **options)


def test_the_bytes_do_not_depend_on_where_the_source_lies(tmp_path: Path) -> None:
    one = labelled(tmp_path / "one" / "src")
    shutil.copytree(one, tmp_path / "two" / "src")
    for place in ("one", "two"):
        import_corpus(tmp_path / place / "src", tmp_path / place / "corpus", workers=1)
    assert everything_below(tmp_path / "one" / "corpus") == everything_below(tmp_path / "two" / "corpus")


def test_a_corpus_that_does_not_say_is_refused(tmp_path: Path) -> None:
    src, dest = labelled(tmp_path / "src"), tmp_path / "corpus"
    import_corpus(src, dest, workers=1)
    info = json.loads((dest / "corpus.json").read_text())
    del info["imported"]["sources"]
    (dest / "corpus.json").write_text(json.dumps(info))
    with pytest.raises(CorpusError, match="corpus exists and is not empty"):
        import_corpus(src, dest, workers=1)
