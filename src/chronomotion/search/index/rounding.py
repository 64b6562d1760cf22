"""Vectors as rows of int8 with a scale each, a quarter of float32, and their products with a query."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int8

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
    rows: Int8[np.ndarray, "n dim"], scales: Float32[np.ndarray, " n"], query: Float32[np.ndarray, " dim"]
) -> Float32[np.ndarray, " n"]:
    """Each row's product with the query, block by block.

    A stack of (1, dim) matrices instead of one (n, dim) matrix: numpy then takes a dot product a row, in this thread.
    One product of a matrix and a vector is as quick alone, but where BLAS may use two threads, these wait for each
    other for longer than they compute.
    """
    scores = np.empty((len(rows), 1), np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK].astype(np.float32)
        np.matmul(block[:, None, :], query, out=scores[start : start + _BLOCK])
    scores[:, 0] *= scales
    return scores[:, 0]
