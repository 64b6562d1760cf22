"""Vectors of the windows of many clips, some thousand windows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.model.encoder import MotionTextEncoder, encode_motions
from chronomotion.motion.feature_mirror import mirrored_features
from chronomotion.search.windows import KINDS, Kind, spans_of

__all__ = ["ClipVectors", "encode_clips", "window_count"]

_CHUNK = 2048
"""Windows that the model is given at a time: enough for batches of one length, little memory."""


@dataclass(frozen=True, eq=False)
class ClipVectors:
    """(start, end) in frames and unit vectors, float16, of the windows of a clip by kind, and the vectors of the mirror
    images of its ``whole`` windows.
    """

    spans: dict[Kind, Int[np.ndarray, "_ 2"]]
    vectors: dict[Kind, Float[np.ndarray, "_ dim"]]
    mirrored: Float[np.ndarray, "_ dim"]


def window_count(frames: int, fps: float) -> int:
    """How many windows of a clip are encoded, mirror images included."""
    return sum(len(spans_of(kind, frames, fps)) for kind in (*KINDS, KINDS[0]))


def encode_clips(
    model: MotionTextEncoder,
    clips: Sequence[Float[np.ndarray, "_ width"]],
    names: Sequence[str],
    fps: float,
) -> list[ClipVectors]:
    """The vectors of clips, whose features are float32; the windows are views of them and are never all copied.

    Raises ModelError, with the clip, when the model's answer cannot be used.
    """
    spans = [{kind: spans_of(kind, len(clip), fps) for kind in KINDS} for clip in clips]
    windows: list[np.ndarray] = []
    owners: list[int] = []
    for number, (clip, kinds) in enumerate(zip(clips, spans, strict=True)):
        mirrored = mirrored_features(clip)
        before = len(windows)
        windows += [clip[start:end] for kind in KINDS for start, end in kinds[kind].tolist()]
        windows += [mirrored[start:end] for start, end in kinds["whole"].tolist()]
        owners += [number] * (len(windows) - before)
    rows = iter(_split(_encoded(model, windows, [names[owner] for owner in owners]), spans))
    return [ClipVectors(kinds, {kind: next(rows) for kind in KINDS}, next(rows)) for kinds in spans]


def _encoded(
    model: MotionTextEncoder, windows: Sequence[np.ndarray], names: Sequence[str]
) -> Float[np.ndarray, "windows dim"]:
    """float16 unit vectors. Windows of one length go to the model together, so that hardly any padding is computed."""
    order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
    vectors: np.ndarray | None = None
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        rows = encode_motions(model, [windows[i] for i in chunk], [names[i] for i in chunk])
        if vectors is None:
            vectors = np.empty((len(windows), rows.shape[1]), dtype=np.float16)
        vectors[chunk] = rows
    assert vectors is not None  # every clip has a window
    return vectors


def _split(
    vectors: Float[np.ndarray, "windows dim"], spans: Sequence[dict[Kind, Int[np.ndarray, "_ 2"]]]
) -> Iterator[Float[np.ndarray, "_ dim"]]:
    """The rows of each clip: those of each kind, then its mirror images."""
    counts = [len(kinds[kind]) for kinds in spans for kind in (*KINDS, KINDS[0])]
    return iter(np.split(vectors, np.cumsum(counts)[:-1]))
