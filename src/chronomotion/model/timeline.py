"""Where in a motion each event happens: sliding windows, and the best placement of the events in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
from jaxtyping import Float, Int

from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts

__all__ = ["Placement", "Timeline", "cut_in_order", "place_in_order", "sliding_windows", "timelines"]

WINDOW_SECONDS = (1.0, 1.5, 2.0, 3.0)
STRIDE_SECONDS = 0.25

_MOST_ORDERS = 24


@dataclass(frozen=True)
class Placement:
    """A window for each event (numbers of windows), in order and without overlap, and the mean of their scores."""

    windows: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Timeline:
    """When each event happens, (start, end) in seconds from the start of the motion, and how well it fits there (a
    cosine). ``parts`` are the whole motion cut between the events. ``gap``: by how much the asked order fits better
    than the best other order of the same events, in mean cosine; below 0 another one fits better, and with one event it
    is not a number.
    """

    spans: tuple[tuple[float, float], ...]
    parts: tuple[tuple[float, float], ...]
    scores: tuple[float, ...]
    gap: float


def sliding_windows(
    frames: int, fps: float, events: int = 1, seconds: Sequence[float] = WINDOW_SECONDS, stride: float = STRIDE_SECONDS
) -> Int[np.ndarray, "windows 2"]:
    """(start, end) in frames of windows of several lengths, each as often as ``stride`` seconds allow.

    A last window of each length ends with the motion. Lengths that would not leave room for so many ``events`` are
    left out, and one window length that does is always there: an equal part of the motion. ``frames`` has to be at
    least ``events``. Raises ValueError when it is not.
    """
    if frames < events:
        raise ValueError(f"{frames} frames hold no {events} events one after the other")
    part = frames // events
    sizes = {round(one * fps) for one in seconds if 1 <= round(one * fps) <= part} | {part}
    step = max(1, round(stride * fps))
    spans = set()
    for size in sizes:
        starts = [*range(0, frames - size + 1, step), frames - size, *(i * part for i in range(events))]
        spans |= {(start, start + size) for start in starts if start + size <= frames}
    return np.array(sorted(spans))


def place_in_order(scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"]) -> Placement:
    """The placement of the events in windows, one each, in order and without overlap, with the highest sum of scores.

    With B_k(w) the best sum of events up to k when k is in window w: B_k(w) = s_kw + max { B_k-1(v): v ends where w
    starts, or before }. The maxima are kept for every frame, so that this takes O(events x (windows + frames)). Raises
    ValueError when there is no such placement.
    """
    starts, ends = windows[:, 0], windows[:, 1]
    frames = int(ends.max()) + 1
    best = scores[0].astype(np.float64)
    origins: list[np.ndarray] = []
    for row in scores[1:]:
        until = np.full(frames, -np.inf)  # best sum of windows that end by a frame
        which = np.full(frames, -1)
        for w in np.argsort(best, kind="stable"):  # the best window of a frame is written last
            until[ends[w]], which[ends[w]] = best[w], w
        # The best so far: a running maximum, and whose it is.
        highest = np.maximum.accumulate(until)
        owner = which[np.maximum.accumulate(np.where(until >= highest, np.arange(frames), 0))]
        origins.append(owner[starts])
        best = row + highest[starts]
    last = int(best.argmax())
    if not np.isfinite(best[last]):
        raise ValueError(f"no {len(scores)} of these windows follow one another without overlap")
    chosen = [last]
    for origin in reversed(origins):
        chosen.append(int(origin[chosen[-1]]))
    return Placement(tuple(reversed(chosen)), float(best[last]) / len(scores))


def timelines(
    model: MotionTextEncoder,
    motions: Sequence[Float[np.ndarray, "_ dim"]],
    events: Sequence[Sequence[str]],
    fps: float,
    *,
    seconds: Sequence[float] = WINDOW_SECONDS,
    stride: float = STRIDE_SECONDS,
) -> list[Timeline]:
    """When the events of each motion happen, its own list of event texts for each, told in the order asked about.

    Every window is encoded once, whatever the events. Raises ValueError for a motion of fewer frames than events.
    """
    windows = [
        sliding_windows(len(motion), fps, len(told), seconds, stride)
        for motion, told in zip(motions, events, strict=True)
    ]
    parts = [motion[a:b] for motion, spans in zip(motions, windows, strict=True) for a, b in spans]
    vectors = np.split(encode_motions(model, parts), np.cumsum([len(spans) for spans in windows])[:-1])
    texts = encode_texts(model, [text for told in events for text in told])
    return [
        _timeline(np.stack([texts[text] for text in told]) @ rows.T, spans, fps)
        for told, rows, spans in zip(events, vectors, windows, strict=True)
    ]


def _timeline(scores: np.ndarray, windows: np.ndarray, fps: float) -> Timeline:
    placed = place_in_order(scores, windows)
    others = [list(order) for order in permutations(range(len(scores)))][1:_MOST_ORDERS]
    gap = placed.score - max((place_in_order(scores[order], windows).score for order in others), default=float("nan"))
    # Some sentences are near to everything: each event's scores are measured by their own mean and spread.
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-6)
    standard = (scores - scores.mean(axis=1, keepdims=True)) / spread
    cuts = [0.0, *(int(cut) / fps for cut in cut_in_order(standard, windows)), int(windows.max()) / fps]
    return Timeline(
        parts=tuple(pairwise(cuts)),
        spans=tuple((int(windows[w, 0]) / fps, int(windows[w, 1]) / fps) for w in placed.windows),
        scores=tuple(float(scores[k, w]) for k, w in enumerate(placed.windows)),
        gap=gap,
    )


def cut_in_order(
    scores: Float[np.ndarray, "events windows"], windows: Int[np.ndarray, "windows 2"]
) -> Int[np.ndarray, " cuts"]:
    """Frames at which the whole motion is cut into as many parts as there are events, in order: of all cuts those with
    the highest sum over frames of the score of the frame's event.

    A frame's score is the mean of those of the windows that it lies in. With C_k the running sum of event k's,
    B_k(t) = C_k(t) + max over u < t of B_k-1(u) - C_k(u) is the best sum up to t when k is the last event there.
    O(events x frames).
    """
    running = np.cumsum(_frame_scores(scores, windows), axis=1)
    running = np.concatenate([np.zeros((len(scores), 1)), running], axis=1)
    best = running[0].copy()
    best[0] = -np.inf  # no event is without a frame
    origins = []
    for row in running[1:]:
        ahead = best - row
        highest = np.maximum.accumulate(ahead)
        owner = np.maximum.accumulate(np.where(ahead >= highest, np.arange(len(ahead)), 0))
        origins.append(np.concatenate([[0], owner[:-1]]))
        best = row + np.concatenate([[-np.inf], highest[:-1]])
    cuts = [len(best) - 1]
    for origin in reversed(origins):
        cuts.append(int(origin[cuts[-1]]))
    return np.array(cuts[:0:-1], dtype=np.int64)


def _frame_scores(scores: np.ndarray, windows: np.ndarray) -> Float[np.ndarray, "events frames"]:
    frames = np.arange(int(windows[:, 1].max()))
    within = (windows[:, :1] <= frames) & (frames < windows[:, 1:])
    return np.asarray(scores @ within / np.maximum(within.sum(axis=0), 1))
