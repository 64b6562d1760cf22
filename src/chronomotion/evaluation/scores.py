"""Where scores come from: unit vectors of everything, or a function that compares texts with motions.

Whatever the source, equal vectors get equal scores to the last bit, so that ties are ties: a pair's score is computed
by the same sum wherever the pair stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from chronomotion.errors import ModelError

__all__ = ["MatrixScores", "Scores", "SimilarityScores", "VectorScores"]

Places = Int[np.ndarray, " places"]

_PAIRS_AT_ONCE = 1 << 16


@runtime_checkable
class Scores(Protocol):
    """How well texts and motions go together; both are named by their places in the lists of ``Questions``. Higher is
    better, nothing else is assumed."""

    def block(self, texts: Places, motions: Places) -> Float[np.ndarray, "texts motions"]:
        """Every one of some texts with every one of some motions."""

    def pairs(self, texts: Places, motions: Places) -> Float[np.ndarray, " pairs"]:
        """The score of each pair (texts[i], motions[i])."""


class VectorScores:
    """Cosines of unit vectors, float32 rows aligned with ``Questions.texts`` and ``Questions.motions``."""

    def __init__(self, texts: Float[np.ndarray, "texts dim"], motions: Float[np.ndarray, "motions dim"]) -> None:
        self.texts, self.motions = texts, motions

    def block(self, texts: Places, motions: Places) -> Float[np.ndarray, "texts motions"]:
        """See :class:`Scores`."""
        return np.asarray(self.texts[texts] @ self.motions[motions].T)

    def pairs(self, texts: Places, motions: Places) -> Float[np.ndarray, " pairs"]:
        """See :class:`Scores`; float64, as a right and a wrong order of events differ by little."""
        out = np.empty(len(texts))
        for start in range(0, len(texts), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            left, right = self.texts[texts[part]].astype(np.float64), self.motions[motions[part]].astype(np.float64)
            out[part] = np.einsum("ij,ij->i", left, right)
        return out


class MatrixScores:
    """Scores that lie in a matrix already; text i and motion j are its rows and columns."""

    def __init__(self, scores: Float[np.ndarray, "texts motions"]) -> None:
        self.scores = scores

    def block(self, texts: Places, motions: Places) -> Float[np.ndarray, "texts motions"]:
        """See :class:`Scores`."""
        if _is_range(texts) and len(motions) == self.scores.shape[1] and _is_range(motions):
            return self.scores[texts[0] : texts[-1] + 1] if len(texts) else self.scores[:0]
        return self.scores[np.ix_(texts, motions)]

    def pairs(self, texts: Places, motions: Places) -> Float[np.ndarray, " pairs"]:
        """See :class:`Scores`."""
        return np.asarray(self.scores[texts, motions])


class SimilarityScores:
    """A model that only compares: ``similarity(texts, motions) -> (texts, motions)``.

    ``texts`` are ``Questions.texts``, ``motion`` gives the features of a motion by its place. Raises ModelError when
    the answer has another shape or holds numbers that are not finite.
    """

    def __init__(
        self,
        similarity: Callable[[Sequence[str], Sequence[np.ndarray]], np.ndarray],
        texts: Sequence[str],
        motion: Callable[[int], np.ndarray],
    ) -> None:
        self.similarity, self.texts, self.motion = similarity, texts, motion

    def block(self, texts: Places, motions: Places) -> Float[np.ndarray, "texts motions"]:
        """See :class:`Scores`."""
        told = [self.texts[i] for i in texts.tolist()]
        scores = np.asarray(self.similarity(told, [self.motion(i) for i in motions.tolist()]), dtype=np.float64)
        if scores.shape != (len(texts), len(motions)):
            raise ModelError(
                f"similarity gave an array of shape {scores.shape} for {len(texts)} texts and {len(motions)} motions, "
                f"expected ({len(texts)}, {len(motions)})"
            )
        if not np.isfinite(scores).all():
            text, motion = np.argwhere(~np.isfinite(scores))[0].tolist()
            raise ModelError(f"similarity gave {scores[text, motion]} for text {told[text]!r}, expected finite numbers")
        return scores

    def pairs(self, texts: Places, motions: Places) -> Float[np.ndarray, " pairs"]:
        """See :class:`Scores`; one call for all the texts that are held against one motion."""
        out = np.empty(len(texts))
        order = np.argsort(motions, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(motions[order])) + 1):
            asked, where = np.unique(texts[rows], return_inverse=True)
            out[rows] = self.block(asked, motions[rows[:1]])[where, 0]
        return out


def _is_range(places: Places) -> bool:
    return len(places) == 0 or (len(places) == places[-1] - places[0] + 1 and bool((np.diff(places) == 1).all()))
