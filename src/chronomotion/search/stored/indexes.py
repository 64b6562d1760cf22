"""The indexes of a library's windows, kept in step with its clips."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int

from chronomotion.atomic_write import disk_errors
from chronomotion.errors import FormatError
from chronomotion.search.index.interface import Index
from chronomotion.search.index.opening import create_index, open_index
from chronomotion.search.stored.folder import IndexRecord, LibraryInfo, index_folder, ranges_of
from chronomotion.search.stored.segments import Segment
from chronomotion.search.windows import KINDS, Kind, WindowTable

__all__ = ["can_be_read", "updated_indexes"]

_ANEW = 0.5
"""Share of changed windows from which an index is made anew instead of changed."""


def updated_indexes(
    folder: Path, info: LibraryInfo, segments: Sequence[Segment], tables: Mapping[str, WindowTable]
) -> IndexRecord:
    """Indexes of the windows in ``tables``, in a new folder, since those that are there may be in use. ``segments``
    still hold what was removed since the last indexes were made.

    Raises WriteError when the disk refuses.
    """
    before = info.index
    clips = ranges_of(np.unique(tables["whole"].clips).tolist())
    if before is not None and before.clips == clips and can_be_read(folder, before):
        return before
    number = 1 if before is None else before.number + 1
    target = index_folder(folder, number)
    with disk_errors(target):
        shutil.rmtree(target, ignore_errors=True)  # of a process that was killed
        target.mkdir(parents=True)
    for kind in KINDS:
        changed = None
        if before is not None:
            held = _ids_of(segments, kind, before.clips)
            changed = _changed(index_folder(folder, before.number) / kind, target / kind, held, tables[kind])
        if changed is None:
            shutil.rmtree(target / kind, ignore_errors=True)
            _add(create_index(target / kind, tables[kind].dim), tables[kind], np.arange(len(tables[kind])))
    return IndexRecord(number=number, clips=clips)


def _changed(source: Path, target: Path, held: Int[np.ndarray, " ids"], table: WindowTable) -> Index | None:
    """A copy of an index that holds the windows of a table instead of those it ``held``. None where it would be as
    much work as a new one, or the old one cannot be read.
    """
    gone = np.setdiff1d(held, table.ids, assume_unique=True)
    new = np.flatnonzero(~np.isin(table.ids, held, assume_unique=True))
    if len(gone) + len(new) > _ANEW * len(table):
        return None
    if not source.is_dir():  # else its absence would read as a disk that cannot be written
        return None
    try:
        with disk_errors(target):
            shutil.copytree(source, target)
        index = open_index(target)
        if len(index) != len(held):
            return None
    except (FormatError, shutil.Error):
        return None
    index.remove(gone)
    _add(index, table, new)
    return index


def _add(index: Index, table: WindowTable, rows: Int[np.ndarray, " new"]) -> None:
    chosen = table.taken(rows, stored=True) if len(rows) < len(table) else table
    if len(chosen):
        index.add(chosen.ids, chosen.vectors)
    index.compact()


def _ids_of(segments: Sequence[Segment], kind: Kind, clips: Sequence[tuple[int, int]]) -> Int[np.ndarray, " ids"]:
    """Ids of the windows of clips in some ranges of numbers."""
    parts = []
    for segment in segments:
        table = segment.tables[kind]
        inside = np.zeros(len(table), dtype=bool)
        for first, last in clips:
            inside |= (table.clips >= first) & (table.clips <= last)
        parts.append(table.ids[inside])
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def can_be_read(folder: Path, record: IndexRecord) -> bool:
    """Whether all indexes of a record are there and can be opened."""
    try:
        for kind in KINDS:
            open_index(index_folder(folder, record.number) / kind)
    except FormatError:
        return False
    return True
