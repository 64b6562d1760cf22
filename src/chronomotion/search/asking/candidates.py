"""Which clips are worth a closer look: the indexes asked with every vector of a query, fused by rank with its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.search.asking.grouping import RankedClips, best_of_each, fused, nearest_clips
from chronomotion.search.asking.searchable import SearchableLibrary
from chronomotion.search.asking.words import WordMatches
from chronomotion.search.windows import Kind

__all__ = ["BestWindow", "Probe", "best_windows", "candidates", "probed_clips", "window_ids"]


@dataclass(frozen=True, eq=False)
class Probe:
    """A vector, and the kinds of windows that it is compared with."""

    vector: Float[np.ndarray, " dim"]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, eq=False)
class BestWindow:
    """The windows of some clips that are nearest to a vector: cosine, and (start, end) in frames, one row a clip."""

    scores: Float[np.ndarray, " clips"]
    spans: Int[np.ndarray, "clips 2"]


def candidates(probed: Sequence[RankedClips], words: WordMatches, count: int) -> RankedClips:
    """Up to ``count`` clips by the fused ranks of every probe (:func:`probed_clips`) and of the words.

    Words count as much as a probe where a clip has all of them, else their share of it.
    """
    weights: list[Float[np.ndarray, " _"] | float] = [1.0] * len(probed)
    # A word that many clips have ranks them all alike: the first of them are no better than the others.
    ranking = fused([*probed, words.ranked], [*weights, words.shares])
    return RankedClips(ranking.numbers[:count], ranking.scores[:count])


def best_windows(library: SearchableLibrary, probe: Probe, numbers: Int[np.ndarray, " clips"]) -> BestWindow:
    """The best window of each of some clips, given by ascending numbers, for a probe."""
    scores = np.full(len(numbers), -np.inf, dtype=np.float32)
    spans = np.zeros((len(numbers), 2), dtype=np.int64)
    for kind in probe.kinds:
        table = library.windows(kind).of(numbers)
        cosines = table.vectors @ probe.vector
        clips = np.searchsorted(numbers, table.clips)
        order = np.lexsort((np.arange(len(clips)), -cosines, clips))
        first = order[np.unique(clips[order], return_index=True)[1]]
        better = cosines[first] > scores[clips[first]]
        scores[clips[first][better]] = cosines[first][better]
        spans[clips[first][better]] = table.spans[first][better]
    return BestWindow(scores, spans)


def window_ids(library: SearchableLibrary, kind: Kind, numbers: Iterable[int]) -> Int[np.ndarray, " windows"]:
    """Sorted ids of the windows of some clips."""
    table = library.windows(kind)
    return np.asarray(table.ids[np.isin(table.clips, np.fromiter(numbers, dtype=np.int64))])


def probed_clips(
    library: SearchableLibrary,
    probe: Probe,
    count: int,
    allowed: Mapping[Kind, Int[np.ndarray, " windows"]] | None = None,
) -> RankedClips:
    """Clips by their best window of any of the kinds; ``allowed``: ids of the windows that may be found, by kind."""
    parts = [
        nearest_clips(library.index(kind), probe.vector, count, None if allowed is None else allowed[kind])
        for kind in probe.kinds
    ]
    best = best_of_each(
        np.concatenate([part.numbers for part in parts]), np.concatenate([part.scores for part in parts])
    )
    return RankedClips(best.numbers[:count], best.scores[:count])
