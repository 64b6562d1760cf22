"""The short windows of some clips, compared with the events of a query: late scores, presence, moments in time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.model.background import Background
from chronomotion.model.matching import Matcher
from chronomotion.model.motion_windows import MATCH_SECONDS, MotionWindows
from chronomotion.model.timeline import LEAST_FRAMES, EventPlace, Located, gap_scores, locate
from chronomotion.search.calibration import inside, share_below
from chronomotion.search.order import late_scores
from chronomotion.search.records import EventMatch
from chronomotion.search.searchable import PresenceScale
from chronomotion.search.windows import WindowTable

__all__ = ["ClipMoments", "PlacedEvents", "mean_of_windows"]

_SAMPLE = 50_000
"""Windows whose mean stands for that of a library."""


class PlacedEvents(NamedTuple):
    """Events of a query in a clip, in the order told; ``margin``: by how much this order fits better than the best
    other one, in score a frame. Not a number where no order was asked for, or there is no other one.
    """

    matches: tuple[EventMatch, ...]
    margin: float

    @property
    def all_found(self) -> bool:
        """Whether the clip shows all of them."""
        return all(match.found for match in self.matches)


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

    def standing_out(self, events: Sequence[str]) -> Float[np.ndarray, "events clips"]:
        """How far each event stands out in each clip, in spreads (z of the calibration)."""
        return self._z[[self._places[neutral(event)] for event in events]]

    def matches(self, number: int, events: Sequence[str], *, in_order: bool = True) -> PlacedEvents:
        """When each event happens in a clip: in the order told, or in the order that fits best.

        Of several events, each has to be present where it is placed; a single one, somewhere in the clip.
        """
        clip = int(np.searchsorted(self.numbers, number))
        texts = [neutral(text) for text in events]
        if in_order:
            order, located = list(range(len(texts))), self._located(clip, texts)
        else:
            order = sorted(range(len(texts)), key=lambda k: texts[k])
            located = self._located(clip, [texts[k] for k in order])
            if located.best_order != tuple(range(len(texts))):
                order = [order[k] for k in located.best_order]
                located = self._located(clip, [texts[k] for k in order])
        matches = {k: self._match(clip, events, k, place) for k, place in zip(order, located.events, strict=True)}
        return PlacedEvents(tuple(matches[k] for k in range(len(events))), located.margin if in_order else math.nan)

    def _located(self, clip: int, texts: Sequence[str]) -> Located:
        rows = self._rows(clip)
        rows = rows[np.isin(rows, self._short)]
        windows, events = self.table.vectors[rows], self._stacked[[self._places[text] for text in texts]]
        gaps = gap_scores(events @ self.mean, Background(self.scale.bank.vectors).levels(events, windows))
        least = max(1, round(LEAST_FRAMES * self.fps / 20))
        return locate(events @ windows.T, self.table.spans[rows], gap_scores=gaps, least=least, keys=texts)

    def _match(self, clip: int, events: Sequence[str], event: int, place: EventPlace) -> EventMatch:
        """An event at its place."""
        if place.span is None:
            return EventMatch(events[event], None, math.nan, 0.0, False)
        row = self._places[neutral(events[event])]
        z = self._z[row, clip] if len(events) == 1 else min(self._z[row, clip], self._z_inside(clip, row, place.span))
        (presence,) = share_below(np.array([z])).tolist()
        begin, end = (frame / self.fps for frame in place.span)
        return EventMatch(events[event], (begin, end), place.score, presence, presence >= self.scale.threshold)

    def _z_inside(self, clip: int, row: int, span: tuple[int, int]) -> float:
        """How far an event stands out at a span."""
        rows = self._rows(clip)
        there = rows[inside(self.table.spans[rows], span)]
        event = self._stacked[row : row + 1]
        return float(self.scale.z(event, self.table.vectors[there], self.table.spans[there])[0])

    def _rows(self, clip: int) -> Int[np.ndarray, " windows"]:
        return np.arange(self._bounds[clip], self._bounds[clip + 1])

    @cached_property
    def _places(self) -> dict[str, int]:
        """Rows of the events; taken in sorted order, whatever the order told."""
        return {text: row for row, text in enumerate(sorted(self.vectors))}

    @cached_property
    def _stacked(self) -> Float[np.ndarray, "events dim"]:
        return np.stack([self.vectors[text] for text in self._places])

    @cached_property
    def _z(self) -> Float[np.ndarray, "events clips"]:
        rows = [self._rows(clip) for clip in range(len(self.numbers))]
        return np.stack([self.scale.z(self._stacked, self.table.vectors[r], self.table.spans[r]) for r in rows], axis=1)

    @cached_property
    def _bounds(self) -> Int[np.ndarray, " bounds"]:
        return np.append(np.searchsorted(self.table.clips, self.numbers), len(self.table.clips))

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
