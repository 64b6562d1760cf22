"""Locating with a model: other sentences, the means of a gallery, and a boundary head."""

import numpy as np
import pytest

from chronomotion.errors import ModelError
from chronomotion.model.background import Background
from chronomotion.model.boundary_head import BoundaryHead
from chronomotion.model.locator import Locator
from chronomotion.model.motion_windows import MotionWindows

FPS = 20.0
ACTS = (
    *("walks", "sits down", "jumps", "waves", "bows", "kneels"),
    *("runs", "claps", "kicks", "punches", "spins", "hops", "crawls", "climbs", "dances", "limps", "nods", "shrugs"),
)
SENTENCES = tuple(f"a person {act}." for act in ACTS)


class Shares:
    """A model of motions that are stretches of one number each: the share of each act in a window."""

    def encode_text(self, texts):
        return np.eye(len(ACTS))[[SENTENCES.index(text) for text in texts]] + 0.05

    def encode_motion(self, motions):
        return np.stack([[(motion == i).mean() + 0.05 for i in range(len(ACTS))] for motion in motions])


def motion(*stretches):
    """(act, seconds) one after another."""
    return np.concatenate([np.full((round(seconds * FPS), 1), act, np.float32) for act, seconds in stretches])


def seconds(place):
    return tuple(frame / FPS for frame in place.span)


def half_of_it(events, vectors, spans):
    """Present where a window inside of the span is nearly all of the event."""

    def presence(event, span):
        inside = (spans[:, 0] >= span[0]) & (spans[:, 1] <= span[1])
        return float((vectors[inside] @ events[event]).max(initial=0.0))

    return presence


@pytest.fixture(scope="module")
def locator():
    return Locator(Shares(), FPS, background=Background.encode(Shares(), SENTENCES), presence=half_of_it, threshold=0.5)


LONG = motion((4, 6), (0, 2.5), (5, 5), (1, 3), (0, 2), (4, 8))


def test_events_are_located_in_a_longer_take(locator):
    located = locator.locate(locator.encode(LONG), ["walks", "sits down"])
    assert np.allclose([seconds(place) for place in located.events], [(6, 8.5), (13.5, 16.5)], atol=0.3)
    assert all(place.found for place in located.events)
    assert min(place.score for place in located.events) > 0.8
    assert located.margin > 0
    turned = locator.locate(locator.encode(LONG), ["a person sits down.", "a person walks."])
    assert np.allclose(seconds(turned.events[1]), (16.5, 18.5), atol=0.3)


def test_an_event_that_does_not_happen_is_not_found(locator):
    located = locator.locate(locator.encode(LONG), ["walks", "jumps"])
    assert [place.found for place in located.events] == [True, False]
    assert locator.occurrences(locator.encode(LONG), "jumps") == ()


def test_every_time_that_a_person_walks(locator):
    places = locator.occurrences(locator.encode(LONG), "walks")
    assert np.allclose([seconds(place) for place in places], [(6, 8.5), (16.5, 18.5)], atol=0.3)


def test_without_other_sentences_the_means_decide():
    windows = Locator(Shares(), FPS).encode(LONG)
    for mean in (None, windows.mean):
        located = Locator(Shares(), FPS, mean=mean).locate(windows, ["walks", "sits down"])
        assert np.allclose([seconds(place) for place in located.events], [(6, 8.5), (13.5, 16.5)], atol=0.5)
        assert all(place.found and np.isnan(place.presence) for place in located.events)
    (walks, *_) = Locator(Shares(), FPS).occurrences(windows, "walks")
    assert np.allclose(seconds(walks), (6, 8.5), atol=0.5)


def test_a_motion_shorter_than_every_window(locator):
    located = locator.locate(locator.encode(motion((0, 0.4))), ["walks"])
    assert located.events[0].span == (0, 8)
    assert locator.locate(locator.encode(LONG[:1]), ["walks", "jumps"]).events[0].span is None


