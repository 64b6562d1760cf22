"""What a search needs of a library: the seam between the folder and the questions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.index.interface import Index
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

    def presence(self, event_vector: Float[np.ndarray, " dim"], scores: Float[np.ndarray, " windows"]) -> float:
        """How sure it is, from 0 to 1, that a clip shows an event, given its cosines with the clip's windows."""
        ...

    def gap_score(self, event_vector: Float[np.ndarray, " dim"]) -> float:
        """The cosine below which a frame is more likely a gap than the event."""
        ...


@runtime_checkable
class SearchableLibrary(Protocol):
    """Clips and the vectors of their windows. :class:`chronomotion.search.library.Library` is the one on disk."""

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
