"""The centres of cells: how many, where they are, how many of them a query visits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int32

from chronomotion.search.index.base import Fold
from chronomotion.search.index.files import write_array
from chronomotion.search.index.k_means import k_means, nearest
from chronomotion.seeding import generator

__all__ = ["PROBES", "Centres", "number_of_cells", "probes_for"]

PROBES = 48
"""Cells that a query visits."""
_MEMBERS = 50
"""Rows a cell that k-means looks at."""
_GROWTH = 2
"""Centres serve until there are so many times as many rows, or so many times fewer, as they were made from."""


class Centres:
    """Centres, and the number of rows that they were made from."""

    def __init__(self, vectors: Float32[np.ndarray, "cells dim"], made_from: int) -> None:
        self.vectors, self.made_from = vectors, made_from

    @classmethod
    def for_fold(cls, fold: Fold, before: Centres | None) -> Centres:
        """The centres before, while they serve, or new ones, by k-means on a sample that depends on the rows alone."""
        count = len(fold)
        if before is not None and before.made_from / _GROWTH < count < before.made_from * _GROWTH:
            return before
        cells, draw = number_of_cells(count), generator("cells of an index", count, fold.dim)
        sample = np.sort(draw.choice(count, min(count, _MEMBERS * cells), replace=False))
        return cls(k_means(fold.vectors(sample), cells, draw), count)

    @classmethod
    def open(cls, folder: Path) -> Centres:
        """Read the centres of a folder."""
        return cls(np.load(folder / "centres.npy"), int(np.load(folder / "made_from.npy")))

    def write(self, folder: Path) -> None:
        """Write the centres into a folder."""
        write_array(folder / "centres.npy", self.vectors)
        write_array(folder / "made_from.npy", np.array(self.made_from))

    def __len__(self) -> int:
        return len(self.vectors)

    def nearest(self, vectors: Float32[np.ndarray, "n dim"]) -> Int32[np.ndarray, " n"]:
        """The cell of each vector."""
        return nearest(vectors, self.vectors)

    def ranked(self, query: Float32[np.ndarray, " dim"]) -> list[int]:
        """All cells, the nearest to a query first."""
        products = np.matmul(self.vectors[:, None, :], query)[:, 0]
        order: list[int] = np.argsort(-products, kind="stable").tolist()
        return order


def number_of_cells(rows: int) -> int:
    """The power of two nearest to twice the root, 2,048 for a million rows: a query then compares itself with about as
    many centres as rows in a few cells.
    """
    return min(rows, 1 << round(math.log2(2 * math.sqrt(rows))))


def probes_for(allowed: int, rows: int) -> int:
    """How many cells a query visits where some rows are allowed: what is nearest among few lies farther away.

    With one over the root of their share, it visits more cells and reads fewer rows.
    """
    return math.ceil(PROBES * math.sqrt(rows / max(1, allowed)))
