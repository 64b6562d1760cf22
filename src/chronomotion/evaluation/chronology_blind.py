"""Blind controls: whose motion stands in for a clip's own, so that nothing of its order can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from chronomotion.evaluation.questions import Trial
from chronomotion.seeding import generator

__all__ = ["disjoint_partners", "exchanged_partners"]

_TRIES = 40
"""Candidates looked at for one partner at most."""


def exchanged_partners(trials: Sequence[Trial], seed: int, partners: int) -> Int[np.ndarray, "trials partners"]:
    """For each trial other trials with as many events; -1 where there is none.

    Where all orders are equally likely, CAR with these motions has to be 50 %. In a corpus of habit the other motions
    follow the same habit and share events, so that a model which looks at them may get more, too.
    """
    found = np.full((len(trials), partners), -1)
    for count in sorted({trial.count for trial in trials}):
        places = np.array([i for i, trial in enumerate(trials) if trial.count == count])
        if len(places) > 1:
            order = places[generator("exchange", seed, count).permutation(len(places))]
            for number in range(partners):
                found[order, number] = np.roll(order, 1 + number % (len(places) - 1))
    return found


def disjoint_partners(trials: Sequence[Trial], seed: int, partners: int) -> Int[np.ndarray, "trials partners"]:
    """For each trial other trials with as many events, none of which is an event of its own; -1 where too few are
    found."""
    found = np.full((len(trials), partners), -1)
    keys = [frozenset(trial.events.keys) for trial in trials]
    for count in sorted({trial.count for trial in trials}):
        places = np.array([i for i, trial in enumerate(trials) if trial.count == count])
        for i in places.tolist():
            tried = places[generator("disjoint", seed, trials[i].place).integers(len(places), size=_TRIES * partners)]
            fitting = [j for j in dict.fromkeys(tried.tolist()) if keys[i].isdisjoint(keys[j])][:partners]
            found[i, : len(fitting)] = fitting
    return found
