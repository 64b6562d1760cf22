"""Where something begins or ends in a motion, whatever it is: a small head on a model's frozen window vectors.

Two logistic regressions, "an event begins here" and "an event ends here", read the windows that end at a time, lie
about it, and begin at it. What they know is added to the placement of events
(:class:`~chronomotion.model.placement.Boundaries`). A head belongs to the model whose vectors it was fitted on, and
lies in its folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ModelError
from chronomotion.model.companions import companion, is_of
from chronomotion.model.motion_windows import MATCH_SECONDS, MotionWindows
from chronomotion.model.placement import Boundaries

__all__ = ["BoundaryHead"]

_FILE = "boundaries.safetensors"

_STEP_SECONDS = 0.25
"""Times that are read are so far apart; between them boundaries are interpolated."""

_NEAR = 0.75 * _STEP_SECONDS
"""So near to a boundary a time belongs to it."""

_WEIGHT = 0.5
"""What the logarithm of the odds of a boundary counts beside the gains of frames."""

_DECAY = 1.0
_ROUNDS = 12

Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class BoundaryHead:
    """The weights of both regressions, the constant last, and the logarithms of the odds of boundaries anywhere."""

    weights: Float[np.ndarray, "features 2"]
    base: Float[np.ndarray, " 2"]

    @classmethod
    def fit(cls, motions: Sequence[MotionWindows], spans: Sequence[Sequence[Span]], fps: float) -> BoundaryHead:
        """Fit to motions, each as its windows of 1 and 1.5 s, with the (start, end) in seconds of everything in them.

        Ridge-penalised logistic regression by Newton's method: no randomness.
        """
        read = [_read(motion, fps) for motion in motions]
        rows = np.concatenate([features for _, features in read])
        near = np.concatenate([_near(times / fps, told) for (times, _), told in zip(read, spans, strict=True)])
        share = near.mean(axis=0)
        weights = np.stack([_regression(rows, column) for column in near.T], axis=1)
        return cls(weights.astype(np.float32), np.log(share / (1 - share)).astype(np.float32))

    def boundaries(self, motion: MotionWindows, fps: float) -> Boundaries:
        """What beginning and ending adds at each frame of one motion.

        Raises ModelError for windows of another model, whose vectors have another width.
        """
        times, features = _read(motion, fps)
        if features.shape[1] != len(self.weights):
            width, told = (_width(count) for count in (len(self.weights), features.shape[1]))
            raise ModelError(
                f"the boundary head was fitted on vectors of {width} numbers, these have {told}: fit it anew"
            )
        odds = _WEIGHT * (features @ self.weights - self.base)
        frames = np.arange(int(motion.spans[:, 1].max()) + 1)
        begins, ends = (np.interp(frames, times, column) for column in odds.T)
        return Boundaries(begins, ends)

    def save(self, folder: Path, fingerprint: str) -> None:
        """Write the head into the folder of its model, with the model's fingerprint. Raises OSError when it cannot be
        written.
        """
        arrays = {"weights": self.weights.astype(np.float16), "base": self.base}
        with atomic_write(folder / _FILE) as part:
            save_file(arrays, str(part), {"model": fingerprint})

    @classmethod
    def beside(cls, model: str | Path, fingerprint: str) -> BoundaryHead | None:
        """The head in a model's folder, or of a model of the package; None where there is none.

        None, too, and a warning in one line, where it was fitted on a model with another fingerprint. Raises ModelError
        when it cannot be read.
        """
        path = companion(model, _FILE)
        if path is None:
            return None
        try:
            with safe_open(path, framework="numpy") as kept:
                if not is_of(path, (kept.metadata() or {}).get("model", ""), fingerprint):
                    return None
                return cls(kept.get_tensor("weights").astype(np.float32), kept.get_tensor("base"))
        except (OSError, KeyError, SafetensorError) as error:
            raise ModelError(f"{path}: no boundary head of ours ({error})") from error


def _read(motion: MotionWindows, fps: float) -> tuple[Int[np.ndarray, " times"], Float[np.ndarray, "times features"]]:
    """(times in frames, what is read there) of one motion."""
    frames = int(motion.spans[:, 1].max())
    times = np.arange(0, frames + 1, max(1, round(_STEP_SECONDS * fps)))
    lengths = motion.spans[:, 1] - motion.spans[:, 0]
    columns: list[np.ndarray] = []
    for seconds in MATCH_SECONDS:
        fits = lengths == round(seconds * fps)
        which = np.flatnonzero(fits if fits.any() else lengths == lengths.max())
        which = which[np.argsort(motion.spans[which, 0], kind="stable")]
        spans = motion.spans[which]
        before, about, behind = (
            motion.vectors[which[_nearest(anchors, 2 * times)]]
            for anchors in (2 * spans[:, 1], spans.sum(axis=1), 2 * spans[:, 0])
        )
        cosines = [(one * other).sum(axis=1) for one, other in ((before, behind), (before, about), (about, behind))]
        columns += [before, about, behind, np.abs(before - behind), *(cosine[:, None] for cosine in cosines)]
    columns.append(np.ones((len(times), 1)))
    return times, np.concatenate(columns, axis=1).astype(np.float64)


def _width(features: int) -> int:
    """How wide the vectors are of which so many numbers are read."""
    lengths = len(MATCH_SECONDS)
    return (features - 1 - 3 * lengths) // (4 * lengths)


def _nearest(anchors: Int[np.ndarray, " windows"], times: Int[np.ndarray, " times"]) -> Int[np.ndarray, " times"]:
    """The window whose anchor is nearest to each time; anchors rise."""
    right = np.clip(np.searchsorted(anchors, times), 1, max(1, len(anchors) - 1))
    right = np.minimum(right, len(anchors) - 1)
    left = np.maximum(right - 1, 0)
    return np.asarray(np.where(times - anchors[left] <= anchors[right] - times, left, right))


def _near(times: Float[np.ndarray, " times"], spans: Sequence[Span]) -> Float[np.ndarray, "times 2"]:
    """1 where a span begins, and where one ends."""
    bounds = np.array(spans, dtype=np.float64).reshape(-1, 2)
    return np.asarray(np.abs(times[:, None, None] - bounds).min(axis=1) <= _NEAR, dtype=np.float64)


def _regression(rows: Float[np.ndarray, "times features"], truth: Float[np.ndarray, " times"]) -> np.ndarray:
    """Weights of a logistic regression with a ridge penalty."""
    weights = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        share = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (share - truth) + _DECAY * weights
        curve = (rows * (share * (1 - share))[:, None]).T @ rows + _DECAY * np.eye(len(weights))
        change = np.linalg.solve(curve, slope)
        weights -= change
        if np.abs(change).max() < 1e-6:
            break
    return weights
