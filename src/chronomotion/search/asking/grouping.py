"""From windows to clips: each once, by its best window; lists of clips fused by rank; near-duplicates folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.search.index.interface import Index
from chronomotion.search.windows import clips_of

__all__ = ["FoldedClip", "RankedClips", "best_of_each", "folded", "fused", "members_of", "nearest_clips"]

_FIRST_WINDOWS = 256
_A_CLIP = 16
_GROWTH = 4
"""The nearest windows lie in few clips (the 10 best of a million come from 2): many more are asked for at once. An
index reads all its rows each time, so that to ask twice costs more than to be told more."""

_SOFTENING = 60.0
"""Of reciprocal rank fusion, as published (Cormack, Clarke and Buettcher 2009): a lead of one place counts little."""


@dataclass(frozen=True, eq=False)
class RankedClips:
    """Clips by number, best first, none twice; of equal scores the smaller number comes first."""

    numbers: Int[np.ndarray, " clips"]
    scores: Float[np.ndarray, " clips"]

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def sorted(cls, numbers: Int[np.ndarray, " clips"], scores: Float[np.ndarray, " clips"]) -> RankedClips:
        """Distinct clips in any order, ranked."""
        order = np.lexsort((numbers, -scores))
        return cls(numbers[order], scores[order])

    @classmethod
    def none(cls) -> RankedClips:
        """No clip."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0))

    def without(self, numbers: Int[np.ndarray, " others"]) -> RankedClips:
        """All but some clips."""
        kept = ~np.isin(self.numbers, numbers)
        return RankedClips(self.numbers[kept], self.scores[kept])

    @property
    def ranks(self) -> Int[np.ndarray, " clips"]:
        """The place of each clip from 1 on; clips with equal scores share the first of their places."""
        new = np.concatenate([[True], self.scores[1:] != self.scores[:-1]]) if len(self) else np.zeros(0, dtype=bool)
        return np.maximum.accumulate(np.where(new, np.arange(1, len(self) + 1), 0))


def nearest_clips(
    index: Index,
    vector: Float[np.ndarray, " dim"],
    count: int,
    where: Int[np.ndarray, " allowed"] | None = None,
) -> RankedClips:
    """The ``count`` clips with the windows nearest to a vector, fewer only where there are fewer.

    The index is asked for more and more windows until they lie in enough clips. ``where``: sorted ids of the windows
    that may be found.
    """
    most = len(index) if where is None else len(where)
    windows = max(_FIRST_WINDOWS, _A_CLIP * count)
    while True:
        found = index.search(vector, min(windows, most), where) if most else None
        if found is None:
            return RankedClips.none()
        clips = best_of_each(clips_of(found.ids), found.scores)
        if len(clips) >= count or windows >= most or len(found.ids) < windows:
            return RankedClips(clips.numbers[:count], clips.scores[:count])
        windows *= _GROWTH


def best_of_each(clips: Int[np.ndarray, " windows"], scores: Float[np.ndarray, " windows"]) -> RankedClips:
    """Clips by the highest score of their windows."""
    order = np.lexsort((clips, -scores))
    numbers, first = np.unique(clips[order], return_index=True)
    return RankedClips.sorted(numbers.astype(np.int64), scores[order][first])


def fused(rankings: Sequence[RankedClips], weights: Sequence[Float[np.ndarray, " _"] | float] = ()) -> RankedClips:
    """Several rankings as one: a clip scores the sum over rankings of weight / (60 + rank).

    A weight is a number, or one for each clip of its ranking. Sums are taken in the order of the rankings.
    """
    numbers = np.unique(np.concatenate([ranking.numbers for ranking in rankings]))
    scores = np.zeros(len(numbers))
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        scores[np.searchsorted(numbers, ranking.numbers)] += weight / (_SOFTENING + ranking.ranks)
    return RankedClips.sorted(numbers, scores)


@dataclass(frozen=True)
class FoldedClip:
    """The best clip of a group of near-duplicates, and the others of the group in ascending order."""

    number: int
    others: tuple[int, ...] = ()


def members_of(groups: Mapping[int, int], allowed: Iterable[int] | None = None) -> dict[int, list[int]]:
    """Group -> its clips in ascending order, those in ``allowed`` (None: all), ranked or not; none of groups of one."""
    members: dict[int, list[int]] = {}
    for number in sorted(groups if allowed is None else allowed):
        members.setdefault(groups.get(number, number), []).append(number)
    return {group: numbers for group, numbers in members.items() if len(numbers) > 1}


def folded(numbers: Iterable[int], groups: Mapping[int, int], members: Mapping[int, Sequence[int]]) -> list[FoldedClip]:
    """Clips in their order, each group once, at the place of its first clip; beside it are the other ``members``
    (:func:`members_of`) of its group."""
    shown: dict[int, FoldedClip] = {}
    for number in numbers:
        group = groups.get(number, number)
        if group not in shown:
            shown[group] = FoldedClip(number, tuple(other for other in members.get(group, ()) if other != number))
    return list(shown.values())
