"""From scores to ranks: how many candidates are better than the right one."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["TIE_RULE", "rank_of_best", "recalls"]

TIE_RULE = "a rank is the number of strictly better candidates plus half of the tied ones"

RECALL_AT = (1, 2, 3, 5, 10)


def rank_of_best(
    scores: Float[np.ndarray, "queries candidates"], right: Bool[np.ndarray, "queries candidates"]
) -> Float[np.ndarray, " queries"]:
    """Rank, from 0, of the best right candidate of every query: wrong candidates with a better score, plus half of
    those tied with it.

    With one right candidate a query this is the published rule, the average of the tied places (TMR). Raises ValueError
    when a query has no right candidate or a score is not a number.
    """
    if not right.any(axis=1).all():
        raise ValueError(f"query {int(np.flatnonzero(~right.any(axis=1))[0])} has no right candidate")
    if np.isnan(scores).any():
        raise ValueError("scores hold numbers that are not a number")
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    better = ((scores > best) & ~right).sum(axis=1)
    tied = ((scores == best) & ~right).sum(axis=1)
    return np.asarray(better + tied / 2, dtype=np.float64)


def recalls(ranks: Float[np.ndarray, " queries"]) -> dict[str, float]:
    """R@1, 2, 3, 5, 10 in percent, and the median rank counted from 1."""
    at = {f"R@{k}": 100.0 * float((ranks < k).mean()) for k in RECALL_AT}
    return {**at, "MedR": float(np.median(ranks)) + 1.0}
