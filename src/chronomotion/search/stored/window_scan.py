"""The windows of a table, all of them compared with every query: for libraries whose index is not made yet."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from chronomotion.search.index.interface import Neighbours
from chronomotion.search.windows import WindowTable

__all__ = ["WindowScan"]


class WindowScan:
    """An index (:class:`chronomotion.search.index.interface.Index`) that cannot change: it reads the table itself."""

    def __init__(self, table: WindowTable) -> None:
        self._table = table
        self.dim = table.dim

    def __len__(self) -> int:
        return len(self._table)

    def search(
        self, vector: Float[np.ndarray, " dim"], k: int, where: Int[np.ndarray, " allowed"] | None = None
    ) -> Neighbours:
        """The ``k`` nearest windows, best first, among the sorted ids ``where``, if given."""
        scores = np.empty(len(self._table), dtype=np.float32)
        for rows, block in self._table.blocks():
            scores[rows] = block @ vector
        ids = self._table.ids
        if where is not None:
            allowed = np.isin(ids, where, assume_unique=True)
            ids, scores = ids[allowed], scores[allowed]
        best = np.argsort(-scores, kind="stable")[:k]
        return Neighbours(ids[best], scores[best])

    def add(self, ids: Int[np.ndarray, " new"], vectors: Float[np.ndarray, "new dim"]) -> None:  # noqa: ARG002
        """Raises TypeError: `chronomotion index` changes a library."""
        raise TypeError("the windows of an opened library do not change")

    def remove(self, ids: Int[np.ndarray, " gone"]) -> None:  # noqa: ARG002
        """Raises TypeError: `chronomotion index` changes a library."""
        raise TypeError("the windows of an opened library do not change")

    def compact(self) -> None:
        """Nothing: there is nothing to fold in."""
