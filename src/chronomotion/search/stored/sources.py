"""What a library is made of: folders of motion files and corpora, listed without reading a motion."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.folder_scan import FolderScan, shown
from chronomotion.corpus.importers.detect import NothingToImportError, detect_layout
from chronomotion.corpus.importers.folder import plan_folder
from chronomotion.corpus.importers.plan import MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.reading import Reading, ReadMotion, captioned, read_features
from chronomotion.corpus.importers.spans import OutsideError
from chronomotion.corpus.importers.workers import made
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.caption import Caption
from chronomotion.motion.formats import SUFFIXES
from chronomotion.motion.formats.acclaim import find_skeleton
from chronomotion.motion.layout import Layout
from chronomotion.search.stored.folder import MANIFEST, SourceRecord

__all__ = ["CorpusSource", "FolderSource", "SourceItem", "digest_of", "open_source"]

_BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class SourceItem:
    """A motion that a source has: a file, or a clip of a corpus.

    - ``file``: its path in the source, or the clip's name; ``name``: what its clip is to be called;
    - ``stamp``: changes when the motion may have changed; ``told``: changes with its captions;
    - ``date``: when it was changed last, seconds since 1970.
    """

    file: str
    name: str
    stamp: str
    told: str
    date: float
    planned: PlannedClip


@dataclass(frozen=True, eq=False)
class FolderSource:
    """Motion files of a folder and its subfolders, with captions.csv or labels.csv, as ``chronomotion import`` reads
    them.
    """

    record: SourceRecord
    items: Sequence[SourceItem]
    notes: Sequence[Remark]
    layout: Layout
    reading: Reading

    def digest(self, item: SourceItem) -> str:
        """Hash of the content of a file and of how it is read. Raises FormatError when it cannot be read."""
        return digest_of(_files(item.planned.motion), self.record.reading)

    def read(self, items: Sequence[SourceItem], workers: int) -> Iterator[ReadMotion | str]:
        """Features of every motion, in the order of ``items``, or why there are none.

        Raises CorpusError when a process that reads has died.
        """
        return made([item.planned for item in items], _Reader(self.layout, self.reading), workers)

    def captions(self, item: SourceItem, read: ReadMotion) -> tuple[Caption, ...]:
        """Captions of a motion, in its own seconds; none where no caption speaks of what there is."""
        try:
            return captioned(item.planned, read, self.layout).captions
        except OutsideError:
            return ()


@dataclass(frozen=True, eq=False)
class CorpusSource:
    """The clips of a corpus."""

    record: SourceRecord
    items: Sequence[SourceItem]
    corpus: Corpus
    notes: Sequence[Remark] = field(default=())

    def digest(self, item: SourceItem) -> str:
        """Hash of the features of a clip."""
        return hashlib.blake2b(np.ascontiguousarray(self.corpus.features(item.file)).data, digest_size=16).hexdigest()

    def read(self, items: Sequence[SourceItem], workers: int) -> Iterator[ReadMotion | str]:  # noqa: ARG002
        """Features of every clip, in the order of ``items``; they only have to be read, so that no worker helps."""
        return (ReadMotion(self.corpus.features(item.file), fps=self.corpus.fps) for item in items)

    def captions(self, item: SourceItem, read: ReadMotion) -> tuple[Caption, ...]:  # noqa: ARG002
        """Captions of a clip."""
        return item.planned.captions


def digest_of(files: Sequence[Path], reading: Mapping[str, Any]) -> str:
    """Hash of the content of files, and of the settings with which they are read. Raises FormatError when one cannot
    be read.
    """
    digest = hashlib.blake2b(_settings(reading).encode(), digest_size=16)
    for path in files:
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        except OSError as error:
            raise FormatError(f"cannot be read: {error.strerror or error}", str(path)) from error
    return digest.hexdigest()


def open_source(
    path: Path, record: SourceRecord, layout: Layout, fps: float, reading: Reading, library: Path
) -> FolderSource | CorpusSource:
    """List what a source has. ``layout`` and ``fps`` are those of the library's model.

    Raises CorpusError for what is neither a folder of motion files nor a corpus, and for a corpus of other features;
    FormatError, with file and line, when a table cannot be read.
    """
    if record.kind == "corpus":
        return _corpus_source(record, Corpus(path), layout, fps)
    if (path / MANIFEST).is_file():
        raise CorpusError(f"{path} is a library itself: index what it was made of")
    notes: list[Remark] = []
    try:
        kind, scan = detect_layout(FolderScan(path, follow_links=record.follow_links), "auto", notes)
    except NothingToImportError as error:
        raise CorpusError(f"{path}: no motion files to index: looked for {', '.join(SUFFIXES)}{error.passed}") from None
    if kind != "folder":
        raise CorpusError(
            f"{path}: data in the layout {kind} become a corpus first: `chronomotion import {path} CORPUS`, then "
            "`chronomotion index CORPUS`"
        )
    plan = plan_folder(scan, layout, None)
    inside = _Inside(scan.root, library.resolve())
    settings = hashlib.blake2b(_settings(record.reading).encode(), digest_size=4).hexdigest()
    items = [_item(clip, scan.root, settings) for clip in plan.clips if not inside(clip.motion.path)]
    for passed, reason in scan.passed.items():
        if not inside(scan.root / passed):
            notes.append(Remark(shown(passed), f"passed over: {reason}", scan.target(passed)))
    return FolderSource(record, items, (*notes, *plan.skipped, *plan.notes), layout, reading)


def _corpus_source(record: SourceRecord, corpus: Corpus, layout: Layout, fps: float) -> CorpusSource:
    if (corpus.dim, corpus.fps) != (layout.width, fps):
        raise CorpusError(
            f"{corpus.folder}: features of {corpus.dim} numbers at {corpus.fps:g} frames a second, but the model works "
            f"on {layout.width} at {fps:g}"
        )
    date = (corpus.folder / "corpus.json").stat().st_mtime
    items = [
        SourceItem(name, name, corpus.fingerprint, _told(corpus.captions(name)), date, _of_corpus(corpus, name))
        for name in corpus.names
    ]
    return CorpusSource(record, items, corpus)


def _of_corpus(corpus: Corpus, name: str) -> PlannedClip:
    return PlannedClip(name, MotionFile(corpus.folder / "motions.arrow", "features"), corpus.captions(name))


class _Reader:
    """Reads a motion, in another process or in this one."""

    def __init__(self, layout: Layout, reading: Reading) -> None:
        self._layout, self._reading = layout, reading

    def __call__(self, clip: PlannedClip) -> ReadMotion | str:
        try:
            return read_features(clip.motion, self._layout, self._reading)
        except FormatError as error:
            return str(error)


class _Inside:
    """Whether a file is a part of a library, this one or another one, that lies inside the source."""

    def __init__(self, root: Path, library: Path) -> None:
        self._root, self._known = root, {root: False, library: True}

    def __call__(self, path: Path) -> bool:
        folder = path.parent
        if folder not in self._known:
            self._known[folder] = (folder / MANIFEST).is_file() or (folder != folder.parent and self(folder))
        return self._known[folder]


def _item(clip: PlannedClip, root: Path, settings: str) -> SourceItem:
    path = clip.motion.path
    stats = [file.stat() for file in _files(clip.motion) if file.exists()]
    stamp = " ".join([*(f"{about.st_size}:{about.st_mtime_ns}" for about in stats), settings])
    told = _told(clip.captions, in_frames=clip.in_frames)
    file = os.path.relpath(path, root).replace(os.sep, "/")
    return SourceItem(file, clip.name, stamp, told, stats[0].st_mtime if stats else 0.0, clip)


def _files(motion: MotionFile) -> list[Path]:
    """The file, and the skeleton that it cannot be read without."""
    if motion.path.suffix.lower() == ".amc":
        try:
            return [motion.path, find_skeleton(motion.path)]
        except FormatError:  # whoever reads it says so
            pass
    return [motion.path]


def _told(captions: Sequence[Caption], *, in_frames: bool = False) -> str:
    return hashlib.blake2b(repr((captions, in_frames)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _settings(reading: Mapping[str, Any]) -> str:
    return repr(sorted(reading.items()))
