import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed_events import corpus_of, stories

from chronomotion.evaluation.localisation import PLACERS, BestWindows, InOrder, localisation, overlap
from chronomotion.evaluation.questions import Questions

span = st.tuples(st.floats(0, 10), st.floats(0.1, 5)).map(lambda one: (one[0], one[0] + one[1]))


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus)


def truth(questions):
    """A placer that is told where the events are: one clip after another."""
    spans = iter([trial.events.spans for trial in questions.trials])
    return lambda features, events: next(spans)


@given(span, span)
def test_overlap_is_that_of_counting(one, other):
    ticks = np.linspace(0, 15, 3001)
    inside = [(a <= ticks) & (ticks <= b) for a, b in (one, other)]
    counted = (inside[0] & inside[1]).sum() / (inside[0] | inside[1]).sum()
    assert overlap(one, other) == pytest.approx(counted, abs=0.05)
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == 1.0


def test_the_oracle_finds_everything(questions):
    found = localisation(questions, truth(questions))
    assert found.clips == 24
    assert found.events == sum(trial.count for trial in questions.trials)
    assert set(found.recall.values()) == {100.0}
    assert (found.mean_iou, found.order_accuracy.value) == (1.0, 100.0)


def test_backwards_is_found_out(questions):
    told = truth(questions)
    found = localisation(questions, lambda features, events: told(features, events)[::-1])
    assert found.order_accuracy.value == 0.0
    assert found.mean_iou < 0.5


def test_random_spans_are_in_order_half_of_the_time(questions):
    rng = np.random.default_rng(0)

    def guess(features, events):
        starts = rng.uniform(0, len(features) / 20, len(events)).tolist()
        return [(start, start + 1.0) for start in starts]

    many = [localisation(questions, guess) for _ in range(20)]
    assert np.mean([one.order_accuracy.value for one in many]) == pytest.approx(50, abs=6)
    assert np.mean([one.recall["0.5"] for one in many]) < 40


def test_an_event_that_is_not_placed_is_not_found(questions):
    found = localisation(questions, lambda features, events: [None] * len(events))
    assert (found.mean_iou, found.recall["0.3"], found.order_accuracy.value) == (0.0, 0.0, 0.0)


def test_without_event_times_nothing_is_placed(tmp_path):
    assert localisation(Questions(corpus_of(tmp_path / "c", stories(3))), lambda *_: []) is None


class Level:
    """The mean of a motion's only feature, as an angle; a text is its number."""

    def encode_text(self, texts):
        angles = np.array([float(text.split()[-1].rstrip(".")) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def encode_motion(self, motions):
        angles = np.array([motion.mean() for motion in motions])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


LEVELS = np.concatenate([np.zeros((40, 1)), np.ones((30, 1)), np.full((40, 1), 0.4)]).astype(np.float32)


def test_best_windows_take_the_window_that_fits_best():
    place = BestWindows(Level(), 20.0, seconds=(1.5, 2.0), stride=0.5)
    assert place(LEVELS, ["a person 1.", "a person 0."]) == [(2.0, 3.5), (0.0, 1.5)]
    assert place(LEVELS[:10], ["a person 1."]) == [(0.0, 0.5)]


def test_in_order_cuts_the_motion_at_its_events():
    spans = InOrder(Level(), 20.0)(LEVELS, ["a person 0.", "a person 1.", "a person 0.4."])
    true = [(0.0, 2.0), (2.0, 3.5), (3.5, 5.5)]
    assert min(overlap(one, other) for one, other in zip(spans, true, strict=True)) > 0.7
    assert spans[0][0] == 0.0
    assert spans[-1][1] == len(LEVELS) / 20.0
    assert InOrder(Level(), 20.0)(LEVELS[:2], ["a person 0."] * 3) == [None] * 3


def test_placers_have_names():
    assert set(PLACERS) == {"windows", "order"}
