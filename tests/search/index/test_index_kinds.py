"""Every kind of index does the same."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_twin import KINDS, Twin, new_index, unit_rows

from chronomotion.search.index import open_index

DIM = 12
SETTINGS = {"auto": 40, "exact": 60, "cells": 60, "faiss": 60, "lancedb": 6}
"""Examples of the longest test: LanceDB writes a version at each step."""

Steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 12)),
        st.tuples(st.just("remove"), st.integers(1, 8)),
        st.tuples(st.just("add again"), st.integers(1, 3)),
        st.tuples(st.just("compact"), st.just(0)),
        st.tuples(st.just("open"), st.just(0)),
    ),
    max_size=10,
)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_done_the_truth_is_found(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=SETTINGS[kind])
    @given(steps=Steps, seed=st.integers(0, 1000))
    def check(steps: list[tuple[str, int]], seed: int) -> None:
        draw = np.random.default_rng(seed)
        folder = tmp_path_factory.mktemp("index") / "index"
        index, twin = new_index(folder, DIM, kind), Twin()
        removed: list[int] = []
        unused = draw.permutation(1000) * 10**12 - 5 * 10**13  # ids of any size and sign, in no order
        for step, count in steps:
            if step == "add":
                ids, unused = unused[:count], unused[count:]
            elif step == "add again":
                ids, removed = np.array(removed[:count], np.int64), removed[count:]
            if step.startswith("add"):
                vectors = unit_rows(len(ids), DIM, int(draw.integers(1000)))
                index.add(ids, vectors)
                twin.add(ids, vectors)
            elif step == "remove":
                live = np.array(sorted(twin.rows), np.int64)
                ids = draw.permutation(live)[:count]
                index.remove(ids)
                twin.remove(ids)
                removed += ids.tolist()
            elif step == "compact":
                index.compact()
            else:
                index = open_index(folder)
            twin.check(index, unit_rows(1, DIM, seed)[0], 5)
        for query in unit_rows(3, DIM, seed):
            where = np.sort(draw.permutation(np.array([*twin.rows, 7], np.int64))[: 1 + len(twin.rows) // 2])
            twin.check(index, query, 3, where)
            twin.check(index, query, 1000)
            twin.check(open_index(folder), query, 4)
        shutil.rmtree(folder)

    new_index(tmp_path_factory.mktemp("index") / "index", DIM, kind)  # skips here, not inside of the examples
    check()


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path):
    return new_index(tmp_path / "index", DIM, request.param)


def test_of_equal_scores_the_smaller_id_comes_first(index):
    row = unit_rows(1, DIM)
    index.add(np.array([9, 4, 7, 2]), np.repeat(row, 4, axis=0))
    assert index.search(row[0], 4).ids.tolist() == [2, 4, 7, 9]
    index.compact()
    assert index.search(row[0], 4).ids.tolist() == [2, 4, 7, 9]


def test_float16_rows_are_taken_as_they_are(index):
    rows = unit_rows(20, DIM).astype(np.float16)
    index.add(np.arange(20), rows)
    assert index.search(rows[3], 1).ids.tolist() == [3]


def test_nothing_in_it_nothing_found(index):
    assert len(index.search(unit_rows(1, DIM)[0], 5).ids) == 0
    index.compact()
    index.add(np.arange(3), unit_rows(3, DIM))
    index.compact()
    assert len(index.search(unit_rows(1, DIM)[0], 5, np.empty(0, np.int64)).ids) == 0
    assert len(index.search(unit_rows(1, DIM)[0], 5, np.array([3, 4])).ids) == 0
    index.remove(np.arange(3))
    assert len(index.search(unit_rows(1, DIM)[0], 5).ids) == 0
    index.compact()
    assert len(index) == len(index.search(unit_rows(1, DIM)[0], 5).ids) == 0


def test_a_folder_can_be_moved(index):
    rows = unit_rows(30, DIM)
    index.add(np.arange(30), rows)
    index.compact()
    index.add(np.arange(30, 40), unit_rows(10, DIM, 1))
    moved = index.folder.with_name("moved")
    shutil.move(index.folder, moved)
    other = open_index(moved)
    assert len(other) == 40
    assert other.search(rows[5], 1).ids.tolist() == [5]


def test_two_objects_see_each_others_changes_when_they_write(index):
    rows = unit_rows(40, DIM)
    other = open_index(index.folder)
    index.add(np.arange(10), rows[:10])
    other.add(np.arange(10, 20), rows[10:20])
    index.compact()
    other.remove(np.array([3]))
    index.add(np.arange(20, 30), rows[20:30])
    other.compact()
    newest = open_index(index.folder)
    everything = sorted({*range(30)} - {3})
    assert sorted(newest.search(rows[0], 100).ids.tolist()) == everything


def test_a_reader_goes_on_while_others_compact(index):
    rows = unit_rows(200, DIM)
    index.add(np.arange(200), rows)
    index.compact()
    reader = open_index(index.folder)
    before = reader.search(rows[7], 5)
    writer = open_index(index.folder)
    for number in range(3):
        writer.remove(np.array([number]))
        writer.add(np.array([1000 + number]), rows[number : number + 1])
        writer.compact()
    after = reader.search(rows[7], 5)
    np.testing.assert_array_equal(after.ids, before.ids)
    np.testing.assert_array_equal(after.scores, before.scores)


def test_threads_may_search_while_one_writes(index):
    rows = unit_rows(300, DIM)
    index.add(np.arange(100), rows[:100])
    queries = unit_rows(60, DIM, 5)

    def ask(query: np.ndarray) -> int:
        found = index.search(query, 20)
        return len(set(found.ids.tolist()))

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, query) for query in queries[:30]]
        index.add(np.arange(100, 200), rows[100:200])
        index.compact()
        answers += [pool.submit(ask, query) for query in queries[30:]]
        index.remove(np.arange(50))
        assert [answer.result() for answer in answers] == [20] * 60
    twin = Twin()
    twin.add(np.arange(50, 200), rows[50:200])
    for query in queries[:5]:
        twin.check(index, query, 7)
