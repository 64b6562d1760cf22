"""The libraries that are served, as one: ids of clips, results merged, and libraries opened again when they change."""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from chronomotion.errors import ChronomotionError, ConfigError
from chronomotion.motion.motion import Motion
from chronomotion.search.records import Hit, LibraryClip, MotionReference, Query, Sort
from chronomotion.web.problems import ProblemError
from chronomotion.web.searchable import Searchable

__all__ = ["Collection", "MergedResult", "Opener", "part_of"]

log = logging.getLogger(__name__)

Opener = Callable[[Path, Searchable | None], Searchable]
"""Opens the library in a folder; given the library that was open until now, takes from it what is still right."""

MANIFEST = "library.json"


@dataclass(frozen=True)
class MergedResult:
    """A :class:`chronomotion.search.records.SearchResult` of several libraries: hits beside the library of each."""

    events: tuple[str, ...]
    hits: tuple[tuple[Searchable, Hit], ...]
    total: int
    notes: tuple[str, ...]


class Collection:
    """Libraries made with one model, opened by ``opener``, searched together. There may be none.

    The id of a clip is its number, and with several libraries LIBRARY.NUMBER.

    Raises ConfigError when two libraries share a name or were made with different models, whose scores cannot be
    compared.
    """

    def __init__(self, folders: Sequence[Path], opener: Opener) -> None:
        self._places = [_OpenLibrary(folder, opener) for folder in folders]
        libraries = self.libraries()
        _check_names(libraries)
        _check_models(libraries)
        self._several = len(libraries) > 1

    def searched(self) -> list[Searchable]:
        """The libraries. Raises ProblemError, status 404, where none is served."""
        libraries = self.libraries()
        if not libraries:
            raise ProblemError(404, "no library is served here: start the server with the folder of one")
        return libraries

    def libraries(self) -> list[Searchable]:
        """The libraries as they are on the disk now: one whose manifest was replaced is opened again."""
        return [place.current() for place in self._places]

    def renewed(self, folder: Path) -> Searchable:
        """The library in a folder as it is on the disk now, also where another thread is opening it."""
        (place,) = (each for each in self._places if each.folder == folder)
        return place.current(wait=True)

    def id_of(self, library: Searchable, number: int) -> str:
        """The id of a clip."""
        return f"{library.name}.{number}" if self._several else str(number)

    def clip(self, clip_id: str) -> tuple[Searchable, LibraryClip]:
        """The clip of an id, and its library. Raises ProblemError, status 404, when there is none."""
        name, _, digits = clip_id.rpartition(".")
        if digits.isascii() and digits.isdigit() and len(digits) < 19 and bool(name) == self._several:
            for library in self.libraries():
                clip = library.clips.get(int(digits)) if name in ("", library.name) else None
                if clip is not None and self.id_of(library, clip.number) == clip_id:
                    return library, clip
        raise ProblemError(404, f"there is no clip {clip_id[:100]!r}")

    def search(self, query: Query, motion: Motion | None = None) -> MergedResult:
        """Search all libraries. Of several, the first ``offset + top`` of each are merged, in the order of each.

        ``query.like`` is the id of a clip, or stands for ``motion``. Raises ProblemError, status 404, for an id that
        there is not, and where there is no library.
        """
        libraries = self.searched()
        asked = self._asked(query, motion, libraries)
        if not self._several:
            result = libraries[0].search(*asked[0])
            hits = tuple((libraries[0], hit) for hit in result.hits)
            return MergedResult(result.events, hits, result.total, result.notes)
        end = query.offset + query.top
        results = [
            library.search(replace(query, top=end, offset=0), motion)
            for library, (query, motion) in zip(libraries, asked, strict=True)
        ]
        lists = [[(library, hit) for hit in result.hits] for library, result in zip(libraries, results, strict=True)]
        rows = list(islice(heapq.merge(*lists, key=lambda row: _sort_key(query.sort, row[1])), query.offset, end))
        notes = dict.fromkeys(note for result in results for note in result.notes)
        return MergedResult(results[0].events, tuple(rows), sum(result.total for result in results), tuple(notes))

    def _asked(
        self, query: Query, motion: Motion | None, libraries: Sequence[Searchable]
    ) -> list[tuple[Query, Motion | None]]:
        """What each library is asked: its own clip by its name, that of another one as a motion."""
        like = query.like
        if like is None or motion is not None:
            return [(query, motion)] * len(libraries)
        home, clip = self.clip(like.path)
        asked: list[tuple[Query, Motion | None]] = []
        for library in libraries:
            if library.folder == home.folder:
                asked.append((replace(query, like=replace(like, path=clip.name)), None))
            else:
                asked.append((query, part_of(home.motion(clip.number), like)))
        return asked


class _OpenLibrary:
    """A folder with a library, opened again when its manifest is another."""

    def __init__(self, folder: Path, opener: Opener) -> None:
        self.folder, self._opener = folder, opener
        self._lock = Lock()
        self._stamp = self._manifest()
        self._library = opener(folder, None)

    def current(self, *, wait: bool = False) -> Searchable:
        """The library. Who asks while it is being opened again waits, or gets the one that was open until now."""
        if self._manifest() not in (None, self._stamp) and self._lock.acquire(blocking=wait):
            try:
                if self._manifest() not in (None, self._stamp):
                    self._reopen()
            finally:
                self._lock.release()
        return self._library

    def _reopen(self) -> None:
        stamp = self._manifest()
        try:
            library = self._opener(self.folder, self._library)
            _check_models([self._library, library])
            self._library = library
            log.info("%s: opened again, %d clips", self.folder, len(library.clips))
        except ChronomotionError as error:
            log.warning("%s: stays as it was: %s", self.folder, error)
        self._stamp = stamp  # of before the opening: a change while it was opened counts as a new one

    def _manifest(self) -> tuple[int, int, int] | None:
        """What tells one manifest from another, as it is replaced whole; None while there is none."""
        try:
            status = (self.folder / MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _check_names(libraries: Sequence[Searchable]) -> None:
    for name, count in Counter(library.name for library in libraries).items():
        if count > 1:
            folders = ", ".join(str(library.folder) for library in libraries if library.name == name)
            raise ConfigError(f"{count} libraries are called {name!r} ({folders}): ids of clips need different names")


def _check_models(libraries: Sequence[Searchable]) -> None:
    for library in libraries[1:]:
        first = libraries[0]
        if library.facts.fingerprint != first.facts.fingerprint:
            raise ConfigError(
                f"{first.folder} was made with the model {first.facts.model!r} and {library.folder} with "
                f"{library.facts.model!r}: their scores cannot be compared, serve them apart"
            )


def _sort_key(sort: Sort, hit: Hit) -> Any:
    """As within one library: good matches first; best, newest and shortest first, names by the alphabet."""
    keys = {"score": -hit.score, "name": hit.clip.name, "date": -hit.clip.date, "duration": hit.clip.duration}
    return not hit.good, keys[sort]


def part_of(motion: Motion, like: MotionReference) -> Motion:
    """The part of a motion that a reference means. Raises ConfigError where there is no frame in it."""
    if like.start is None and like.end is None:
        return motion
    try:
        return motion.slice(like.start or 0.0, like.end)
    except ValueError as error:
        raise ConfigError(str(error)) from error
