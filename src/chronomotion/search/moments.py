"""The short windows of some clips, compared with the events of a query: late scores, presence, moments in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.model.matching import Matcher
from chronomotion.model.motion_windows import MATCH_SECONDS, MotionWindows
from chronomotion.model.timeline import place_with_gaps
from chronomotion.search.order import late_scores
from chronomotion.search.records import EventMatch
from chronomotion.search.searchable import PresenceScale
from chronomotion.search.windows import WindowTable

__all__ = ["ClipMoments", "mean_of_windows"]

_SAMPLE = 50_000
"""Windows whose mean stands for that of a library."""


@dataclass(frozen=True, eq=False)
class ClipMoments:
    """Some clips and one set of events: the clips' ``table`` of short windows, by ascending clip number, the unit
    ``vectors`` of the events by their neutral wording, and the ``mean`` window vector of the whole library.
    """

    table: WindowTable
    fps: float
    vectors: Mapping[str, Float[np.ndarray, " dim"]]
    mean: Float[np.ndarray, " dim"]
    scale: PresenceScale

    @cached_property
    def numbers(self) -> Int[np.ndarray, " clips"]:
        """The clips, ascending."""
        return np.unique(self.table.clips)

    def late_scores(
        self, events: Events, cosines: Float[np.ndarray, " clips"], strength: float
    ) -> Float[np.ndarray, " clips"]:
        """Ordered late interaction with each clip, turned with the order dial."""
        rows = self._short
        counts = np.diff(np.searchsorted(self.table.clips[rows], [*self.numbers, self.numbers[-1] + 1]))
        windows = MotionWindows(self.table.vectors[rows], self.table.spans[rows], counts, self.mean)
        return late_scores(Matcher(windows, self.vectors), events, cosines, strength)

    def presence(self, text: str) -> Float[np.ndarray, " clips"]:
        """How sure it is that each clip shows an event."""
        vector, scores = self.vectors[neutral(text)], self._scores[neutral(text)]
        return np.array([self.scale.presence(vector, part) for part in np.split(scores, self._starts[1:])])

    def matches(self, number: int, events: Sequence[str], *, in_order: bool = True) -> tuple[EventMatch, ...]:
        """When each event happens in a clip, in the order told.

        They are placed one after the other; where the order does not matter, each where it fits best.
        """
        rows = self.table.clips == number
        texts = [neutral(text) for text in events]
        scores = np.stack([self._scores[text][rows] for text in texts])
        gaps = np.array([self.scale.gap_score(self.vectors[text]) for text in texts])
        spans = self._placed(scores, self.table.spans[rows], gaps, in_order)
        presences = [self.scale.presence(self.vectors[text], row) for text, row in zip(texts, scores, strict=True)]
        return tuple(
            EventMatch(text, span, float(row.max()), presence, presence >= self.scale.threshold)
            for text, span, row, presence in zip(events, spans, scores, presences, strict=True)
        )

    def _placed(
        self,
        scores: Float[np.ndarray, "events windows"],
        windows: Int[np.ndarray, "windows 2"],
        gaps: Float[np.ndarray, " events"],
        in_order: bool,
    ) -> list[tuple[float, float] | None]:
        """(start, end) of each event in seconds; None where there is no room for them."""
        if windows[:, 1].max() < (len(scores) if in_order else 1):
            return [None] * len(scores)
        if in_order:
            placed = place_with_gaps(scores, windows, gaps).spans
        else:
            placed = tuple(
                span
                for row, gap in zip(scores, gaps, strict=True)
                for span in place_with_gaps(row[None], windows, gap).spans
            )
        return [(begin / self.fps, end / self.fps) for begin, end in placed]

    @cached_property
    def _starts(self) -> Int[np.ndarray, " clips"]:
        return np.searchsorted(self.table.clips, self.numbers)

    @cached_property
    def _scores(self) -> dict[str, Float[np.ndarray, " windows"]]:
        """Cosines of the events with all windows; events are taken in sorted order, whatever the order told."""
        texts = sorted(self.vectors)
        scores = self.table.vectors @ np.stack([self.vectors[text] for text in texts]).T
        return dict(zip(texts, np.ascontiguousarray(scores.T), strict=True))

    @cached_property
    def _short(self) -> Int[np.ndarray, " rows"]:
        """Rows of windows of about one event, and all rows of clips that have no other."""
        length = self.table.spans[:, 1] - self.table.spans[:, 0]
        short = length <= round(max(MATCH_SECONDS) * self.fps)
        without = np.setdiff1d(self.numbers, self.table.clips[short])
        return np.flatnonzero(short | np.isin(self.table.clips, without))


def mean_of_windows(table: WindowTable, fps: float) -> Float[np.ndarray, " dim"]:
    """The mean vector of a library's windows of about one event; of very many, that of some taken evenly."""
    length = table.spans[:, 1] - table.spans[:, 0]
    rows = np.flatnonzero(length <= round(max(MATCH_SECONDS) * fps))
    rows = rows if len(rows) else np.arange(len(table))
    vectors = table.taken(rows[:: -(-len(rows) // _SAMPLE)]).vectors
    return np.asarray(vectors.mean(axis=0))
