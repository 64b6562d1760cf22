"""What is particular to cells, of ours and of faiss: what is missed, where filters are, what is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_twin import Twin, new_index, unit_rows

from chronomotion.search.index import lancedb as lance
from chronomotion.search.index import open_index, snapshot, stored
from chronomotion.search.index.centres import PROBES, number_of_cells, probes_for
from chronomotion.search.index.k_means import k_means, nearest
from chronomotion.search.index.rounding import products, rounded, widened

DIM = 16
COUNT = 12_000


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Clustered as windows are: 1,200 takes of ten rows."""
    points = np.repeat(unit_rows(COUNT // 10, DIM), 10, axis=0)
    near = points + 0.1 * unit_rows(COUNT, DIM, 1)
    return near / np.linalg.norm(near, axis=1, keepdims=True)


@pytest.fixture(scope="module", params=["cells", "faiss", "lancedb"])
def index(request: pytest.FixtureRequest, rows, tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lance, "INDEXED_FROM", 1000)
        made = new_index(tmp_path_factory.mktemp("cells") / "index", DIM, request.param)
        made.add(np.arange(COUNT), rows)
        made.compact()
    return made


def recall(index, rows: np.ndarray, queries: np.ndarray, k: int, where: np.ndarray | None = None) -> float:
    allowed = np.arange(len(rows)) if where is None else where
    hits = 0
    for query in queries:
        right = allowed[np.argsort(-(rows[allowed] @ query), kind="stable")[:k]]
        got = index.search(query, k, where)
        assert len(got.ids) == k
        hits += len(np.intersect1d(got.ids, right))
    return hits / (k * len(queries))


def test_most_of_the_nearest_rows_are_found(index, rows):
    assert recall(index, rows, unit_rows(50, DIM, 3), 10) >= 0.95
    assert recall(index, rows, rows[::400], 10) >= 0.95


@pytest.mark.parametrize("share", [0.05, 0.001])
def test_a_filter_costs_no_recall(index, rows, share):
    """What is left lies anywhere, as windows of some takes do."""
    takes = np.random.default_rng(1).permutation(COUNT // 10)[: max(3, int(share * COUNT / 10))]
    where = (np.sort(takes)[:, None] * 10 + np.arange(10)).ravel()
    assert recall(index, rows, unit_rows(50, DIM, 4), 10, where) >= 0.95


@pytest.mark.parametrize("share", [0.3, 0.05])
def test_nor_does_a_filter_that_is_too_large_to_be_scanned(index, rows, share, monkeypatch):
    monkeypatch.setattr(snapshot, "SCANNED", 100)
    monkeypatch.setattr(lance, "SCANNED", 100)
    where = np.flatnonzero(np.random.default_rng(2).random(COUNT) < share)
    assert recall(index, rows, unit_rows(50, DIM, 5), 10, where) >= 0.95


def test_cells_are_visited_until_there_are_enough_rows(index, rows, monkeypatch):
    """All that is allowed lies far from the query, behind thousands of nearer rows."""
    monkeypatch.setattr(snapshot, "SCANNED", 10)
    monkeypatch.setattr(lance, "SCANNED", 10)
    query = rows[0]
    far = np.sort(np.argsort(rows @ query)[:40])
    assert sorted(index.search(query, 40, far).ids.tolist()) == far.tolist()
    assert len(index.search(query, 5000).ids) == 5000
    assert len(index.search(query, 2 * COUNT).ids) == COUNT


def test_removed_rows_leave_room_for_others(rows, tmp_path):
    for kind in ("cells", "faiss"):
        made = new_index(tmp_path / kind, DIM, kind)
        made.add(np.arange(COUNT), rows)
        made.compact()
        near = np.argsort(-(rows @ rows[0]))[: COUNT - 30]
        made.remove(near)
        twin = Twin()
        left = np.setdiff1d(np.arange(COUNT), near)
        twin.add(left, rows[left])
        twin.check(open_index(tmp_path / kind), rows[0], 25)


@pytest.mark.parametrize("kind", ["exact", "cells"])
def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_came(kind, rows, tmp_path):
    orders = [np.arange(3000), np.random.default_rng(0).permutation(3000)]
    files = []
    for number, order in enumerate(orders):
        made = new_index(tmp_path / str(number), DIM, kind)
        for part in np.array_split(order, 1 + 3 * number):
            made.add(part, rows[part])
        made.compact()
        files.append({path.name: path.read_bytes() for path in (tmp_path / str(number)).glob("generation-1/*")})
    assert files[0] == files[1]
    assert len(files[0]) >= 3


@pytest.mark.parametrize("kind", ["exact", "cells", "faiss"])
def test_rows_that_are_folded_again_stay_as_they_are(kind, rows, tmp_path):
    made = new_index(tmp_path / "index", DIM, kind)
    made.add(np.arange(2000), rows[:2000])
    made.compact()
    first = [made.search(query, 20) for query in rows[:20]]
    for number in range(5):
        made.add(np.array([5000 + number]), rows[3000 + number : 3001 + number])
        made.compact()
        made.remove(np.array([5000 + number]))
        made.compact()
    for query, before in zip(rows[:20], first, strict=True):
        after = made.search(query, 20)
        np.testing.assert_array_equal(after.ids, before.ids)
        np.testing.assert_array_equal(after.scores, before.scores)


def test_rows_unlike_all_before_are_kept_as_exactly(tmp_path):
    """faiss learns the range of each number: rows outside of it have to be seen."""
    for kind in ("cells", "faiss"):
        made = new_index(tmp_path / kind, DIM, kind)
        alike = unit_rows(1, DIM) + 0.01 * unit_rows(500, DIM, 1)
        alike /= np.linalg.norm(alike, axis=1, keepdims=True)
        made.add(np.arange(500), alike)
        made.compact()
        other = unit_rows(100, DIM, 2)
        made.add(np.arange(500, 600), other)
        made.compact()
        twin = Twin()
        twin.add(np.arange(600), np.concatenate([alike, other]))
        for query in other[:10]:
            twin.check(made, query, 5)


def test_auto_becomes_cells_when_it_is_folded_above_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "EXACT_UP_TO", 300)
    made = new_index(tmp_path / "index", DIM, "auto")
    rows = unit_rows(400, DIM)
    kinds = []
    for count in (300, 400):
        made.add(np.arange(len(made), count), rows[len(made) : count])
        made.compact()
        kinds.append(made._snapshot.manifest.base)
    made.remove(np.arange(200))
    made.compact()
    kinds.append(open_index(tmp_path / "index")._snapshot.manifest.base)
    assert kinds == ["exact", "cells", "exact"]
    twin = Twin()
    twin.add(np.arange(200, 400), rows[200:])
    twin.check(made, rows[0], 10)


@pytest.mark.parametrize("kind", ["exact", "cells", "faiss"])
def test_a_file_is_less_than_a_third_of_float32(kind, tmp_path):
    made = new_index(tmp_path / "index", 256, kind)
    rows = unit_rows(20_000, 256)
    made.add(np.arange(len(rows)), rows)
    made.compact()
    size = sum(path.stat().st_size for path in (tmp_path / "index").rglob("*") if path.is_file())
    assert size <= 0.30 * rows.nbytes


def test_as_many_cells_as_the_measured_ones():
    assert number_of_cells(1_000_000) == 2048
    assert [number_of_cells(rows) for rows in (1, 2, 3, 100)] == [1, 2, 3, 16]
    assert probes_for(1_000_000, 1_000_000) == PROBES == 48
    assert probes_for(50_000, 1_000_000) == 215


@given(count=st.integers(1, 40), dim=st.integers(1, 40), seed=st.integers(0, 10**6))
def test_rounding_again_changes_nothing(count: int, dim: int, seed: int) -> None:
    vectors = unit_rows(count, dim, seed)
    rows, scales = rounded(vectors)
    again, same = rounded(widened(rows, scales))
    np.testing.assert_array_equal(again, rows)
    np.testing.assert_array_equal(same, scales)
    np.testing.assert_allclose(np.linalg.norm(widened(rows, scales), axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(widened(rows, scales), vectors, atol=1.5 / 127)


@given(count=st.integers(0, 5000), seed=st.integers(0, 100))
def test_products_of_blocks_are_those_of_the_whole(count: int, seed: int) -> None:
    rows, scales = rounded(unit_rows(count, 3, seed)) if count else (np.empty((0, 3), np.int8), np.empty(0, np.float32))
    query = unit_rows(1, 3, seed)[0]
    expected = widened(rows, scales) @ query
    np.testing.assert_allclose(products(rows, scales, query), expected, atol=1e-6)
    chosen = np.flatnonzero(np.random.default_rng(seed).random(count) < 0.5)
    np.testing.assert_allclose(products(rows, scales, query, chosen), expected[chosen], atol=1e-6)


def test_k_means_finds_what_is_apart():
    points = unit_rows(5, DIM)
    members = np.repeat(points, 100, axis=0) + 0.02 * unit_rows(500, DIM, 1)
    members /= np.linalg.norm(members, axis=1, keepdims=True)
    centres = k_means(members, 40, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-5)
    cells = nearest(members, centres)
    np.testing.assert_array_equal(cells, (members @ centres.T).argmax(axis=1))
    for cell in range(40):
        assert len(set((np.flatnonzero(cells == cell) // 100).tolist())) <= 1


def test_more_of_the_same_vector_than_cells_is_no_trouble(tmp_path):
    made = new_index(tmp_path / "index", DIM, "cells")
    made.add(np.arange(500), np.repeat(unit_rows(1, DIM), 500, axis=0))
    made.compact()
    assert made.search(unit_rows(1, DIM)[0], 3).ids.tolist() == [0, 1, 2]


def test_the_table_may_lie_at_a_url(tmp_path: Path):
    pytest.importorskip("lancedb", reason="lancedb is not installed (extra: lancedb)")
    from chronomotion.search.index import create_index

    url = (tmp_path / "store").as_uri()
    made = create_index(tmp_path / "index", DIM, "lancedb", url=url)
    made.add(np.arange(50), unit_rows(50, DIM))
    made.remove(np.array([3]))
    made.compact()
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["index.json"]
    assert any((tmp_path / "store").rglob("*.lance"))
    again = open_index(tmp_path / "index")
    assert len(again) == 49
    assert again.search(unit_rows(50, DIM)[7], 1).ids.tolist() == [7]
    assert len(again.table.list_versions()) >= 3
