"""Mean and standard deviation of a library's own features, in the place of those that its model keeps."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from chronomotion.corpus.moments import Moments
from chronomotion.progress import progress
from chronomotion.search.stored.folder import Statistics
from chronomotion.search.stored.index_plan import IndexPlan

__all__ = ["own_statistics"]

_TAKES = 500
"""Motions that are read for them, taken evenly."""
_LEAST_STD = 1e-3
"""As corpora keep them: what does not move at all would else be divided by nothing."""


def own_statistics(plan: IndexPlan, workers: int) -> Statistics | None:
    """Of what is to be encoded, or of 500 motions of it; None where none of them can be read.

    Raises CorpusError when a process that reads has died.
    """
    new = plan.changes.new
    places = np.linspace(0, len(new) - 1, min(len(new), _TAKES)).round().astype(int).tolist()
    chosen = [new[place] for place in places]
    total = Moments.none(plan.model.record.width)
    groups = [list(group) for _, group in groupby(chosen, key=lambda each: id(each.source))]
    reads = (read for some in groups for read in some[0].source.read([each.item for each in some], workers))
    for read in progress(reads, f"statistics of {plan.writer.folder}", len(chosen), "clip"):
        if not isinstance(read, str) and np.isfinite(read.features).all():
            total += Moments.of(read.features)
    if not total.count:
        return None
    mean, std = total.mean_and_std()
    return Statistics(
        mean=mean.astype(np.float32).tolist(), std=np.maximum(std, _LEAST_STD).astype(np.float32).tolist()
    )
