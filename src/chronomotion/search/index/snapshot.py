"""An index at a moment, for readers: folded rows, the tail of rows added since, and which of them are removed.

Rows are numbered: the folded ones first, those of the tail behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from chronomotion.search.index.base import Base
from chronomotion.search.index.files import check_sizes, mapped_rows
from chronomotion.search.index.ids import IdTable
from chronomotion.search.index.interface import Neighbours
from chronomotion.search.index.manifest import Manifest, generation_folder
from chronomotion.search.index.ranking import Scored, best, leading
from chronomotion.search.index.tail import Tail

__all__ = ["REMOVED", "REMOVED_ROW", "SCANNED", "Snapshot"]

REMOVED, REMOVED_ROW = "removed.bin", np.dtype("<i8")
"""The list of the numbers of removed rows; here it is a bitmap."""
SCANNED = 50_000
"""Where a filter leaves fewer rows, each is read: cells that are chosen by their centres would miss most of them."""


class Snapshot:
    """What a manifest names, memory-mapped. It never changes."""

    def __init__(
        self, manifest: Manifest, base: Base | None, base_ids: IdTable, tail: Tail, live: Bool[np.ndarray, " n"]
    ) -> None:
        self.manifest, self.base, self.base_ids, self.tail, self.live = manifest, base, base_ids, tail, live

    @classmethod
    def open(
        cls, folder: Path, manifest: Manifest, open_base: Callable[[Path], Base], before: Snapshot | None = None
    ) -> Snapshot:
        """Map the files, but those that the snapshot before has mapped.

        Raises FormatError for a file that is cut, FileNotFoundError for one that is missing.
        """
        home = generation_folder(folder, manifest.generation)
        if before is not None and before.manifest.generation == manifest.generation:
            base, base_ids = before.base, before.base_ids
        elif manifest.folded:
            check_sizes(home, manifest.files)
            base, base_ids = open_base(home), IdTable.open(home)
        else:
            base, base_ids = None, IdTable.empty()
        live = np.ones(manifest.folded + manifest.added, bool)
        live[mapped_rows(home / REMOVED, REMOVED_ROW, manifest.removed)] = False
        return cls(manifest, base, base_ids, Tail.open(home, manifest.added, manifest.dim), live)

    def search(self, query: Float32[np.ndarray, " dim"], k: int, where: Int64[np.ndarray, " m"] | None) -> Neighbours:
        """The ``k`` nearest live rows of those in ``where``."""
        folded = self.manifest.folded
        allowed = self.live if self.manifest.removed else None
        if where is not None:
            rows = self.rows_of(where)
            rows = np.sort(rows[rows >= 0])
            if len(rows) < SCANNED:
                return self._scanned(query, k, rows)
            allowed = np.zeros(len(self.live), bool)
            allowed[rows] = True
        late = self.tail.rows.search(query, k, None if allowed is None else allowed[folded:])
        early = (
            self.base.search(query, k, None if allowed is None else allowed[:folded])
            if self.base is not None
            else _NOTHING
        )
        return self._best(early, late, k)

    def rows_of(self, ids: Int64[np.ndarray, " m"]) -> Int64[np.ndarray, " m"]:
        """The live row of each id, -1 where there is none."""
        rows = self.base_ids.rows_of(ids)
        if self.manifest.removed and self.manifest.folded:
            rows = np.where(self.live[rows], rows, -1)
        if len(self.tail):
            late = self._tail_ids.rows_of(ids)
            rows = np.where(late >= 0, late + self.manifest.folded, rows)
        return rows

    def ids_of(self, rows: Int64[np.ndarray, " m"]) -> Int64[np.ndarray, " m"]:
        """The id of each row."""
        late = rows >= self.manifest.folded
        ids = np.empty(len(rows), np.int64)
        ids[~late] = self.base_ids.of_rows(rows[~late])
        ids[late] = self.tail.ids[rows[late] - self.manifest.folded]
        return ids

    def vectors(self, rows: Int64[np.ndarray, " m"]) -> Float32[np.ndarray, "m dim"]:
        """The vector of each row, as it is kept."""
        late = rows >= self.manifest.folded
        vectors = np.empty((len(rows), self.manifest.dim), np.float32)
        if self.base is not None:
            vectors[~late] = self.base.vectors(rows[~late])
        vectors[late] = self.tail.rows.vectors(rows[late] - self.manifest.folded)
        return vectors

    @cached_property
    def _tail_ids(self) -> IdTable:
        """The live rows of the tail, in which an id may stand several times, removed each time but the last."""
        return self.tail.table(np.flatnonzero(self.live[self.manifest.folded :]))

    def _scanned(self, query: Float32[np.ndarray, " dim"], k: int, rows: Int64[np.ndarray, " m"]) -> Neighbours:
        """The best of some sorted rows, each of which is looked at."""
        folded = self.manifest.folded
        early, late = np.split(rows, [np.searchsorted(rows, folded)])
        first = self.base.scan(query, k, early) if self.base is not None else _NOTHING
        return self._best(first, self.tail.rows.scan(query, k, late - folded), k)

    def _best(self, early: Scored, late: Scored, k: int) -> Neighbours:
        """The best of folded rows and rows of the tail."""
        leaders = leading(Scored.joined([early, Scored(late.rows + self.manifest.folded, late.scores)]), k)
        return best(self.ids_of(leaders.rows), leaders.scores, k)


_NOTHING = Scored.nothing()
