"""Near-duplicates: clips that show nearly the same motion, or its mirror image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Bool, Int

from chronomotion.search.windows import WindowTable

__all__ = ["SAME", "near_duplicates"]

SAME = 0.995
"""Cosine above which two vectors stand for nearly the same motion."""
_CLIPS, _LEADERS = 1024, 4096
"""Clips that are compared at a time, and with how many."""


def near_duplicates(
    whole: WindowTable, mirrored: WindowTable, known: Mapping[int, int], settled: Iterable[int]
) -> dict[int, int]:
    """Clip -> the first clip of its group, for every clip that is not the first itself.

    Two clips are alike when they have as many windows of kind ``whole`` and each is alike, or each mirror image of one
    is. A clip joins the earliest group whose first clip it is like: all in a group are like its first clip, whatever
    they are to one another. ``known`` are the groups of the clips ``settled``, which were compared before; only clips
    that are not among them, or whose first clip has gone, are compared again. Blocks of clips are compared with blocks
    of first clips, so that the memory does not grow with the library.
    """
    numbers, first_rows, counts = np.unique(whole.clips, return_index=True, return_counts=True)
    live = set(numbers.tolist())
    before = set(settled) & live
    groups = {clip: first for clip, first in known.items() if clip in before and first in before}
    leads = np.array([number in before and number not in known for number in numbers.tolist()], dtype=bool)
    waiting = np.array([number not in groups for number in numbers.tolist()], dtype=bool) & ~leads
    for count in np.unique(counts[waiting]):
        alike = counts == count
        comparer = _Comparer(whole, mirrored, int(count))
        leaders = list(first_rows[alike & leads])
        rows = first_rows[alike & waiting]
        for start in range(0, len(rows), _CLIPS):
            block = rows[start : start + _CLIPS]
            firsts = comparer.firsts(block, np.sort(np.array(leaders, dtype=np.intp)))
            among = comparer.like(block, block)
            for place, (row, first) in enumerate(zip(block.tolist(), firsts.tolist(), strict=True)):
                if first < 0:
                    earlier = [other for other in np.flatnonzero(among[place, :place]) if firsts[other] < 0]
                    first = -1 if not earlier else int(block[earlier[0]])
                if first < 0:
                    leaders.append(row)
                else:
                    firsts[place] = first
                    groups[int(whole.clips[row])] = int(whole.clips[first])
    return dict(sorted(groups.items()))


class _Comparer:
    """Compares clips with ``count`` windows each; a clip is told by its first row."""

    def __init__(self, whole: WindowTable, mirrored: WindowTable, count: int) -> None:
        self._whole, self._mirrored, self._count = whole, mirrored, count

    def firsts(
        self, rows: Int[np.ndarray, " clips"], leaders: Int[np.ndarray, " leaders"]
    ) -> Int[np.ndarray, " clips"]:
        """The earliest of the leaders that each clip is like, -1 where there is none."""
        firsts = np.full(len(rows), -1, dtype=np.intp)
        for start in range(0, len(leaders), _LEADERS):
            some = leaders[start : start + _LEADERS]
            like = self.like(rows, some)
            found = like.any(axis=1) & (firsts < 0)
            firsts[found] = some[like[found].argmax(axis=1)]
        return firsts

    def like(
        self, rows: Int[np.ndarray, " clips"], others: Int[np.ndarray, " others"]
    ) -> Bool[np.ndarray, "clips others"]:
        """Which clips are like which others."""
        same, mirror = (np.ones((len(rows), len(others)), dtype=bool) for _ in range(2))
        for place in range(self._count):
            theirs = self._whole.taken(others + place).vectors.T
            same &= self._whole.taken(rows + place).vectors @ theirs > SAME
            mirror &= self._mirrored.taken(rows + place).vectors @ theirs > SAME
        return np.asarray(same | mirror)
