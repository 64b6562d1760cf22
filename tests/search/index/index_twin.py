"""What an index should find: all rows in float32, compared one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chronomotion.search.index import Index, Neighbours, create_index

KINDS = ("auto", "exact", "cells", "faiss", "lancedb")
OURS = ("exact", "cells", "faiss")
TOLERANCE = 0.03
"""What eight bits may blur a cosine by in the few dimensions of the tests."""


def new_index(folder: Path, dim: int, kind: Any) -> Index:
    """An empty index; the test is skipped without the package of its kind."""
    if kind in {"faiss", "lancedb"}:
        pytest.importorskip(kind, reason=f"{kind} is not installed (extra: {kind})")
    return create_index(folder, dim, kind)


def unit_rows(count: int, dim: int, seed: int = 0) -> np.ndarray:
    """Unit vectors in all directions alike."""
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Twin:
    """Rows by id, in float32."""

    def __init__(self) -> None:
        self.rows: dict[int, np.ndarray] = {}

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        self.rows |= dict(zip(ids.tolist(), vectors.astype(np.float32), strict=True))

    def remove(self, ids: np.ndarray) -> None:
        for number in ids.tolist():
            del self.rows[number]

    def search(self, vector: np.ndarray, k: int, where: np.ndarray | None = None) -> Neighbours:
        allowed = sorted(self.rows if where is None else set(where.tolist()) & self.rows.keys())
        if not allowed:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        ids = np.array(allowed)
        scores = np.stack([self.rows[number] for number in allowed]) @ vector.astype(np.float32)
        order = np.lexsort((ids, -scores))[:k]
        return Neighbours(ids[order], scores[order])

    def check(self, index: Index, vector: np.ndarray, k: int, where: np.ndarray | None = None) -> None:
        """What the index finds is as good as the truth, up to what eight bits blur, and nothing that must not be."""
        got, right = index.search(vector, k, where), self.search(vector, k, where)
        assert len(index) == len(self.rows)
        assert got.ids.dtype == np.int64
        assert got.scores.dtype == np.float32
        assert len(got.ids) == len(set(got.ids.tolist())) == len(right.ids)
        assert set(got.ids.tolist()) <= (self.rows.keys() if where is None else self.rows.keys() & set(where.tolist()))
        assert (np.diff(got.scores) <= 0).all()
        if len(right.ids):
            true = np.stack([self.rows[number] for number in got.ids.tolist()]) @ vector.astype(np.float32)
            np.testing.assert_allclose(got.scores, true, atol=TOLERANCE)
            np.testing.assert_allclose(got.scores, right.scores, atol=TOLERANCE)
