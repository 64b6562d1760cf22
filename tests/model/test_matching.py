"""Late interaction: what depends on order, what must not, and that a gallery is scored as each motion by itself."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.model import matching
from chronomotion.model.matching import Matcher, Weights
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.model.placement import place_spans

FPS = 20.0
ACTS = ("walks", "sits down", "jumps", "waves", "bows", "kneels")
SENTENCES = tuple(f"a person {act}." for act in ACTS)


class Shares:
    """A model of motions that are stretches of one number each: the share of each act in a window."""

    def encode_text(self, texts):
        return np.eye(len(ACTS))[[SENTENCES.index(text) for text in texts]] + 0.05

    def encode_motion(self, motions):
        return np.stack([[(motion == i).mean() + 0.05 for i in range(len(ACTS))] for motion in motions])


def motion(*acts, frames=40):
    return np.repeat(np.array(acts, dtype=np.float32), frames)[:, None]


def events(*acts, labels=None):
    return Events(tuple(SENTENCES[act] for act in acts), labels=labels)


def matcher_of(*motions, **settings):
    queries = [events(*range(len(ACTS)))]
    return Matcher(MotionWindows.encode(Shares(), motions, FPS), Matcher.event_vectors(Shares(), queries), **settings)


GALLERY = [motion(*order) for order in permutations((0, 1, 2))] + [motion(0, 3, 1), motion(4, 4), motion(5, frames=7)]


def drawn(seed, motions=5, dim=4):
    """Windows and event vectors without meaning."""
    rng = np.random.default_rng(seed)
    features = [np.zeros((int(frames), 1)) for frames in rng.integers(3, 70, size=motions)]

    class Noise:
        def encode_text(self, texts):
            return rng.normal(size=(len(texts), dim))

        def encode_motion(self, motions):
            return rng.normal(size=(len(motions), dim))

    windows = MotionWindows.encode(Noise(), features, 8.0)
    return Matcher(windows, Matcher.event_vectors(Noise(), [events(*range(len(ACTS)))]))


def test_the_right_order_is_first():
    matcher = matcher_of(*GALLERY)
    for number, order in enumerate(permutations((0, 1, 2))):
        terms = matcher.terms([events(*order)])
        assert terms.events[0].argmax() == number
        assert terms.order[0].argmax() == number
        assert terms.order[0, number] > 0.1
        assert (np.delete(terms.order[0, :6], number) < 0).all()
    assert (matcher.terms([events(0, 1)]).order[0, :6] > 0).tolist() == [
        order.index(0) < order.index(1) for order in permutations((0, 1, 2))
    ]


def test_a_bag_is_the_same_in_every_order():
    orders = [events(*order) for order in permutations((0, 1, 2, 3))]
    scores = matcher_of(*GALLERY).max_sim(orders)
    assert (scores == scores[0]).all()
    assert scores[0, 0] > scores[0, 7] > scores[0, 8]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.randoms(use_true_random=False), st.integers(0, 999))
def test_a_bag_of_any_vectors_is_the_same_in_every_order(acts, random, seed):
    matcher = drawn(seed)
    other = random.sample(acts, len(acts))
    assert np.array_equal(matcher.max_sim([events(*acts)]), matcher.max_sim([events(*other)]))


def naive_terms(matcher, query, number):
    """The terms of one text and one motion, frame by frame, from the definition."""
    windows = matcher.motions
    start = windows.counts[:number].sum()
    spans = windows.spans[start : start + windows.counts[number]]
    texts = np.stack([matcher.vectors[neutral(text)] for text in query.texts])
    cosines = texts @ (windows.vectors[start : start + len(spans)] - windows.mean).T
    frames = spans.max()
    within = (spans[:, :1] <= np.arange(frames)) & (np.arange(frames) < spans[:, 1:])
    each = np.stack([cosines[:, holds].mean(axis=1) for holds in within.T], axis=1)
    # An event begins and ends where a window does.
    bounds = np.unique(np.append(spans, 0))
    steps = np.add.reduceat(each - matcher.gap_score, bounds[:-1], axis=1)
    if len(bounds) - 1 < len(query):
        return -2.0, 0.0
    placed = place_spans(steps)
    others = {
        tuple(query.keys[i] for i in order): place_spans(steps[list(order)]).gain
        for order in permutations(range(len(query)))
        if tuple(query.keys[i] for i in order) != query.keys
    }
    term = np.mean([each[k, bounds[a] : bounds[b]].mean() for k, (a, b) in enumerate(placed.spans)])
    return term, (placed.gain - max(others.values())) / frames if others else 0.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 999), st.sampled_from([0.0, 0.2]))
def test_the_terms_are_those_of_the_definition(acts, seed, gap_score):
    """Repeated events among them, and motions too short for the events."""
    matcher = drawn(seed)
    matcher.gap_score = gap_score
    terms = matcher.terms([events(*acts)])
    expected = [naive_terms(matcher, events(*acts), number) for number in range(len(matcher.motions))]
    # Two equal events in a row can share their frames in several ways that gain alike: their means may differ then.
    if all(first != second for first, second in pairwise(acts)):
        assert terms.events[0] == pytest.approx([term for term, _ in expected], abs=1e-5)
    assert terms.order[0] == pytest.approx([margin for _, margin in expected], abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=5), st.integers(0, 999))
def test_a_block_is_scored_as_each_pair_by_itself(told, seed):
    matcher = drawn(seed, motions=6)
    queries = [events(*acts) for acts in told]
    terms, bags = matcher.terms(queries), matcher.max_sim(queries)
    chosen = np.array([4, 1, 1])
    part = matcher.terms(queries, chosen)
    assert part.events == pytest.approx(terms.events[:, chosen], abs=1e-6)
    assert part.order == pytest.approx(terms.order[:, chosen], abs=1e-6)
    assert matcher.max_sim(queries, chosen) == pytest.approx(bags[:, chosen], abs=1e-6)
    for row, query in enumerate(queries):
        alone = matcher.terms([query], np.array([2]))
        assert alone.events[0, 0] == pytest.approx(terms.events[row, 2], abs=1e-6)
        assert alone.order[0, 0] == pytest.approx(terms.order[row, 2], abs=1e-6)


def test_equal_events_have_no_other_order():
    matcher = matcher_of(motion(0, 1), motion(1, 0))
    assert matcher.terms([events(0, 0), events(0)]).order.tolist() == [[0, 0], [0, 0]]
    # Two wordings of one action are one event, too; without labels they are two.
    assert matcher.terms([events(0, 1, labels=("go", "go"))]).order.tolist() == [[0, 0]]
    assert matcher.terms([events(0, 1)]).order[0, 0] > 0


def test_more_events_than_a_motion_has_room_for():
    matcher = matcher_of(motion(0, 1, 2), motion(0, frames=7))
    terms = matcher.terms([events(0, 1, 2), events(0)])
    assert terms.events[0, 1] == -2
    assert terms.order[0, 1] == 0
    assert terms.events[1, 1] > terms.events[0, 1]
    assert np.isfinite(terms.events).all()


def test_of_many_events_the_compared_orders_do_not_depend_on_the_one_that_is_asked_about():
    matcher, told = (
        matcher_of(motion(*range(6))),
        [events(*order) for order in ((0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0))],
    )
    both = matcher.terms(told).order[:, 0]
    assert both == pytest.approx([matcher.terms([one]).order[0, 0] for one in told])
    assert both[0] > 0 > both[1]
    sets = {matching._EventSet.of(one)[0] for one in told}
    (event_set,) = sets
    orders = matching._orders(event_set)
    assert len(set(orders)) == len(orders) == 25
    firsts = [order[0] for order in orders]
    assert all(firsts.count(event) < 12 for event in range(6))


def test_the_best_are_ranked_anew():
    matcher = matcher_of(*GALLERY)
    cosines = np.linspace(1, 0.5, len(GALLERY))
    for number, order in enumerate(permutations((0, 1, 2))):
        ranking = matcher.rerank(events(*order), cosines, Weights(vector=0.0), top=6)
        assert ranking[0] == number
        assert sorted(ranking[:6].tolist()) == list(range(6))
        assert ranking[6:].tolist() == [6, 7, 8]
    assert matcher.rerank(events(2, 1, 0), cosines, Weights(vector=0.0), top=3)[3:].tolist() == [3, 4, 5, 6, 7, 8]
    assert matcher.rerank(events(0), cosines, Weights(1.0, 0.0, 0.0), top=500).tolist() == list(range(9))


def test_ties_keep_the_order_of_the_gallery():
    matcher = matcher_of(*[motion(0, 1)] * 4)
    assert matcher.rerank(events(0, 1), np.zeros(4), Weights(), top=3).tolist() == [0, 1, 2, 3]
    assert matcher.rerank(events(0, 1), np.zeros(4), Weights(), top=0).tolist() == [0, 1, 2, 3]


def test_windows_are_as_long_as_events():
    windows = MotionWindows.encode(Shares(), [motion(0, 1, 2), motion(0, frames=7)], FPS)
    lengths = windows.spans[:, 1] - windows.spans[:, 0]
    assert len(windows) == 2
    assert set(lengths[: windows.counts[0]].tolist()) == {20, 30}
    assert windows.spans[windows.counts[0] :].tolist() == [[0, 7]]
    assert windows.steps.lengths.tolist() == [120, 7]
    other = windows.calibrated(np.zeros(len(ACTS), np.float32))
    assert np.array_equal(other.windows.vectors, windows.vectors)


def test_calibration_takes_away_what_an_event_scores_everywhere():
    """An event near to every window would fill every gap."""
    matcher = matcher_of(motion(0, 1, 2, 0), motion(2, 2))
    near = matcher.vectors[SENTENCES[1]] + 5 * matcher.motions.mean / np.linalg.norm(matcher.motions.mean)
    shifted = Matcher(matcher.motions, {**matcher.vectors, SENTENCES[1]: near})
    ours, theirs = (one.terms([events(1)]).events[0] for one in (matcher, shifted))
    assert ours.argmax() == theirs.argmax() == 0
