"""Bad arguments and damaged folders: one line that says what, where and the fix."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from index_twin import KINDS, OURS, new_index, unit_rows

from chronomotion.errors import BusyError, ChronomotionError, ConfigError, FormatError, MissingExtraError
from chronomotion.folder_lock import FolderLock
from chronomotion.search.index import create_index, open_index

DIM = 8
ROWS = unit_rows(10, DIM)


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path):
    made = new_index(tmp_path / "index", DIM, request.param)
    made.add(np.arange(10), ROWS)
    return made


def with_value(value: float) -> np.ndarray:
    rows = unit_rows(3, DIM, 1)
    rows[1, 2] = value
    return rows


@pytest.mark.parametrize(
    ("ids", "vectors", "said"),
    [
        ([20, 21], unit_rows(2, 5), "vectors of 5 dimensions, but this index has 8: is it another model's?"),
        ([20, 21], unit_rows(3, DIM), "2 ids, but 3 vectors: give one id for each vector"),
        ([20, 21, 22], with_value(np.nan), "the vector of id 21 has NaN or infinity"),
        ([20, 21, 22], with_value(np.inf), "the vector of id 21 has NaN or infinity"),
        ([20, 21, 22], with_value(7), r"the vector of id 21 has length 7\.\d+, not 1: divide it by its length"),
        ([20, 21, 22], np.zeros((3, DIM), np.float32), "the vector of id 20 has length 0, not 1"),
        ([20, 21, 20], unit_rows(3, DIM), "an id may be given once only; twice or more: 20"),
        ([20, 3, 4], unit_rows(3, DIM), "already in the index: id 3, 4; remove it before"),
        ([*range(5, 30)], unit_rows(25, DIM), "already in the index: id 5, 6, 7 and 2 more"),
    ],
)
def test_rows_that_cannot_be_added_are_named_and_none_is_added(index, ids, vectors, said):
    with pytest.raises(ConfigError, match=said) as error:
        index.add(np.array(ids), vectors)
    assert "\n" not in str(error.value)
    assert len(index) == len(open_index(index.folder)) == 10


def test_unknown_ids_are_named_and_none_is_removed(index):
    with pytest.raises(ConfigError, match="not in the index, so not to be removed: id 11, 12, 13 and 1 more"):
        index.remove(np.array([1, 11, 12, 13, 14]))
    with pytest.raises(ConfigError, match="twice or more: 1"):
        index.remove(np.array([1, 1]))
    assert len(index) == 10
    index.remove(np.array([1]))
    with pytest.raises(ConfigError, match="id 1$"):
        index.remove(np.array([1]))
    index.compact()
    with pytest.raises(ConfigError, match="id 1$"):
        index.remove(np.array([1]))
    assert len(index) == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((unit_rows(1, 5)[0], 3), "vectors of 5 dimensions, but this index has 8"),
        ((np.full(DIM, np.nan, np.float32), 3), "the query's vector has NaN or infinity"),
        ((2 * ROWS[0], 3), "the query's vector has length 2, not 1"),
        ((ROWS[0], 0), "at least 1 row has to be asked for, not 0"),
        ((ROWS[0], 2, np.array([1, 5, 4])), r"where: the ids must be sorted, but 5 stands before 4 \(place 1\)"),
    ],
)
def test_queries_that_cannot_be_answered(index, arguments, said):
    with pytest.raises(ConfigError, match=said):
        index.search(*arguments)


def test_only_one_writes(index):
    with FolderLock(index.folder):
        for change in (
            lambda: index.add(np.array([99]), unit_rows(1, DIM)),
            lambda: index.remove(np.array([1])),
            index.compact,
        ):
            with pytest.raises(BusyError, match=f"process {__import__('os').getpid()} on"):
                change()
        assert len(index.search(ROWS[0], 3).ids) == 3
    index.add(np.array([99]), unit_rows(1, DIM))


def test_a_folder_that_has_an_index_is_not_made_anew(index):
    with pytest.raises(ConfigError, match="there is an index already: open it, or remove the folder"):
        create_index(index.folder, DIM)


def test_arguments_of_a_new_index(tmp_path):
    with pytest.raises(ConfigError, match="there is no index of kind 'tree': choose one of auto, exact, cells, faiss"):
        create_index.__wrapped__(tmp_path / "index", DIM, "tree")
    with pytest.raises(ConfigError, match="at least 1 dimension, not 0"):
        create_index(tmp_path / "index", 0)
    with pytest.raises(ConfigError, match="url is for indexes of kind lancedb, not cells"):
        create_index(tmp_path / "index", DIM, "cells", url="file:///elsewhere")
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("kind", ["faiss", "lancedb"])
def test_a_package_that_is_missing_is_named_with_its_extra(kind, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(MissingExtraError, match=re.escape(f"pip install 'chronomotion[{kind}]'")):
        create_index(tmp_path / "index", DIM, kind)
    assert not (tmp_path / "index" / "index.json").exists()


def test_a_folder_without_an_index(tmp_path):
    with pytest.raises(FormatError, match="there is no index.json here: this is no index"):
        open_index(tmp_path / "nothing")
    (tmp_path / "index.json").write_text('{"format": "something else"}')
    with pytest.raises(FormatError, match="not the file of an index"):
        open_index(tmp_path)
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(FormatError, match="the file is damaged .*; make the index again"):
        open_index(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"format_version": 2},
            "format_version 2, but this program knows 1; update chronomotion or make the index again",
        ),
        ({"kind": "tree"}, "an index of an unknown kind, 'tree'"),
        ({"dim": "wide"}, "the file is damaged: dim"),
        ({"dim": -3}, "the file is damaged: dim"),
    ],
)
def test_a_manifest_of_another_kind(index, change, said):
    path = index.folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FormatError, match=said) as error:
        open_index(index.folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", OURS)
def test_every_file_that_is_cut_or_missing_is_named(kind, tmp_path):
    index = new_index(tmp_path / "index", DIM, kind)
    index.add(np.arange(10), ROWS)
    index.compact()
    index.add(np.arange(10, 20), unit_rows(10, DIM, 1))
    index.remove(np.array([4, 14]))
    files = sorted((tmp_path / "index").glob("generation-*/*"))
    assert len(files) >= 7
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[:-3])
        said = f"{path.name}: {len(whole) - 3:,} bytes, not {len(whole):,} as index.json says: make the index again"
        with pytest.raises(FormatError, match=re.escape(said)):
            open_index(tmp_path / "index")
        path.unlink()
        with pytest.raises(FormatError, match=f"the file {re.escape(path.name)} is missing: make the index again"):
            open_index(tmp_path / "index")
        path.write_bytes(whole)
    assert len(open_index(tmp_path / "index")) == 18


def test_a_table_with_rows_at_a_url_is_left_alone(tmp_path):
    url = (tmp_path / "store").as_uri()
    new_index(tmp_path / "empty", DIM, "lancedb")
    first = create_index(tmp_path / "first", DIM, "lancedb", url=url)
    create_index(tmp_path / "second", DIM, "lancedb", url=url)  # as empty as one that a killed process has begun
    first.add(np.arange(10), ROWS)
    with pytest.raises(ConfigError, match="a table of 10 rows is there; choose another place"):
        create_index(tmp_path / "third", DIM, "lancedb", url=url)
    assert len(open_index(tmp_path / "first")) == 10


def test_a_table_that_is_missing_or_of_nobody_is_told_in_one_line(tmp_path):
    import shutil

    index = new_index(tmp_path / "index", DIM, "lancedb")
    shutil.rmtree(index.folder / "table")
    with pytest.raises(ChronomotionError, match="LanceDB says: ") as error:
        open_index(index.folder)
    assert "\n" not in str(error.value)
