"""The answers of a model to the questions of an evaluation: unit vectors, or similarities without vectors.

Every measure reads scores by row number, so it does not depend on the kind of answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.model.encoder import detached

__all__ = ["Answers", "Matrix", "Similarities", "Vectors"]

Rows = Sequence[int] | np.ndarray

_PAIRS_AT_ONCE = 1 << 12


@runtime_checkable
class Answers(Protocol):
    """The similarities that a model gives to texts and motions, by their row numbers."""

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """Similarity of each of these texts with each of these motions."""

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Similarity of each text with the motion at the same place of the other list; equal vectors tie here too."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """Unit vectors; the similarity is their cosine.

    Equal vectors get equal scores within one call. A matrix product alone does not guarantee that: the last bits of a
    row depend on its place in the matrix, and chance would decide a tie.
    """

    texts: Float[np.ndarray, "texts dim"]
    motions: Float[np.ndarray, "motions dim"]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """Cosine of each of these texts with each of these motions, float32."""
        rows, row_of = np.unique(self._first_texts[np.asarray(texts, dtype=np.intp)], return_inverse=True)
        columns, column_of = np.unique(self._first_motions[np.asarray(motions, dtype=np.intp)], return_inverse=True)
        cosines = self.texts[rows] @ _taken(self.motions, columns).T
        return np.asarray(cosines if _in_place(row_of, column_of) else cosines[np.ix_(row_of, column_of)])

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Cosines of pairs, summed in float64, because two orders of the same events differ by little."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        cosines = np.empty(len(rows))
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            left, right = self.texts[rows[part]].astype(np.float64), self.motions[columns[part]].astype(np.float64)
            cosines[part] = np.einsum("ij,ij->i", left, right)
        return cosines

    @cached_property
    def _first_texts(self) -> np.ndarray:
        return _first_equal(self.texts)

    @cached_property
    def _first_motions(self) -> np.ndarray:
        return _first_equal(self.motions)


def _first_equal(rows: np.ndarray) -> np.ndarray:
    """For every row the number of the first row that is equal to it, bit for bit."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(row.tobytes(), number) for number, row in enumerate(rows)], dtype=np.intp)


def _taken(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of an array; the array itself, without a copy, when they are all of its rows in order."""
    return array if _in_place(rows) and len(rows) == len(array) else array[rows]


def _in_place(*indices: np.ndarray) -> bool:
    """Whether every index array is 0, 1, 2, ..., so that indexing would only copy."""
    return all(np.array_equal(rows, np.arange(len(rows))) for rows in indices)


@dataclass(frozen=True, eq=False)
class Similarities:
    """The answers of a model that only has ``similarity(texts, motions)``, computed block by block.

    ``text`` and ``motion`` give the text and the features of a row. The score of a text and a motion must not
    depend on the rest of the block.
    """

    similarity: Callable[[Sequence[str], Sequence[np.ndarray]], np.ndarray]
    text: Callable[[int], str]
    motion: Callable[[int], np.ndarray]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """The model's scores. Raises ModelError when they are not one number for every text and motion."""
        inputs = [self.text(int(row)) for row in texts], [self.motion(int(row)) for row in motions]
        expected = (len(inputs[0]), len(inputs[1]))
        output = self.similarity(*inputs)
        try:
            scores = np.asarray(detached(output), dtype=np.float32)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"similarity gave a {type(output).__name__} that is no array of numbers ({str(error).splitlines()[0]})"
            ) from error
        if scores.shape != expected:
            raise ModelError(
                f"similarity gave an array of shape {scores.shape} for {expected[0]} texts and {expected[1]} motions, "
                f"expected {expected}"
            )
        if not np.isfinite(scores).all():
            row, column = np.argwhere(~np.isfinite(scores))[0].tolist()
            raise ModelError(
                f"similarity gave {scores[row, column]} for text {int(texts[row])} ({inputs[0][row][:60]!r}) "
                f"and motion {int(motions[column])}"
            )
        return scores

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """The model's scores of pairs; one call for all the texts that are scored with one motion."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        scores = np.empty(len(rows))
        order = np.argsort(columns, kind="stable")
        if not len(rows):
            return scores
        for places in np.split(order, np.flatnonzero(np.diff(columns[order])) + 1):
            distinct, text_of = np.unique(rows[places], return_inverse=True)
            scores[places] = self.scores(distinct, columns[places[:1]])[text_of, 0]
        return scores


@dataclass(frozen=True, eq=False)
class Matrix:
    """Scores from a given matrix: texts are its rows, motions its columns."""

    matrix: Float[np.ndarray, "texts motions"]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """A part of the matrix; a view of it for consecutive rows with all columns."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        whole = np.array_equal(columns, np.arange(self.matrix.shape[1]))
        if whole and len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
            return self.matrix[rows[0] : rows[0] + len(rows)]
        return self.matrix[np.ix_(rows, columns)]

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Entries of the matrix."""
        return np.asarray(self.matrix[np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)])
