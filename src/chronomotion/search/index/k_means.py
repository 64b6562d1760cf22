"""Cells by k-means: centres of directions, the same bytes for the same vectors."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32

__all__ = ["k_means", "nearest"]

_BLOCK = 4096
ROUNDS = 8


def k_means(
    vectors: Float32[np.ndarray, "n dim"], count: int, generator: np.random.Generator, rounds: int = ROUNDS
) -> Float32[np.ndarray, "count dim"]:
    """``count`` centres of unit vectors: their members' means, of length 1. They begin at vectors that are drawn; a
    centre that nothing is near to stays where it is. At least ``count`` vectors are needed.
    """
    centres = vectors[np.sort(generator.choice(len(vectors), count, replace=False))].copy()
    for _ in range(rounds):
        cells = nearest(vectors, centres)
        order = np.argsort(cells, kind="stable")
        filled, starts = np.unique(cells[order], return_index=True)
        sums = np.add.reduceat(vectors[order], starts, axis=0)
        centres[filled] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return centres


def nearest(
    vectors: Float32[np.ndarray, "n dim"], centres: Float32[np.ndarray, "count dim"]
) -> Int32[np.ndarray, " n"]:
    """The centre nearest to each vector, of equally near ones the first."""
    cells = np.empty(len(vectors), np.int32)
    for start in range(0, len(vectors), _BLOCK):
        cells[start : start + _BLOCK] = (vectors[start : start + _BLOCK] @ centres.T).argmax(axis=1)
    return cells