def test_other_sentences_by_hand():
    background = Background(np.array([[1.0, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]], np.float32))
    events, windows = np.array([[1.0, 0], [0, 1]], np.float32), np.array([[1.0, 0], [0, 1]], np.float32)
    assert background.mean == pytest.approx([0.6, 0.6])
    # the first event is the first sentence, the second the third: the others are three each
    assert background.levels(events, windows) == pytest.approx(np.array([[1.4 / 3, 2.4 / 3], [2.4 / 3, 1.4 / 3]]))
    alone = Background(events[:1])
    assert alone.levels(events[:1], windows).tolist() == [[-1, -1]]


def practice():
    """Takes of four acts, three seconds each, with a pause of nobody knows what between them."""
    takes, spans = [], []
    for number in range(30):
        rng = np.random.default_rng(number)
        parts, told, time = [], [], 0.0
        for act in rng.permutation(4):
            pause, length = rng.uniform(0.8, 2), rng.uniform(1.5, 3)
            parts += [(5, pause), (int(act), length)]
            told.append((time + pause, time + pause + length))
            time += pause + length
        takes.append(MotionWindows.encode(Shares(), [motion(*parts, (5, 1))], FPS))
        spans.append(told)
    return takes, spans


@pytest.fixture(scope="module")
def head():
    return BoundaryHead.fit(*practice(), FPS)


def test_a_head_knows_where_something_begins_and_ends(head):
    take = MotionWindows.encode(Shares(), [motion((5, 3), (2, 2.5), (5, 3))], FPS)
    found = head.boundaries(take, FPS)
    assert len(found.begins) == len(found.ends) == 171
    assert abs(int(found.begins.argmax()) - 60) <= 5
    assert abs(int(found.ends.argmax()) - 110) <= 5
    assert found.begins[60] > 0 > found.begins[30]
    assert found.ends[110] > 0 > found.ends[30]


def test_a_head_is_fitted_the_same_every_time(head):
    assert np.array_equal(BoundaryHead.fit(*practice(), FPS).weights, head.weights)


def test_a_head_lies_in_the_folder_of_its_model(head, tmp_path):
    assert BoundaryHead.beside(tmp_path, "0f3a") is None
    head.save(tmp_path, "0f3a")
    again = BoundaryHead.beside(tmp_path, "0f3a")
    assert np.allclose(again.weights, head.weights, atol=0.01)
    assert np.array_equal(again.base, head.base)
    (tmp_path / "boundaries.safetensors").write_bytes(b"no")
    with pytest.raises(ModelError, match="no boundary head of ours"):
        BoundaryHead.beside(tmp_path, "0f3a")


@pytest.mark.parametrize(("kept", "says"), [("0f3a", "another model (0f3a)"), ("", "a model that it does not name")])
def test_a_head_of_another_model_is_ignored_in_one_line(head, tmp_path, caplog, kept, says):
    head.save(tmp_path, kept)
    assert BoundaryHead.beside(tmp_path, "77c1") is None
    (line,) = caplog.messages
    path = tmp_path / "boundaries.safetensors"
    assert line == f"{path}: ignored: it was fitted on {says}, this one is 77c1: fit it again or remove it"


def test_a_head_of_another_width_is_refused(head):
    wide = MotionWindows(np.ones((1, 9), np.float32), np.array([[0, 20]]), np.array([1]), np.ones(9))
    with pytest.raises(ModelError, match=r"boundary head .* vectors of 18 numbers.* 9"):
        head.boundaries(wide, FPS)


def test_a_locator_uses_its_head(head, locator):
    with_head = Locator(Shares(), FPS, background=locator.background, head=head)
    take = motion((5, 3), (2, 2.5), (5, 3))
    (place,) = with_head.locate(with_head.encode(take), ["jumps"]).events
    assert np.allclose(seconds(place), (3, 5.5), atol=0.3)


def test_presence_can_come_from_elsewhere(locator):
    windows = locator.encode(LONG)

    def sure(events, vectors, spans):
        assert len(vectors) == len(spans)
        return lambda event, span: 0.6

    for threshold in (0.5, 0.7):
        other = Locator(Shares(), FPS, background=locator.background, presence=sure, threshold=threshold)
        located = other.locate(windows, ["walks", "jumps"])
        assert [(place.presence, place.found) for place in located.events] == [(0.6, threshold < 0.6)] * 2
