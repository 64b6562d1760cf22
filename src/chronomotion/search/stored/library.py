"""A library of motions that has been indexed, opened for searching."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import Reading, read_features
from chronomotion.errors import CorpusError, FormatError
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.motion.features import motion_of
from chronomotion.motion.layout import layout_of_width
from chronomotion.motion.motion import Motion
from chronomotion.search.records import EventMatch, LibraryClip, Query, SearchResult
from chronomotion.search.stored.calibrating import fit_calibration, kept_calibration
from chronomotion.search.stored.folder import (
    LibraryInfo,
    index_folder,
    open_segments,
    present_place,
    ranges_of,
    segment_folder,
)
from chronomotion.search.stored.library_model import check_model, model_of, stated
from chronomotion.search.stored.segments import Segment, live_windows, segment_hash
from chronomotion.search.stored.source_records import reading_of
from chronomotion.search.stored.window_scan import WindowScan
from chronomotion.search.windows import Kind, WindowTable

if TYPE_CHECKING:
    from chronomotion.search.asking.searching import Searcher
    from chronomotion.search.calibration import Calibration
    from chronomotion.search.index.interface import Index

__all__ = ["Library"]

log = logging.getLogger(__name__)


class Library:
    """Clips with the vectors of their windows, memory-mapped. What is written to the folder later changes nothing here.

    May be used from several threads. Make one with :func:`chronomotion.search.stored.indexing.index`, open it with
    :meth:`open`.
    """

    def __init__(
        self, folder: Path, info: LibraryInfo, segments: list[Segment], model: MotionTextEncoder | None, loading: Any
    ) -> None:
        self.folder, self.info = folder, info
        self._segments, self._loading = segments, loading
        self._lock = threading.RLock()
        self._model = model
        self._stated: MotionTextEncoder | None = None
        self._stored = info.stored(segments)
        self._home = {number: segment for segment in segments for number in segment.numbers if number in self._stored}
        self.clips: Mapping[int, LibraryClip] = MappingProxyType({n: each.clip for n, each in self._stored.items()})
        self._tables: dict[Kind, WindowTable] = {}
        self._indexes: dict[Kind, Index] = {}
        self._calibration: Calibration | None = None

    @classmethod
    def open(cls, folder: str | Path, *, model: MotionTextEncoder | None = None, **loading: Any) -> Library:
        """Open a library. ``model`` is its model, where it is loaded already; else it is loaded when it is first used,
        with ``loading`` as :meth:`chronomotion.model.motion_text.MotionTextModel.from_pretrained` takes it.

        Raises CorpusError, with the next step, for a folder that is no library or is damaged; ModelError when ``model``
        is not the model that it was made with.
        """
        folder = Path(folder)
        info, segments = open_segments(folder)
        if model is not None:
            check_model(folder, info.model, model)
        return cls(folder, info, segments, model, loading)

    def __len__(self) -> int:
        return len(self.clips)

    def __repr__(self) -> str:
        return f"Library({str(self.folder)!r}: {len(self)} clips, model {self.info.model.name})"

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.resolve().name

    @property
    def fps(self) -> float:
        """Frames a second of its features and of the spans of windows."""
        return self.info.model.fps

    @property
    def model(self) -> MotionTextEncoder:
        """The model whose vectors it holds, with the statistics by which the library was indexed.

        Raises ModelError when it cannot be loaded, or is another one by now.
        """
        with self._lock:
            if self._stated is None:
                self._stated = stated(self.shared_model, self.info.model)
            return self._stated

    @property
    def shared_model(self) -> MotionTextEncoder:
        """The model as other libraries may have it, too. Raises ModelError as :attr:`model` does."""
        with self._lock:
            if self._model is None:
                model = model_of(self.info.model, self.folder, self.info.place, self._loading)
                check_model(self.folder, self.info.model, model)
                self._model = model
            return self._model

    def clip(self, name_or_number: str | int) -> LibraryClip:
        """A clip by its name or number. Raises CorpusError when there is none."""
        number = self._names.get(name_or_number) if isinstance(name_or_number, str) else name_or_number
        if number is None or number not in self.clips:
            raise CorpusError(f"{self.folder} has no clip {name_or_number!r}")
        return self.clips[number]

    def windows(self, kind: Kind) -> WindowTable:
        """The windows of all clips of a kind, sorted by id, clip after clip."""
        with self._lock:
            if kind not in self._tables:
                self._tables[kind] = live_windows(
                    self._segments, self._stored, lambda segment: segment.tables[kind], self.info.model.dim
                )
            return self._tables[kind]

    def index(self, kind: Kind) -> Index:
        """The index of the windows of a kind; ids as in :meth:`windows`.

        Where indexing has been interrupted and the index is not made yet, the windows themselves are scanned.
        """
        with self._lock:
            if kind not in self._indexes:
                self._indexes[kind] = self._opened_index(kind)
            return self._indexes[kind]

    def features(self, number: int) -> Float[np.ndarray, "frames width"]:
        """Features of a clip, float32. Raises CorpusError for an unknown number."""
        clip = self.clip(number)
        return np.asarray(self._home[clip.number].features(clip.number), dtype=np.float32)

    def motion(self, number: int) -> Motion:
        """A clip as a motion, on the reference body, at :attr:`fps`. Raises CorpusError for an unknown number."""
        return motion_of(self.features(number), name=self.clip(number).name, fps=self.fps)

    def file(self, number: int) -> Path | None:
        """The motion file that a clip was made of; None where it is gone, or the clip came from a corpus.

        Raises CorpusError for an unknown number.
        """
        clip = self.clip(number)
        source = next((each for each in self.info.sources if each.name == clip.source), None)
        if source is None or source.kind == "corpus":
            return None
        path = present_place(source.place, self.folder, self.info.place) / clip.file
        return path if path.is_file() else None

    def offset(self, number: int) -> float:
        """Seconds of :meth:`file` before the clip begins: a lead-in that was cut. Raises CorpusError."""
        return self._stored[self.clip(number).number].offset

    def features_of_file(self, path: Path) -> Float[np.ndarray, "frames width"]:
        """Features of a motion file, float32, read and rounded as indexing does it: a copy of a file that was indexed
        has those of its clip. A file in the folder of a source is read with the settings of that source.

        Raises FormatError for a file that cannot be read.
        """
        layout, file = layout_of_width(self.info.model.width), path.resolve()
        reading = next(
            (
                reading_of(source)
                for source in self.info.sources
                if source.kind == "folder"
                and file.is_relative_to(present_place(source.place, self.folder, self.info.place).resolve())
            ),
            Reading(),
        )
        features = read_features(MotionFile(path, "take"), layout, reading).features
        return features.astype(np.float16).astype(np.float32)

    def groups(self) -> Mapping[int, int]:
        """Near-duplicates: the number of every clip -> the number of its group, which is that of its first clip. Clips
        in one group show nearly the same motion, or its mirror image.
        """
        return MappingProxyType({number: self.info.groups.get(number, number) for number in self.clips})

    @property
    def calibration(self) -> Calibration:
        """What scores mean here: made at indexing; where that was interrupted, made now.

        Raises ModelError as :attr:`model` does; ValueError for a library without clips.
        """
        with self._lock:
            if self._calibration is None:
                kept = kept_calibration(self.folder, self.model, self.info.calibration)
                self._calibration = kept or fit_calibration(self.folder, self.model, self.windows("short"), self.fps)
            return self._calibration

    def search(self, query: Query | str, **changes: Any) -> SearchResult:
        """The clips that a sentence or a query describes; ``changes`` are fields of :class:`Query`."""
        return self._searcher(query, **changes)

    def locate(self, query: Query | str, clip: str | int) -> tuple[EventMatch, ...]:
        """When each event of a query happens in a clip."""
        return self._searcher.locate(query, clip)

    def verify(self) -> None:
        """Read every segment and compare its hash. Raises CorpusError, with both hashes, for one that was changed."""
        for record in self.info.segments:
            folder = segment_folder(self.folder, record.number)
            try:
                there = segment_hash(folder)
            except OSError as error:
                raise CorpusError(
                    f"{error.filename}: cannot be read ({error.strerror}): open the library again"
                ) from error
            if there != record.fingerprint:
                raise CorpusError(
                    f"{folder}: its files have the hash {there}, but were written with {record.fingerprint}: "
                    "index again with --rebuild"
                )

    @cached_property
    def _searcher(self) -> Searcher:
        from chronomotion.search.asking.searching import Searcher

        return Searcher(self)

    @cached_property
    def _names(self) -> dict[str, int]:
        return {clip.name: number for number, clip in self.clips.items()}

    def _opened_index(self, kind: Kind) -> Index:
        record = self.info.index
        if record is not None and record.clips == ranges_of(self.clips):
            from chronomotion.search.index.opening import open_index

            try:
                return open_index(index_folder(self.folder, record.number) / kind)
            except FormatError as error:  # damaged, or a writer has replaced it since
                fix = f"`chronomotion index --to {self.folder}` makes it again"
                log.warning("%s: the windows are scanned, which is slower: %s", error, fix)
        return WindowScan(self.windows(kind))
