"""Order by likelihood: generators whose likelihoods are known, one that reads nothing."""

import zlib

import numpy as np
import pytest
from placed_events import ACTS, PLACES, corpus_of, stories, told_events

from chronomotion.errors import CorpusError, ModelError
from chronomotion.evaluation.generation.likelihood_order import likelihood_order
from chronomotion.language.order import count_orders


def encode(motions):
    """A motion's codes: the acts that its features tell, in their order."""
    grids = [motion[0].reshape(PLACES, len(ACTS)) for motion in motions]
    return [grid.argmax(axis=1)[grid.any(axis=1)] for grid in grids]


def prompt(text, events, spans):
    return text, events, spans


class Knows:
    """The more places agree, the likelier; asked about each pair once."""

    def __init__(self):
        self.asked = []

    def log_likelihoods(self, prompts, codes, *, without_text=False):
        if without_text:
            return np.array([-5.0 - 0.01 * one.sum() for one in codes])
        self.asked += [(text, tuple(one.tolist())) for (text, _, _), one in zip(prompts, codes, strict=True)]
        told = [[ACTS.index(act) for act in told_events(text)] for text, _, _ in prompts]
        agree = [np.mean([a == b for a, b in zip(*one, strict=False)]) for one in zip(told, codes, strict=True)]
        return np.array(agree) - 3


class Blind(Knows):
    """Prefers some texts, whatever the motion."""

    def log_likelihoods(self, prompts, codes, *, without_text=False):
        return np.array([(zlib.crc32(repr(one[0]).encode()) % 1000) / 1000 - 4 for one in prompts])


class Deaf(Knows):
    """Never reads the text."""

    def log_likelihoods(self, prompts, codes, *, without_text=False):
        return np.array([-0.1 * one.sum() - 2 for one in codes])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of(tmp_path_factory.mktemp("likelihood") / "c", stories(80, acts=6))


def measured(generator, corpus, **settings):
    return likelihood_order(generator, corpus, encode=encode, prompt=prompt, **settings)


def test_a_generator_that_knows_order(corpus):
    figures = measured(Knows(), corpus)
    assert set(figures.wordings) == {"neutral", "as written"}
    for test in figures.wordings.values():
        assert (test.car.value, test.car_all.value, test.car.ties) == (100.0, 100.0, 0.0)
        assert set(test.car_by_events) == {"2", "3", "4"}
        assert test.blind_exchange.value < 80
    assert (figures.clips, figures.too_long, figures.planned) == (80, 0, False)


def test_one_that_never_sees_the_motion_is_at_half(tmp_path):
    figures = measured(Blind(), corpus_of(tmp_path / "c", stories(160, seed=1, acts=8)))
    for test in figures.wordings.values():
        assert abs(test.car.value - 50) < 7
        assert abs(test.blind_exchange.value - 50) < 7


def test_one_that_never_reads_the_text_ties(corpus):
    test = measured(Deaf(), corpus).wordings["neutral"]
    assert (test.car.value, test.car.ties) == (0.0, 100.0)


def test_every_pair_is_asked_once(corpus):
    generator = Knows()
    measured(generator, corpus, wordings=("neutral",), partners=1)
    clips = {tuple(codes.tolist()) for codes in encode([corpus.features(name) for name in corpus.names])}
    assert {codes for _, codes in generator.asked} == clips
    texts = {text for text, _ in generator.asked}
    assert all(text == text.lower() for text in texts)


def test_shares_are_those_of_counting(corpus):
    """Two events and one wrong order: CAR of two events is a plain count."""

    class Half(Knows):
        def log_likelihoods(self, prompts, codes, *, without_text=False):
            right = super().log_likelihoods(prompts, codes)
            return np.where([one.sum() % 2 == 0 for one in codes], right, -right)

    test = measured(Half(), corpus, wordings=("neutral",)).wordings["neutral"]
    codes = encode([corpus.features(name) for name in corpus.names])
    two = [one for one in codes if len(one) == 2]
    assert test.car_by_events["2"].clips == len(two)
    assert test.car_by_events["2"].value == pytest.approx(100 * np.mean([one.sum() % 2 == 0 for one in two]))
    assert test.car_all.value == pytest.approx(100 * np.mean([one.sum() % 2 == 0 for one in codes]))


def test_clips_that_are_too_long_are_left_out_and_counted(corpus):
    figures = measured(Knows(), corpus, longest=3)
    longer = sum(len(one) > 3 for one in encode([corpus.features(name) for name in corpus.names]))
    assert (figures.clips, figures.too_long) == (80 - longer, longer)
    assert longer > 0
    with pytest.raises(CorpusError, match="no clip has a wrong order and at most 1 tokens"):
        measured(Knows(), corpus, longest=1)


def tokens(motions):
    return [np.rint(100 * motion[::4, :8].astype(np.float64)).astype(np.int64) for motion in motions]


class Plans:
    """Sees whether the times in the prompt are those of this motion: what a plan gives away."""

    def __init__(self):
        self.plans, self.events = [], []

    def log_likelihoods(self, prompts, codes, *, without_text=False):
        if not without_text:
            planned = [
                (events, spans, len(one)) for (_, events, spans), one in zip(prompts, codes, strict=True) if spans
            ]
            self.plans += [(frames, spans) for _, spans, frames in planned]
            self.events += [len(events) == len(spans) for events, spans, _ in planned]
        return np.array([-float(sum(end - start for start, end in spans or ())) for _, _, spans in prompts])


def test_with_a_plan_the_texts_change_places_and_the_times_stay(toy_corpus):
    generator = Plans()
    figures = likelihood_order(generator, toy_corpus, encode=tokens, prompt=prompt, planned=True, wordings=("neutral",))
    assert figures.planned
    test = figures.wordings["neutral"]
    assert (test.car.value, test.car.ties, test.blind_exchange.ties) == (0.0, 100.0, 100.0)
    assert all(generator.events)
    assert all(abs(max(end for _, end in spans) * 20 - 4 * frames) < 8 for frames, spans in generator.plans)


def test_motions_in_another_order_and_what_is_likely_by_itself(toy_corpus):
    """A likelihood that depends on the motion alone: taking off the likelihood without text leaves nothing."""

    class Motions:
        def log_likelihoods(self, prompts, codes, *, without_text=False):
            return np.array([-1.0 - (zlib.crc32(one.tobytes()) % 1000) / 1000 for one in codes])

    figures = likelihood_order(Motions(), toy_corpus, encode=tokens, prompt=prompt, wordings=("neutral",))
    assert figures.swapped.car_motion.ties == 0.0
    assert figures.swapped_less_prior.car_motion.ties == 100.0
    assert figures.swapped_less_prior.car_motion.value == 0.0


UNUSABLE = (lambda n: np.zeros((n, 2)), lambda n: np.full(n, np.nan), lambda n: np.zeros(n + 1))


@pytest.mark.parametrize("values", UNUSABLE)
def test_likelihoods_that_cannot_be_used(corpus, values):
    class Broken:
        def log_likelihoods(self, prompts, codes, *, without_text=False):
            return values(len(prompts))

    with pytest.raises(ModelError, match="expected one finite number for each"):
        measured(Broken(), corpus)


def test_stories_have_wrong_orders():
    assert all(count_orders(story) > 1 for story in stories(80, acts=6))
