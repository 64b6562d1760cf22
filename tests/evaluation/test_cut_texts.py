"""Texts that are longer than a model reads: counted, told, and never the reason of a trial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.evaluation.cut_texts import decidable
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_text import markdown
from chronomotion.language.caption import Caption, Events
from chronomotion.model.tokens import TextTokens

LIMIT = 12


class Shortsighted:
    """Reads so many words of a text. A vector is drawn from what is read."""

    def tokens(self, texts: Sequence[str]) -> list[TextTokens]:
        words = [text.split() for text in texts]
        return [TextTokens(tuple(map(len, some[:LIMIT])), len(some) > LIMIT) for some in words]

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([np.random.default_rng([1, *read.ids]).normal(size=8) for read in self.tokens(texts)])

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        return np.random.default_rng(0).normal(size=(len(motions), 8))


class Foreign:
    """A model that does not say what it reads."""

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        return np.random.default_rng(0).normal(size=(len(texts), 8))

    encode_motion = encode_text


def corpus_of(captions: Sequence[Caption], folder) -> Corpus:
    rng = np.random.default_rng(0)
    with CorpusWriter(folder, dim=263, fps=20.0, description={}) as writer:
        for number, caption in enumerate(captions):
            writer.add(Clip(f"clip-{number}", rng.normal(size=(40, 263)).astype(np.float32), (caption,)))
        return writer.finish({"test": [f"clip-{number}" for number in range(len(captions))]})


def caption(*events: str) -> Caption:
    return Caption(" ".join(events), events=Events(events))


SHORT = caption("a person walks.", "a person kneels down.")
LONG = "a person walks on and on, past one house and then another one, and on."
BEHIND = caption(LONG, "a person kneels.", "a person sleeps.")
"""The order of its last two events is not read."""
BEFORE = caption("a person kneels.", LONG)
"""Its order is read, though its end is not."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of([SHORT, BEHIND, BEFORE, SHORT], tmp_path_factory.mktemp("cut") / "corpus")


def test_trials_that_differ_only_behind_the_cut_are_left_out(corpus):
    questions = Questions(corpus)
    fewer, counts = decidable(questions, Shortsighted())
    assert [trial.place for trial in questions.trials] == [0, 1, 2, 3]
    assert [trial.place for trial in fewer.trials] == [0, 2, 3]
    assert (counts.trials, counts.tokens, counts.of) == (1, LIMIT, len(questions.texts))
    assert counts.texts == sum(len(text.split()) > LIMIT for text in questions.texts) > 0
    assert fewer.fingerprint == questions.fingerprint, "what is encoded stays the same"


def test_the_report_says_so_and_old_reports_know_nothing_of_it(corpus, tmp_path):
    report = evaluate(Shortsighted(), corpus)
    assert report.clips == 3
    assert report.outcomes.trials == [0, 2, 3]
    assert all(test.car.clips == 3 for test in report.order.values())
    assert "what stands behind is not read; 1 clips whose orders differ only there are left out" in markdown(report)
    report.save(tmp_path / "report.json")
    assert Report.load(tmp_path / "report.json") == report
    older = report.to_json().replace('"cut_texts"', '"cut"')
    older = older[: older.rindex(',\n "cut"')] + "\n}\n"
    (tmp_path / "older.json").write_text(older)
    assert Report.load(tmp_path / "older.json").cut_texts is None


def test_nothing_changes_for_short_texts_and_for_models_that_do_not_say_what_they_read(corpus, tmp_path):
    assert decidable(Questions(corpus), Foreign())[1] is None
    short = Questions(corpus_of([SHORT, SHORT], tmp_path / "short"))
    same, counts = decidable(short, Shortsighted())
    assert same is short
    assert (counts.texts, counts.trials) == (0, 0)
    assert "longer than" not in markdown(evaluate(Shortsighted(), short.corpus))


def test_where_every_trial_is_left_out_the_reason_is_told(tmp_path):
    report = evaluate(Shortsighted(), corpus_of([BEHIND, BEHIND], tmp_path / "corpus"))
    assert not report.order
    assert "2 clips whose orders differ only there are left out" in report.left_out["order"]


def test_captions_without_events_name_the_command_that_splits_them(tmp_path):
    corpus = corpus_of([Caption("a person walks, then sits."), Caption("a person runs.")], tmp_path / "my corpus")
    reason = evaluate(Foreign(), corpus).left_out["order"]
    command = f"chronomotion decompose '{tmp_path}/my corpus' --to '{tmp_path}/my corpus-events'"
    assert reason.endswith(f"none of these captions is split into events: {command}")
    split = corpus_of([caption("a person walks."), caption("a person runs.")], tmp_path / "split")
    assert "decompose" not in evaluate(Foreign(), split).left_out["order"]
