"""The folder of a library: what is in it, and how it changes without ever being half changed.

::

    LIB/
      library.json        the manifest: model, sources, segments, and what became of every file
      segments/000001/    clips, features, vectors (:mod:`~chronomotion.search.stored.segments`), never changed
      index/000003/KIND/  indexes of their windows, made of the segments: they can be deleted and made again
      phrases.safetensors vectors of the bundled phrases, with which scores are calibrated: the same

A change is written as new folders first; then ``library.json`` is replaced, which is the moment at which it happens.
Folders that the manifest does not name are left of a killed process, or of a change that has replaced them, and the
next writer removes them. Paths in the folder are relative to it, so that it can be moved.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_serializer,
)

from chronomotion.atomic_write import atomic_write, remove_left_parts
from chronomotion.errors import CorpusError
from chronomotion.search.stored.segments import Segment, StoredClip

__all__ = [
    "FORMAT_VERSION",
    "MANIFEST",
    "PHRASES",
    "IndexRecord",
    "LibraryInfo",
    "ModelRecord",
    "Place",
    "SegmentRecord",
    "SourceRecord",
    "Statistics",
    "UnreadableFile",
    "check_is_library",
    "index_folder",
    "is_unfinished",
    "open_segments",
    "present_place",
    "ranges_of",
    "read_info",
    "segment_folder",
    "sweep",
    "write_info",
]

FORMAT_VERSION = 1
MANIFEST, PHRASES = "library.json", "phrases.safetensors"
_SEGMENTS, _INDEX = "segments", "index"
_ATTEMPTS = 5


class _ManifestRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_ManifestRecord):
    """Where something outside the library was when the library was written."""

    path: str
    """Absolute."""
    relative: str
    """From the library: where a tree that was moved as a whole has it."""

    @classmethod
    def of(cls, path: Path, folder: Path) -> Place:
        """The place of a path, seen from a library."""
        absolute = path.resolve()
        try:
            relative = os.path.relpath(absolute, folder.resolve())
        except ValueError:  # another drive
            relative = str(absolute)
        return cls(path=str(absolute), relative=relative)


class Statistics(_ManifestRecord):
    """Mean and standard deviation of features, a number for each of a row."""

    mean: list[float]
    std: list[float]


class ModelRecord(_ManifestRecord):
    """The model whose vectors a library holds: its name as it was given, where that is a path its place, and what it
    works on.
    """

    name: str
    place: Place | None = None
    fingerprint: str
    fps: float
    width: int
    """Numbers of a feature row."""
    dim: int
    """Numbers of a vector."""
    statistics: Statistics | None = None
    """By which features are normalised; None: by those of the model."""

    @model_serializer(mode="wrap")
    def _known_to_earlier_versions(self, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Earlier versions have no statistics, and refuse what they do not know."""
        told: dict[str, Any] = handler(self)
        return {name: value for name, value in told.items() if name != "statistics" or value is not None}


class SourceRecord(_ManifestRecord):
    """A folder of motion files, or a corpus, that was indexed."""

    name: str
    kind: Literal["folder", "corpus"]
    place: Place
    reading: dict[str, Any] = {}
    """Settings of how its files are read, as far as they are not the usual ones."""
    follow_links: bool = False
    """Whether links that lead out of it are followed."""


class SegmentRecord(_ManifestRecord):
    """A segment that counts."""

    number: int
    clips: int
    fingerprint: str


class IndexRecord(_ManifestRecord):
    """Where the indexes are, and which clips they hold: (first, last) numbers of ranges."""

    number: int
    clips: list[tuple[int, int]]


class UnreadableFile(_ManifestRecord):
    """A file that gave no clip, and why. It is tried again when it changes."""

    source: str
    file: str
    stamp: str
    digest: str
    reason: str

    @classmethod
    def of(cls, source: str, file: str, stamp: str, digest: str, reason: str) -> UnreadableFile:
        """A record of these."""
        return cls(source=source, file=file, stamp=stamp, digest=digest, reason=reason)


class LibraryInfo(_ManifestRecord):
    """What ``library.json`` says."""

    format_version: int = FORMAT_VERSION
    place: str = ""
    """The folder when it was written; another one where it was moved since."""
    model: ModelRecord
    sources: list[SourceRecord] = []
    segments: list[SegmentRecord] = []
    removed: list[int] = []
    """Numbers of clips in the segments that no longer count."""
    changed: list[StoredClip] = []
    """Records that have changed since their segment was written: files that were renamed, captions."""
    unreadable: list[UnreadableFile] = []
    finished: bool = False
    """False from the first commit of an indexing to its last: index, groups and calibration are made at the end."""
    rebuilding: bool = False
    """Whether it is ``--rebuild`` that has not finished."""
    next_clip: int = 1
    next_segment: int = 1
    index: IndexRecord | None = None
    groups: dict[int, int] = {}
    """Clips that show nearly the motion of another one -> the number of the first of them."""
    calibration: Any = None
    examples: list[str] = []
    counts: dict[str, float] = Field(default_factory=dict)
    """Clips, hours, and windows of each kind."""

    def stored(self, segments: Sequence[Segment]) -> dict[int, StoredClip]:
        """The record of every clip that counts, by number, ascending."""
        removed = set(self.removed)
        changed = {each.clip.number: each for each in self.changed}
        return {
            each.clip.number: changed.get(each.clip.number, each)
            for segment in segments
            for each in segment.stored
            if each.clip.number not in removed
        }


