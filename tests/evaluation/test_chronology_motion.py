import numpy as np
import pytest
from placed_events import Oracle, asked, corpus_of, stories

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import ConfigError
from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.chronology_motion import swap_test
from chronomotion.evaluation.questions import MEAN_MOTION, Questions
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.features import features_of
from toys import move


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
        trial_texts, events = trial.texts_by_wording["neutral"], trial.events
        texts[trial_texts.right] = read(vector(events.keys))
        texts[trial_texts.shuffled[0]] = read(vector(events.reordered(trial.first_shuffle).keys))
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


def recorded(folder, spans, length=60):
    """A corpus that nobody composed: one clip of a walker, with events at these times."""
    features = features_of(move("raise-left-hand", np.random.default_rng(0), frames=length + 1))
    events = Events(("a person walks.", "a person waves."), spans=spans)
    with CorpusWriter(folder, dim=263, fps=20.0, description={}) as writer:
        writer.add(Clip("a", features, (Caption("x", start=0.5, end=2.0, events=events),)))
        return writer.finish({"test": ["a"]})


def test_a_recorded_motion_is_cut_and_joined_in_its_own_order_too(tmp_path):
    """So that a join tells nothing."""
    questions = Questions(recorded(tmp_path / "c", ((0.0, 1.2), (1.5, 3.0))))
    (trial,) = questions.trials
    assert [questions.motions[i] for i in trial.swapped] == ["a joined 1-2", "a joined 2-1"]
    joined, swapped = (questions.features(questions.motions[i]) for i in trial.swapped)
    assert joined.shape[1] == 263
    # Cut at 1.2 s: the first second of the one is the end of the other.
    assert np.allclose(joined[2:20, 3], swapped[len(swapped) - 22 : len(swapped) - 4, 3], atol=0.02)


@pytest.mark.parametrize("spans", [((0.0, 0.1), (1.0, 2.0)), ((0.0, 1.0), (2.95, 4.0)), ((0.0, 1.0), (5.0, 6.0)), None])
def test_what_cannot_be_cut_is_not(tmp_path, spans):
    assert Questions(recorded(tmp_path / "c", spans)).trials[0].swapped is None


def test_a_caption_of_a_part_is_held_against_that_part(tmp_path):
    questions = Questions(recorded(tmp_path / "c", None))
    assert np.array_equal(questions.features("a"), questions.corpus.features("a")[10:40])
    assert len(questions.features(MEAN_MOTION)) == 30


def test_at_least_one_order_is_drawn(toy_corpus):
    with pytest.raises(ConfigError, match="at least 1 wrong order has to be drawn for each clip, not 0"):
        Questions(toy_corpus, k=0)


def test_made_motions_can_be_left_out(toy_corpus):
    questions = Questions(toy_corpus, made_motions=False)
    assert questions.motions == questions.clips
    assert questions.mean_motion is None
    assert all(trial.swapped is None for trial in questions.trials)
    assert MEAN_MOTION in Questions(toy_corpus).motions
