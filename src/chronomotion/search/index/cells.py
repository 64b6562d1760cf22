"""Rows in cells of neighbours, of which a query reads the nearest: an inverted file in numpy.

The rows of a cell are neighbours on the disk too: a query that reads 48 of 2,048 cells touches 48 pieces of the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int32, Int64, Integer

from chronomotion.search.index.base import BLOCK, Fold
from chronomotion.search.index.centres import Centres, probes_for
from chronomotion.search.index.exact import ExactRows, write_rounded
from chronomotion.search.index.files import write_array
from chronomotion.search.index.ranking import Scored, leading
from chronomotion.search.index.rounding import products

__all__ = ["CellRows"]

_SPARE = 8
"""Rows that are read for each that is wanted, at the least."""

Query = Float32[np.ndarray, " dim"]
Allowed = Bool[np.ndarray, " n"] | None


class CellRows:
    """The rows, cell by cell; ``starts[c]`` is the first row of cell ``c``, ``starts[-1]`` the number of rows."""

    def __init__(self, rows: ExactRows, centres: Centres, starts: Int64[np.ndarray, " bounds"]) -> None:
        self.rows, self.centres, self.starts = rows, centres, starts

    @classmethod
    def build(cls, folder: Path, fold: Fold) -> Integer[np.ndarray, " n"]:
        """Write the rows by cell and, in a cell, by id."""
        previous = fold.previous if isinstance(fold.previous, CellRows) else None
        centres = Centres.for_fold(fold, previous.centres if previous is not None else None)
        cells = _cells(fold, centres, previous)
        order = np.argsort(cells, kind="stable")
        write_rounded(folder, fold, order)
        centres.write(folder)
        write_array(folder / "starts.npy", np.searchsorted(cells[order], np.arange(len(centres) + 1)))
        return order

    @classmethod
    def open(cls, folder: Path) -> CellRows:
        """Map the rows of a folder; the centres are read."""
        return cls(ExactRows.open(folder), Centres.open(folder), np.load(folder / "starts.npy"))

    def __len__(self) -> int:
        return len(self.rows)

    def search(self, query: Query, k: int, allowed: Allowed) -> Scored:
        """The ``k`` best rows of the cells that are nearest to the query: of 48 of them, of more where few rows are
        allowed, and of as many as it takes to read 8 ``k`` rows.
        """
        left = len(self) if allowed is None else int(np.count_nonzero(allowed))
        probes, wanted = probes_for(left, len(self)), min(_SPARE * k, left)
        read, count = [Scored.nothing()], 0
        for probe, cell in enumerate(self.centres.ranked(query)):
            if (count >= wanted and probe >= probes) or count == left:
                break
            read.append(self._scored(cell, query, allowed))
            count += len(read[-1].rows)
        return leading(Scored.joined(read), k)

    def _scored(self, cell: int, query: Query, allowed: Allowed) -> Scored:
        """The allowed rows of a cell."""
        start, stop = self.starts[cell : cell + 2].tolist()
        piece, rows = slice(start, stop), np.arange(start, stop)
        if allowed is None or allowed[piece].all():
            return Scored(rows, products(self.rows.rows[piece], self.rows.scales[piece], query))
        rows = rows[allowed[piece]]
        return Scored(rows, products(self.rows.rows, self.rows.scales, query, rows))

    def scan(self, query: Query, k: int, rows: Int64[np.ndarray, " m"]) -> Scored:
        """The ``k`` best of some rows, whatever their cells."""
        return self.rows.scan(query, k, rows)

    def vectors(self, rows: Int64[np.ndarray, " m"]) -> Float32[np.ndarray, "m dim"]:
        """The vectors of rows, near what they were."""
        return self.rows.vectors(rows)


def _cells(fold: Fold, centres: Centres, previous: CellRows | None) -> Int32[np.ndarray, " n"]:
    """The cell of each row. Rows that lay in cells around the same centres stay there: only the tail is compared."""
    cells = np.empty(len(fold), np.int32)
    stays = np.zeros(len(fold), bool)
    if previous is not None and previous.centres is centres:
        stays = fold.numbers < len(previous)
        cells[stays] = np.searchsorted(previous.starts, fold.numbers[stays], side="right") - 1
    new = np.flatnonzero(~stays)
    for start in range(0, len(new), BLOCK):
        block = new[start : start + BLOCK]
        cells[block] = centres.nearest(fold.vectors(block))
    return cells
