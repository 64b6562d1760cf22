"""What a model says of texts and motions: vectors, or a similarity and no vectors at all.

Every measure asks for scores by row numbers, so that it need not know which of the two it has.
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
    """A model's opinion of the texts and motions of an evaluation, by their row numbers."""

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """Similarity of every one of these texts with every one of these motions."""

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Similarity of each text with the motion at the same place of the other list; equal vectors tie here, too."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """Unit vectors; the similarity is their cosine.

    Equal vectors get equal scores within one call. A matrix product alone does not promise that: the last bits of a
    row depend on where in the matrix it stands, and a tie would be won by chance.
    """

    texts: Float[np.ndarray, "texts dim"]
    motions: Float[np.ndarray, "motions dim"]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """Cosine of every one of these texts with every one of these motions, float32."""
        rows, row_of = np.unique(self._first_texts[np.asarray(texts, dtype=np.intp)], return_inverse=True)
        columns, column_of = np.unique(self._first_motions[np.asarray(motions, dtype=np.intp)], return_inverse=True)
        found = self.texts[rows] @ _taken(self.motions, columns).T
        return np.asarray(found if _all_different(row_of, column_of) else found[np.ix_(row_of, column_of)])

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Cosines of pairs, summed in float64, as two orders of the same events differ by little."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        found = np.empty(len(rows))
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            left, right = self.texts[rows[part]].astype(np.float64), self.motions[columns[part]].astype(np.float64)
            found[part] = np.einsum("ij,ij->i", left, right)
        return found

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
    """Rows of an array; no copy of them all."""
    return array if _all_different(rows) and len(rows) == len(array) else array[rows]


def _all_different(*places: np.ndarray) -> bool:
    """True where nothing would change places, so that a large matrix need not be copied."""
    return all(np.array_equal(one, np.arange(len(one))) for one in places)


@dataclass(frozen=True, eq=False)
class Similarities:
    """The answers of a model that only has ``similarity(texts, motions)``, asked for block by block.

    ``text`` and ``motion`` give the text and the features of a row. Scores of one text with one motion must not depend
    on what else is in a block.
    """

    similarity: Callable[[Sequence[str], Sequence[np.ndarray]], np.ndarray]
    text: Callable[[int], str]
    motion: Callable[[int], np.ndarray]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """The model's scores. Raises ModelError when they are not one number for every text and motion."""
        asked = [self.text(int(row)) for row in texts], [self.motion(int(row)) for row in motions]
        expected = (len(asked[0]), len(asked[1]))
        said = self.similarity(*asked)
        try:
            found = np.asarray(detached(said), dtype=np.float32)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"similarity gave a {type(said).__name__} that is no array of numbers ({str(error).splitlines()[0]})"
            ) from error
        if found.shape != expected:
            raise ModelError(
                f"similarity gave an array of shape {found.shape} for {expected[0]} texts and {expected[1]} motions, "
                f"expected {expected}"
            )
        if not np.isfinite(found).all():
            row, column = np.argwhere(~np.isfinite(found))[0].tolist()
            raise ModelError(
                f"similarity gave {found[row, column]} for text {int(texts[row])} ({asked[0][row][:60]!r}) "
                f"and motion {int(motions[column])}"
            )
        return found

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """The model's scores of pairs; one call for all the texts that are held against one motion."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        found = np.empty(len(rows))
        order = np.argsort(columns, kind="stable")
        if not len(rows):
            return found
        for places in np.split(order, np.flatnonzero(np.diff(columns[order])) + 1):
            asked, which = np.unique(rows[places], return_inverse=True)
            found[places] = self.scores(asked, columns[places[:1]])[which, 0]
        return found


@dataclass(frozen=True, eq=False)
class Matrix:
    """Scores that lie in a matrix already: texts are its rows, motions its columns."""

    matrix: Float[np.ndarray, "texts motions"]

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """A part of the matrix; a view of it where rows follow on one another and all columns are wanted."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        whole = np.array_equal(columns, np.arange(self.matrix.shape[1]))
        if whole and len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
            return self.matrix[rows[0] : rows[0] + len(rows)]
        return self.matrix[np.ix_(rows, columns)]

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Entries of the matrix."""
        return np.asarray(self.matrix[np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)])
