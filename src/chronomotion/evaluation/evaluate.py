"""One evaluation of one model on one split: chronology, blind controls and retrieval."""

from __future__ import annotations

import datetime
from dataclasses import asdict

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.chronology import ChronologyTest, Verdict
from chronomotion.evaluation.ranking import TIE_RULE
from chronomotion.evaluation.report import Interval, Report
from chronomotion.evaluation.retrieval import order_tolerance, retrieval
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.version import __version__

__all__ = ["evaluate"]


def evaluate(
    model: MotionTextEncoder, corpus: Corpus, *, split: str = "test", k: int = 5, seed: int = 0, model_name: str = ""
) -> Report:
    """Measure a model on a split of a corpus.

    Texts are the events in neutral wording. Raises CorpusError for an unknown split, or when no clip of it has two
    different events.
    """
    test = ChronologyTest(model, corpus, corpus.split(split), k=k, seed=seed)
    stories = [trial.events.keys for trial in test.trials]
    right = np.stack([test.texts[trial.right] for trial in test.trials])
    shuffled = np.stack([test.texts[trial.shuffled[0]] for trial in test.trials])
    return Report(
        chronomotion=__version__,
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model=model_name,
        corpus=corpus.folder.name,
        corpus_fingerprint=corpus.fingerprint,
        split=split,
        wording="neutral",
        shuffles=k,
        seed=seed,
        tie_rule=TIE_RULE,
        clips=len(test.trials),
        car=_interval(test.car()),
        car_all=_interval(test.car_all()),
        car_by_events={str(n): _interval(verdict) for n, verdict in test.car_by_events().items()},
        blind_exchange=_interval(test.blind_exchange()),
        blind_mean=_interval(test.blind_mean()),
        margin_median=float(np.median(test.margins())),
        retrieval=retrieval(right @ test.motions.T, stories),
        order_tolerance=order_tolerance(shuffled @ test.motions.T, stories, stories),
    )


def _interval(verdict: Verdict) -> Interval:
    return Interval(**asdict(verdict))
