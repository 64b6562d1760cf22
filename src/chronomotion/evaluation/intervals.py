"""Confidence intervals of figures: the bootstrap over clusters of clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.seeding import generator

__all__ = ["Resampling"]

_NUMBERS_AT_ONCE = 1 << 23
"""Float64 numbers in memory at a time; 64 MiB."""


class Resampling:
    """Clusters of clips drawn with replacement, ``draws`` times: a function of the clusters and the seed.

    Clips of one cluster (twins, mirror images) are not independent, so they are drawn together. The draws are the same
    for every figure and every model, so the difference of two models is paired.
    """

    def __init__(self, clusters: Sequence[int], seed: int, draws: int = 1000) -> None:
        self._cluster = np.unique(np.asarray(clusters, dtype=np.intp), return_inverse=True)[1]
        self.count = int(self._cluster.max(initial=-1)) + 1
        self.seed, self.draws = seed, draws
        self._kept: list[np.ndarray] = []

    def interval(self, values: Float[np.ndarray, " clips"]) -> tuple[float, float]:
        """95 % percentile interval of the mean of values, one a clip; clips whose value is nan are left out.

        Without any value both ends are nan.
        """
        low, high = np.nanpercentile(self.means(values), [2.5, 97.5]) if np.isfinite(values).any() else (np.nan, np.nan)
        return float(low), float(high)

    def means(self, values: Float[np.ndarray, " clips"]) -> Float[np.ndarray, " draws"]:
        """The mean over the clips of each draw; nan where a draw holds none of the clips that have a value."""
        known = np.isfinite(values)
        sums = np.bincount(self._cluster, np.where(known, values, 0.0), minlength=self.count)
        counts = np.bincount(self._cluster, known, minlength=self.count)
        totals = np.concatenate([times @ np.stack([sums, counts], axis=1) for times in self._times()])
        with np.errstate(invalid="ignore"):
            return np.asarray(totals[:, 0] / totals[:, 1])

    def _times(self) -> Iterator[Float[np.ndarray, "_ clusters"]]:
        """How often each cluster is drawn, some draws at a time; kept where all of them fit."""
        if self._kept:
            yield from self._kept
            return
        step = max(1, _NUMBERS_AT_ONCE // max(self.count, 1))
        rng = generator("bootstrap", self.seed, self.count)
        for start in range(0, self.draws, step):
            rows = min(step, self.draws - start)
            drawn = rng.integers(self.count, size=(rows, self.count)) + self.count * np.arange(rows)[:, None]
            times = np.bincount(drawn.ravel(), minlength=rows * self.count).reshape(rows, -1).astype(np.float64)
            if rows == self.draws:
                self._kept = [times]
            yield times
