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

_ROWS = "rows.faiss"
_TRAINING_ROWS = 100_000
"""Rows from which faiss learns the range of each number."""
_MARGIN = 0.1
"""Beside the range that these show, as a share of it."""
_FITTING = 0.999
"""The least cosine of a row and what is unpacked of it."""
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
        index = _trained_before(previous, fold) if previous is not None and previous.centres is centres else None
        if index is None:
            index = _trained(faiss, centres, fold)
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
    every = -(-len(fold) // _TRAINING_ROWS)
    index.sq.rangestat_arg = 0.0 if every == 1 else _MARGIN
    index.train(fold.vectors(np.arange(0, len(fold), every)))
    return index


def _trained_before(previous: FaissRows, fold: Fold) -> Any | None:
    """The index of the base before, without its rows, or None where new rows lie outside its ranges. Rows that are
    packed with the same ranges again stay as they are.
    """
    faiss = require("faiss", "faiss")
    index = _read(previous.folder / _ROWS, faiss.IO_FLAG_MMAP_IFC)
    no_rows = faiss.ArrayInvertedLists(index.nlist, index.code_size)
    index.replace_invlists(no_rows, True)
    no_rows.this.disown()  # the index owns it now
    index.ntotal = 0
    for vectors in fold.blocks(np.flatnonzero(fold.numbers >= len(previous))):
        unpacked = index.sa_decode(index.sa_encode(vectors))
        cosines = np.einsum("ij,ij->i", unpacked, vectors) / np.linalg.norm(unpacked, axis=1)
        if cosines.min() < _FITTING:
            return None
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
