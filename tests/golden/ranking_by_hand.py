"""Retrieval by TMR's rules, one query and one candidate at a time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

RECALLS = (1, 2, 3, 5, 10)


def figures(scores: Sequence[Sequence[float]], right: Sequence[Sequence[bool]]) -> dict[str, float]:
    """R@k in percent and the median rank (from 1) of queries (rows) among candidates (columns).

    The score of the best right candidate stands for the query; its rank is the average of the places of all candidates
    with that very score, the candidate itself among them.
    """
    ranks = []
    for row, allowed in zip(scores, right, strict=True):
        best = max(score for score, good in zip(row, allowed, strict=True) if good)
        places = [place for place, score in enumerate(sorted(row, reverse=True)) if score == best]
        ranks.append(sum(places) / len(places))
    at = {f"R{k:02d}": 100 * sum(rank < k for rank in ranks) / len(ranks) for k in RECALLS}
    return {**at, "MedR": statistics.median(ranks) + 1, "len": float(len(ranks))}


def both_ways(scores: Sequence[Sequence[float]], right: Sequence[Sequence[bool]]) -> dict[str, float]:
    """Texts (rows) to motions (columns), and motions to texts."""
    ways = {"t2m": (scores, right), "m2t": (transposed(scores), transposed(right))}
    return {f"{way}/{name}": value for way, given in ways.items() for name, value in figures(*given).items()}


def transposed(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def alike(sentences: Sequence[Sequence[float]], threshold: float) -> list[list[bool]]:
    """Right answers of the protocol `threshold`: (cosine + 1) / 2 above it, and always the own one."""
    return [
        [i == j or (sum(a * b for a, b in zip(one, other, strict=True)) + 1) / 2 > threshold
         for j, other in enumerate(sentences)]
        for i, one in enumerate(sentences)
    ]  # fmt: skip
