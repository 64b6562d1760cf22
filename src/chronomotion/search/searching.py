"""Searching a library: from a query to its result. A query encodes nothing but itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from chronomotion.errors import ConfigError
from chronomotion.language.caption import Events
from chronomotion.language.decompose import decompose
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import encode_texts
from chronomotion.search.asked import AskedEvents, asked_events, check_query, notes_on_tokens
from chronomotion.search.candidates import Probe, best_windows, candidates, window_ids
from chronomotion.search.grouping import folded
from chronomotion.search.like import reference_probe, usual_likeness
from chronomotion.search.moments import ClipMoments, mean_of_windows
from chronomotion.search.order import OrderDial
from chronomotion.search.recent import Recent
from chronomotion.search.records import EventMatch, Hit, LibraryClip, Query, SearchResult, Sort
from chronomotion.search.searchable import SearchableLibrary
from chronomotion.search.where import parse_filter
from chronomotion.search.windows import KINDS, Kind
from chronomotion.search.words import WordIndex, WordMatches

__all__ = ["Searcher"]

_FEWEST = 64
"""Clips that are looked for beyond the reranked ones, doubled until a page is full: pages agree with one another."""
_ALL_WORDS = 0.999
"""Share of the words of a query from which on a clip is what was typed."""


@dataclass(frozen=True, eq=False)
class Allowed:
    """Clips that a filter leaves, ascending, and the sorted ids of their windows."""

    numbers: Int[np.ndarray, " clips"]
    windows: Mapping[Kind, Int[np.ndarray, " windows"]]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Clips, best first, with what is known of each: score, whether it is a good match, whether it shows what it should
    not, and (start, end) in frames of its best moment.
    """

    numbers: Int[np.ndarray, " clips"]
    scores: Float[np.ndarray, " clips"]
    good: Bool[np.ndarray, " clips"]
    pushed: Bool[np.ndarray, " clips"]
    spans: Int[np.ndarray, "clips 2"]
    moments: ClipMoments | None = None

    def ordered(self) -> Ranking:
        """What shows what it should not last, good matches before the others; else as it is."""
        order = np.lexsort((np.arange(len(self.numbers)), ~self.good, self.pushed))
        parts = (self.numbers, self.scores, self.good, self.pushed, self.spans)
        return Ranking(*(part[order] for part in parts), self.moments)


class Searcher:
    """Searches one library; threads may share it. What is derived of the library is made once, when it is needed.

    Example::

        result = Searcher(library)(Query("a person walks, then sits down", order=1.5), top=5)
        for hit in result.hits[: result.good]:
            print(hit.clip.name, hit.best)
    """

    def __init__(self, library: SearchableLibrary) -> None:
        self.library = library
        self._lock = threading.RLock()
        self._filters: Recent[str, Allowed] = Recent(16)
        self._vectors: Recent[tuple[str, ...], dict[str, np.ndarray]] = Recent(1000)
        self._usual: Recent[tuple[Kind, ...], float] = Recent(8)

    def __call__(self, query: Query | str, **changes: Any) -> SearchResult:
        """The clips that a query describes; ``changes`` are fields of :class:`Query`.

        Raises ConfigError, in one line, for a query that cannot be; FormatError or CorpusError for a motion to search
        with that is not there; ModelError when the model's answer cannot be used.
        """
        query = _query_of(query, changes)
        asked = asked_events(query)
        allowed = self._allowed(query.where)
        total = len(self.library.clips) if allowed is None else len(allowed.numbers)
        notes = list(asked.notes) if asked is not None else []
        if total == 0:
            notes.append(f"none of the {len(self.library.clips)} clips fits the filter")
            return SearchResult(_texts(asked), (), 0, tuple(notes))
        ranking = self._ranking(query, asked, allowed, total)
        if asked is not None:
            notes += notes_on_tokens(self.library.model, asked) if asked.events is not None else ()
            notes += _not_there(ranking, asked, self.library.calibration.threshold if ranking.moments else 0.0)
        hits = self._page(query, asked, ranking, allowed)
        return SearchResult(_texts(asked), tuple(hits), total, tuple(notes))

    def locate(self, query: Query | str, clip: str | int, **changes: Any) -> tuple[EventMatch, ...]:
        """When each event of a query happens in a clip, given by name or number.

        Raises ConfigError for a query without events, CorpusError for an unknown clip.
        """
        query = _query_of(query, changes)
        asked = asked_events(replace(query, like=None))
        if asked is None or asked.events is None:
            raise ConfigError("nothing to look for: give a sentence or events")
        number = self.library.clip(clip).number
        moments = self._moments(np.array([number]), asked.events.texts)
        return moments.matches(number, asked.events.texts, in_order=query.order > 0)

    @cached_property
    def _dial(self) -> OrderDial:
        return OrderDial(self.library.model)

    @property
    def words(self) -> WordIndex:
        """Names, labels and captions by their words."""
        with self._lock:
            return self._word_index

    @cached_property
    def _word_index(self) -> WordIndex:
        return WordIndex([self.library.clips[number] for number in sorted(self.library.clips)])

    @cached_property
    def _mean(self) -> Float[np.ndarray, " dim"]:
        return mean_of_windows(self.library.windows("short"), self.library.fps)

    def _allowed(self, where: str) -> Allowed | None:
        """What a filter leaves; None without one."""
        if not where.strip():
            return None
        allowed = self._filters.get(where)
        if allowed is None:
            numbers = parse_filter(where).numbers(self.library.clips.values())
            ids = {kind: window_ids(self.library, kind, numbers) for kind in KINDS}
            allowed = self._filters.put(where, Allowed(np.array(numbers, dtype=np.int64), ids))
        return allowed

    def _event_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Unit vectors of events in neutral wording: one batch, the same for every order of them."""
        key = tuple(sorted({neutral(text) for text in texts}))
        vectors = self._vectors.get(key)
        return self._vectors.put(key, encode_texts(self.library.model, key)) if vectors is None else vectors

    def _moments(self, numbers: Int[np.ndarray, " clips"], texts: Sequence[str]) -> ClipMoments:
        with self._lock:
            mean = self._mean
        library, vectors = self.library, self._event_vectors(texts)
        return ClipMoments(library.windows("short").of(numbers), library.fps, vectors, mean, library.calibration)

    def _ranking(self, query: Query, asked: AskedEvents | None, allowed: Allowed | None, total: int) -> Ranking:
        """All clips that a page may need, in their order."""
        if query.like is not None:
            ranking = self._like(query, allowed, total)
        elif asked is None:
            ranking = self._listed(allowed)
        elif asked.events is None:
            ranking = self._named(asked.words, allowed)
        else:
            ranking = self._described(query, asked, asked.events, allowed, total)
        if query.without and len(ranking.numbers):
            ranking = replace(ranking, pushed=self._shown(ranking.numbers, query.without))
        return ranking.ordered()
