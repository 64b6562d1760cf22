"""How long ranks take, both ways: counted in tiles, and sorted as published, in one run.

Run with ``python benchmarks/ranking.py [--texts N] [--json]``. With ``--huge`` also 100,000 x 100,000 scores of 256
numbers each, which never exist as a whole; peak memory is printed. Set OMP_NUM_THREADS=1 for one core.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.ranking import RECALL_AT, PairedOnly, Ranking, rank, recalls
from machine import machine


def main() -> None:
    """Time the metrics of a score matrix and print seconds and the figures, which have to agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4384, help="texts and motions (default 4384, HumanML3D's test)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs; the median is printed (default 5)")
    parser.add_argument("--huge", action="store_true", help="also 100,000 x 100,000, in minutes")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    scores = np.random.default_rng(0).standard_normal((given.texts, given.texts), dtype=np.float32)
    ours = rank(lambda rows: scores[rows[0] : rows[-1] + 1], given.texts, given.texts, PairedOnly(given.texts))
    published = [published_metrics(scores), published_metrics(scores.T)]
    agree = [recalls(side) for side in ours] == published
    found: dict[str, object] = {
        "machine": machine(),
        "texts": given.texts,
        "seconds": _seconds(
            lambda: _metrics(
                rank(lambda rows: scores[rows[0] : rows[-1] + 1], given.texts, given.texts, PairedOnly(given.texts))
            ),
            given.repeats,
        ),
        "published_seconds": _seconds(lambda: (published_metrics(scores), published_metrics(scores.T)), given.repeats),
        "figures_agree": agree,
    }
    if given.huge:
        found |= huge(100_000)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        print("\n".join(f"{name:<20} {value:.3f}" if isinstance(value, float) else f"{name:<20} {value}"
                        for name, value in found.items()))  # fmt: skip
    if not agree:
        raise SystemExit("the figures differ from those of the published way")


def published_metrics(scores: Float[np.ndarray, "n n"]) -> dict[str, float]:
    """Recalls and median rank by sorting every row and averaging tied places: how the published code goes about it, in
    our own words."""
    distances = -scores
    ordered = np.sort(distances, axis=1)
    own = np.diag(distances)[:, None]
    rows, places = np.nonzero(ordered - own == 0)
    first = np.flatnonzero(np.r_[True, np.diff(rows) > 0])
    ranks = np.add.reduceat(places, first) / np.diff(np.r_[first, len(rows)])
    return {**{f"R@{k}": 100.0 * float((ranks < k).mean()) for k in RECALL_AT}, "MedR": float(np.median(ranks)) + 1.0}


def huge(count: int) -> dict[str, object]:
    """Seconds and peak memory of the whole process for vectors of 256 numbers."""
    rng = np.random.default_rng(1)
    texts, motions = (rng.standard_normal((count, 256), dtype=np.float32) for _ in range(2))
    texts += motions
    for rows in (texts, motions):
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    answers, everything = Vectors(texts, motions), np.arange(count)
    start, busy = time.perf_counter(), time.process_time()
    ranking = rank(lambda rows: answers.scores(rows, everything), count, count, PairedOnly(count))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {
        "huge_texts": count,
        "huge_seconds": seconds,
        "huge_cpu_seconds": busy,
        "huge_peak_gib": peak,
        "huge_R@1": recalls(ranking.t2m)["R@1"],
    }


def _metrics(ranking: Ranking) -> list[dict[str, float]]:
    return [recalls(side) for side in ranking]


def _seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
