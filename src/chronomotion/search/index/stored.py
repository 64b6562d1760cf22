"""An index in a folder: what all kinds of our own share.

A change is written beside what is there and then named by the manifest, which is replaced in one step. Killed at any
moment, an index is as it was before the change or as it is after it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from jaxtyping import Float, Int64

from chronomotion.atomic_write import disk_errors
from chronomotion.errors import ConfigError, FormatError
from chronomotion.folder_lock import FolderLock
from chronomotion.search.index.arguments import checked_ids, checked_query, checked_rows, checked_where, listed
from chronomotion.search.index.base import Base, BaseKind, Fold
from chronomotion.search.index.cells import CellRows
from chronomotion.search.index.exact import ExactRows
from chronomotion.search.index.faiss import FaissRows
from chronomotion.search.index.files import append, sizes
from chronomotion.search.index.ids import IdTable
from chronomotion.search.index.interface import Neighbours
from chronomotion.search.index.manifest import Manifest, generation_folder, sweep
from chronomotion.search.index.snapshot import REMOVED, REMOVED_ROW, Snapshot
from chronomotion.search.index.tail import Tail

__all__ = ["EXACT_UP_TO", "StoredIndex"]

EXACT_UP_TO = 100_000
"""Rows up to which ``auto`` reads every row."""
_KINDS: dict[str, BaseKind] = {"exact": ExactRows, "cells": CellRows, "faiss": FaissRows}


class StoredIndex:
    """See :class:`~chronomotion.search.index.interface.Index`."""

    def __init__(self, folder: Path) -> None:
        """Open the index of a folder. Raises FormatError when there is none, or a file of it is damaged."""
        self.folder = folder
        self._writer = Lock()
        self._snapshot = self._opened()
        self.dim = self._snapshot.manifest.dim

    @classmethod
    def create(cls, folder: Path, dim: int, kind: str) -> StoredIndex:
        """An empty index in a folder."""
        with FolderLock(folder):
            manifest = Manifest(kind, dim)
            sweep(folder, manifest)
            shutil.rmtree(generation_folder(folder, 0), ignore_errors=True)
            manifest.write(folder)
        return cls(folder)

    @property
    def kind(self) -> str:
        """The kind that was asked for."""
        return self._snapshot.manifest.kind

    def __len__(self) -> int:
        return self._snapshot.manifest.live

    def search(
        self, vector: Float[np.ndarray, " dim"], k: int, where: Int64[np.ndarray, " allowed"] | None = None
    ) -> Neighbours:
        """The ``k`` nearest rows."""
        query = checked_query(vector, k, self.dim)
        return self._snapshot.search(query, k, None if where is None else checked_where(where))

    def add(self, ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "rows dim"]) -> None:
        """Add rows to the tail."""
        ids = checked_rows(ids, vectors, self.dim)
        with self._writing() as snapshot:
            known = ids[snapshot.rows_of(ids) >= 0]
            if len(known):
                raise ConfigError(f"{self.folder}: already in the index: id {listed(known)}; remove it before")
            added = snapshot.manifest.added
            Tail.append(self._home(snapshot.manifest), added, ids, vectors)
            self._commit(replace(snapshot.manifest, added=added + len(ids)))

    def remove(self, ids: Int64[np.ndarray, " n"]) -> None:
        """Mark rows as removed."""
        ids = checked_ids(ids)
        with self._writing() as snapshot:
            rows = snapshot.rows_of(ids)
            if (rows < 0).any():
                raise ConfigError(f"{self.folder}: not in the index, so not to be removed: id {listed(ids[rows < 0])}")
            removed = snapshot.manifest.removed
            append(self._home(snapshot.manifest) / REMOVED, rows.astype(REMOVED_ROW), removed)
            self._commit(replace(snapshot.manifest, removed=removed + len(ids)))

    def compact(self) -> None:
        """Fold the tail and the removed rows into a new generation; nothing is done where there are none."""
        with self._writing() as snapshot:
            before = snapshot.manifest
            if before.added or before.removed:
                base = _base_kind(before.kind, before.live)
                after = Manifest(before.kind, before.dim, base, before.generation + 1, folded=before.live)
                home = self._home(after)
                try:
                    self._commit(replace(after, files=_folded(snapshot, home, _KINDS[base])))
                except BaseException:
                    shutil.rmtree(home, ignore_errors=True)
                    raise
                sweep(self.folder, after)

    @contextmanager
    def _writing(self) -> Iterator[Snapshot]:
        """The newest snapshot, while no other thread, object or process writes. What killed ones left is removed."""
        with self._writer, FolderLock(self.folder):
            if Manifest.read(self.folder) != self._snapshot.manifest:
                self._snapshot = self._opened()
            sweep(self.folder, self._snapshot.manifest)
            yield self._snapshot

    def _commit(self, manifest: Manifest) -> None:
        """From here on the index is what the manifest names."""
        manifest.write(self.folder)
        self._snapshot = self._mapped(manifest, self._snapshot)

    def _opened(self) -> Snapshot:
        """The newest snapshot. While it is opened, others may fold: its files are gone then."""
        while True:
            manifest = Manifest.read(self.folder)
            if manifest.base not in ("", *_KINDS):
                raise FormatError(f"an index of an unknown kind, {manifest.base!r}", str(self.folder))
            try:
                return self._mapped(manifest, None)
            except FileNotFoundError as error:
                if Manifest.read(self.folder) == manifest:
                    name = Path(error.filename or "").name
                    raise FormatError(f"the file {name} is missing: make the index again", str(self.folder)) from error

    def _mapped(self, manifest: Manifest, before: Snapshot | None) -> Snapshot:
        def open_base(home: Path) -> Base:
            return _KINDS[manifest.base].open(home)

        return Snapshot.open(self.folder, manifest, open_base, before)

    def _home(self, manifest: Manifest) -> Path:
        return generation_folder(self.folder, manifest.generation)


def _base_kind(kind: str, rows: int) -> str:
    if kind == "auto":
        return "exact" if rows <= EXACT_UP_TO else "cells"
    return kind


def _folded(snapshot: Snapshot, home: Path, kind: BaseKind) -> dict[str, int]:
    """Write a generation of the live rows; return its files and their bytes."""
    rows = np.flatnonzero(snapshot.live)
    ids = snapshot.ids_of(rows)
    by_id = np.argsort(ids, kind="stable")
    with disk_errors(home):
        home.mkdir()
    if len(rows):
        fold = Fold(snapshot, rows[by_id], snapshot.manifest.dim, snapshot.base)
        IdTable.write(home, ids[by_id], kind.build(home, fold))
    return sizes(home)
