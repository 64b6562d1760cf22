"""Locating events in one motion with a model: what :mod:`chronomotion.model.timeline` needs is made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.wording import neutral
from chronomotion.model.background import Background
from chronomotion.model.boundary_head import BoundaryHead
from chronomotion.model.encoder import MotionTextEncoder, encode_texts
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.model.placement import Boundaries
from chronomotion.model.timeline import (
    LEAST_FRAMES,
    EventPlace,
    Located,
    PresenceAt,
    gap_scores,
    locate,
    occurrences,
)

__all__ = ["Locator", "Presence"]

Presence = Callable[
    [Float[np.ndarray, "events dim"], Float[np.ndarray, "windows dim"], Int[np.ndarray, "windows 2"]], PresenceAt
]
"""From the vectors of events, and vectors and (start, end) in frames of a motion's windows, to presence at spans."""


class Locator:
    """Finds events in motions, whose windows of 1 and 1.5 s are encoded once each.

    - ``background``: other sentences: an event ends where they fit better;
    - ``mean``: the mean window vector of a gallery; without it, that of the background stands for it, and without
      either that of the motion itself, which is right only where much of the motion is something else;
    - ``head``: the boundary head of this model, if it has one;
    - ``presence``: how sure it is that a motion shows an event at a place, as
      :meth:`chronomotion.search.calibration.Calibration.presence_at` tells it; from ``threshold`` on it is found.
      Without it, an event is found that gains anything.

    Example::

        others = Background.encode(model, sentences)
        locator = Locator(model, 20.0, background=others, head=BoundaryHead.beside("starter", model.fingerprint))
        located = locator.locate(locator.encode(features), ("a person walks.", "a person sits down."))
    """

    def __init__(
        self,
        model: MotionTextEncoder,
        fps: float,
        *,
        background: Background | None = None,
        mean: Float[np.ndarray, " dim"] | None = None,
        head: BoundaryHead | None = None,
        presence: Presence | None = None,
        threshold: float = 0.95,
    ) -> None:
        self.model, self.fps = model, fps
        self.background, self.mean, self.head = background, mean, head
        self.presence, self.threshold = presence, threshold

    def encode(self, features: Float[np.ndarray, "frames dim"]) -> MotionWindows:
        """The windows of a motion. Raises ModelError when features are not finite."""
        return MotionWindows.encode(self.model, [features], self.fps)

    def locate(self, motion: MotionWindows, events: Sequence[str]) -> Located:
        """Where the events happen in a motion, in this order."""
        vectors, keys = self._vectors(events)
        gaps = self._gaps(motion, vectors)
        return locate(
            vectors @ motion.vectors.T,
            motion.spans,
            gap_scores=gaps,
            presence=self._presence(motion, vectors),
            threshold=self.threshold,
            boundaries=self._boundaries(motion),
            least=self._least,
            keys=keys,
        )

    def occurrences(self, motion: MotionWindows, event: str) -> tuple[EventPlace, ...]:
        """Every time that an event happens in a motion."""
        vectors, _ = self._vectors([event])
        gaps = self._gaps(motion, vectors)
        return occurrences(
            (vectors @ motion.vectors.T)[0],
            motion.spans,
            gap_scores=gaps[0] if gaps.ndim == 2 else float(gaps[0]),
            presence=self._presence(motion, vectors),
            threshold=self.threshold,
            boundaries=self._boundaries(motion),
            least=self._least,
        )

    @property
    def _least(self) -> int:
        return max(1, round(LEAST_FRAMES * self.fps / 20))

    def _vectors(self, events: Sequence[str]) -> tuple[Float[np.ndarray, "events dim"], list[str]]:
        """(vectors, keys) of events in neutral wording."""
        keys = [neutral(event) for event in events]
        known = encode_texts(self.model, keys)
        return np.stack([known[key] for key in keys]), keys

    def _gaps(self, motion: MotionWindows, events: Float[np.ndarray, "events dim"]) -> np.ndarray:
        if self.background is None:
            return gap_scores(events @ (motion.mean if self.mean is None else self.mean))
        mean = self.background.mean if self.mean is None else self.mean
        return gap_scores(events @ mean, self.background.levels(events, motion.vectors))

    def _presence(self, motion: MotionWindows, events: Float[np.ndarray, "events dim"]) -> PresenceAt | None:
        return None if self.presence is None else self.presence(events, motion.vectors, motion.spans)

    def _boundaries(self, motion: MotionWindows) -> Boundaries | None:
        return None if self.head is None else self.head.boundaries(motion, self.fps)
