"""A library on the disk, as the service asks it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from chronomotion.atomic_write import scratch_folder
from chronomotion.corpus.importers.reading import ReadMotion
from chronomotion.errors import ConfigError
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.motion.features import features_of
from chronomotion.motion.formats import write_motion
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.search.asking.captions import MotionCaptions
from chronomotion.search.asking.searching import Searcher
from chronomotion.search.records import EventMatch, LibraryClip, MotionReference, OrderScore, Query, SearchResult
from chronomotion.search.stored.adding import AddedClip, add_file
from chronomotion.search.stored.folder import present_place
from chronomotion.search.stored.library import Library
from chronomotion.search.windows import KINDS
from chronomotion.web.searchable import LibraryFacts, Searchable
from chronomotion.web.uploads import SentMotion

__all__ = ["LibraryFace", "LibraryOpener"]


class LibraryFace:
    """A :class:`Searchable` of a :class:`chronomotion.search.stored.library.Library`."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._searcher = Searcher(library)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.library.name

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.library.folder

    @property
    def clips(self) -> Mapping[int, LibraryClip]:
        """Its clips by their numbers."""
        return self.library.clips

    @cached_property
    def facts(self) -> LibraryFacts:
        """The model, by the last part of its path, and the windows of all kinds."""
        model, info = self.library.info.model, self.library.info
        windows = sum(len(self.library.windows(kind)) for kind in KINDS)
        name = model.name if model.place is None else Path(model.name).name
        return LibraryFacts(name, model.fingerprint, windows, tuple(info.examples))

    @property
    def model_source(self) -> str | Path:
        """Where its model is from: beside it lies what its scores mean."""
        info = self.library.info
        place = info.model.place
        return info.model.name if place is None else present_place(place, self.folder, info.place)

    def search(self, query: Query, motion: Motion | None = None) -> SearchResult:
        """Search; a motion that is no clip of this library is a file for as long as that takes."""
        if motion is None:
            return self._searcher(query)
        with scratch_folder(Path(tempfile.gettempdir()), "motion") as folder:
            path = folder / "motion.npz"
            write_motion(motion, path)
            return self._searcher(replace(query, like=MotionReference(str(path))))

    def locate(self, query: Query, number: int) -> Sequence[EventMatch]:
        """When the events of the query happen in a clip."""
        return self._searcher.locate(query, number)

    def orders(self, query: Query, number: int) -> Sequence[OrderScore]:
        """How well a clip fits every order of the events of the query."""
        return self._searcher.orders(query, number)

    def captions(self, number: int) -> Sequence[MotionCaptions]:
        """Sentences that fit a clip or the parts of a long one."""
        return self._searcher.describe(MotionReference(self.clips[number].name))

    def motion(self, number: int) -> Motion:
        """The clip's motion."""
        return self.library.motion(number)

    def file(self, number: int) -> Path | None:
        """The clip's own file, where it is still there."""
        return self.library.file(number)

    def offset(self, number: int) -> float:
        """Seconds of that file before the clip begins."""
        return self.library.offset(number)

    @property
    def can_be_changed(self) -> bool:
        """Whether this program may write to its folder."""
        return os.access(self.folder, os.W_OK | os.X_OK)

    def add(self, file: Path, sent: SentMotion) -> AddedClip:
        """Add a file that has been read. Raises ConfigError for a library of other motions, else as ``add_file``."""
        if self.library.info.model.width != HUMANML3D_LAYOUT.width:
            raise ConfigError(f"{self.name} is a library of other features than those of sent motions: index the file")
        features = features_of(sent.motion).astype(np.float32)
        read = ReadMotion(features, sent.offset, (), sent.reading.fps)
        return add_file(self.folder, file, read, self.library.shared_model)


class LibraryOpener:
    """Opens libraries; those that were made with the same model share it in memory."""

    def __init__(self) -> None:
        self._models: dict[str, MotionTextEncoder] = {}

    def __call__(self, folder: Path, _: Searchable | None = None) -> LibraryFace:
        """The library in a folder. Raises CorpusError or ModelError when it cannot be opened."""
        library = Library.open(folder)
        fingerprint = library.info.model.fingerprint
        if fingerprint in self._models:
            library = Library.open(folder, model=self._models[fingerprint])
        else:
            self._models[fingerprint] = library.shared_model
        return LibraryFace(library)
