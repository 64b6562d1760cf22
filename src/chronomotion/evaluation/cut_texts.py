"""Texts that a model truncates, and trials whose right and wrong texts differ only in the truncated part."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from chronomotion.evaluation.models import Model
from chronomotion.evaluation.questions import Questions, Trial
from chronomotion.evaluation.report_records import CutTexts
from chronomotion.model.tokens import TextTokens, Tokenising

__all__ = ["decidable"]


def decidable(questions: Questions, model: Model) -> tuple[Questions, CutTexts | None]:
    """(questions without undecidable trials, counts of truncated texts and left-out trials).

    A trial is undecidable when a wrong text equals a right text after truncation to the tokens that the model reads.
    The counts are None for a model that does not expose its tokens (:class:`chronomotion.model.tokens.Tokenising`).
    """
    if not isinstance(model, Tokenising):
        return questions, None
    texts_read = model.tokens(questions.texts)
    cut = sum(text.cut for text in texts_read)
    trials = (
        [trial for trial in questions.trials if not _undecidable(trial, texts_read, questions)]
        if cut
        else questions.trials
    )
    counts = CutTexts(
        texts=cut,
        of=len(texts_read),
        tokens=max((len(text.ids) for text in texts_read if text.cut), default=0),
        trials=len(questions.trials) - len(trials),
    )
    if not counts.trials:
        return questions, counts
    fewer = copy.copy(questions)
    fewer.trials = trials
    return fewer, counts


def _undecidable(trial: Trial, read: Sequence[TextTokens], questions: Questions) -> bool:
    """Whether truncation makes a wrong order equal to the right order or to the caption."""
    for texts in trial.texts_by_wording.values():
        wrong = {read[place] for place in (*texts.shuffled, *texts.others)}
        right = {read[place] for place in (texts.right, questions.captions[trial.place])}
        if any(text.cut for text in wrong & right):
            return True
    return False
