"""What searches derive of a library once: its words, the dial, the mean of its windows, filters, vectors of events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.wording import neutral
from chronomotion.model.encoder import encode_texts
from chronomotion.search.asking.candidates import Probe, probed_clips, window_ids
from chronomotion.search.asking.grouping import RankedClips, members_of
from chronomotion.search.asking.moments import ClipMoments, ClipView, PlacedEvents, mean_of_windows
from chronomotion.search.asking.searchable import SearchableLibrary
from chronomotion.search.asking.where import parse_filter
from chronomotion.search.asking.words import WordIndex
from chronomotion.search.order import OrderDial
from chronomotion.search.recent import Recent
from chronomotion.search.windows import KINDS, Kind, WindowTable

__all__ = ["Allowed", "PreparedLibrary"]

_SAMPLE = 2000
_AT_ONCE = 50_000
"""Windows whose vectors are in memory at a time: 25 MB of 128 numbers each."""
_VIEWS = 64 << 20
"""Bytes of views of clips that are kept: 2,500 clips of 6 s, or 25 of 10 minutes, with 128 numbers a vector."""
_PLACED = 10_000
"""Events placed in clips that are kept, about 1 kB for each clip and query."""
_PROBED = 500_000
"""Clips in lists that are kept, 12 bytes each."""

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Allowed:
    """Clips that a filter leaves, ascending, and the sorted ids of their windows; None: all of them."""

    numbers: Int[np.ndarray, " clips"]
    windows: Mapping[Kind, Int[np.ndarray, " windows"]] | None


class PreparedLibrary:
    """A library and what is derived of it when it is first needed. Threads may share it."""

    def __init__(self, library: SearchableLibrary) -> None:
        self.library = library
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}
        self._filters: Recent[str, Allowed] = Recent(16)
        self._members: Recent[str, dict[int, list[int]]] = Recent(16)
        self._vectors: Recent[tuple[str, ...], dict[str, Float[np.ndarray, " dim"]]] = Recent(1000)
        self._views: Recent[int, ClipView] = Recent(_VIEWS, lambda view: view.size)
        self._probed: Recent[tuple[bytes, tuple[Kind, ...], int], RankedClips] = Recent(
            _PROBED, lambda clips: 1 + len(clips)
        )
        self._placed: Recent[tuple[int, tuple[str, ...], bool], PlacedEvents] = Recent(_PLACED)

    @property
    def dial(self) -> OrderDial:
        """The order dial of its model."""
        return self._once("dial", lambda: OrderDial(self.library.model))

    @property
    def words(self) -> WordIndex:
        """Names, labels and captions by their words."""
        clips = self.library.clips
        return self._once("words", lambda: WordIndex([clips[number] for number in sorted(clips)]))

    def allowed(self, where: str) -> Allowed:
        """The clips that fit a filter. Raises ConfigError, in one line, for what is no filter."""
        allowed = self._filters.get(where)
        if allowed is None:
            numbers = parse_filter(where).numbers(self.library.clips.values())
            windows = {kind: window_ids(self.library, kind, numbers) for kind in KINDS} if where.strip() else None
            allowed = self._filters.put(where, Allowed(np.array(numbers, dtype=np.int64), windows))
        return allowed

    def probed(self, probe: Probe, count: int, allowed: Allowed) -> RankedClips:
        """:func:`probed_clips`; without a filter the last lists are kept."""
        if allowed.windows is not None:
            return probed_clips(self.library, probe, count, allowed.windows)
        key = (probe.vector.tobytes(), probe.kinds, count)
        clips = self._probed.get(key)
        return self._probed.put(key, probed_clips(self.library, probe, count)) if clips is None else clips

    def members(self, where: str) -> Mapping[int, Sequence[int]]:
        """The near-duplicates that a filter leaves, by their group (:func:`members_of`)."""
        members = self._members.get(where)
        if members is None:
            numbers = self.allowed(where).numbers.tolist()
            members = self._members.put(where, members_of(self.library.groups(), numbers))
        return members

    def event_vectors(self, texts: Sequence[str]) -> dict[str, Float[np.ndarray, " dim"]]:
        """Unit vectors of events by their neutral wording: encoded in one batch, the same for every order of them."""
        return self.text_vectors({neutral(text) for text in texts})

    def text_vectors(self, texts: Iterable[str]) -> dict[str, Float[np.ndarray, " dim"]]:
        """Unit vectors of texts as they are, by the texts; the last sets of texts are kept."""
        key = tuple(sorted(texts))
        vectors = self._vectors.get(key)
        return self._vectors.put(key, encode_texts(self.library.model, key)) if vectors is None else vectors

    @property
    def sample(self) -> Float[np.ndarray, "windows dim"]:
        """Some thousand windows, taken evenly, that stand for all motions of the library."""
        return self._once("sample", lambda: _sample(self.library.windows("short")))

    @property
    def mean_motion(self) -> Float[np.ndarray, " dim"]:
        """The unit vector of the mean of all motions of the library: a motion that shows nothing in particular."""
        return self._once("mean motion", lambda: _mean_direction(self.library.windows("whole")))

    def moments(self, numbers: Int[np.ndarray, " clips"], texts: Sequence[str]) -> ClipMoments:
        """The short windows of some clips, given by distinct numbers, compared with events."""
        numbers, library = np.unique(numbers), self.library
        vectors = self.event_vectors(texts)
        return ClipMoments(
            numbers, self._clip_views(numbers), self._windows, library.fps, vectors, self._mean, library.calibration
        )

    def matches(self, number: int, texts: Sequence[str], *, in_order: bool = True) -> PlacedEvents:
        """When each event happens in a clip (:meth:`ClipMoments.matches`); the last answers are kept."""
        key = (number, tuple(texts), in_order)
        placed = self._placed.get(key)
        if placed is None:
            moments = self.moments(np.array([number]), texts)
            placed = self._placed.put(key, moments.matches(number, texts, in_order=in_order))
        return placed

    def parts(self, numbers: Int[np.ndarray, " clips"]) -> Iterator[slice]:
        """Clips, given by ascending numbers, in stretches whose short windows fit the memory: long takes have many."""
        table = self.library.windows("short")
        counts = np.searchsorted(table.clips, numbers, side="right") - np.searchsorted(table.clips, numbers)
        start, windows = 0, 0
        for place, count in enumerate(counts.tolist()):
            if windows and windows + count > _AT_ONCE:
                yield slice(start, place)
                start, windows = place, 0
            windows += count
        yield slice(start, len(numbers))

    @property
    def _mean(self) -> Float[np.ndarray, " dim"]:
        """The mean window vector of the library."""
        return self._once("mean", lambda: mean_of_windows(self.library.windows("short"), self.library.fps))

    def _windows(self, number: int) -> WindowTable:
        return self.library.windows("short").of([number])

    def _clip_views(self, numbers: Int[np.ndarray, " clips"]) -> list[ClipView]:
        """What is compared of each clip; the last of them are kept."""
        views = []
        for number in numbers.tolist():
            view = self._views.get(number)
            if view is None:
                library = self.library
                view = ClipView.of(self._windows(number), library.fps, self._mean, library.calibration)
                self._views.put(number, view)
            views.append(view)
        return views

    def _once(self, name: str, make: Callable[[], Made]) -> Made:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: Made = self._made[name]
            return made


def _sample(table: WindowTable) -> Float[np.ndarray, "windows dim"]:
    rows = np.arange(0, len(table), max(1, len(table) // _SAMPLE))
    return np.asarray(table.taken(rows).vectors)


def _mean_direction(table: WindowTable) -> Float[np.ndarray, " dim"]:
    mean = np.asarray(table.vectors, dtype=np.float64).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12))
