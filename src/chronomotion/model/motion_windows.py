"""A gallery of motions as the vectors of their sliding windows, each motion encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from chronomotion.model.encoder import MotionTextEncoder, encode_motions
from chronomotion.model.timeline import STRIDE_SECONDS, sliding_windows

__all__ = ["MATCH_SECONDS", "MotionRows", "MotionWindows", "padded"]

MATCH_SECONDS = (1.0, 1.5)
"""Windows of about one event: longer ones blur where one event ends and the next begins."""


_STEPS_AT_ONCE = 256
"""Steps that are compared with the windows near them at a time: of a long take both are thousands."""


@dataclass(frozen=True, eq=False)
class MotionRows:
    """Vectors of motions, some of each, one motion after the other.

    ``frames``: how many frames each row stands for; ``counts``: the number of rows of each motion.
    """

    vectors: Float[np.ndarray, "rows dim"]
    frames: Int[np.ndarray, " rows"]
    counts: Int[np.ndarray, " motions"]

    @classmethod
    def joined(cls, parts: Sequence[MotionRows]) -> MotionRows:
        """The rows of some motions, and then those of others."""
        vectors, frames, counts = zip(*((part.vectors, part.frames, part.counts) for part in parts), strict=True)
        return cls(np.concatenate(vectors), np.concatenate(frames), np.concatenate(counts))

    def of(self, motions: Int[np.ndarray, " chosen"]) -> MotionRows:
        """The rows of some motions."""
        if np.array_equal(motions, np.arange(len(self.counts))):
            return self
        counts = self.counts[motions]
        ahead = np.repeat(self._starts[motions] - (np.cumsum(counts) - counts), counts)
        rows = np.arange(counts.sum()) + ahead
        return MotionRows(self.vectors[rows], self.frames[rows], counts)

    @cached_property
    def within(self) -> Bool[np.ndarray, "motions most"]:
        """Which places of an array with as many columns as the longest motion has rows hold a row."""
        return np.asarray(np.arange(self.counts.max(initial=0)) < self.counts[:, None])

    @cached_property
    def lengths(self) -> Int[np.ndarray, " motions"]:
        """The frames of each motion's rows together."""
        return np.asarray(padded(self.frames[:, None], self.within, 0.0)[:, 0].sum(axis=1).astype(np.intp))

    @cached_property
    def _starts(self) -> Int[np.ndarray, " motions"]:
        return np.asarray(np.cumsum(self.counts) - self.counts)


def padded(
    values: Float[np.ndarray, "rows channels"] | Int[np.ndarray, "rows channels"],
    within: Bool[np.ndarray, "motions most"],
    padding: float,
) -> Float[np.ndarray, "motions channels most"]:
    """Values of rows as one array over motions; ``padding`` stands behind the last row of a motion."""
    filled = np.full((*within.shape, values.shape[1]), padding)
    filled[within] = values
    return np.ascontiguousarray(filled.transpose(0, 2, 1))


@dataclass(frozen=True, eq=False)
class MotionWindows:
    """The window vectors of a gallery of motions.

    - ``vectors``: unit vectors of all windows, motion after motion;
    - ``spans``: (start, end) of each in frames from the start of its motion;
    - ``counts``: the number of windows of each motion;
    - ``mean``: the mean window vector. An event's cosine with it is the event's mean score, by which its scores are
      calibrated.
    """

    vectors: Float[np.ndarray, "windows dim"]
    spans: Int[np.ndarray, "windows 2"]
    counts: Int[np.ndarray, " motions"]
    mean: Float[np.ndarray, " dim"]

    @classmethod
    def encode(
        cls,
        model: MotionTextEncoder,
        motions: Sequence[Float[np.ndarray, "_ dim"]],
        fps: float,
        *,
        seconds: Sequence[float] = MATCH_SECONDS,
        stride: float = STRIDE_SECONDS,
    ) -> MotionWindows:
        """The windows of one motion or more. A motion shorter than every window is one window.

        Raises ModelError when features are not finite, or when the model's answer cannot be used.
        """
        spans = [_short_windows(len(motion), fps, seconds, stride) for motion in motions]
        parts = [motion[a:b] for motion, windows in zip(motions, spans, strict=True) for a, b in windows]
        vectors = encode_motions(model, parts)
        counts = np.array([len(windows) for windows in spans], dtype=np.intp)
        return cls(vectors, np.concatenate(spans), counts, vectors.mean(axis=0))

    def __len__(self) -> int:
        return len(self.counts)

    def calibrated(self, mean: Float[np.ndarray, " dim"]) -> MotionWindows:
        """The same windows with the mean window vector of another gallery."""
        return replace(self, mean=mean)

    @cached_property
    def windows(self) -> MotionRows:
        """The windows, calibrated: the score of an event with a row is its cosine less its mean cosine."""
        return MotionRows(self.vectors - self.mean, self.spans[:, 1] - self.spans[:, 0], self.counts)

    @cached_property
    def steps(self) -> MotionRows:
        """The stretches of frames that lie in the same windows, calibrated: the mean vector of these windows."""
        ends = np.cumsum(self.counts)
        parts = [self._steps(slice(end - count, end)) for end, count in zip(ends, self.counts, strict=True)]
        vectors, frames = (np.concatenate(values) for values in zip(*parts, strict=True))
        return MotionRows(vectors, frames, np.array([len(rows) for rows, _ in parts], dtype=np.intp))

    def _steps(self, windows: slice) -> tuple[Float[np.ndarray, "steps dim"], Int[np.ndarray, " steps"]]:
        """(vectors, frames) of one motion's steps. A stretch in no window has the vector 0: it gains from no event."""
        spans, vectors = self.spans[windows], self.windows.vectors[windows]
        bounds = np.unique(np.append(spans, 0))
        rows = []
        for first in range(0, len(bounds) - 1, _STEPS_AT_ONCE):
            part = bounds[first : first + _STEPS_AT_ONCE + 1]
            near = (spans[:, 0] < part[-1]) & (spans[:, 1] > part[0])
            begins, ends = spans[near].T[:, :, None]
            inside = ((begins <= part[:-1]) & (part[1:] <= ends)).T.astype(np.float32)
            rows.append(inside / np.maximum(inside.sum(axis=1, keepdims=True), 1) @ vectors[near])
        return np.concatenate(rows), np.diff(bounds)


def _short_windows(frames: int, fps: float, seconds: Sequence[float], stride: float) -> Int[np.ndarray, "windows 2"]:
    """Sliding windows; the whole motion, which is one of them, only where it is no longer than the others."""
    spans = sliding_windows(frames, fps, 1, seconds, stride)
    short = spans[:, 1] - spans[:, 0] <= round(max(seconds) * fps)
    return spans[short] if short.any() else spans