def segment_folder(folder: Path, number: int) -> Path:
    """Where a segment is."""
    return folder / _SEGMENTS / f"{number:06d}"


def index_folder(folder: Path, number: int) -> Path:
    """Where the indexes of a number are, in a folder for every kind."""
    return folder / _INDEX / f"{number:06d}"


def present_place(place: Place, folder: Path, written_at: str) -> Path:
    """Where something is now. Where the library was moved since it was written, what it was made of may have moved
    with it: then what lies where the tree has it comes first. The old place, where it is in neither.
    """
    absolute, beside = Path(place.path), Path(os.path.normpath(folder.resolve() / place.relative))
    places = (absolute, beside) if str(folder.resolve()) == written_at else (beside, absolute)
    return next((path for path in places if path.exists()), absolute)


def is_unfinished(folder: Path) -> bool:
    """Whether a folder is nothing, or nothing but what an indexing left that had not come to its first commit."""
    if not folder.is_dir():
        return not folder.exists()
    return all(path.name in (_SEGMENTS, _INDEX, PHRASES) or path.name.startswith(".") for path in folder.iterdir())


def check_is_library(folder: Path) -> None:
    """Raises CorpusError, with the next step, for a folder without a manifest."""
    if (folder / MANIFEST).is_file():
        return
    make = f"`chronomotion index SOURCE --to {folder}`"
    if not folder.exists():
        raise CorpusError(f"{folder}: there is no such library; {make} makes one")
    if folder.is_dir() and any(folder.iterdir()) and is_unfinished(folder):
        raise CorpusError(f"{folder}: indexing did not finish its first commit: run {make} again")
    if folder.is_file():
        raise CorpusError(f"{folder} is a file, and a library is a folder: name another one")
    if (folder / "corpus.json").is_file():
        raise CorpusError(
            f"{folder} is a corpus, not a library: `chronomotion index {folder} --to LIB` makes one of it"
        )
    raise CorpusError(
        f"{folder} is not a library: it has no {MANIFEST}; `chronomotion index {folder} --to LIB` makes one of it"
    )


def read_info(folder: Path) -> LibraryInfo:
    """The manifest. Raises CorpusError, with the next step, when the folder is no library that can be read."""
    check_is_library(folder)
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_bytes())
        version = raw["format_version"]
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: not the manifest of a library ({error!r}): remove {folder} and index its sources again"
        ) from error
    if version != FORMAT_VERSION:
        raise CorpusError(f"{path}: format_version is {version}, this version of chronomotion reads {FORMAT_VERSION}")
    try:
        return LibraryInfo.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise CorpusError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def write_info(folder: Path, info: LibraryInfo) -> None:
    """Replace the manifest: what it names has to be there. Raises WriteError when the disk refuses it."""
    with atomic_write(folder / MANIFEST) as part:
        part.write_text(info.model_dump_json(indent=1) + "\n", encoding="utf-8")


def open_segments(folder: Path) -> tuple[LibraryInfo, list[Segment]]:
    """The manifest and its segments, opened. A writer may replace them meanwhile; then the new ones are opened.

    Raises CorpusError when the folder is no library, or a file of it is missing or damaged.
    """
    for attempt in range(_ATTEMPTS):
        info = read_info(folder)
        try:
            return info, [Segment(segment_folder(folder, record.number)) for record in info.segments]
        except FileNotFoundError as error:
            if read_info(folder) == info or attempt == _ATTEMPTS - 1:
                raise CorpusError(f"{error.filename}: is missing: index again with --rebuild") from error
    raise AssertionError("the last attempt returns or raises")


def sweep(folder: Path, info: LibraryInfo | None) -> None:
    """Remove what the manifest does not name; a reader that has it open goes on reading it."""
    remove_left_parts(folder)
    segments = set() if info is None else {segment_folder(folder, each.number) for each in info.segments}
    index = set() if info is None or info.index is None else {index_folder(folder, info.index.number)}
    for parent, kept in ((folder / _SEGMENTS, segments), (folder / _INDEX, index)):
        if parent.is_dir():
            for path in parent.iterdir():
                if path not in kept:
                    shutil.rmtree(path, ignore_errors=True)
            if not kept:
                shutil.rmtree(parent, ignore_errors=True)


def ranges_of(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of ranges without gaps."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = ranges[-1][0], number
        else:
            ranges.append((number, number))
    return ranges
