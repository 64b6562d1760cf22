"""Whether a motion shows the events that were asked for, and in their order: as a motion-text model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion
from chronomotion.search.locating import calibrated_locator
from chronomotion.search.phrase_bank import PhraseBank

__all__ = ["EventEye", "EventsSeen"]


@dataclass(frozen=True)
class EventsSeen:
    """What a model sees of the events, in the order asked for.

    ``spans`` are (start, end) in seconds, None where the motion has no room; ``margin`` says by how much the order
    asked for fits better than any other, None where there is no other.
    """

    found: tuple[bool, ...]
    spans: tuple[tuple[float, float] | None, ...]
    margin: float | None

    @property
    def in_order(self) -> bool:
        """Whether every event is found, and no other order fits better."""
        return all(self.found) and (self.margin is None or self.margin >= 0)


class EventEye:
    """Looks for events in motions, with a motion-text model that was loaded from ``source``."""

    def __init__(self, model: MotionTextModel, source: str | Path) -> None:
        self.model, self._source = model, source
        self._bank = PhraseBank.encode(model)

    def look(self, motion: Motion, events: Sequence[str]) -> EventsSeen:
        """Whether and when a motion shows these events, in this order. Raises ModelError where the model cannot read
        it."""
        windows = MotionWindows.encode(self.model, [features_of(motion)], motion.fps)
        locator = calibrated_locator(self.model, self._source, motion.fps, windows, self._bank)
        located = locator.locate(windows, events)
        spans = tuple(
            None if place.span is None else (place.span[0] / motion.fps, place.span[1] / motion.fps)
            for place in located.events
        )
        margin = None if located.margin != located.margin else float(located.margin)
        return EventsSeen(tuple(place.found for place in located.events), spans, margin)
