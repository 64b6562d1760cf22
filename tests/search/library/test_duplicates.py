"""Near-duplicates are those of a naive twin, whatever was compared before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from library_toys import NumpyModel, write_take

from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.search.stored import duplicates
from chronomotion.search.stored.duplicates import SAME, near_duplicates
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.search.windows import WindowTable, ids_of


def table_of(vectors: dict[int, np.ndarray]) -> WindowTable:
    clips = sorted(vectors)
    counts = [len(vectors[clip]) for clip in clips]
    return WindowTable(
        np.concatenate([ids_of(clip, len(vectors[clip])) for clip in clips]),
        np.repeat(clips, counts).astype(np.int32),
        np.zeros((sum(counts), 2), np.int32),
        (np.concatenate([vectors[clip] for clip in clips]).astype(np.float16),),
    )


def naive(vectors: dict[int, np.ndarray], mirrored: dict[int, np.ndarray]) -> dict[int, int]:
    """Clip by clip: it joins the first group whose first clip it is like."""
    groups: dict[int, int] = {}
    firsts: list[int] = []
    for clip in sorted(vectors):
        for first in firsts:
            theirs = vectors[first].astype(np.float16).astype(np.float32)
            same = [vectors[clip], mirrored[clip]]
            rows = [each.astype(np.float16).astype(np.float32) for each in same]
            if len(theirs) == len(rows[0]) and any((np.sum(each * theirs, axis=1) > SAME).all() for each in rows):
                groups[clip] = first
                break
        else:
            firsts.append(clip)
    return groups


@pytest.fixture(params=range(6))
def clips(request: pytest.FixtureRequest) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """60 clips of one or two windows: some alike, some mirror images."""
    rng = np.random.default_rng(request.param)
    centres = rng.normal(size=(8, 2, 2, 12))  # which, plain or mirrored, window
    vectors, mirrored = {}, {}
    for clip in rng.choice(500, 60, replace=False).tolist():
        which, side, count = rng.integers(8), rng.integers(2), rng.integers(1, 3)
        for target, part in ((vectors, side), (mirrored, 1 - side)):
            rows = centres[which, part, :count] + rng.normal(size=(count, 12)) * 0.07
            target[clip + 1] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors, mirrored


def test_groups_are_those_of_the_naive_twin(clips, monkeypatch) -> None:
    vectors, mirrored = clips
    expected = naive(vectors, mirrored)
    assert 5 < len(expected) < 55
    for size in (7, 1024):
        monkeypatch.setattr(duplicates, "_CLIPS", size)
        monkeypatch.setattr(duplicates, "_LEADERS", size)
        assert near_duplicates(table_of(vectors), table_of(mirrored), {}, []) == expected


def test_a_library_that_has_grown_has_the_groups_of_one_made_at_once(clips) -> None:
    vectors, mirrored = clips
    numbers = sorted(vectors)
    before = {n: vectors[n] for n in numbers[:35]}, {n: mirrored[n] for n in numbers[:35]}
    known = near_duplicates(table_of(before[0]), table_of(before[1]), {}, [])
    grown = near_duplicates(table_of(vectors), table_of(mirrored), known, numbers[:35])
    assert grown == naive(vectors, mirrored)


def test_a_group_whose_first_clip_goes_finds_another_one(clips) -> None:
    vectors, mirrored = clips
    known = naive(vectors, mirrored)
    gone = next(iter(known.values()))
    for each in (vectors, mirrored):
        del each[gone]
    groups = near_duplicates(table_of(vectors), table_of(mirrored), known, [*vectors, gone])
    assert gone not in groups.values()
    for clip, first in groups.items():
        assert first not in groups
        rows = [each[clip].astype(np.float16) for each in (vectors, mirrored)]
        assert any((np.sum(each * vectors[first], axis=1) > SAME - 1e-3).all() for each in rows)


def test_a_copy_and_a_mirror_image_are_in_one_group(tmp_path: Path) -> None:
    takes = tmp_path / "takes"
    write_take(takes / "a.npz", "a")
    write_take(takes / "b.npz", "something else")
    (takes / "c.npz").write_bytes((takes / "a.npz").read_bytes())
    write_motion(read_motion(takes / "a.npz").mirrored(), takes / "d.npz")
    index(takes, tmp_path / "lib", NumpyModel(dim=64), workers=1)
    library = Library.open(tmp_path / "lib")
    groups = {library.clips[number].name: group for number, group in library.groups().items()}
    assert groups == {"a": 1, "b": 2, "c": 1, "d": 1}
