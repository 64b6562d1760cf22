"""Realised order without labels: a motion-text model's timeline places the asked events in a motion.

A baseline for the action judge: it needs no labels, reads any words, and knows less. Put real motions beside it: they
are its ceiling, which is lower.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.realised_order import MotionOrder, order_shares
from chronomotion.evaluation.generation.records import RealisedOrder
from chronomotion.model.locator import Locator

__all__ = ["TimelineJudge"]


class TimelineJudge:
    """A locator as judge; ``fingerprint`` is that of its model.

    Of a motion, every event is present where the locator finds each in the asked order, and the asked order is the best
    where none of the others fits as well. It detects no sequence of its own, so nothing is exact.
    """

    def __init__(self, locator: Locator, fingerprint: str) -> None:
        self.locator, self.fingerprint = locator, fingerprint

    def order_of(self, motions: MotionSet, seed: int = 0) -> RealisedOrder | None:
        """Realised order of a set; None where the events of a motion are not known.

        Raises ModelError when features are not finite.
        """
        asked = motions.events()
        if asked is None:
            return None
        judged = [
            self._motion_order(features, events) for features, events in zip(motions.features, asked, strict=True)
        ]
        return order_shares(judged, [len(events) for events in asked], motions.clusters, seed)

    def _motion_order(self, features: Float[np.ndarray, "frames dim"], events: tuple[str, ...]) -> MotionOrder:
        located = self.locator.locate(self.locator.encode(features), events)
        return MotionOrder(
            present=all(place.found for place in located.events),
            ordered=None if located.orders == 1 and located.events[0].span is not None else bool(located.margin > 0),
            exact=None,
            detected=(),
            best=located.best_order,
        )
