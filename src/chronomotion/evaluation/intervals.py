"""How sure a figure is: the bootstrap over clusters of clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.seeding import generator

__all__ = ["Resampling"]

_DRAWS_AT_ONCE = 1 << 22
"""Numbers in memory at a time."""


class Resampling:
    """Clusters of clips drawn with replacement, ``draws`` times: a function of the clusters and the seed.

    Clips of one cluster (twins, mirror images) are drawn together, as they are not independent. The draws are the same
    for every figure and every model, so that the difference of two models is a paired one.
    """

    def __init__(self, clusters: Sequence[int], seed: int, draws: int = 1000) -> None:
        self._cluster = np.unique(np.asarray(clusters, dtype=np.intp), return_inverse=True)[1]
        self.count = int(self._cluster.max(initial=-1)) + 1
        self.seed, self.draws = seed, draws

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
        means = np.empty(self.draws)
        step = max(1, _DRAWS_AT_ONCE // max(self.count, 1))
        rng = generator("bootstrap", self.seed, self.count)
        for start in range(0, self.draws, step):
            drawn = rng.integers(self.count, size=(min(step, self.draws - start), self.count))
            with np.errstate(invalid="ignore"):
                means[start : start + step] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        return means
