import numpy as np
import pytest
from placed_events import Oracle, asked, corpus_of, stories

from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.chronology_motion import swap_test
from chronomotion.evaluation.questions import MEAN_MOTION, Questions


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus)


def answers_to(questions, see, read):
    """Vectors of motions by the order of their labels, of texts by the order of the labels that they tell."""
    labels = sorted({label for trial in questions.trials for label in trial.events.keys})

    def vector(keys):
        placed = np.zeros((4, len(labels)))
        for at, key in enumerate(keys):
            placed[at, labels.index(key)] = 1
        return placed.ravel() / np.sqrt(len(keys))

    texts = np.zeros((len(questions.texts), 4 * len(labels)))
    motions = np.zeros((len(questions.motions), 4 * len(labels)))
    for trial in questions.trials:
        telling, events = trial.tellings["neutral"], trial.events
        texts[telling.right] = read(vector(events.keys))
        texts[telling.shuffled[0]] = read(vector(events.reordered(trial.first_shuffle).keys))
        motions[trial.place] = see(vector(events.keys))
        motions[trial.swapped[1]] = see(vector(events.reordered(trial.first_shuffle).keys))
    return Vectors(texts.astype(np.float32), motions.astype(np.float32))


def test_whoever_sees_and_reads_order_wins_both_ways(questions):
    found = swap_test(questions, answers_to(questions, lambda one: one, lambda one: one))
    assert found.car_motion.value == found.car_both_ways.value == found.won_both_ways.value == 100.0
    assert found.car_motion.clips == len(questions.trials) == 24


def test_a_taste_for_orders_gets_exactly_half_and_never_both(questions):
    """All motions look alike: whichever order the model likes, it is right once."""
    taste = np.random.default_rng(0).normal(size=20)
    blind = answers_to(questions, lambda one: np.full_like(one, 1.0), lambda one: one * np.resize(taste, one.shape))
    found = swap_test(questions, blind)
    assert found.car_both_ways.value == 50.0
    assert found.won_both_ways.value == 0.0
    assert (found.car_motion.value, found.car_motion.ties) == (0.0, 100.0)


def test_a_swapped_motion_is_what_would_have_been_composed(questions):
    """Twins are made of the same clips: of two events, the one is the other swapped."""
    pairs = [(a, b) for a, b in zip(questions.trials[::2], questions.trials[1::2], strict=True) if a.count == 2]
    for one, twin in pairs:
        swapped = questions.features(questions.motions[one.swapped[1]])
        assert questions.motions[one.swapped[1]].endswith(" joined 2-1")
        assert one.swapped[0] == one.place  # composed: joined as it is
        composed = questions.features(questions.clips[twin.place])
        assert abs(len(swapped) - len(composed)) <= 2  # features have no last frame, which may change a transition
        first = int(twin.events.spans[0][1] * 20) - 2
        assert np.allclose(swapped[:first], composed[:first], atol=0.02)
    assert pairs


def test_without_event_times_there_is_no_such_test(tmp_path):
    questions, answers = asked(Oracle(), corpus_of(tmp_path / "c", stories(5)))
    assert swap_test(questions, answers) is None


def test_made_motions_can_be_left_out(toy_corpus):
    questions = Questions(toy_corpus, made_motions=False)
    assert questions.motions == questions.clips
    assert questions.mean_motion is None
    assert all(trial.swapped is None for trial in questions.trials)
    assert MEAN_MOTION in Questions(toy_corpus).motions
