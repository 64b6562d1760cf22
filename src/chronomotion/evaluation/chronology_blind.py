"""Blind controls: the clips whose motions replace a clip's motion, so that its order cannot be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from chronomotion.evaluation.questions import Trial
from chronomotion.seeding import generator

__all__ = ["disjoint_partners", "exchanged_partners"]

_TRIES = 40
"""Number of candidates drawn for each partner."""


def exchanged_partners(trials: Sequence[Trial], seed: int, partners: int) -> Int[np.ndarray, "trials partners"]:
    """For each trial the places of other trials with as many events; -1 where there is none.

    Where all orders are equally likely, CAR with these motions has to be 50 %. In a corpus whose events follow a habit,
    the other motions follow the same habit and share events, so a model that looks at them may exceed 50 %.
    """
    chosen = np.full((len(trials), partners), -1)
    for count in sorted({trial.count for trial in trials}):
        places = np.array([i for i, trial in enumerate(trials) if trial.count == count])
        if len(places) > 1:
            order = places[generator("exchange", seed, count).permutation(len(places))]
            for number in range(partners):
                chosen[order, number] = np.roll(order, 1 + number % (len(places) - 1))
    return chosen


def disjoint_partners(trials: Sequence[Trial], seed: int, partners: int) -> Int[np.ndarray, "trials partners"]:
    """For each trial the places of other trials with as many events and no event in common; -1 where there are too
    few."""
    chosen = np.full((len(trials), partners), -1)
    keys = [frozenset(trial.events.keys) for trial in trials]
    for count in sorted({trial.count for trial in trials}):
        places = np.array([i for i, trial in enumerate(trials) if trial.count == count])
        for i in places.tolist():
            candidates = places[
                generator("disjoint", seed, trials[i].place).integers(len(places), size=_TRIES * partners)
            ]
            fitting = [j for j in dict.fromkeys(candidates.tolist()) if keys[i].isdisjoint(keys[j])][:partners]
            chosen[i, : len(fitting)] = fitting
    return chosen
