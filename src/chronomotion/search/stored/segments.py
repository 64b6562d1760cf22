"""Segments: some clips of a library with their features and window vectors, written once and never changed.

A segment is a folder::

    clips.jsonl          one line a clip, ascending numbers
    features.npy         float16 (frames, width), clip after clip
    windows-KIND.npy     int32 (windows, 3): clip number, start and end in frames
    vectors-KIND.npy     float16 (windows, dim): unit vectors, in the same order
    mirrored.npy         float16: vectors of the mirror images of the windows of kind ``whole``
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from pydantic import TypeAdapter, ValidationError

from chronomotion.atomic_write import disk_errors
from chronomotion.errors import CorpusError
from chronomotion.search.records import LibraryClip
from chronomotion.search.windows import KINDS, Kind, WindowTable, ids_of_rows

__all__ = ["EncodedClip", "Segment", "StoredClip", "live_windows", "merged_segment", "segment_hash", "write_segment"]

_MOST_BYTES = 1 << 22


@dataclass(frozen=True)
class StoredClip:
    """A clip of a library, and what tells whether its file has changed.

    - ``stamp``: size and time of change of its file; ``digest``: hash of the content; ``told``: hash of its captions as
      the source tells them;
    - ``offset``: seconds that were cut from the start of the file; ``rate``: frames a second of the file, 0 if unknown.
    """

    clip: LibraryClip
    stamp: str
    digest: str
    told: str = ""
    offset: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True, eq=False)
class EncodedClip:
    """A clip to be written: features float16, (start, end) and unit vectors of its windows by kind, and the vectors of
    the mirror images of its ``whole`` windows.
    """

    stored: StoredClip
    features: Float[np.ndarray, "frames width"]
    spans: Mapping[Kind, Int[np.ndarray, "_ 2"]]
    vectors: Mapping[Kind, Float[np.ndarray, "_ dim"]]
    mirrored: Float[np.ndarray, "_ dim"]


_STORED, _STORED_CLIPS = TypeAdapter(StoredClip), TypeAdapter(list[StoredClip])


class Segment:
    """An opened segment. Arrays are memory-mapped at once, so that it can be read after its folder was removed.

    Raises CorpusError when a file is missing, cut or not what a segment holds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stored = self._clips()
        self._features = self._array("features.npy", np.float16, 2)
        self._ends = np.cumsum([each.clip.frames for each in self.stored])
        self._row = {each.clip.number: row for row, each in enumerate(self.stored)}
        if len(self._features) != self._ends[-1]:
            raise CorpusError(
                f"{folder}: features of {len(self._features)} frames, its clips have {self._ends[-1]}: "
                "index again with --rebuild"
            )
        windows = {kind: self._array(f"windows-{kind}.npy", np.int32, 2) for kind in KINDS}
        vectors = {kind: self._array(f"vectors-{kind}.npy", np.float16, 2) for kind in KINDS}
        self.tables: dict[Kind, WindowTable] = {kind: self._table(windows[kind], vectors[kind]) for kind in KINDS}
        self.mirrored = replace(self.tables["whole"], parts=(self._array("mirrored.npy", np.float16, 2),))

    def _clips(self) -> list[StoredClip]:
        path = self.folder / "clips.jsonl"
        try:
            lines = path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            raise
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
        try:
            return _STORED_CLIPS.validate_json(b"[" + b",".join(lines) + b"]")
        except ValidationError as error:
            raise CorpusError(f"{path}: not a clip of a library ({error.errors()[0]['msg']})") from error

    def _array(self, name: str, dtype: Any, axes: int) -> np.ndarray:
        path = self.folder / name
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, EOFError) as error:
            raise CorpusError(f"{path}: cannot be read ({error}): index again with --rebuild") from error
        if array.dtype != dtype or array.ndim != axes:
            raise CorpusError(f"{path}: holds {array.dtype} {array.shape}, which is no part of a library")
        return np.asarray(array)  # a view of a memmap costs several times as much

    def _table(self, windows: Int[np.ndarray, "rows 3"], vectors: Float[np.ndarray, "rows dim"]) -> WindowTable:
        clips = np.ascontiguousarray(windows[:, 0])
        numbers, order = np.array(self.numbers), np.diff(clips)
        if len(windows) != len(vectors) or (order < 0).any() or not np.array_equal(np.unique(clips), numbers):
            raise CorpusError(f"{self.folder}: windows, vectors and clips do not fit: index again with --rebuild")
        return WindowTable(ids_of_rows(clips), clips, windows[:, 1:], (vectors,))

    def __len__(self) -> int:
        return len(self.stored)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of its clips, ascending."""
        return tuple(self._row)

    def features(self, number: int) -> Float[np.ndarray, "frames width"]:
        """Features of a clip as they are stored."""
        row = self._row[number]
        end = int(self._ends[row])
        return self._features[end - self.stored[row].clip.frames : end]

    def encoded(self, stored: StoredClip) -> EncodedClip:
        """A clip as it was written, under its current record."""
        number = np.array([stored.clip.number])
        rows = {kind: self._rows(kind, number) for kind in KINDS}
        return EncodedClip(
            stored,
            self.features(stored.clip.number),
            {kind: self.tables[kind].spans[rows[kind]] for kind in KINDS},
            {kind: self.tables[kind].parts[0][rows[kind]] for kind in KINDS},
            self.mirrored.parts[0][rows["whole"]],
        )

    def _rows(self, kind: Kind, number: Int[np.ndarray, " one"]) -> slice:
        clips = self.tables[kind].clips
        return slice(int(np.searchsorted(clips, number[0])), int(np.searchsorted(clips, number[0], side="right")))


def live_windows(
    segments: Iterable[Segment], numbers: Container[int], table_of: Callable[[Segment], WindowTable], dim: int
) -> WindowTable:
    """One table of the windows of those clips in segments that still count; vectors have ``dim`` numbers."""
    tables = []
    for segment in segments:
        table = table_of(segment)
        gone = [number for number in segment.numbers if number not in numbers]
        tables.append(table.taken(np.flatnonzero(~np.isin(table.clips, gone)), stored=True) if gone else table)
    tables = [table for table in tables if len(table)]
    return WindowTable.joined(tables) if tables else WindowTable.none(dim)


def write_segment(folder: Path, clips: Sequence[EncodedClip]) -> str:
    """Write clips, ascending numbers, as a segment; returns the hash of its files. Raises WriteError."""
    with disk_errors(folder):
        folder.mkdir(parents=True)
        lines = b"".join(_STORED.dump_json(clip.stored) + b"\n" for clip in clips)
        (folder / "clips.jsonl").write_bytes(lines)
        _write_rows(folder / "features.npy", np.float16, lambda: (clip.features for clip in clips))
        for kind in KINDS:
            _write_rows(folder / f"windows-{kind}.npy", np.int32, partial(_windows, clips, kind))
            _write_rows(folder / f"vectors-{kind}.npy", np.float16, partial(_vectors, clips, kind))
        _write_rows(folder / "mirrored.npy", np.float16, lambda: (clip.mirrored for clip in clips))
        return segment_hash(folder)


def merged_segment(folder: Path, segments: Sequence[Segment], current: Mapping[int, StoredClip]) -> str:
    """Write the clips of several segments that are in ``current``, under their records there, as one segment."""
    clips = [segment.encoded(current[n]) for segment in segments for n in segment.numbers if n in current]
    return write_segment(folder, clips)


def segment_hash(folder: Path) -> str:
    """Hash of the names and contents of a segment's files."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(_MOST_BYTES):
                digest.update(block)
    return digest.hexdigest()


def _windows(clips: Sequence[EncodedClip], kind: Kind) -> Iterator[Int[np.ndarray, "_ 3"]]:
    for clip in clips:
        spans = clip.spans[kind]
        yield np.column_stack([np.full(len(spans), clip.stored.clip.number), spans])


def _vectors(clips: Sequence[EncodedClip], kind: Kind) -> Iterator[Float[np.ndarray, "_ dim"]]:
    return (clip.vectors[kind] for clip in clips)


def _write_rows(path: Path, dtype: Any, arrays: Callable[[], Iterable[np.ndarray]]) -> None:
    """Arrays one below the other as one .npy file, none of them held longer than it takes to write it."""
    shapes = [array.shape for array in arrays()]
    whole = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (sum(s[0] for s in shapes), shapes[0][1])}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, whole)
        for array in arrays():
            file.write(np.ascontiguousarray(array, dtype=dtype).data)
