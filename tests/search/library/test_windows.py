"""Windows cover their clip, ids tell clip and place, tables hand out rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.search.windows import KINDS, WindowTable, clips_of, ids_of, place_of, spans_of


def naive_spans(kind: str, frames: int, fps: float) -> set[tuple[int, int]]:
    """Frame by frame: a start counts where it is a multiple of the stride, or the last that fits."""
    seconds, stride = {"whole": ((10,), 5), "long": ((4, 8), 2), "short": ((1, 1.5, 2, 3), 0.25)}[kind]
    spans = set()
    for length in seconds:
        size = round(length * fps)
        for start in range(frames):
            fits = start + size <= frames
            if fits and (start % round(stride * fps) == 0 or start + size == frames):
                spans.add((start, start + size))
    return spans or {(0, frames)}


@given(frames=st.integers(1, 700), kind=st.sampled_from(KINDS), fps=st.sampled_from([20.0, 12.5, 30.0]))
def test_windows_are_those_of_the_naive_twin_and_cover_every_frame(frames: int, kind, fps: float) -> None:
    spans = spans_of(kind, frames, fps)
    assert set(map(tuple, spans.tolist())) == naive_spans(kind, frames, fps)
    assert spans.tolist() == sorted(spans.tolist())
    covered = np.zeros(frames, dtype=bool)
    for start, end in spans:
        covered[start:end] = True
    assert covered.all()


@pytest.mark.parametrize(("frames", "expected"), [(30, 1), (200, 1), (201, 2), (300, 2), (400, 3), (12_000, 119)])
def test_a_clip_of_up_to_ten_seconds_is_one_whole_window(frames: int, expected: int) -> None:
    assert len(spans_of("whole", frames, 20.0)) == expected


@given(clip=st.integers(1, 2**31 - 1), count=st.integers(1, 50))
def test_ids_tell_clip_and_place(clip: int, count: int) -> None:
    ids = ids_of(clip, count)
    assert set(clips_of(ids).tolist()) == {clip}
    assert place_of(ids).tolist() == list(range(count))
    assert ids_of(clip + 1, 1)[0] > ids[-1]


def test_a_clip_with_too_many_windows_is_refused() -> None:
    with pytest.raises(ValueError, match="1048576 windows"):
        ids_of(3, 1 << 20)


def table_of(clips: list[int], dim: int = 4) -> WindowTable:
    """Clip n has n windows; the first number of a vector is its id's."""
    tables = []
    for clip in clips:
        ids = ids_of(clip, clip)
        vectors = np.zeros((clip, dim), np.float16)
        vectors[:, 0], vectors[:, 1] = clip, place_of(ids)
        spans = np.column_stack([place_of(ids), place_of(ids) + 1]).astype(np.int32)
        tables.append(WindowTable(ids, np.full(clip, clip, np.int32), spans, (vectors,)))
    return WindowTable.joined(tables)


@given(wanted=st.lists(st.integers(1, 12), max_size=8))
def test_a_table_hands_out_the_windows_of_some_clips_across_segments(wanted: list[int]) -> None:
    table = table_of([2, 3, 5, 8])
    rows = table.of(wanted)
    expected = [(clip, place) for clip in sorted(set(wanted) & {2, 3, 5, 8}) for place in range(clip)]
    assert rows.vectors[:, :2].tolist() == [list(map(float, pair)) for pair in expected]
    assert rows.vectors.dtype == np.float32
    assert list(zip(clips_of(rows.ids).tolist(), place_of(rows.ids).tolist(), strict=True)) == expected
    assert rows.clips.tolist() == [clip for clip, _ in expected]


def test_blocks_go_through_all_rows_in_order() -> None:
    table = table_of([2, 3, 5])
    blocks = list(table.blocks(rows=2))
    assert [rows.start for rows, _ in blocks] == [0, 2, 4, 5, 7, 9]
    assert np.array_equal(np.concatenate([block for _, block in blocks]), table.vectors)


def test_rows_of_ids_and_an_unknown_id() -> None:
    table = table_of([2, 3])
    assert table.rows(table.ids[[4, 0]]).tolist() == [4, 0]
    with pytest.raises(KeyError):
        table.rows(ids_of(4, 1))
