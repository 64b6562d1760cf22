"""The methods of a model that can be measured, and checks of its output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError

__all__ = [
    "MotionTextEncoder",
    "check_features",
    "checked_rows",
    "detached",
    "encode_motions",
    "encode_texts",
    "unit",
    "unit_rows",
]

_SHORT, _LONG = 1e-12, 1e15
"""Sizes of numbers between which squares of them can be added in float32."""


@runtime_checkable
class MotionTextEncoder(Protocol):
    """Any model with these two methods can be measured; the cosine of two rows is their similarity."""

    def encode_text(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A row for every text."""

    def encode_motion(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A row for every motion; features as the corpus holds them."""


@runtime_checkable
class CheckingEncoder(MotionTextEncoder, Protocol):
    """A model that checks the features of motions itself, as :class:`MotionTextModel` does: nobody else has to."""

    checks_motions: bool

    def encode_motion(
        self, motions: Sequence[Float[np.ndarray, "_ features"]], *, names: Sequence[str] | None = None
    ) -> Float[np.ndarray, "motions dim"]:
        """A row for every motion; errors call the motions by their ``names``, where given."""


def encode_texts(model: MotionTextEncoder, texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Unit vectors of texts, each text encoded once. Raises ModelError when the model's answer cannot be used."""
    unique = list(dict.fromkeys(texts))
    return dict(zip(unique, unit_rows(model.encode_text(unique), unique, "encode_text gave"), strict=True))


def encode_motions(
    model: MotionTextEncoder, motions: Sequence[np.ndarray], names: Sequence[str] | None = None
) -> Float[np.ndarray, "motions dim"]:
    """Unit vectors of motions, which errors call by their ``names``.

    Raises ModelError when features are not finite, or the model's answer cannot be used.
    """
    titles = [f"motion {number}" if names is None else f"clip {names[number]!r}" for number in range(len(motions))]
    if isinstance(model, CheckingEncoder):
        rows = model.encode_motion(motions, names=titles)
    else:
        for motion, title in zip(motions, titles, strict=True):
            check_features(motion, title)
        rows = model.encode_motion(motions)
    return unit_rows(rows, names or [""] * len(motions), "encode_motion gave")


def check_features(features: Float[np.ndarray, "frames dim"], motion: str) -> None:
    """Raises ModelError, with frame and feature, when the numbers of a motion are not all finite."""
    finite = np.isfinite(features)
    if not finite.all():
        frame, number = np.argwhere(~finite)[0].tolist()
        raise ModelError(
            f"{motion}: feature {number} of frame {frame} is {features[frame, number]}: no number of a motion may be "
            "missing or infinite"
        )


def unit_rows(rows: Any, names: Sequence[str], source: str) -> Float[np.ndarray, "rows dim"]:
    """Rows as float32 unit vectors. Raises ModelError as :func:`checked_rows` does."""
    return unit(checked_rows(rows, names, source))


def unit(rows: Float[np.ndarray, "rows dim"]) -> Float[np.ndarray, "rows dim"]:
    """Rows, none of them zero, at length 1; also very long and very short rows, whose squares overflow float32."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if not ((largest > _SHORT) & (largest < _LONG)).all():
        rows = np.asarray(rows / largest)
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
        rows = detached(rows)
        with np.errstate(over="ignore"):  # told below
            floats = np.asarray(rows, dtype=np.float32)
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
    infinite = ~np.isfinite(floats).all(axis=1)
    too_large = infinite & np.isfinite(np.asarray(rows, dtype=np.float64)).all(axis=1) if infinite.any() else infinite
    for wrong, what in (
        (too_large, "numbers that are too large for float32"),
        (infinite, "numbers that are not finite"),
        (~floats.any(axis=1), "a zero vector"),
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
