"""A table of LanceDB: versioned, readable by other programs, on a disk or in an object store. It keeps raw vectors.

The folder holds ``index.json``, which says where the table is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float, Float32, Int64

from chronomotion.errors import ConfigError, FormatError, require
from chronomotion.folder_lock import FolderLock
from chronomotion.search.index.arguments import checked_ids, checked_query, checked_rows, checked_where, listed
from chronomotion.search.index.centres import MEMBERS, PROBES, number_of_cells, probes_for
from chronomotion.search.index.interface import Neighbours
from chronomotion.search.index.k_means import ROUNDS
from chronomotion.search.index.manifest import MANIFEST, read_header, write_header
from chronomotion.search.index.ranking import best
from chronomotion.search.lance import connect, lance_errors

__all__ = ["INDEXED_FROM", "SCANNED", "LanceIndex"]

INDEXED_FROM = 100_000
"""Rows from which cells are made; fewer are read one by one."""
SCANNED = 50_000
"""Where a filter leaves fewer rows, each is read."""
_TABLE = "windows"
_FOLDER = "table"
_BATCH = 100_000
_LISTED = 10_000
"""Ids in one condition."""


class LanceIndex:
    """See :class:`~chronomotion.search.index.interface.Index`. ``table``: LanceDB's own, for all else."""

    def __init__(self, folder: Path, dim: int, table: Any) -> None:
        self.folder, self.dim, self.table = folder, dim, table

    @classmethod
    def create(cls, folder: Path, dim: int, url: str | None, options: Mapping[str, str] | None) -> LanceIndex:
        """An empty table. Raises ConfigError where a table has rows, FormatError when LanceDB cannot write there."""
        with FolderLock(folder):
            place = _Place(url, folder)
            with place.errors():
                schema = pa.schema([("id", pa.int64()), ("vector", pa.list_(pa.float16(), dim))])
                table = place.connected(options).create_table(_TABLE, schema=schema, exist_ok=True)
                if table.schema != schema or len(table):
                    raise ConfigError(f"{place}: a table of {len(table):,} rows is there; choose another place")
            write_header(folder, {"kind": "lancedb", "dim": dim, "url": url})
        return cls.open(folder, options)

    @classmethod
    def open(cls, folder: Path, options: Mapping[str, str] | None) -> LanceIndex:
        """The table that a folder names. Raises FormatError when it is not there."""
        header = read_header(folder)
        dim, url = header.get("dim"), header.get("url")
        if not isinstance(dim, int) or not isinstance(url, str | None):
            raise FormatError(f"the file is damaged: dim {dim!r}, url {url!r}", str(folder / MANIFEST))
        place = _Place(url, folder)
        with place.errors():
            table = place.connected(options).open_table(_TABLE)
        kept = getattr(table.schema.field("vector").type, "list_size", None)
        if kept != dim:
            raise FormatError(f"the file is damaged: dim {dim}, but the table has {kept}", str(folder / MANIFEST))
        return cls(folder, dim, table)

    @property
    def kind(self) -> str:
        """The kind that was asked for."""
        return "lancedb"

    def __len__(self) -> int:
        return int(self.table.count_rows())

    def search(
        self, vector: Float[np.ndarray, " dim"], k: int, where: Int64[np.ndarray, " allowed"] | None = None
    ) -> Neighbours:
        """The ``k`` nearest rows."""
        query = checked_query(vector, k, self.dim)
        if where is None:
            return self._nearest(query, k, PROBES, "")
        where = checked_where(where)
        if not len(where):
            return _neighbours(np.empty(0, np.int64), np.empty(0, np.float32), k)
        probes = 0 if len(where) < SCANNED else probes_for(len(where), max(len(where), len(self)))
        return self._nearest(query, k, probes, _one_of(where))

    def add(self, ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "rows dim"]) -> None:
        """Add rows: a new version of the table."""
        ids = checked_rows(ids, vectors, self.dim)
        with self._writing():
            known = self._known(ids)
            if len(known):
                raise ConfigError(f"{self.folder}: already in the index: id {listed(known)}; remove it before")
            if len(ids):
                self.table.add(pa.Table.from_batches(_batches(ids, vectors)))

    def remove(self, ids: Int64[np.ndarray, " n"]) -> None:
        """Remove rows: a new version of the table."""
        ids = checked_ids(ids)
        with self._writing():
            unknown = ids[~np.isin(ids, self._known(ids))]
            if len(unknown):
                raise ConfigError(f"{self.folder}: not in the index, so not to be removed: id {listed(unknown)}")
            if len(ids):
                self.table.delete(_one_of(ids))

    def compact(self) -> None:
        """Join small files, and make the cells anew: what LanceDB adds to them later it searches slowly."""
        index = require("lancedb.index", "lancedb")
        with self._writing():
            self.table.optimize()
            if len(self):
                self.table.create_index("id", config=index.BTree(), replace=True)
            if len(self) >= INDEXED_FROM:
                # The effort of our k-means; LanceDB would take six times as many rounds.
                size = {"num_partitions": number_of_cells(len(self)), "max_iterations": ROUNDS, "sample_rate": MEMBERS}
                cells = index.IvfSq(distance_type="dot", **size)
                self.table.create_index("vector", config=cells, replace=True)

    def _nearest(self, query: Float32[np.ndarray, " dim"], k: int, probes: int, condition: str) -> Neighbours:
        """``probes`` cells are read, or, where it is 0 or gives too few, all rows."""
        with self._errors():
            search = self.table.search(query.astype(np.float16), vector_column_name="vector").distance_type("dot")
            search = search.limit(k).select(["id", "_distance"])
            search = search.nprobes(probes) if probes else search.bypass_vector_index()
            rows = (search.where(condition, prefilter=True) if condition else search).to_arrow()
        if probes and len(rows) < min(k, len(self)):
            return self._nearest(query, k, 0, condition)
        return _neighbours(rows["id"].to_numpy(), 1 - rows["_distance"].to_numpy(), k)

    def _known(self, ids: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " m"]:
        """Those of the ids that the table has."""
        if not len(ids) or not self.table.count_rows(f"id >= {ids.min()} AND id <= {ids.max()}"):
            return ids[:0]
        known = [
            self.table.search().where(_one_of(ids[start : start + _LISTED])).select(["id"]).to_arrow()["id"].to_numpy()
            for start in range(0, len(ids), _LISTED)
        ]
        return np.concatenate(known)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The newest version, while no other object or process on this machine writes."""
        with FolderLock(self.folder), self._errors():
            self.table.checkout_latest()
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with lance_errors(str(self.folder)):
            yield


@dataclass(frozen=True)
class _Place:
    """Where a table is: at a URL, or in the folder of the index, which may be moved."""

    url: str | None
    folder: Path

    def __str__(self) -> str:
        return self.url or str(self.folder)

    def connected(self, options: Mapping[str, str] | None) -> Any:
        where = str(self.folder / _FOLDER) if self.url is None else self.url
        return connect(where, options)

    def errors(self) -> Any:
        return lance_errors(str(self))


def _batches(ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "n dim"]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(ids), _BATCH):
        block = np.asarray(vectors[start : start + _BATCH], np.float16)
        column = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), block.shape[1])
        yield pa.record_batch([pa.array(ids[start : start + _BATCH]), column], names=["id", "vector"])


def _one_of(ids: Int64[np.ndarray, " n"]) -> str:
    return f"id IN ({','.join(map(str, ids.tolist()))})"


def _neighbours(ids: np.ndarray, scores: np.ndarray, k: int) -> Neighbours:
    return best(ids.astype(np.int64), scores.astype(np.float32), k)
