"""What is drawn for a test depends on its seed, on the clip, and on nothing else."""

import numpy as np
import pytest
from placed_events import ACTS, corpus_of

from chronomotion.evaluation.chronology_blind import disjoint_partners, exchanged_partners
from chronomotion.evaluation.questions import Questions


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Five events a clip, 119 wrong orders: both kinds of wrong orders are drawn."""
    rng = np.random.default_rng(0)
    told = [tuple(rng.permutation(ACTS)[:5].tolist()) for _ in range(12)]
    return corpus_of(tmp_path_factory.mktemp("seeds") / "c", told + told[:1])


def orders(questions, kind):
    """The wrong orders of every trial, as texts."""
    found = [getattr(trial.texts_by_wording["neutral"], kind) for trial in questions.trials]
    return [[questions.texts[place] for place in places] for places in found]


@pytest.mark.parametrize(("kind", "count"), [("shuffled", 5), ("others", 24)])
def test_wrong_orders_are_drawn_by_seed_and_clip(corpus, kind, count):
    first, again, other = (orders(Questions(corpus, seed=seed), kind) for seed in (0, 0, 1))
    assert first == again
    for texts, drawn_otherwise in zip(first, other, strict=True):
        assert len(set(texts)) == count
        assert texts != drawn_otherwise
    assert first[0] != first[-1]  # two clips of one story


def test_the_first_shuffle_is_drawn_by_the_seed(corpus):
    shuffles = [[trial.first_shuffle for trial in Questions(corpus, seed=seed).trials] for seed in (0, 1)]
    assert sum(one != other for one, other in zip(*shuffles, strict=True)) > 9  # of 13; one in 119 is the same
    assert all(tuple(range(5)) not in some for some in shuffles)


@pytest.mark.parametrize("partners", [exchanged_partners, disjoint_partners])
def test_whose_motion_stands_in_is_drawn_by_the_seed(tmp_path, partners):
    pairs = [(ACTS[i], ACTS[i + 1]) for i in range(0, 8, 2)] * 5
    trials = Questions(corpus_of(tmp_path / "c", pairs)).trials
    first, again, other = (partners(trials, seed, 3) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert (first != other).mean() > 0.5
    assert (first != np.arange(len(trials))[:, None]).all()
