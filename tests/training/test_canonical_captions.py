"""``captions = "canonical"`` and ``"both"``: what pairs say, and that the default says what it always said."""

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import ConfigError
from chronomotion.language.canonical import canonical
from chronomotion.language.caption import Caption, Events
from chronomotion.training.config import TrainingConfig
from chronomotion.training.pairs import pairs_of
from chronomotion.training.settings import read_recipe

TEXTS = ("a man happily strolls in the park.", "he lifts a box.", "he sits down on a bench.")
OTHERS = ("a woman happily waves.", "she hops.", "she bows in the hall.")
REDUCED = tuple(canonical("", [text]) for text in (*TEXTS, *OTHERS))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    both = [Events(texts, spans=((0.0, 1.0), (1.0, 2.0), (2.0, 3.0))) for texts in (TEXTS, OTHERS)]
    with CorpusWriter(tmp_path_factory.mktemp("canonical") / "c", dim=263, fps=20.0, description={}) as writer:
        for number in range(40):
            writer.add(
                Clip(f"c{number}", np.ones((60, 263), np.float32), (Caption("He sits last.", events=both[number % 2]),))
            )
        alike = Events(("a person grabs a cup.", "a person grabs a ball."), spans=((0.0, 1.0), (1.0, 2.0)))
        writer.add(Clip("alike", np.ones((60, 263), np.float32), (Caption("Two grabs.", events=alike),)))
        writer.add(Clip("whole", np.ones((60, 263), np.float32), (Caption("A sad man jogs on stage"),)))
        return writer.finish({"train": [f"c{number}" for number in range(40)]})


def pairs(corpus, name="c0", epoch=0, names=(), **settings):
    return pairs_of(corpus, name, TrainingConfig(**settings), epoch, names)


@pytest.mark.parametrize("positives", ["told", "events"])
@pytest.mark.parametrize("compound", [0.0, 1.0])
def test_right_wrong_and_twin_captions_are_reduced(corpus, positives, compound):
    settings = {"captions": "canonical", "positives": positives, "shuffles": 3, "compound_share": compound}
    both = pairs(corpus, names=corpus.split("train"), **settings)
    assert len(both) == 2
    for pair in both:
        for text, keys in zip((pair.text, *pair.wrong), (pair.keys, *pair.wrong_keys), strict=True):
            assert set(keys) <= set(REDUCED)
            assert text == " ".join(keys)
        assert pair.text not in pair.wrong
        assert pair.wrong or compound


def test_the_original_caption_is_reduced(corpus):
    (pair,) = pairs(corpus, captions="canonical", positives="original", negatives="shuffled")
    assert pair.text == " ".join(REDUCED[:3])  # the caption in its events: "a person sits last" is none of them
    (pair,) = pairs(corpus, "whole", captions="canonical")
    assert pair.text == "a person runs."


def test_events_that_are_told_alike_have_no_wrong_order(corpus):
    assert len(pairs(corpus, "alike")) == 2
    (pair,) = pairs(corpus, "alike", captions="canonical")
    assert pair.text == "a person grabs something. a person grabs something."
    assert pair.wrong == ()


def test_both_draws_for_each_clip_and_epoch(corpus):
    drawn = [[pairs(corpus, name, epoch, captions="both") for name in corpus.split("train")] for epoch in range(3)]
    assert drawn == [
        [pairs(corpus, name, epoch, captions="both") for name in corpus.split("train")] for epoch in range(3)
    ]
    shares = [
        [both[0].text in (" ".join(both[0].keys),) and both[0].keys[0] in REDUCED for both in one] for one in drawn
    ]
    assert shares[0] != shares[1] != shares[2]
    assert 36 <= sum(map(sum, shares)) <= 84  # of 120; five standard deviations are 27
    as_written = [pairs(corpus, name, captions="as-written") for name in corpus.split("train")]
    reduced = [pairs(corpus, name, captions="canonical") for name in corpus.split("train")]
    for is_reduced, mine, written, canon in zip(shares[0], drawn[0], as_written, reduced, strict=True):
        assert mine == (canon if is_reduced else written)


def test_the_default_is_as_written_and_older_runs_know_no_setting(corpus, backbone, tmp_path):
    pytest.importorskip("torch")
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.config import ModelConfig
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.pair_task import PairTask
    from chronomotion.training.processes import Processes

    assert pairs(corpus) == pairs(corpus, captions="as-written")
    states = TextStates(TextBackbone(str(backbone)), tmp_path)
    model = ModelConfig(latent_dim=8, ff_size=8, num_layers=1, num_heads=1)
    for captions, known in (("as-written", False), ("canonical", True), ("both", True)):
        config = TrainingConfig(model=model, captions=captions)
        assert ("captions" in PairTask(corpus, config, states, Processes()).identity()) is known


def test_an_unknown_value_is_one_line():
    with pytest.raises(ConfigError, match="captions must be one of as-written, canonical, both, not 'short'"):
        read_recipe(flags={"captions": "short"})
