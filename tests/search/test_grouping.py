"""From windows to clips, and lists of clips fused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.search.asking.grouping import (
    FoldedClip,
    RankedClips,
    best_of_each,
    folded,
    fused,
    members_of,
    nearest_clips,
)
from chronomotion.search.index.interface import Neighbours
from chronomotion.search.windows import ids_of
from chronomotion.seeding import generator


class CountingIndex:
    """Windows in memory; it keeps how many were asked for."""

    def __init__(self, ids, vectors):
        self.ids, self.vectors, self.asked, self.dim = ids, vectors, [], vectors.shape[1]

    def __len__(self):
        return len(self.ids)

    def add(self, ids, vectors): ...

    def remove(self, ids): ...

    def compact(self): ...

    def search(self, vector, k, where=None):
        self.asked.append(k)
        kept = np.ones(len(self.ids), bool) if where is None else np.isin(self.ids, where)
        scores = (self.vectors @ vector)[kept]
        best = np.argsort(-scores, kind="stable")[:k]
        return Neighbours(self.ids[kept][best], scores[best].astype(np.float32))


def windows(clips: dict[int, int], dim: int = 4):
    """So many windows of each clip; those of a clip with more windows are nearer to the first axis."""
    ids = np.concatenate([ids_of(number, count) for number, count in clips.items()])
    rng = generator("windows", *clips)
    vectors = rng.normal(size=(len(ids), dim))
    vectors[:, 0] += np.repeat(list(clips.values()), list(clips.values())) / 20
    return CountingIndex(ids, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


AXIS = np.eye(4)[0]


def test_windows_are_asked_for_until_there_are_enough_clips():
    index = windows({1: 2000, 2: 1000} | dict.fromkeys(range(3, 60), 3))
    ranked = nearest_clips(index, AXIS, 20)
    assert len(ranked) == 20
    assert index.asked == sorted(index.asked)
    assert len(index.asked) > 2  # the nearest windows lie in two clips
    assert ranked.numbers.tolist() == nearest_by_hand(index, 20)


def nearest_by_hand(index, count):
    best = {}
    for number, score in zip((index.ids >> 20).tolist(), (index.vectors @ AXIS).tolist(), strict=True):
        best[number] = max(best.get(number, -2), score)
    return sorted(best, key=lambda number: (-best[number], number))[:count]


@given(st.dictionaries(st.integers(1, 30), st.integers(1, 200), min_size=1, max_size=20), st.integers(1, 25))
def test_nearest_clips_are_those_of_a_slow_twin(clips, count):
    index = windows(dict(sorted(clips.items())))
    assert nearest_clips(index, AXIS, count).numbers.tolist() == nearest_by_hand(index, count)


def test_only_what_a_filter_leaves_is_found():
    index = windows({1: 500, 2: 500, 3: 5, 4: 5})
    where = np.concatenate([ids_of(3, 5), ids_of(4, 5)])
    assert sorted(nearest_clips(index, AXIS, 10, where).numbers.tolist()) == [3, 4]
    assert len(nearest_clips(index, AXIS, 10, np.zeros(0, dtype=np.int64))) == 0


def ranked(*numbers: int) -> RankedClips:
    return RankedClips(np.array(numbers, dtype=np.int64), -np.arange(len(numbers), dtype=float))


def test_fused_ranks():
    both = fused([ranked(1, 2, 3), ranked(3, 1)])
    assert both.numbers.tolist() == [1, 3, 2]
    assert both.scores == pytest.approx([1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62])
    light = fused([ranked(1, 2), ranked(2, 1)], [1.0, np.array([0.5, 0.5])])
    assert light.numbers.tolist() == [1, 2]
    assert len(fused([ranked(), ranked()])) == 0


def test_equal_scores_share_a_rank():
    ties = RankedClips(np.array([4, 5, 6, 7]), np.array([3.0, 2.0, 2.0, 1.0]))
    assert ties.ranks.tolist() == [1, 2, 2, 4]
    assert ranked().ranks.tolist() == []
    assert best_of_each(np.array([5, 4, 5]), np.array([1.0, 2.0, 2.0])).numbers.tolist() == [4, 5]


def test_near_duplicates_are_one():
    groups = {1: 1, 2: 1, 3: 3, 4: 1}
    assert folded([3, 4, 1], groups, members_of(groups)) == [FoldedClip(3), FoldedClip(4, (1, 2))]
    assert folded([3, 4, 1], groups, members_of(groups, [1, 3, 4])) == [FoldedClip(3), FoldedClip(4, (1,))]
    assert folded([3, 4, 1], {}, {}) == [FoldedClip(3), FoldedClip(4), FoldedClip(1)]
