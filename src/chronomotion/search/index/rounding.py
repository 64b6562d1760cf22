"""Vectors as rows of int8 with a scale each, a quarter of float32, and their products with a query."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int8, Int64

__all__ = ["products", "rounded", "widened"]

_TOP = np.float32(127)
_BLOCK = 2048
"""Rows that are widened to float32 at a time: 2 MB of 256 dimensions stay in a core's cache. numpy has no product of
int8."""


def rounded(
    vectors: Float[np.ndarray, "n dim"],
) -> tuple[Int8[np.ndarray, "n dim"], Float32[np.ndarray, " n"]]:
    """(rows, scales) of unit vectors: a vector is about its row times its scale, which makes that a unit vector again.

    What was widened rounds to the same bits, so that rows may be folded any number of times.
    """
    vectors = np.asarray(vectors, np.float32)
    largest = np.abs(vectors).max(axis=1, initial=0.0, keepdims=True)
    whole = np.rint(vectors * (_TOP / largest))
    return whole.astype(np.int8), 1 / np.sqrt(np.einsum("ij,ij->i", whole, whole))


def widened(rows: Int8[np.ndarray, "n dim"], scales: Float32[np.ndarray, " n"]) -> Float32[np.ndarray, "n dim"]:
    """Vectors again."""
    vectors: np.ndarray = rows.astype(np.float32) * scales[:, None]
    return vectors


def products(
    rows: Int8[np.ndarray, "n dim"],
    scales: Float32[np.ndarray, " n"],
    query: Float32[np.ndarray, " dim"],
    chosen: Int64[np.ndarray, " m"] | None = None,
) -> Float32[np.ndarray, " m"]:
    """The product of the query and each row, or each of the chosen ones: quickest where these are sorted.

    The matrix is a stack of (1, dim) matrices: numpy then takes a dot product a row, in this thread. The product of a
    matrix and a vector is as quick alone, but where BLAS may use two threads, these wait for each other for longer than
    they compute. And a block is always in the same place: a new array of this size is memory that the system clears.
    """
    count = len(rows) if chosen is None else len(chosen)
    scores = np.empty((count, 1), np.float32)
    narrow, wide = (np.empty((min(_BLOCK, count), rows.shape[1]), dtype) for dtype in (np.int8, np.float32))
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        if chosen is None:
            wide[:size] = rows[start : start + size]
        else:  # "clip", as numpy would else take them to another place first; there is no row to clip
            np.take(rows, chosen[start : start + size], axis=0, out=narrow[:size], mode="clip")
            wide[:size] = narrow[:size]
        np.matmul(wide[:size, None, :], query, out=scores[start : start + size])
    scores[:, 0] *= scales if chosen is None else scales[chosen]
    return scores[:, 0]
