"""Segments grow together, and a clip is written again a few times only."""

from __future__ import annotations

import math
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from library_toys import NumpyModel, write_take

from chronomotion.search.stored.folder import segment_folder
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.search.stored.writer import merges_of


def groups_of(sizes: list[int]) -> list[int]:
    return [sum(sizes[first:end]) for first, end in merges_of(sizes)]


@settings(max_examples=30)
@given(added=st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_a_library_that_grows_bit_by_bit_has_few_segments(added: list[int]) -> None:
    sizes: list[int] = []
    for count in added:
        sizes = groups_of([*sizes, count])
    assert sum(sizes) == sum(added)
    assert len(sizes) <= 2 + math.log2(sum(added))


def test_a_large_segment_is_left_alone() -> None:
    assert groups_of([19_000, 10_000]) == [19_000, 10_000]
    assert groups_of([100, 60]) == [160]
    assert groups_of([100, 40]) == [100, 40]


def test_a_library_of_many_small_commits_holds_all_in_order(tmp_path: Path) -> None:
    takes = tmp_path / "takes"
    for number in range(7):
        write_take(takes / f"take{number}.npz", number)
        index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    library = Library.open(tmp_path / "lib")
    library.verify()
    assert list(library.clips) == sorted(library.clips)
    assert [clip.name for clip in library.clips.values()] == [f"take{number}" for number in range(7)]
    table = library.windows("short")
    assert table.ids.tolist() == sorted(table.ids.tolist())
    there = {segment_folder(tmp_path / "lib", record.number) for record in library.info.segments}
    assert set((tmp_path / "lib" / "segments").iterdir()) == there
    assert len(there) <= 3
