"""Mean and standard deviation of features as a tokenizer uses them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.model.stats import Stats
from chronomotion.motion.layout import Layout

__all__ = ["averaged_in_groups", "column_weights"]


def averaged_in_groups(stats: Stats, layout: Layout) -> Stats:
    """The same means, and in each group of columns one standard deviation, the mean of the group's: within a group
    numbers keep their proportions (as published). Float32 (dim,).
    """
    mean, std = (np.asarray(values, dtype=np.float32) for values in stats)
    averaged = std.copy()
    for columns in layout.columns:
        averaged[columns] = std[columns].mean(dtype=np.float64)
    return mean, averaged


def column_weights(config: TokenizerConfig) -> Float[np.ndarray, " dim"]:
    """Factor on each normalised column."""
    weights = np.ones(config.dim, dtype=np.float32)
    columns = config.layout.columns
    for root in (columns.yaw, columns.path, columns.height):
        weights[root] = config.root_weight
    weights[columns.contacts] = config.contact_weight
    return weights
