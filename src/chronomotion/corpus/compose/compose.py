"""Composing a corpus: a plan, clips for its actions, joins, words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.corpus.compose.plan import OrderRule, Plan, plan_motions
from chronomotion.corpus.compose.sources import FPS, Source
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.corpus import HALF, Clip, Corpus
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption, Events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.motion.features import features_of
from chronomotion.motion.joins import join
from chronomotion.progress import progress
from chronomotion.seeding import integer

__all__ = ["compose", "describe"]

log = logging.getLogger(__name__)

_SOURCE = "chronomotion.compose 1"

_GRID = 2.0**16
"""Features are rounded to 1 / 65536 (15 micrometres). Processors and versions of numpy differ in the last bits of sines
and matrix products. The features of a plan differ by at most 1e-9 between them, and are equal after rounding.
"""


def compose(
    source: Source,
    folder: str | Path,
    counts: Mapping[str, int],
    *,
    order: OrderRule,
    events: tuple[int, int] = (2, 4),
    seed: int = 0,
    many_wordings: bool = False,
    half: bool = False,
) -> Corpus:
    """Compose a corpus of compound motions with known event times.

    ``counts`` gives the number of motions of each split; ``order`` and ``events`` are explained at
    :func:`~chronomotion.corpus.compose.plan.plan_motions`; ``many_wordings`` are those of
    :func:`~chronomotion.corpus.compose.wordings.wordings`. The corpus is a function of source, counts, order, events
    and seed: the same call gives the same bytes on every machine. A folder that already holds this corpus is opened,
    not composed again. With ``half`` features are kept as float16. Raises CorpusError when the folder holds anything
    else, with the difference; ConfigError for bad settings.
    """
    plans = {
        split: plan_motions(source.actions, count, order=order, split=split, seed=seed, events=events)
        for split, count in counts.items()
    }
    description = describe(source, order, events, seed, many_wordings)
    if (Path(folder) / "corpus.json").exists():
        return _finished(Path(folder), description | {"dtype": HALF if half else None}, counts)
    jobs = [(split, plan) for split, planned in plans.items() for plan in planned]
    with CorpusWriter(folder, dim=263, fps=FPS, description=description, half=half) as writer:
        for split, plan in progress(jobs, f"composing {Path(folder).name}", unit="motion"):
            writer.add(_composed(source, split, plan, seed, many_wordings))
        return writer.finish({split: [plan.name for plan in planned] for split, planned in plans.items()})


def describe(
    source: Source, order: OrderRule, events: tuple[int, int], seed: int, many_wordings: bool = False
) -> dict[str, Any]:
    """The description of a composed corpus in corpus.json; equal descriptions and splits mean equal corpora."""
    composed: dict[str, Any] = {"order": order, "events": list(events), "seed": seed, "actions": list(source.actions)}
    if many_wordings:
        composed["wordings"] = "many"
    return {"skeleton": "humanml3d", **source.description, "composed": composed}


def _finished(folder: Path, description: Mapping[str, Any], counts: Mapping[str, int]) -> Corpus:
    """The corpus in the folder, checked to be the corpus that the call would compose."""
    corpus = Corpus(folder)
    for key, value in {**description, "splits": dict(sorted(counts.items()))}.items():
        if corpus.info.get(key) != value:
            raise CorpusError(
                f"{folder} holds another corpus ({key} is {corpus.info.get(key)!r} there and {value!r} here): choose "
                "another folder or remove this one"
            )
    log.info("%s is composed already", folder)
    return corpus


def _composed(source: Source, split: str, plan: Plan, seed: int, many_wordings: bool) -> Clip:
    """The clip of a plan. The performance and the words of an action depend on the plan's group, not on its order."""
    motion, spans = join([source.clip(action, split, seed, plan.group) for action in plan.actions])
    features = np.rint(features_of(motion, retarget=False) * _GRID) / _GRID + 0.0  # + 0.0: there is no minus zero
    texts = tuple(f"a person {_words(action, split, seed, plan.group, many_wordings)}." for action in plan.actions)
    events = Events(texts, tuple(spans), plan.actions, _SOURCE)
    styles = list(STYLES)
    style = styles[integer("style", seed, split, plan.group) % len(styles)]
    return Clip(plan.name, features, (Caption(narrate(texts, style), events=events),))


def _words(action: str, split: str, seed: int, group: int, many: bool) -> str:
    ways = wordings(action, many=many)
    return ways[integer("words", seed, split, group, action) % len(ways)]
