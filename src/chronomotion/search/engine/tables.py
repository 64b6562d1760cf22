"""Clips and the vectors of their windows as tables of LanceDB, on a disk or in an object store.

``clips`` has a row for every clip; ``whole``, ``long``, ``short`` and ``mirrored`` one for every window; ``about`` says
with which model. There is one writer. It adds the windows of some clips, then their rows in ``clips``: that is the
commit. Ids of windows are those of :mod:`chronomotion.search.windows`, so that what a killed writer has added and not
committed is known by its ids, and removed by the next one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from chronomotion.errors import CorpusError, ModelError
from chronomotion.search.lance import connect, lance_errors
from chronomotion.search.stored.encoding import ClipVectors
from chronomotion.search.windows import KINDS, ids_of

__all__ = ["TableClip", "VectorTables"]

_VERSION = 1
_MIRRORED = "mirrored"
_CLIPS = pa.schema(
    [
        ("number", pa.int64()),
        ("source", pa.string()),
        ("name", pa.string()),
        ("frames", pa.int32()),
        ("fps", pa.float64()),
        ("captions", pa.list_(pa.string())),
    ]
)
_ABOUT = pa.schema([("version", pa.int32()), ("model", pa.string()), ("fingerprint", pa.string()), ("dim", pa.int32())])


@dataclass(frozen=True)
class TableClip:
    """A clip of a table: the source that it came from, and its name there."""

    source: str
    name: str
    frames: int
    fps: float
    captions: tuple[str, ...] = ()


class VectorTables:
    """The tables at a URL, opened for writing; ``clips`` and the others are LanceDB's own, for searches.

    ``options`` are the store's (``aws_access_key_id``, ...), as LanceDB takes them. Raises FormatError when LanceDB
    cannot work there; ModelError, with both names and fingerprints, when the tables were made with another model;
    CorpusError for tables of another version.
    """

    def __init__(self, url: str, model: str, fingerprint: str, options: Mapping[str, str] | None = None) -> None:
        self.url, self._model, self._fingerprint = url, model, fingerprint
        os.environ.setdefault("LANCEDB_LOG", "error")  # it warns of every table that it is told to make
        with lance_errors(url):
            self._store = connect(url, options)
            self._tables = {name: self._store.open_table(name) for name in _names(self._store)}
        if "about" in self._tables:
            self._check()
            self._remove_uncommitted()
        else:  # killed while they were made: there is nothing in them
            self._tables = {}

    def __getitem__(self, name: str) -> Any:
        """One of the tables, of LanceDB. Raises KeyError while nothing has been added."""
        return self._tables[name]

    def __len__(self) -> int:
        return int(self._tables["clips"].count_rows()) if self._tables else 0

    def known(self) -> set[tuple[str, str]]:
        """(source, name) of every clip that is there."""
        if not self._tables:
            return set()
        with lance_errors(self.url):
            rows = self._tables["clips"].search().select(["source", "name"]).limit(None).to_arrow()
        return set(zip(rows["source"].to_pylist(), rows["name"].to_pylist(), strict=True))

    def add(self, clips: Sequence[TableClip], vectors: Sequence[ClipVectors]) -> int:
        """Add clips with their vectors; when it returns, they are committed. Returns how many windows that were."""
        if not clips:
            return 0
        if not self._tables:
            self._make(vectors[0].mirrored.shape[1])
        first, windows = len(self), 0
        with lance_errors(self.url):
            for kind in (*KINDS, _MIRRORED):
                rows = _rows(kind, first, vectors)
                self._tables[kind].add(rows)
                windows += rows.num_rows
            numbers = range(first, first + len(clips))
            columns = {"number": list(numbers)} | {
                field: [getattr(clip, field) for clip in clips] for field in _CLIPS.names if field != "number"
            }
            self._tables["clips"].add(pa.table(columns, schema=_CLIPS))
        return windows

    def _make(self, dim: int) -> None:
        """Empty tables; ``about`` last, because with it they count."""
        windows = pa.schema(
            [
                ("id", pa.int64()),
                ("clip", pa.int64()),
                ("start", pa.int32()),
                ("end", pa.int32()),
                ("vector", pa.list_(pa.float16(), dim)),
            ]
        )
        with lance_errors(self.url):
            for name, schema in {"clips": _CLIPS, **dict.fromkeys((*KINDS, _MIRRORED), windows)}.items():
                self._tables[name] = self._store.create_table(name, schema=schema, mode="overwrite")
            row = {"version": [_VERSION], "model": [self._model], "fingerprint": [self._fingerprint], "dim": [dim]}
            self._tables["about"] = self._store.create_table("about", pa.table(row, schema=_ABOUT), mode="overwrite")

    def _check(self) -> None:
        with lance_errors(self.url):
            (about,) = self._tables["about"].search().limit(2).to_arrow().to_pylist()
        if about["version"] != _VERSION:
            raise CorpusError(f"{self.url}: tables of version {about['version']}, this program writes {_VERSION}")
        if about["fingerprint"] != self._fingerprint:
            raise ModelError(
                f"{self.url} was made with the model {about['model']} ({about['fingerprint']}), this one is "
                f"{self._model} ({self._fingerprint}): their vectors cannot be compared; write to another place"
            )

    def _remove_uncommitted(self) -> None:
        with lance_errors(self.url):
            for kind in (*KINDS, _MIRRORED):
                left = f"clip >= {len(self)}"
                if self._tables[kind].count_rows(left):
                    self._tables[kind].delete(left)


def _rows(kind: str, first: int, vectors: Sequence[ClipVectors]) -> pa.Table:
    """The windows of a kind, clip after clip; of mirror images, those of the whole."""
    spans = [each.spans["whole" if kind == _MIRRORED else kind] for each in vectors]  # type: ignore[index]
    rows = [each.mirrored if kind == _MIRRORED else each.vectors[kind] for each in vectors]  # type: ignore[index]
    counts = [len(each) for each in spans]
    values = np.concatenate(rows).astype(np.float16)
    ids = np.concatenate([ids_of(number, count) for number, count in enumerate(counts, start=first)])
    clips = np.repeat(np.arange(first, first + len(counts), dtype=np.int64), counts)
    places = np.concatenate(spans).astype(np.int32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    return pa.table({"id": ids, "clip": clips, "start": places[:, 0], "end": places[:, 1], "vector": column})


def _names(store: Any) -> list[str]:
    listed = store.list_tables() if hasattr(store, "list_tables") else store.table_names()
    return list(getattr(listed, "tables", listed))
