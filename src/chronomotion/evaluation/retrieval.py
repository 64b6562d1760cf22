"""Retrieval: does a caption find its motion, and a motion its caption?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.ranking import rank_of_best, recalls

__all__ = ["order_tolerance", "retrieval"]


def _matches(rows: Sequence[tuple[str, ...]], columns: Sequence[tuple[str, ...]]) -> np.ndarray:
    """True where two sequences of events are equal, order included."""
    numbers: dict[tuple[str, ...], int] = {}
    row = np.array([numbers.setdefault(keys, len(numbers)) for keys in rows])
    column = np.array([numbers.setdefault(keys, len(numbers)) for keys in columns])
    return np.asarray(row[:, None] == column[None])


def retrieval(scores: Float[np.ndarray, "n n"], stories: Sequence[tuple[str, ...]]) -> dict[str, dict[str, float]]:
    """Recalls both ways, ``{"t2m": ..., "m2t": ...}``, of a square matrix (texts, motions).

    ``stories`` tells what happens in each motion, in order: motions with one story cannot be told apart by a caption,
    so any of them counts as right. With all stories different this is the protocol ``all`` of TMR.
    """
    right = _matches(stories, stories)
    return {"t2m": recalls(rank_of_best(scores, right)), "m2t": recalls(rank_of_best(scores.T, right))}


def order_tolerance(
    scores: Float[np.ndarray, "texts motions"], own: Sequence[tuple[str, ...]], stories: Sequence[tuple[str, ...]]
) -> dict[str, float]:
    """Recalls of shuffled captions (rows) for motions with their ORIGINAL story ``own``: does a jumbled description
    still find its motion? High is tolerant; a model that knows order ranks motions of the told order first, but these
    close behind."""
    return recalls(rank_of_best(scores, _matches(own, stories)))
