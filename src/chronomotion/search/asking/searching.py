"""Searching a library: from a query to its result. A query encodes nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chronomotion.errors import ConfigError
from chronomotion.search.asking.asked import AskedEvents, asked_events, check_query, notes_on_tokens
from chronomotion.search.asking.captions import MotionCaptions, describe
from chronomotion.search.asking.grouping import FoldedClip, folded
from chronomotion.search.asking.like import parse_reference
from chronomotion.search.asking.moments import PlacedEvents
from chronomotion.search.asking.order_scores import order_scores
from chronomotion.search.asking.prepared import Allowed, PreparedLibrary
from chronomotion.search.asking.ranking import GradedClips, by_events, by_motion, by_name, in_order, listed, pushed_down
from chronomotion.search.asking.searchable import SearchableLibrary
from chronomotion.search.phrase_bank import phrases
from chronomotion.search.recent import Recent
from chronomotion.search.records import (
    EventMatch,
    Hit,
    LibraryClip,
    MotionReference,
    OrderScore,
    Query,
    SearchResult,
    Sort,
)

__all__ = ["Searcher"]

_FEWEST = 64
"""Clips that are looked for at least; doubled until a page is full, so that pages agree with one another."""

_KEYS: dict[Sort, Callable[[LibraryClip], Any]] = {
    "name": lambda clip: clip.name,
    "date": lambda clip: -clip.date,
    "duration": lambda clip: clip.duration,
}
"""Newest first, shortest first."""
_HITS = 10_000
"""Hits of the last answers that are kept, about 1 kB each: a library that is open does not change."""
_NOTHING_PLACED = PlacedEvents((), math.nan)


class Searcher:
    """Searches one library; threads may share it.

    Example::

        result = Searcher(library)("a person walks, then sits down", order=1.5, top=5)
        for hit in result.hits[: result.good]:
            print(hit.clip.name, hit.best)
    """

    def __init__(self, library: SearchableLibrary) -> None:
        self.library = library
        self._prepared = PreparedLibrary(library)
        self._answers: Recent[Query, SearchResult] = Recent(_HITS, lambda result: 1 + len(result.hits))

    def __call__(self, query: Query | str, **changes: Any) -> SearchResult:
        """The clips that a query describes; ``changes`` are fields of :class:`Query`.

        A query of nothing lists the clips that its filter leaves. ``sort`` other than by score puts the good matches
        among the best ``rerank`` clips in that order, and the others behind them.

        Raises ConfigError, in one line, for a query that cannot be; CorpusError or FormatError for a motion to search
        with that is not there or cannot be read; ModelError when the model's answer cannot be used.
        """
        query = _checked(query, changes)
        if query.like is not None:  # its file may change
            return self._answer(query)
        result = self._answers.get(query)
        return self._answers.put(query, self._answer(query)) if result is None else result

    def _answer(self, query: Query) -> SearchResult:
        asked = asked_events(query)
        events = () if asked is None or asked.events is None else asked.events.texts
        allowed = self._prepared.allowed(query.where)
        total = len(allowed.numbers)
        notes = list(asked.notes) if asked is not None else []
        if total == 0:
            every = len(self.library.clips)
            notes.append(f"none of the {every} clips fits the filter" if every else "this library has no clips")
            return SearchResult(events, (), 0, tuple(notes))
        if events and asked is not None:
            notes += notes_on_tokens(self.library.model, asked)
        ranking, folds = self._ranked(query, asked, allowed)
        notes += [f'"{text.rstrip(".")}" is probably not in this library' for text in ranking.missing]
        notes += [
            f'"{text.rstrip(".")}" is probably not in this library: its best clip stands out no more than by chance'
            for text in ranking.doubtful
        ]
        by_words = "was found by names, labels or captions: as a motion it is probably not in this library"
        notes += [f'"{text.rstrip(".")}" {by_words}' for text in ranking.called]
        if asked is not None and not events and not ranking.good.any():
            notes.append(f'no clip is called "{asked.words.strip()}"')
        page = folds[query.offset : query.offset + query.top]
        return SearchResult(events, tuple(self._hits(query, events, ranking, page)), total, tuple(notes))

    def locate(self, query: Query | str, clip: str | int, **changes: Any) -> tuple[EventMatch, ...]:
        """When each event of a query happens in a clip, given by name or number.

        Raises ConfigError for a query without events, CorpusError for an unknown clip.
        """
        query = _checked(query, changes)
        asked = asked_events(query)
        if asked is None or asked.events is None:
            raise ConfigError("nothing to look for: give a sentence or events")
        number, texts = self.library.clip(clip).number, asked.events.texts
        return self._prepared.matches(number, texts, in_order=in_order(query.order)).matches

    def orders(self, query: Query | str, clip: str | int) -> tuple[OrderScore, ...]:
        """How well a clip, given by name or number, fits every order of the query's events, best first.

        Raises ConfigError for a query without events, CorpusError for an unknown clip.
        """
        asked = asked_events(_checked(query, {}))
        if asked is None or asked.events is None:
            raise ConfigError("nothing to put in order: give a sentence or events")
        return order_scores(self._prepared, asked.events, self.library.clip(clip).number)

    def describe(self, reference: MotionReference | str, top: int = 5) -> tuple[MotionCaptions, ...]:
        """Sentences that describe a clip (by its name) or a motion file, or a part of it; of a long one, part by part.

        Raises ConfigError for ``top`` below 1; else as a search with that motion does.
        """
        reference = parse_reference(reference) if isinstance(reference, str) else reference
        check_query(Query(like=reference, top=top))
        return describe(self._prepared, reference, phrases(), top)

    def _ranked(
        self, query: Query, asked: AskedEvents | None, allowed: Allowed
    ) -> tuple[GradedClips, list[FoldedClip]]:
        """Enough clips for the page, and near-duplicates among them folded."""
        needed, total = query.offset + query.top, len(allowed.numbers)
        count = _FEWEST
        while count < needed:
            count *= 2
        while True:
            ranking = self._ranking(query, asked, allowed, min(count, total))
            if query.without:
                ranking = pushed_down(self._prepared, ranking, query.without)
            ranking = self._sorted(ranking.by_grade(), query.sort)
            numbers = ranking.numbers.tolist()
            if query.fold:
                folds = folded(numbers, self.library.groups(), self._prepared.members(query.where))
            else:
                folds = [FoldedClip(number) for number in numbers]
            if len(folds) >= needed or count >= total:
                return ranking, folds
            count *= 2

    def _ranking(self, query: Query, asked: AskedEvents | None, allowed: Allowed, count: int) -> GradedClips:
        if query.like is not None:
            return by_motion(self._prepared, query.like, allowed, count)
        if asked is None:
            return listed(self._prepared, allowed)
        if asked.events is None:
            return by_name(self._prepared, asked.words, allowed)
        return by_events(self._prepared, query, asked, asked.events, allowed, count)

    def _sorted(self, ranking: GradedClips, sort: Sort) -> GradedClips:
        """Within each grade, by a property of the clips."""
        if sort == "score":
            return ranking
        key, clips = _KEYS[sort], self.library.clips
        grades = zip(ranking.pushed.tolist(), (~ranking.good).tolist(), ranking.numbers.tolist(), strict=True)
        ordered = sorted(enumerate(grades), key=lambda row: (*row[1][:2], key(clips[row[1][2]]), clips[row[1][2]].name))
        return ranking.taken(np.array([place for place, _ in ordered], dtype=np.intp))

    def _hits(self, query: Query, events: tuple[str, ...], ranking: GradedClips, page: list[FoldedClip]) -> list[Hit]:
        """What is shown; only now is each event placed in time."""
        clips = self.library.clips
        rows = {number: row for row, number in enumerate(ranking.numbers.tolist())}
        hits = []
        for fold in page:
            row, clip = rows[fold.number], clips[fold.number]
            start, end = (int(frame) / self.library.fps for frame in ranking.spans[row])
            placed = _NOTHING_PLACED
            if events:
                placed = self._prepared.matches(fold.number, events, in_order=in_order(query.order))
            hits.append(
                Hit(
                    clip,
                    float(ranking.scores[row]),
                    _moment(placed.matches) or (start, end),
                    placed.matches,
                    placed.margin,
                    good=bool(ranking.good[row] and not ranking.pushed[row]),
                    duplicates=tuple(clips[number] for number in fold.others),
                )
            )
        return hits


def _checked(query: Query | str, changes: dict[str, Any]) -> Query:
    """A query with changes. Raises ConfigError for fields that a query does not have, and as check_query does."""
    unknown = sorted(set(changes) - set(Query.__dataclass_fields__))
    if unknown:
        raise ConfigError(f"a query has no {unknown[0]!r}: there are {', '.join(Query.__dataclass_fields__)}")
    query = Query(query) if isinstance(query, str) else query
    query = replace(query, **changes) if changes else query
    check_query(query)
    return replace(query, events=tuple(query.events), without=tuple(query.without))


def _moment(matches: tuple[EventMatch, ...]) -> tuple[float, float] | None:
    """From the first event that was found to the end of the last; None where none was."""
    spans = [match.span for match in matches if match.found and match.span is not None]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None
