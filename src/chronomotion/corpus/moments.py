"""Mean and standard deviation of features over many clips, gathered clip by clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["Moments"]


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, sums and sums of squares of rows, in float64; those of several clips are added."""

    count: int
    sums: Float[np.ndarray, " dim"]
    squares: Float[np.ndarray, " dim"]

    @classmethod
    def none(cls, dim: int) -> Moments:
        """Of no rows."""
        return cls(0, np.zeros(dim), np.zeros(dim))

    @classmethod
    def of(cls, features: Float[np.ndarray, "frames dim"]) -> Moments:
        """Of the rows of a clip."""
        wide = features.astype(np.float64)
        return cls(len(wide), wide.sum(axis=0), (wide**2).sum(axis=0))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.sums + other.sums, self.squares + other.squares)

    def mean_and_std(self) -> tuple[Float[np.ndarray, " dim"], Float[np.ndarray, " dim"]]:
        """Both in float64; zeros of no rows."""
        count = max(self.count, 1)
        mean = self.sums / count
        return mean, np.sqrt(np.maximum(self.squares / count - mean**2, 0.0))
