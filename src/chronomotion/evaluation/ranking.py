"""From scores to ranks: how many candidates are better than the right one.

Scores come in blocks of texts, so that only a few rows of a large matrix exist at a time. The first pass over them
looks up the best right score of every query, the second counts, for both directions at once, what is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

__all__ = ["RECALL_AT", "TIE_RULE", "Alike", "Own", "Ranking", "Right", "Same", "Ties", "rank", "recalls"]

TIE_RULE = "a rank is the number of strictly better candidates plus half of the tied ones"

RECALL_AT = (1, 2, 3, 5, 10)

Ties = Literal["all", "wrong"]
"""Which tied candidates count: all but the right one itself, as published, or only those that are not right."""

Places = Int[np.ndarray, " _"]

_ROWS = 255
"""Texts in a block: as many as can be counted in a byte."""

_COLUMNS = 8 * 255
"""Motions in a tile of a block: small enough to stay near the processor, eight counts in every 64-bit word."""


@runtime_checkable
class Right(Protocol):
    """Which motions are right for which texts."""

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """(place in ``texts``, motion) of every right pair of these texts."""


@dataclass(frozen=True)
class Own:
    """Text i and motion i belong together, and nothing else does; texts beyond the last motion have none."""

    motions: int

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        rows = np.flatnonzero(texts < self.motions)
        return rows, texts[rows]


@dataclass(frozen=True, eq=False)
class Same:
    """Texts and motions with equal labels belong together."""

    texts: Int[np.ndarray, " texts"]
    motions: Int[np.ndarray, " motions"]

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        order = np.argsort(self.motions, kind="stable")
        wanted, sorted_labels = self.texts[texts], self.motions[order]
        first, behind = np.searchsorted(sorted_labels, wanted), np.searchsorted(sorted_labels, wanted, side="right")
        rows = np.repeat(np.arange(len(texts)), behind - first)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(behind - first) - (behind - first), behind - first)
        return rows, order[first[rows] + within]


@dataclass(frozen=True, eq=False)
class Alike:
    """A motion is right when (cosine + 1) / 2 of its own text and the query's sentence embeddings is above the
    threshold; the own one always is."""

    sentences: Float[np.ndarray, "n dim"]
    threshold: float

    def pairs(self, texts: Places) -> tuple[Places, Places]:
        """See :class:`Right`."""
        alike = self.sentences[texts] @ self.sentences.T > 2 * self.threshold - 1
        alike[np.arange(len(texts)), texts] = True
        rows, motions = np.nonzero(alike)
        return rows, motions


class Ranking(NamedTuple):
    """Ranks, from 0: of the best right motion of every text, of the best right text of every motion; nan where nothing
    is right."""

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
    """Ranks both ways. ``block`` gives the scores of some texts with all motions, and is asked twice for each block of
    at most ``rows`` texts: a large matrix need never be there as a whole.

    The rank of a query is the number of candidates with a better score than its best right one, plus half of those tied
    with it (``ties``). With one right candidate a query this is the published rule, the average of the tied places
    (TMR). Raises ValueError when a score is not a number.
    """
    of_texts, of_motions = _Side(texts), _Side(motions)
    for places, scores in _blocks(block, texts, min(rows, _ROWS)):
        row, column = right.pairs(places)
        found = scores[row, column]
        np.maximum.at(of_texts.best, places[row], found)
        np.maximum.at(of_motions.best, column, found)
    for places, scores in _blocks(block, texts, min(rows, _ROWS)):
        if np.isnan(scores.max(initial=-np.inf)):
            raise ValueError("scores hold numbers that are not a number")
        row, column = right.pairs(places)
        found = scores[row, column]
        np.add.at(of_texts.right_at, places[row], found == of_texts.best[places[row]])
        np.add.at(of_motions.right_at, column, found == of_motions.best[column])
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

    Truth values are bytes of 0 and 1. Eight of them are added at a time, as a 64-bit word, in which no count can run
    into its neighbour as there are at most 255 to add; this is several times as fast as numpy's counting along an axis.
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
