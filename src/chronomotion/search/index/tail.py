"""Rows as they were added, until they are folded: three files that only grow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64

from chronomotion.search.index.base import BLOCK
from chronomotion.search.index.exact import ExactRows
from chronomotion.search.index.files import append, mapped_rows
from chronomotion.search.index.ids import IdTable
from chronomotion.search.index.rounding import rounded

__all__ = ["Tail"]

_IDS, _SCALES, _VECTORS = "added-ids.bin", "added-scales.bin", "added-vectors.bin"
_ID, _SCALE = np.dtype("<i8"), np.dtype("<f4")


class Tail:
    """Rows in the order in which they came, those that were removed again among them."""

    def __init__(self, ids: Int64[np.ndarray, " n"], rows: ExactRows) -> None:
        self.ids, self.rows = ids, rows

    @classmethod
    def open(cls, folder: Path, count: int, dim: int) -> Tail:
        """Map the first rows of the files. Raises FormatError when one of them has fewer."""
        vectors = mapped_rows(folder / _VECTORS, _vector(dim), count)
        scales = mapped_rows(folder / _SCALES, _SCALE, count)
        return cls(mapped_rows(folder / _IDS, _ID, count), ExactRows(vectors["row"], scales))

    @staticmethod
    def append(folder: Path, after: int, ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "n dim"]) -> None:
        """Write rows behind the first ``after`` ones, a block at a time. Raises WriteError when the disk refuses."""
        for start in range(0, len(ids), BLOCK):
            rows, scales = rounded(vectors[start : start + BLOCK])
            append(folder / _VECTORS, rows.view(_vector(rows.shape[1]))[:, 0], after + start)
            append(folder / _SCALES, scales, after + start)
        append(folder / _IDS, ids, after)

    def __len__(self) -> int:
        return len(self.ids)

    def table(self, rows: Int64[np.ndarray, " m"]) -> IdTable:
        """The ids of some of the rows."""
        ids = self.ids[rows]
        order = np.argsort(ids, kind="stable")  # quick where they are sorted, as they mostly are
        return IdTable(ids[order], rows[order], None)


def _vector(dim: int) -> np.dtype:
    """A row of the file of vectors."""
    return np.dtype([("row", "i1", (dim,))])
