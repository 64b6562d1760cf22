"""Which row has an id, and which id a row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64, Integer

from chronomotion.search.index.files import mapped, write_array

__all__ = ["IdTable"]

Places = Integer[np.ndarray, " n"] | None
"""None: the identity."""


@dataclass(frozen=True)
class IdTable:
    """Sorted ids, the row of each, and the place of each row among them."""

    ids: Int64[np.ndarray, " n"]
    rows: Places
    places: Places

    @classmethod
    def open(cls, folder: Path) -> IdTable:
        """The table of a folder, memory-mapped."""
        names = ("rows.npy", "places.npy")
        rows, places = (mapped(folder / name) if (folder / name).exists() else None for name in names)
        return cls(mapped(folder / "ids.npy"), rows, places)

    @classmethod
    def empty(cls) -> IdTable:
        """The table of no rows."""
        return cls(np.empty(0, np.int64), None, None)

    @staticmethod
    def write(folder: Path, ids: Int64[np.ndarray, " n"], order: Integer[np.ndarray, " n"]) -> None:
        """Write a table of sorted ids; ``order``: the place among them of each row."""
        write_array(folder / "ids.npy", ids)
        if not np.array_equal(order, np.arange(len(ids))):
            rows = np.empty(len(ids), np.int32)
            rows[order] = np.arange(len(ids), dtype=np.int32)
            write_array(folder / "rows.npy", rows)
            write_array(folder / "places.npy", order.astype(np.int32))

    def rows_of(self, ids: Int64[np.ndarray, " m"]) -> Int64[np.ndarray, " m"]:
        """The row of each id, -1 where it is unknown. Quickest when the ids are sorted."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        rows = places if self.rows is None else self.rows[places].astype(np.int64)
        return np.where(self.ids[places] == ids, rows, -1)

    def of_rows(self, rows: Int64[np.ndarray, " m"]) -> Int64[np.ndarray, " m"]:
        """The ids of rows."""
        ids: np.ndarray = self.ids[rows if self.places is None else self.places[rows]]
        return ids
