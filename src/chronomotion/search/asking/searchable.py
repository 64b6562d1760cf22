"""What a search needs of a library: the seam between the folder and the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.calibration import ClipMomentRows
from chronomotion.search.index.interface import Index
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.search.records import LibraryClip
from chronomotion.search.windows import Kind, WindowTable

__all__ = ["PresenceScale", "SearchableLibrary"]


@runtime_checkable
class PresenceScale(Protocol):
    """What the scores of an event say of its presence. :class:`chronomotion.search.calibration.Calibration` is one."""

    @property
    def threshold(self) -> float:
        """A presence from which on an event counts as found."""
        ...

    @property
    def bank(self) -> PhraseBank:
        """Phrases with which the windows of a motion are compared."""
        ...

    def z(
        self,
        events: Float[np.ndarray, "events dim"],
        vectors: Float[np.ndarray, "windows dim"],
        spans: Int[np.ndarray, "windows 2"],
    ) -> Float[np.ndarray, " events"]:
        """How far each event stands out in a clip, given its short windows, from what the clip does not show."""
        ...

    def moments(self, vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"]) -> ClipMomentRows:
        """What :meth:`z` needs of a clip, given its short windows, for every event."""
        ...

    def z_of(
        self, events: Float[np.ndarray, "events dim"], clips: Sequence[ClipMomentRows]
    ) -> Float[np.ndarray, "events clips"]:
        """:meth:`z` of each event with each of some clips."""
        ...

    def library_presence(self, best: Float[np.ndarray, " events"]) -> Float[np.ndarray, " events"]:
        """How sure it is that the library shows each event, given its highest z over all clips."""
        ...


@runtime_checkable
class SearchableLibrary(Protocol):
    """Clips and the vectors of their windows. :class:`~chronomotion.search.stored.library.Library` has both."""

    @property
    def clips(self) -> Mapping[int, LibraryClip]:
        """All clips by number."""
        ...

    @property
    def model(self) -> MotionTextEncoder:
        """The model whose vectors these are; loaded when it is first asked for."""
        ...

    @property
    def fps(self) -> float:
        """Frames a second of features and of the spans of windows."""
        ...

    @property
    def calibration(self) -> PresenceScale:
        """What scores of sentences mean that the library does not show."""
        ...

    def clip(self, name_or_number: str | int) -> LibraryClip:
        """A clip by its name or number. Raises CorpusError when there is none."""
        ...

    def features_of_file(self, path: Path) -> Float[np.ndarray, "frames width"]:
        """Features of a motion file, read and rounded as the files of its clips were. Raises FormatError."""
        ...

    def windows(self, kind: Kind) -> WindowTable:
        """The windows of all clips, of one kind."""
        ...

    def index(self, kind: Kind) -> Index:
        """The index of these windows, by their ids."""
        ...

    def features(self, number: int) -> Float[np.ndarray, "frames width"]:
        """Features of a clip."""
        ...

    def file(self, number: int) -> Path | None:
        """The motion file of a clip, where it is still there."""
        ...

    def groups(self) -> Mapping[int, int]:
        """The number of every clip -> the number of its group of near-duplicates."""
        ...
