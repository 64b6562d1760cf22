"""The methods of a model that can be measured, and checks of its output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError

__all__ = ["MotionTextEncoder", "checked_rows", "detached", "encode_motions", "encode_texts", "unit_rows"]


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
    return dict(zip(unique, unit_rows(model.encode_text(unique), unique, "encode_text gave"), strict=True))


def encode_motions(model: MotionTextEncoder, motions: Sequence[np.ndarray]) -> Float[np.ndarray, "motions dim"]:
    """Unit vectors of motions. Raises ModelError when the model's answer cannot be used."""
    return unit_rows(model.encode_motion(motions), [""] * len(motions), "encode_motion gave")


def unit_rows(rows: Any, names: Sequence[str], source: str) -> Float[np.ndarray, "rows dim"]:
    """Rows as float32 unit vectors. Raises ModelError as :func:`checked_rows` does."""
    rows = checked_rows(rows, names, source)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def checked_rows(
    rows: Any, names: Sequence[str], source: str, *, numbers: Sequence[int] | None = None
) -> Float[np.ndarray, "rows dim"]:
    """Rows as float32, with the lengths that the model gave them.

    Raises ModelError when they are not numbers, not one row for every name, or when a row is not finite or zero. The
    message begins with ``source`` ("encode_text gave") and names the row by its number, or its entry in ``numbers``,
    and its name.
    """
    try:
        floats = np.asarray(detached(rows), dtype=np.float32)
    except (TypeError, ValueError, RuntimeError) as error:  # rows of several lengths
        raise ModelError(
            f"{source} a {type(rows).__name__} that is no array of numbers ({str(error).splitlines()[0]}): "
            f"expected a numpy array of shape ({len(names)}, dim)"
        ) from error
    if floats.ndim != 2 or len(floats) != len(names) or floats.shape[1] == 0:
        raise ModelError(
            f"{source} an array of shape {floats.shape} for {len(names)} inputs, expected ({len(names)}, dim): "
            "one row for every input, in their order"
        )
    for wrong, what in (
        (~np.isfinite(floats).all(axis=1), "numbers that are not finite"),
        (np.linalg.norm(floats, axis=1) == 0, "a zero vector"),
    ):
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            number = first if numbers is None else numbers[first]
            more = f", and {int(wrong.sum()) - 1} others" if wrong.sum() > 1 else ""
            raise ModelError(f"{source} {what} for input {number}{_shown(names[first])}{more}")
    return floats


def detached(rows: Any) -> Any:
    """Tensors, alone or in a list, detached and on the CPU; any other object unchanged."""
    if hasattr(rows, "detach"):
        return rows.detach().cpu().float()
    if isinstance(rows, list | tuple) and any(hasattr(row, "detach") for row in rows):
        return [detached(row) for row in rows]
    return rows


def _shown(name: str) -> str:
    return f" ({name[:57] + '...' if len(name) > 60 else name!r})" if name else ""
