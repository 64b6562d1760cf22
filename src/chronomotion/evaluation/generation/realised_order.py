"""Realised order: does a generated motion show the events that were asked for, in their order?

Three questions about one motion, given log p(action | frame) of a judge:

- present: every asked action is in the detected sequence, as often as asked for;
- ordered: of all orders of the asked events, the asked one has the best segmentation;
- exact: the detected sequence is the asked one, without anything more.

A segmentation cuts the whole motion into one stretch of frames for each event, in order, of any lengths from one frame
on; its score is the sum of the log-probabilities of the stretches' own actions. With L_k(t) the sum of event k's before
frame t, the best one follows from

    best_k(t) = L_k(t) + max over u < t of best_(k-1)(u) - L_k(u),    best_0(0) = 0.

The detected sequence is that of the most likely action of each frame, with the log-probabilities averaged over half a
second; runs shorter than three quarters of a second are dropped, and equal neighbours are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.chronology import Outcome, interval_of
from chronomotion.evaluation.generation.records import OrderFigures, RealisedOrder
from chronomotion.evaluation.intervals import Resampling
from chronomotion.language.order import Order, other_orders

__all__ = [
    "SHORTEST_RUN",
    "SMOOTHING",
    "MotionOrder",
    "best_order",
    "detected_sequence",
    "motion_order",
    "order_shares",
    "realised_order",
    "segmentation_scores",
]

SMOOTHING = 0.5
"""Seconds over which log-probabilities are averaged before the most likely action is taken."""

SHORTEST_RUN = 0.75
"""Seconds that an action has to last to be counted as shown."""

_ORDERS = 24
"""Wrong orders of one list of events that are compared: all of them up to four different events."""


@dataclass(frozen=True)
class MotionOrder:
    """What a judge finds in one motion. ``ordered`` is None where the events have one order only, ``exact`` where the
    judge detects no sequence of its own."""

    present: bool
    ordered: bool | None
    exact: bool | None
    detected: tuple[int, ...]
    best: tuple[int, ...]
    """The asked actions in the order that fits best."""


def realised_order(
    log_probs: Sequence[Float[np.ndarray, "_ actions"]],
    asked: Sequence[Sequence[int]],
    *,
    fps: float = 20.0,
    clusters: Sequence[int] | None = None,
    seed: int = 0,
) -> RealisedOrder:
    """The three shares in percent with 95 % intervals over ``clusters`` of motions, by number of asked events.

    ``log_probs`` are a judge's for each motion, ``asked`` the actions asked for, as columns of them. Without
    ``clusters`` every motion is one. Raises ValueError when there is no motion, or nothing was asked of one.
    """
    judged = [motion_order(values, events, fps=fps) for values, events in zip(log_probs, asked, strict=True)]
    return order_shares(judged, [len(events) for events in asked], clusters, seed)


def order_shares(
    judged: Sequence[MotionOrder], events: Sequence[int], clusters: Sequence[int] | None = None, seed: int = 0
) -> RealisedOrder:
    """The shares of motions, of each of which so many events were asked. Raises ValueError when there is no motion."""
    if not judged:
        raise ValueError("no motion to judge")
    counts = np.array(events)
    resampling = Resampling(range(len(judged)) if clusters is None else clusters, seed)
    return RealisedOrder(
        motions=len(judged),
        by_events={str(count): _figures(judged, counts == count, resampling) for count in np.unique(counts).tolist()},
        all=_figures(judged, counts > 0, resampling),
    )


def motion_order(
    log_probs: Float[np.ndarray, "frames actions"], asked: Sequence[int], *, fps: float = 20.0
) -> MotionOrder:
    """What a judge finds in one motion of which these actions were asked. Raises ValueError when none was."""
    if not asked:
        raise ValueError("no event was asked for")
    detected = detected_sequence(log_probs, fps=fps)
    best, several = best_order(log_probs, asked)
    wanted = without_repeats(asked)
    return MotionOrder(
        present=not Counter(wanted) - Counter(detected),
        ordered=best == tuple(range(len(asked))) if several else None,
        exact=detected == wanted,
        detected=detected,
        best=tuple(asked[place] for place in best),
    )


def detected_sequence(log_probs: Float[np.ndarray, "frames actions"], *, fps: float = 20.0) -> tuple[int, ...]:
    """The actions that a motion shows, in order."""
    labels = _smoothed(log_probs, round(SMOOTHING / 2 * fps)).argmax(axis=1)
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    lengths = np.diff(starts, append=len(labels))
    long = lengths >= round(SHORTEST_RUN * fps)
    return without_repeats(labels[starts[long]].tolist())


def without_repeats(actions: Sequence[int]) -> tuple[int, ...]:
    """A sequence in which equal neighbours are one: two walks on end look like a long one."""
    return tuple(action for place, action in enumerate(actions) if place == 0 or actions[place - 1] != action)


def best_order(log_probs: Float[np.ndarray, "frames actions"], asked: Sequence[int]) -> tuple[Order, bool]:
    """(the order of the asked events, as places, whose segmentation is best; whether there is another order at all).

    Of up to four different events all orders are compared, of more 24 drawn ones. The asked order has to beat every
    other one: where it is level with one, that one is the best. With fewer frames than events no order fits, and one
    that was not asked for is given.
    """
    others = other_orders(tuple(asked), "realised", *asked, limit=_ORDERS)
    itself = tuple(range(len(asked)))
    if not others:
        return itself, False
    scores = segmentation_scores(log_probs, asked, [*others, itself])
    return [*others, itself][int(scores.argmax())], True


def segmentation_scores(
    log_probs: Float[np.ndarray, "frames actions"], asked: Sequence[int], orders: Sequence[Order]
) -> Float[np.ndarray, " orders"]:
    """The score of the best segmentation of the motion into the asked events in each order; minus infinity where
    there are fewer frames than events. O(orders x events x frames)."""
    sums = np.zeros((log_probs.shape[1], len(log_probs) + 1))
    np.cumsum(log_probs.T, axis=1, dtype=np.float64, out=sums[:, 1:])
    actions = np.asarray(asked, dtype=np.intp)[np.asarray(orders, dtype=np.intp)]
    best = np.full((len(orders), len(log_probs) + 1), -np.inf)
    best[:, 0] = 0.0
    for column in actions.T:
        event = sums[column]
        begun = np.maximum.accumulate(best - event, axis=1)
        best = np.full_like(best, -np.inf)
        best[:, 1:] = event[:, 1:] + begun[:, :-1]
    return np.asarray(best[:, -1])


def _smoothed(values: Float[np.ndarray, "frames actions"], reach: int) -> Float[np.ndarray, "frames actions"]:
    """The mean of each frame and as many as ``reach`` before and behind it, fewer at the ends.

    An odd number of frames, so that no border between two actions is a tie.
    """
    sums = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=sums[1:])
    frames = np.arange(len(values))
    low, high = np.maximum(frames - reach, 0), np.minimum(frames + reach + 1, len(values))
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None])


def _figures(judged: Sequence[MotionOrder], chosen: np.ndarray, resampling: Resampling) -> OrderFigures:
    def share(values: Sequence[bool | None]) -> Outcome:
        wins = np.array([np.nan if value is None else float(value) for value in values])
        return Outcome(wins, np.where(np.isfinite(wins), 0.0, np.nan)).only(chosen)

    return OrderFigures(
        present=interval_of(share([motion.present for motion in judged]), resampling),
        ordered=interval_of(share([motion.ordered for motion in judged]), resampling),
        exact=interval_of(share([motion.exact for motion in judged]), resampling),
    )
