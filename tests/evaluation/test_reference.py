"""The reference models: knowing nothing, and knowing everything but order."""

import numpy as np
import pytest

from chronomotion.evaluation.models import answers_of
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import BagOfEvents, RandomVectors


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus, "train", k=3)


def comparisons(questions, answers, wording="neutral"):
    """(score of the right text, scores of all others) of each trial, in one matrix product a trial."""
    for trial in questions.trials:
        trial_texts = trial.texts_by_wording[wording]
        scores = answers.scores([trial_texts.right, *trial_texts.shuffled, *trial_texts.others], [trial.place])[:, 0]
        yield scores[0], scores[1:]


@pytest.mark.parametrize("wording", ["neutral", "as written"])
def test_a_bag_of_events_ties_all_orders_exactly(questions, wording):
    answers = answers_of(BagOfEvents(), questions)
    for right, wrong in comparisons(questions, answers, wording):
        assert (wrong == right).all()


def test_the_tie_holds_for_pairs_and_for_a_motion_with_its_segments_swapped(questions):
    answers = answers_of(BagOfEvents(), questions)
    for trial in questions.trials:
        trial_texts = trial.texts_by_wording["neutral"]
        rows = [trial_texts.right, *trial_texts.shuffled, *trial_texts.others]
        assert len(set(answers.pairs(rows, [trial.place] * len(rows)).tolist())) == 1
        original, swapped = trial.swapped
        assert np.ptp(answers.pairs([trial_texts.right] * 2, [original, swapped])) == 0


def test_a_bag_of_events_finds_motions_by_what_happens(questions):
    """Far above chance: the right motion is among those of the same events, which are the best."""
    answers = answers_of(BagOfEvents(), questions)
    right = [trial.texts_by_wording["neutral"].right for trial in questions.trials]
    places = [trial.place for trial in questions.trials]
    scores = answers.scores(right, places)
    assert (np.diag(scores) >= scores.max(axis=1) - 1e-6).all()
    bags = [tuple(sorted(trial.events.keys)) for trial in questions.trials]
    best = [{bags[i] for i in np.flatnonzero(row >= row.max() - 1e-6)} for row in scores]
    assert best == [{bag} for bag in bags]


def test_random_vectors_are_a_function_of_seed_and_input():
    motions = [np.full((3, 2), fill, dtype=np.float32) for fill in (1, 2)]
    one, again, other = RandomVectors(0), RandomVectors(0), RandomVectors(1)
    assert np.array_equal(one.encode_text(["a", "b"]), again.encode_text(["b", "a"])[::-1])
    assert np.array_equal(one.encode_motion(motions), again.encode_motion(motions[::-1])[::-1])
    assert not np.array_equal(one.encode_text(["a"]), other.encode_text(["a"]))
    assert np.allclose(np.linalg.norm(one.encode_text(["a", "b"]), axis=1), 1)
    assert abs(one.encode_text(["a"])[0] @ one.encode_text(["b"])[0]) < 0.4


def test_random_vectors_get_half_of_the_comparisons(questions):
    answers = answers_of(RandomVectors(), questions)
    won = [np.mean(right > wrong[:3]) for right, wrong in comparisons(questions, answers)]
    assert abs(np.mean(won) - 0.5) < 3 * np.std(won) / np.sqrt(len(won))
    assert all((wrong != right).all() for right, wrong in comparisons(questions, answers))
