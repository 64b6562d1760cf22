"""The cells of faiss, ``IVF,SQ8``: centres as ours, eight bits a number of what a row has beside its centre."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, Integer

from chronomotion.errors import FormatError, WriteError, require
from chronomotion.search.index.base import Fold
from chronomotion.search.index.centres import Centres, probes_for
from chronomotion.search.index.ranking import Scored, leading

__all__ = ["FaissRows"]

_ROWS, _TRAINED = "rows.faiss", "trained.faiss"
_TRAINING_ROWS = 100_000
"""Rows from which faiss learns the range of each number."""
_UNPACKED = 0.005
"""Share of the rows up to which unpacking them is quicker than going through all."""

Query = Float32[np.ndarray, " dim"]


class FaissRows:
    """A memory-mapped index of faiss, in which a row is its own id: filters and removed rows are bitmaps."""

    def __init__(self, folder: Path, index: Any, centres: Centres) -> None:
        self.folder, self.index, self.centres = folder, index, centres

    @classmethod
    def build(cls, folder: Path, fold: Fold) -> Integer[np.ndarray, " n"]:
        """Write the index of faiss, rows by id; its centres and ranges are those before while the centres serve."""
        faiss = require("faiss", "faiss")
        previous = fold.previous if isinstance(fold.previous, FaissRows) else None
        centres = Centres.for_fold(fold, previous.centres if previous is not None else None)
        order = np.arange(len(fold))
        if previous is not None and previous.centres is centres:
            index = _read(previous.folder / _TRAINED, 0)
        else:
            index = _trained(faiss, centres, fold)
        _write(faiss, index, folder / _TRAINED)
        for vectors in fold.blocks(order):
            index.add(vectors)
        _write(faiss, index, folder / _ROWS)
        centres.write(folder)
        return order

    @classmethod
    def open(cls, folder: Path) -> FaissRows:
        """Map the index of a folder. Raises MissingExtraError without faiss."""
        faiss = require("faiss", "faiss")
        index = _read(folder / _ROWS, faiss.IO_FLAG_MMAP_IFC)
        index.make_direct_map()
        return cls(folder, index, Centres.open(folder))

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def search(self, query: Query, k: int, allowed: Bool[np.ndarray, " n"] | None) -> Scored:
        """The ``k`` best rows, of more and more cells until there are so many."""
        left = len(self) if allowed is None else int(np.count_nonzero(allowed))
        probes, cells = probes_for(left, len(self)), len(self.centres)
        while True:
            scored = self._probed(query, min(k, left), min(probes, cells), allowed)
            if probes >= cells or len(scored.rows) >= min(k, left):
                return scored
            probes *= 2

    def scan(self, query: Query, k: int, rows: Int64[np.ndarray, " m"]) -> Scored:
        """The ``k`` best of some rows, whatever their cells. A few are unpacked; for many, all cells are visited."""
        if len(rows) > _UNPACKED * len(self):
            allowed = np.zeros(len(self), bool)
            allowed[rows] = True
            return self._probed(query, min(k, len(rows)), len(self.centres), allowed)
        return leading(Scored(rows, np.matmul(self.vectors(rows)[:, None, :], query)[:, 0]), k)

    def _probed(self, query: Query, k: int, probes: int, allowed: Bool[np.ndarray, " n"] | None) -> Scored:
        if not k:
            return Scored.nothing()
        faiss = require("faiss", "faiss")
        chosen = {}
        if allowed is not None:
            chosen["sel"] = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        settings = faiss.SearchParametersIVF(nprobe=probes, **chosen)
        scores, rows = self.index.search(query[None], k, params=settings)
        hits = rows[0] >= 0
        return Scored(rows[0, hits], scores[0, hits])

    def vectors(self, rows: Int64[np.ndarray, " m"]) -> Float32[np.ndarray, "m dim"]:
        """The vectors of rows, near what they were."""
        if not len(rows):
            return np.empty((0, self.index.d), np.float32)
        vectors: np.ndarray = self.index.reconstruct_batch(rows)
        return vectors


def _trained(faiss: Any, centres: Centres, fold: Fold) -> Any:
    """An empty index with our centres, which has learnt the ranges of the numbers."""
    quantizer = faiss.IndexFlatIP(fold.dim)
    quantizer.add(centres.vectors)
    bits, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(quantizer, fold.dim, len(centres), bits, metric)
    index.train(fold.vectors(np.arange(0, len(fold), max(1, len(fold) // _TRAINING_ROWS))))
    return index


def _read(path: Path, flags: int) -> Any:
    """An index of faiss. Raises FormatError when faiss cannot read the file, FileNotFoundError without one."""
    try:
        return require("faiss", "faiss").read_index(str(path), flags)
    except RuntimeError as error:
        path.stat()
        raise FormatError("faiss cannot read it: make the index again", str(path)) from error


def _write(faiss: Any, index: Any, path: Path) -> None:
    """Write an index of faiss. Raises WriteError when the disk refuses."""
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise WriteError(errno.EIO, f"faiss says: {str(error).splitlines()[0]}", str(path)) from error
