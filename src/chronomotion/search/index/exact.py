"""Every row is read: nothing is missed but what eight bits blur."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int64, Integer

from chronomotion.search.index.base import Fold
from chronomotion.search.index.files import mapped, write_array, write_blocks
from chronomotion.search.index.ranking import Scored, leading
from chronomotion.search.index.rounding import products, rounded, widened

__all__ = ["ExactRows", "write_rounded"]


class ExactRows:
    """int8 rows with a scale each, memory-mapped, in the order of their ids."""

    def __init__(self, rows: Int8[np.ndarray, "n dim"], scales: Float32[np.ndarray, " n"]) -> None:
        self.rows, self.scales = rows, scales

    @classmethod
    def build(cls, folder: Path, fold: Fold) -> Integer[np.ndarray, " n"]:
        """Write the rows as they come."""
        order = np.arange(len(fold))
        write_rounded(folder, fold, order)
        return order

    @classmethod
    def open(cls, folder: Path) -> ExactRows:
        """Map the files of a folder."""
        return cls(mapped(folder / "vectors.npy"), mapped(folder / "scales.npy"))

    def __len__(self) -> int:
        return len(self.rows)

    def search(self, query: Float32[np.ndarray, " dim"], k: int, allowed: Bool[np.ndarray, " n"] | None) -> Scored:
        """The ``k`` best rows."""
        if allowed is None:
            return leading(Scored(np.arange(len(self)), products(self.rows, self.scales, query)), k)
        return self.scan(query, k, np.flatnonzero(allowed))

    def scan(self, query: Float32[np.ndarray, " dim"], k: int, rows: Int64[np.ndarray, " m"]) -> Scored:
        """The ``k`` best of some rows."""
        return leading(Scored(rows, products(self.rows, self.scales, query, rows)), k)

    def vectors(self, rows: Int64[np.ndarray, " m"]) -> Float32[np.ndarray, "m dim"]:
        """The vectors of rows, near what they were."""
        return widened(self.rows[rows], self.scales[rows])


def write_rounded(folder: Path, fold: Fold, order: Integer[np.ndarray, " n"]) -> None:
    """Write int8 rows, in an order, and their scales."""
    scales = np.empty(len(order), np.float32)

    def blocks() -> Iterator[np.ndarray]:
        start = 0
        for vectors in fold.blocks(order):
            rows, scales[start : start + len(rows)] = rounded(vectors)
            start += len(rows)
            yield rows

    write_blocks(folder / "vectors.npy", np.dtype(np.int8), (len(order), fold.dim), blocks())
    write_array(folder / "scales.npy", scales)
