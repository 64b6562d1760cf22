"""From a model's answers to a report: all measures, without running a model."""

from __future__ import annotations

import datetime
import hashlib
import platform
import shlex

import numpy as np

from chronomotion.evaluation.answers import Answers
from chronomotion.evaluation.caption_roles import ALL_TIMELINES
from chronomotion.evaluation.chronology import chronology
from chronomotion.evaluation.chronology_motion import swap_test
from chronomotion.evaluation.join_figures import join_figures
from chronomotion.evaluation.protocols import ProtocolInputs, no_trial
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.ranking import TIE_RULE
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import CutTexts, Localised, Outcomes
from chronomotion.evaluation.retrieval import order_tolerance, retrieval
from chronomotion.version import __version__

__all__ = ["measure"]


def measure(
    questions: Questions,
    answers: Answers,
    *,
    model_name: str = "",
    model_fingerprint: str = "",
    suite: str = "",
    material: ProtocolInputs | None = None,
    localised: Localised | None = None,
    cut_texts: CutTexts | None = None,
) -> Report:
    """All figures of a model, from its answers to the questions.

    ``material`` holds the inputs of the protocols ``threshold`` and ``dissimilar``; a protocol without its inputs is
    left out, and the report says why. Without a clip of two different events all figures of order are left out. The
    questions have to include the wording ``neutral``.
    """
    tests, outcomes = chronology(questions, answers)
    protocols, ranks, left_out = retrieval(questions, answers, material or ProtocolInputs())
    if not tests:
        left_out["order"] = _no_trial(questions, cut_texts)
    swapped = swap_test(questions, answers)
    if swapped is None:
        left_out["swapped"] = _no_cut(questions)
    corpus = questions.corpus
    return Report(
        chronomotion=__version__,
        versions={"python": platform.python_version(), "numpy": np.__version__},
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model=model_name,
        model_fingerprint=model_fingerprint,
        corpus=corpus.folder.name,
        corpus_fingerprint=corpus.fingerprint,
        suite=suite,
        split=questions.split,
        split_fingerprint=hashlib.blake2b("\n".join(questions.clips).encode(), digest_size=16).hexdigest(),
        wordings=list(questions.wordings),
        shuffles=questions.k,
        seed=questions.seed,
        events_from=questions.roles.name,
        both_ways=questions.both_ways,
        tie_rule=TIE_RULE,
        clips=len(questions.trials),
        order=tests,
        swapped=swapped,
        joins=join_figures(questions),
        order_tolerance=order_tolerance(questions, answers),
        protocols=protocols,
        localisation=localised,
        left_out=left_out,
        cut_texts=cut_texts,
        outcomes=Outcomes(
            clips=questions.clips,
            clusters=questions.clusters,
            trials=[trial.place for trial in questions.trials],
            events=[trial.count for trial in questions.trials],
            order=outcomes,
            ranks=ranks,
        ),
    )


def _no_cut(questions: Questions) -> str:
    """Why no motion was re-ordered."""
    if questions.unmatched:
        return f"needs motions whose poses meet at the cuts: none of {questions.unmatched} has them"
    return "needs clips with event times"


def _no_trial(questions: Questions, cut_texts: CutTexts | None) -> str:
    """Why there is no trial, and what to do about it."""
    needed = no_trial(questions)
    if cut_texts is not None and cut_texts.trials:
        return f"{needed} that the model reads: {cut_texts}"
    corpus = questions.corpus
    if any(questions.events(name) is not None for name in questions.clips):
        return needed
    if questions.roles.sources is not None:
        return f"{needed}: {_no_timeline(questions)}"
    folder = corpus.folder
    into = folder.with_name(f"{folder.name}-events")
    command = shlex.join(["chronomotion", "decompose", str(folder), "--to", str(into)])
    return f"{needed}, and none of these captions is split into events: {command}"


def _no_timeline(questions: Questions) -> str:
    """Why no clip has the events of a timeline, and what to do about it."""
    propagated = sum(
        ALL_TIMELINES.event_caption(questions.corpus.captions(name)) is not None for name in questions.clips
    )
    if propagated:
        return f"all {propagated} timelines of split {questions.split} are propagated, --propagated takes them too"
    return f"no clip of split {questions.split} has a timeline: import again, with the labels"
