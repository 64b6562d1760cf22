"""What the service asks of a library. :class:`chronomotion.search.stored.library.Library` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from chronomotion.motion.motion import Motion
from chronomotion.search.asking.captions import MotionCaptions
from chronomotion.search.records import EventMatch, LibraryClip, OrderScore, Query, SearchResult
from chronomotion.search.stored.adding import AddedClip
from chronomotion.web.uploads import SentMotion

__all__ = ["Extensible", "LibraryFacts", "Searchable"]


@dataclass(frozen=True)
class LibraryFacts:
    """What is told of a library: the model's name, its fingerprint, how many windows are searched, queries to try."""

    model: str
    fingerprint: str
    windows: int
    examples: tuple[str, ...] = ()


@runtime_checkable
class Searchable(Protocol):
    """A library that is open for searching. Every method may be called from several threads at a time."""

    @property
    def name(self) -> str:
        """Its name, for people and in the ids of clips."""

    @property
    def folder(self) -> Path:
        """Where it lies; ``library.json`` in it is replaced when it changes."""

    @property
    def clips(self) -> Mapping[int, LibraryClip]:
        """Its clips by their numbers."""

    @property
    def facts(self) -> LibraryFacts:
        """The model and the windows."""

    def search(self, query: Query, motion: Motion | None = None) -> SearchResult:
        """Search. ``query.like`` names a clip of this library, or, with ``motion``, stands for that."""

    def locate(self, query: Query, number: int) -> Sequence[EventMatch]:
        """When the events of the query happen in a clip."""

    def orders(self, query: Query, number: int) -> Sequence[OrderScore]:
        """How well a clip fits every order of the events of the query, best first."""

    def captions(self, number: int) -> Sequence[MotionCaptions]:
        """Sentences that fit a clip or the parts of a long one, best first."""

    def motion(self, number: int) -> Motion:
        """The clip's motion."""

    def file(self, number: int) -> Path | None:
        """The clip's own file, where it is still there."""
        ...

    def offset(self, number: int) -> float:
        """Seconds of that file before the clip begins."""


@runtime_checkable
class Extensible(Protocol):
    """A library to which a motion file can be added."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def folder(self) -> Path:
        """Where it lies."""

    @property
    def can_be_changed(self) -> bool:
        """Whether this program may write there."""

    def add(self, file: Path, sent: SentMotion) -> AddedClip:
        """Add a file that has been read; the library of this object goes on showing what it showed.

        Raises ChronomotionError; then the library is as it was.
        """
