"""The short windows of some clips, compared with the events of a query: late scores, presence, moments in time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.model.background import Background
from chronomotion.model.matching import StepMatcher
from chronomotion.model.motion_windows import MATCH_SECONDS, MotionRows, MotionWindows
from chronomotion.model.timeline import LEAST_FRAMES, EventPlace, Located, gap_scores, locate
from chronomotion.search.asking.searchable import PresenceScale
from chronomotion.search.calibration import ClipMomentRows, inside, share_below
from chronomotion.search.order import late_scores
from chronomotion.search.records import EventMatch
from chronomotion.search.windows import WindowTable

__all__ = ["ClipMoments", "ClipView", "PlacedEvents", "mean_of_windows"]

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
class ClipView:
    """What is compared of one clip with every query: its moments, and the steps of its windows of about one event."""

    moments: ClipMomentRows
    steps: MotionRows

    @classmethod
    def of(cls, table: WindowTable, fps: float, mean: Float[np.ndarray, " dim"], scale: PresenceScale) -> ClipView:
        """Of the short windows of a clip; ``mean`` is the mean window vector of its library."""
        rows = _about_one_event(table.spans, fps)
        windows = MotionWindows(table.vectors[rows], table.spans[rows], np.array([len(rows)]), mean)
        return cls(scale.moments(table.vectors, table.spans), windows.steps)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for array in (*self.moments, self.steps.vectors, self.steps.frames))


@dataclass(frozen=True, eq=False)
class ClipMoments:
    """Some clips, by ascending ``numbers``, and one set of events: a view of each clip, the short windows of one where
    they are needed, the unit ``vectors`` of the events by their neutral wording, and the ``mean`` window vector of the
    whole library.
    """

    numbers: Int[np.ndarray, " clips"]
    views: Sequence[ClipView]
    windows: Callable[[int], WindowTable]
    fps: float
    vectors: Mapping[str, Float[np.ndarray, " dim"]]
    mean: Float[np.ndarray, " dim"]
    scale: PresenceScale

    def late_scores(
        self, events: Events, cosines: Float[np.ndarray, " clips"], strength: float
    ) -> Float[np.ndarray, " clips"]:
        """Ordered late interaction with each clip, turned with the order dial."""
        steps = MotionRows.joined([view.steps for view in self.views])
        return late_scores(StepMatcher(steps, self.vectors), events, cosines, strength)

    def standing_out(self, events: Sequence[str]) -> Float[np.ndarray, "events clips"]:
        """How far each event stands out in each clip, in spreads (z of the calibration)."""
        return self._z[[self._places[neutral(event)] for event in events]]

    def matches(self, number: int, events: Sequence[str], *, in_order: bool = True) -> PlacedEvents:
        """When each event happens in a clip: in the order told, or in the order that fits best.

        Of several events, each has to be present where it is placed; a single one, somewhere in the clip.
        """
        clip, table = int(np.searchsorted(self.numbers, number)), self.windows(number)
        texts = [neutral(text) for text in events]
        if in_order:
            order, located = list(range(len(texts))), self._located(table, texts)
        else:
            order = sorted(range(len(texts)), key=lambda k: texts[k])
            located = self._located(table, [texts[k] for k in order])
            if located.best_order != tuple(range(len(texts))):
                order = [order[k] for k in located.best_order]
                located = self._located(table, [texts[k] for k in order])
        places = zip(order, located.events, strict=True)
        matches = {k: self._match(clip, table, events, k, place) for k, place in places}
        return PlacedEvents(tuple(matches[k] for k in range(len(events))), located.margin if in_order else math.nan)

    def _located(self, table: WindowTable, texts: Sequence[str]) -> Located:
        rows = _about_one_event(table.spans, self.fps)
        windows, events = table.vectors[rows], self._stacked[[self._places[text] for text in texts]]
        gaps = gap_scores(events @ self.mean, Background(self.scale.bank.vectors).levels(events, windows))
        least = max(1, round(LEAST_FRAMES * self.fps / 20))
        return locate(events @ windows.T, table.spans[rows], gap_scores=gaps, least=least, keys=texts)

    def _match(self, clip: int, table: WindowTable, events: Sequence[str], event: int, place: EventPlace) -> EventMatch:
        """An event at its place."""
        if place.span is None:
            return EventMatch(events[event], None, math.nan, 0.0, False)
        row = self._places[neutral(events[event])]
        z = self._z[row, clip] if len(events) == 1 else min(self._z[row, clip], self._z_inside(table, row, place.span))
        (presence,) = share_below(np.array([z])).tolist()
        begin, end = (frame / self.fps for frame in place.span)
        return EventMatch(events[event], (begin, end), place.score, presence, presence >= self.scale.threshold)

    def _z_inside(self, table: WindowTable, row: int, span: tuple[int, int]) -> float:
        """How far an event stands out in the windows whose middle lies in a span, or in those nearest to it."""
        there = inside(table.spans, span)
        return float(self.scale.z(self._stacked[row : row + 1], table.vectors[there], table.spans[there])[0])

    @cached_property
    def _places(self) -> dict[str, int]:
        """Rows of the events; taken in sorted order, whatever the order told."""
        return {text: row for row, text in enumerate(sorted(self.vectors))}

    @cached_property
    def _stacked(self) -> Float[np.ndarray, "events dim"]:
        return np.stack([self.vectors[text] for text in self._places])

    @cached_property
    def _z(self) -> Float[np.ndarray, "events clips"]:
        return self.scale.z_of(self._stacked, [view.moments for view in self.views])


def mean_of_windows(table: WindowTable, fps: float) -> Float[np.ndarray, " dim"]:
    """The mean vector of a library's windows of about one event; of very many, that of some taken evenly."""
    rows = _about_one_event(table.spans, fps)
    vectors = table.taken(rows[:: -(-len(rows) // _SAMPLE)]).vectors
    return np.asarray(vectors.mean(axis=0))


def _about_one_event(spans: Int[np.ndarray, "windows 2"], fps: float) -> Int[np.ndarray, " rows"]:
    """Rows of windows of about one event, and all rows where there is no such window."""
    rows = np.flatnonzero(spans[:, 1] - spans[:, 0] <= round(max(MATCH_SECONDS) * fps))
    return rows if len(rows) else np.arange(len(spans))
