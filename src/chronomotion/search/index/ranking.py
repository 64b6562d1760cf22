"""The best rows by score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from chronomotion.search.index.interface import Neighbours

__all__ = ["Scored", "best", "leading"]


class Scored(NamedTuple):
    """Rows by number, and their scores."""

    rows: Int64[np.ndarray, " n"]
    scores: Float32[np.ndarray, " n"]

    @classmethod
    def nothing(cls) -> Scored:
        """No row."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float32))

    @classmethod
    def joined(cls, parts: Sequence[Scored]) -> Scored:
        """All rows of some parts."""
        return cls(np.concatenate([part.rows for part in parts]), np.concatenate([part.scores for part in parts]))


def leading(scored: Scored, k: int) -> Scored:
    """The ``k`` best rows, in no order, and all others that score as much as the last of them: ids decide later."""
    if len(scored.rows) <= k:
        return scored
    least = np.partition(scored.scores, len(scored.scores) - k)[-k]
    kept = scored.scores >= least
    return Scored(scored.rows[kept], scored.scores[kept])


def best(ids: Int64[np.ndarray, " n"], scores: Float32[np.ndarray, " n"], k: int) -> Neighbours:
    """The ``k`` best, best first, of equal scores the smaller id first."""
    order = np.lexsort((ids, -scores))[:k]
    return Neighbours(ids[order], scores[order])
