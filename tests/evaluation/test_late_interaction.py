"""Late interaction measured: a model that knows no order by its vectors, and what its windows add."""

import numpy as np
import pytest
from placed_events import ACTS, stories, told_events

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.late_interaction import LateInteraction
from chronomotion.evaluation.models import Answering, answers_of
from chronomotion.evaluation.questions import Questions
from chronomotion.language.caption import Caption, Events
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.model.matching import Weights

ALONE = Weights(vector=0.0)


class BagOfActs:
    """The share of each act in a text or in a motion, whose frames say which act they belong to."""

    fingerprint = "bag of acts"

    def encode_text(self, texts):
        return np.stack([[act in told_events(text) for act in ACTS] for text in texts]) + 0.05

    def encode_motion(self, motions):
        return np.stack([np.abs(motion).mean(axis=0) + 0.05 for motion in motions])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """One second or two of each act, every story with its reverse, whose caption tells the acts from last to first."""
    rng = np.random.default_rng(1)
    told = [order for story in stories(10, acts=6) for order in (story, story[::-1])]
    with CorpusWriter(tmp_path_factory.mktemp("late") / "corpus", dim=len(ACTS), fps=20.0, description={}) as writer:
        for number, story in enumerate(told):
            frames = [np.tile(np.eye(len(ACTS))[ACTS.index(act)], (rng.integers(20, 40), 1)) for act in story]
            text = f"A person {', then '.join(story)}."
            if number % 2:
                text = f"Finally somebody {story[-1]}. Before that: {', '.join(reversed(story[:-1]))}."
            events = Events(tuple(f"a person {act}." for act in story))
            writer.add(
                Clip(f"{number:02d}", np.concatenate(frames).astype(np.float32), (Caption(text, events=events),))
            )
        return writer.finish({"test": [f"{number:02d}" for number in range(len(told))]})


def test_order_is_known_without_training_for_it(corpus):
    bag = evaluate(BagOfActs(), corpus)
    late = evaluate(LateInteraction(BagOfActs(), Weights(1.0, 1.0, 1.0)), corpus)
    alone = evaluate(LateInteraction(BagOfActs(), ALONE), corpus)
    assert bag.car.ties == 100
    for report in (late, alone):
        assert report.car.value > 98
        assert report.car_all.value > 95
        blind = report.blind_exchange
        assert blind is not None
        assert blind.value + blind.ties / 2 == pytest.approx(50, abs=8)
        assert report.retrieval["t2m"]["R@1"] > bag.retrieval["t2m"]["R@1"]


def test_max_sim_ties_in_every_comparison(corpus):
    report = evaluate(LateInteraction(BagOfActs(), bag=True), corpus)
    for test in report.order.values():
        if test is not report.order["original, neutral"]:
            assert (test.car.value, test.car.ties, test.car_all.value) == (0, 100, 0)
    assert report.retrieval["t2m"]["R@10"] > 80


def test_events_are_those_of_the_corpus_or_of_the_words(corpus):
    """A caption that tells the end first is understood where its events are known, and not by the rules alone."""
    questions = Questions(corpus)
    backwards = [trial for trial in questions.trials if trial.place % 2 and trial.count > 2]
    texts = [questions.captions[trial.place] for trial in backwards]
    motions = [trial.place for trial in backwards]
    known = answers_of(LateInteraction(BagOfActs(), ALONE), questions).pairs(texts, motions)
    right = [trial.texts_by_wording["neutral"].right for trial in backwards]
    assert known == pytest.approx(answers_of(LateInteraction(BagOfActs(), ALONE), questions).pairs(right, motions))
    rules = LateInteraction(BagOfActs(), ALONE, decomposer=RuleDecomposer())
    split = answers_of(rules, questions)
    assert split.pairs(right, motions) == pytest.approx(known)
    assert (split.pairs(texts, motions) < known - 0.05).any()


def test_questions_know_the_events_of_their_texts(corpus):
    questions = Questions(corpus)
    for trial in questions.trials:
        assert questions.events_of[questions.captions[trial.place]].texts == trial.events.texts
        for texts in trial.texts_by_wording.values():
            assert questions.events_of[texts.right].texts == trial.events.texts
            for place in (*texts.shuffled, *texts.others):
                told = questions.events_of[place].texts
                assert told != trial.events.texts
                assert [told_events(text)[0] for text in told] == told_events_in_order(questions.texts[place])


def told_events_in_order(text):
    return [told_events(sentence)[0] for sentence in text.strip().split(". ")]


def test_scores_and_pairs_agree(corpus):
    questions = Questions(corpus)
    rng = np.random.default_rng(0)
    texts, motions = rng.integers(len(questions.texts), size=30), rng.integers(len(questions.motions), size=30)
    for model in (LateInteraction(BagOfActs()), LateInteraction(BagOfActs(), bag=True)):
        assert isinstance(model, Answering)
        answers = answers_of(model, questions)
        block = answers.scores(texts, motions)
        assert block.shape == (30, 30)
        assert answers.pairs(texts, motions) == pytest.approx(np.diagonal(block), abs=1e-6)
        assert answers.pairs([], []).shape == (0,)


def test_weights_of_the_vectors_alone_are_the_model(corpus):
    questions = Questions(corpus)
    rows = np.arange(20)
    plain = answers_of(BagOfActs(), questions).scores(rows, rows)
    assert answers_of(LateInteraction(BagOfActs(), Weights(1.0, 0.0, 0.0)), questions).scores(rows, rows) == (
        pytest.approx(plain)
    )


def test_fingerprints_say_what_is_added():
    models = [
        LateInteraction(BagOfActs()),
        LateInteraction(BagOfActs(), Weights(order=0.3)),
        LateInteraction(BagOfActs(), bag=True),
        LateInteraction(BagOfActs(), gap_score=0.1),
        LateInteraction(BagOfActs(), decomposer=RuleDecomposer()),
    ]
    fingerprints = {model.fingerprint for model in models}
    assert len(fingerprints) == len(models)
    assert all(fingerprint.startswith("bag of acts, ") for fingerprint in fingerprints)
    nameless = BagOfActs()
    nameless.fingerprint = None
    assert LateInteraction(nameless).fingerprint is None
