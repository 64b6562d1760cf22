"""What a model has to do to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError

__all__ = ["MotionTextEncoder", "encode_motions", "encode_texts"]


@runtime_checkable
class MotionTextEncoder(Protocol):
    """Any model with these two methods can be measured; the cosine of two rows is their similarity."""

    def encode_text(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A row for every text."""

    def encode_motion(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A row for every motion; features as the corpus holds them."""


def encode_texts(model: MotionTextEncoder, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Unit vectors of texts, each text encoded once. Raises ModelError when the model's answer cannot be used."""
    unique = list(dict.fromkeys(texts))
    return dict(zip(unique, _unit(model.encode_text(unique), len(unique), "encode_text"), strict=True))


def encode_motions(model: MotionTextEncoder, motions: Sequence[np.ndarray]) -> Float[np.ndarray, "motions dim"]:
    """Unit vectors of motions. Raises ModelError when the model's answer cannot be used."""
    return _unit(model.encode_motion(motions), len(motions), "encode_motion")


def _unit(rows: np.ndarray, count: int, method: str) -> np.ndarray:
    rows = np.asarray(rows, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != count:
        raise ModelError(f"{method} gave an array of shape {rows.shape} for {count} inputs, expected ({count}, dim)")
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ModelError(f"{method} gave numbers that are not finite for input {bad}")
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if (norms == 0).any():
        raise ModelError(f"{method} gave a zero vector for input {int(np.flatnonzero(norms[:, 0] == 0)[0])}")
    return np.asarray(rows / norms)
