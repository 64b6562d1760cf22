"""From scores to ranks: the number of candidates that are better than the right candidate.

Scores come in blocks of texts, so that only a few rows of a large matrix exist at a time. The first pass over them
looks up the best right score of every query, the second counts, for both directions at once, what is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

__all__ = [
    "RECALL_AT",
    "TIE_RULE",
    "EqualLabels",
    "PairedOnly",
    "Ranking",
    "Right",
    "SimilarCaptions",
    "Ties",
    "rank",
    "recalls",
]

TIE_RULE = "a rank is the number of strictly better candidates plus half of the tied ones"

RECALL_AT = (1, 2, 3, 5, 10)

Ties = Literal["all", "wrong"]
"""Which tied candidates count: all except the right candidate, as published, or only the wrong ones."""

Places = Int[np.ndarray, " _"]

_ROWS = 255
"""Texts in a block: the largest count that a byte holds."""

_COLUMNS = 8 * 255
"""Motions in a tile of a block: small enough for the processor cache, with eight counts in every 64-bit word."""


@runtime_checkable
class Right(Protocol):
    """Which motions are right for which texts."""

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """(place in ``texts``, motion) of every right pair of these texts."""


@dataclass(frozen=True)
class PairedOnly:
    """Only motion i is right for text i; texts beyond the last motion have no right motion."""

    motions: int

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        rows = np.flatnonzero(texts < self.motions)
        return rows, texts[rows]


@dataclass(frozen=True, eq=False)
class EqualLabels:
    """A motion is right for a text when their labels are equal."""

    texts: Int[np.ndarray, " texts"]
    motions: Int[np.ndarray, " motions"]

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        order = np.argsort(self.motions, kind="stable")
        labels, sorted_labels = self.texts[texts], self.motions[order]
        first, behind = np.searchsorted(sorted_labels, labels), np.searchsorted(sorted_labels, labels, side="right")
        rows = np.repeat(np.arange(len(texts)), behind - first)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(behind - first) - (behind - first), behind - first)
        return rows, order[first[rows] + within]


@dataclass(frozen=True, eq=False)
class SimilarCaptions:
    """A motion is right when (cosine + 1) / 2 between its caption's sentence embedding and the query's is above the
    threshold. The motion that is paired with the query is always right."""

    sentences: Float[np.ndarray, "n dim"]
    threshold: float

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        similar = self.sentences[texts] @ self.sentences.T > 2 * self.threshold - 1
        similar[np.arange(len(texts)), texts] = True
        rows, motions = np.nonzero(similar)
        return rows, motions


class Ranking(NamedTuple):
    """Ranks, counted from 0: of the best right motion for every text, and of the best right text for every motion.
    nan where no candidate is right."""

    t2m: Float[np.ndarray, " texts"]
    m2t: Float[np.ndarray, " motions"]


class _Side:
    """The queries of one direction: their best right score, and how many candidates are above and at it."""

    def __init__(self, count: int) -> None:
        self.best = np.full(count, -np.inf)
        self.above, self.at, self.right_at = (np.zeros(count, dtype=np.int64) for _ in range(3))

    def ranks(self, ties: Ties) -> Float[np.ndarray, " queries"]:
        tied = self.at - (1 if ties == "all" else self.right_at)
        return np.where(np.isneginf(self.best), np.nan, self.above + tied / 2)


def rank(
    block: Callable[[Places], Float[np.ndarray, "_ motions"]],
    texts: int,
    motions: int,
    right: Right,
    *,
    ties: Ties = "all",
    rows: int = _ROWS,
) -> Ranking:
    """Ranks in both directions. ``block`` returns the scores of some texts with all motions. It is called twice for
    each block of at most ``rows`` texts, so that a large matrix never has to be in memory as a whole.

    The rank of a query is the number of candidates with a better score than its best right candidate, plus half of
    those tied with it (``ties``). With one right candidate a query this is the published rule, the average of the tied
    places (TMR). Raises ValueError when a score is not a number.
    """
    of_texts, of_motions = _Side(texts), _Side(motions)
    for places, scores in _blocks(block, texts, min(rows, _ROWS)):
        row, column = right.pairs(places)
        right_scores = scores[row, column]
        np.maximum.at(of_texts.best, places[row], right_scores)
        np.maximum.at(of_motions.best, column, right_scores)
    for places, scores in _blocks(block, texts, min(rows, _ROWS)):
        if np.isnan(scores.max(initial=-np.inf)):
            raise ValueError("scores hold numbers that are not a number")
        row, column = right.pairs(places)
        right_scores = scores[row, column]
        np.add.at(of_texts.right_at, places[row], right_scores == of_texts.best[places[row]])
        np.add.at(of_motions.right_at, column, right_scores == of_motions.best[column])
        _count(scores, places, of_texts, of_motions)
    return Ranking(of_texts.ranks(ties), of_motions.ranks(ties))


def recalls(ranks: Float[np.ndarray, " queries"]) -> dict[str, float]:
    """R@1, 2, 3, 5, 10 in percent, and the median rank counted from 1."""
    at = {f"R@{k}": 100.0 * float((ranks < k).mean()) for k in RECALL_AT}
    return {**at, "MedR": float(np.median(ranks)) + 1.0}


def _blocks(
    block: Callable[[Places], np.ndarray], texts: int, rows: int
) -> Iterator[tuple[Places, Float[np.ndarray, "rows motions"]]]:
    for start in range(0, texts, rows):
        places = np.arange(start, min(start + rows, texts))
        yield places, block(places)


def _count(scores: np.ndarray, places: Places, of_texts: _Side, of_motions: _Side) -> None:
    """Add a block to the counts of both sides, tile by tile.

    Truth values are bytes of 0 and 1. Eight of them are added at a time, as a 64-bit word. A sum has at most 255 terms,
    so no count overflows into the next byte. This is several times as fast as numpy's counting along an axis.
    """
    text_best = of_texts.best[places].astype(scores.dtype)[:, None]
    motion_best = of_motions.best.astype(scores.dtype)
    for start in range(0, scores.shape[1], _COLUMNS):
        tile = scores[:, start : start + _COLUMNS]
        part = slice(start, start + tile.shape[1])
        flags = np.zeros((len(tile), -(-tile.shape[1] // 8) * 8), dtype=bool)
        out, words = flags[:, : tile.shape[1]], flags.view(np.uint64)
        for compare, text_count, motion_count in (
            (np.greater, of_texts.above, of_motions.above),
            (np.equal, of_texts.at, of_motions.at),
        ):
            compare(tile, text_best, out=out)
            text_count[places] += words.sum(axis=1).view(np.uint8).reshape(len(tile), 8).sum(axis=1, dtype=np.int64)
            compare(tile, motion_best[part], out=out)
            motion_count[part] += words.sum(axis=0).view(np.uint8)[: tile.shape[1]]
