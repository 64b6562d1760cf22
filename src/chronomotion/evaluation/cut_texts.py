"""Texts of which a model reads only the beginning, and trials that it could decide by nothing but their unread ends."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from chronomotion.evaluation.models import Model
from chronomotion.evaluation.questions import Questions, Trial
from chronomotion.evaluation.report_records import CutTexts
from chronomotion.model.tokens import TextTokens, Tokenising

__all__ = ["decidable"]


def decidable(questions: Questions, model: Model) -> tuple[Questions, CutTexts | None]:
    """The questions without trials in which the model reads the same of a wrong order as of the right one, since they
    differ only behind the tokens that it reads; and how many texts and trials that are.

    None of a model that does not say what it reads (:class:`chronomotion.model.tokens.Tokenising`).
    """
    if not isinstance(model, Tokenising):
        return questions, None
    read = model.tokens(questions.texts)
    cut = sum(one.cut for one in read)
    trials = [trial for trial in questions.trials if not _alike(trial, read, questions)] if cut else questions.trials
    counts = CutTexts(
        texts=cut,
        of=len(read),
        tokens=max((len(one.ids) for one in read if one.cut), default=0),
        trials=len(questions.trials) - len(trials),
    )
    if not counts.trials:
        return questions, counts
    fewer = copy.copy(questions)
    fewer.trials = trials
    return fewer, counts


def _alike(trial: Trial, read: Sequence[TextTokens], questions: Questions) -> bool:
    """Whether a wrong order reads like the right one, or like the caption, because both are cut."""
    for telling in trial.tellings.values():
        wrong = {read[place] for place in (*telling.shuffled, *telling.others)}
        right = {read[place] for place in (telling.right, questions.captions[trial.place])}
        if any(one.cut for one in wrong & right):
            return True
    return False
