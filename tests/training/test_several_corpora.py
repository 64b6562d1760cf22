"""One training on several corpora: what an epoch draws, statistics, batches, names, false negatives, refusals."""

import json
from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.moments import Moments
from chronomotion.errors import TrainingError
from chronomotion.evaluation.judge import Judgement
from chronomotion.language.caption import Caption, Events
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import ObjectiveConfig, TrainingConfig
from chronomotion.training.false_negatives import FalseNegatives, vocabulary
from chronomotion.training.feed import Feed
from chronomotion.training.mixture import Mixture, drawn
from chronomotion.training.motions import Motions
from chronomotion.training.pairs import Pair
from chronomotion.training.run import Run
from chronomotion.training.spans import Piece
from chronomotion.training.train import train
from toys import ToyClips


@pytest.fixture(scope="module")
def states(backbone, tmp_path_factory):
    return TextStates(TextBackbone(str(backbone)), tmp_path_factory.mktemp("states"))


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """Two corpora whose clips have the same names; the second one's motions are scaled."""
    folder = tmp_path_factory.mktemp("several")
    first = compose(ToyClips(), folder / "first", {"train": 24, "val": 8}, order="uniform", events=(2, 3))
    second = compose(ToyClips(), folder / "plain", {"train": 20, "val": 8}, order="uniform", events=(2, 3), seed=1)
    return first, scaled(second, folder / "second", 1.5)


def scaled(corpus, folder, factor, **changes):
    info = {"skeleton": "humanml3d", "licence": "CC-BY-4.0", "composed": True, **changes}
    fps = info.pop("fps", 20.0)
    with CorpusWriter(folder, dim=corpus.dim, fps=fps, description=info) as writer:
        for clip in corpus:
            writer.add(Clip(clip.name, factor * clip.features, clip.captions))
        return writer.finish({split: corpus.split(split) for split in corpus.splits})


def config(**changes):
    model = ModelConfig(latent_dim=16, ff_size=32, num_layers=1, num_heads=2, dropout=0.1, frames_per_token=4)
    base = {"model": model, "epochs": 3, "batch_size": 8, "warmup_steps": 2, "repeat_after_epochs": 2}
    return TrainingConfig(**{**base, "learning_rate": 3e-3, **changes})


def weights(model):
    return torch.cat([tensor.flatten() for tensor in model.state_dict().values()])


def clips_of(feed, epoch=0):
    count = feed.batches_per_epoch
    batches = feed.batches(0, ahead=False)
    return [batch.names for batch in islice(batches, epoch * count, (epoch + 1) * count)]


# What an epoch draws.


@pytest.mark.parametrize("weight", [0.3, 0.5, 1.0, 1.5, 2.0, 2.7])
def test_a_clip_is_drawn_as_often_as_its_weight_says(weight):
    names = [f"clip {i}" for i in range(17)]
    counts = Counter()
    for epoch in range(7):
        epoch_draws = drawn(names, weight, epoch, 3)
        assert len(epoch_draws) == round(17 * weight)
        assert len(set(epoch_draws)) == len(epoch_draws), "a second time counts as another draw"
        counts.update(name for name, _ in epoch_draws)
        every = [counts[name] for name in names]
        assert max(every) - min(every) <= 1
    assert drawn(names, weight, 4, 3) == drawn(names, weight, 4, 3)


def test_draws_differ_from_seed_to_seed_and_from_epoch_to_epoch():
    names = [f"clip {i}" for i in range(40)]
    halves = [{name for name, _ in drawn(names, 0.5, epoch, 0)} for epoch in range(4)]
    assert halves[0] | halves[1] == set(names) == halves[2] | halves[3]
    assert not halves[0] & halves[1]
    assert halves[0] not in halves[2:]
    assert halves[0] != {name for name, _ in drawn(names, 0.5, 0, 1)}


@pytest.mark.parametrize("batches", ["mixed", "one-corpus"])
def test_an_epoch_has_every_clip_as_often_as_its_corpus_weighs(corpora, states, batches):
    feed = Feed(Mixture(corpora, (1.0, 2.0)), config(batches=batches, negatives="none"), states)
    seen = Counter(name for names in clips_of(feed) for name in names)
    assert feed.epochs.clips == 24 + 40
    own = {name: count for name, count in seen.items() if name.startswith("first/")}
    assert set(own.values()) == {1}
    assert len(own) == 24
    assert set(seen.values()) == {1, 2}
    assert sum(seen.values()) == feed.batches_per_epoch * 8
    kinds = [{name.split("/")[0] for name in names} for names in clips_of(feed)]
    assert all(len(kind) == 1 for kind in kinds) == (batches == "one-corpus")
    assert set().union(*kinds) == {"first", "second"}


def test_a_second_time_in_an_epoch_brings_other_words_or_orders(corpora, states):
    feed = Feed(Mixture(corpora, (1.0, 2.0)), config(), states)
    draws = feed.epochs.draws(0)
    pairs = dict(zip(draws, feed.epochs.pairs(0, draws), strict=True))
    twice = [(pairs[draw], pairs[replace(draw, time=0)]) for draw in draws if draw.time]
    assert len(twice) == 20
    assert sum(second != first for second, first in twice) > 10


def test_the_draws_of_a_corpus_do_not_depend_on_what_stands_beside_it(corpora, states):
    def texts(mixture, number):
        feed = Feed(mixture, config(), states)
        draws = feed.epochs.draws(1)
        return [pair.text for both in feed.epochs.pairs(1, draws) for pair in both if pair.corpus == number]

    both = Mixture(corpora)
    assert texts(both, 0) == texts(Mixture(corpora[::-1]), 1)
    assert texts(both, 1) == texts(Mixture(corpora[::-1]), 0)


# Statistics.


def test_shared_statistics_are_those_of_all_frames(corpora):
    mean, std = Mixture(corpora, (1.0, 3.0)).stats
    total = Moments.none(263)
    for corpus, times in zip(corpora, (1, 3), strict=True):
        for name in corpus.split("train"):
            for _ in range(times):
                total += Moments.of(corpus.features(name))
    expected_mean, expected_std = total.mean_and_std()
    moves = expected_std > 0.01  # what hardly moves is kept at a floor, as in one corpus
    assert np.allclose(mean, expected_mean, atol=1e-4)
    assert np.allclose(std[moves], expected_std[moves], rtol=1e-3)
    assert (std[~moves] >= 1e-3 - 1e-6).all()


def test_each_corpus_is_normalised_by_its_own_statistics(corpora, states):
    mixture = Mixture(corpora)
    feed = Feed(mixture, config(statistics="each", batches="one-corpus", negatives="none"), states)
    shared = Feed(mixture, config(batches="one-corpus", negatives="none"), states)
    mean, std = mixture.stats
    for batch, plain in zip(feed.batches(0, ahead=False), shared.batches(0, ahead=False), strict=True):
        assert batch.names == plain.names
        own_mean, own_std = corpora[batch.names[0].startswith("second")].stats
        for motion, recorded in zip(batch.motions, plain.motions, strict=True):
            assert np.allclose((motion - mean) / std, (recorded - own_mean) / own_std, atol=1e-3)


def test_the_model_keeps_the_shared_statistics_and_its_card_says_so(corpora, states, tmp_path):
    model = train(
        Mixture(corpora, (1.0, 2.0)), tmp_path, config(statistics="each", epochs=1), states=states, judge=None
    )
    mean, std = Mixture(corpora, (1.0, 2.0)).stats
    assert np.array_equal(model.mean.numpy(), mean)
    assert np.array_equal(model.std.numpy(), std)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "normalised by its own mean and standard deviation" in card
    for corpus, weight in zip(corpora, (1, 2), strict=True):
        line = f"| {corpus.folder.name} | {weight} | {corpus.info['licence']} | {corpus.fingerprint} |"
        assert line in card
    assert "- first\n- second\n" in card, "the hub is told of both"
    assert MotionTextModel.from_pretrained(tmp_path, states=states).card.corpora[1]["weight"] == 2


# Names.


def test_joined_motions_of_equal_names_stay_apart(corpora):
    name = corpora[0].split("train")[0]
    assert name in corpora[1]
    pieces = (Piece(name, 0.0, 0.6), Piece(name, 0.6, 1.2))
    motions = Motions(corpora)
    first, second = (motions.of(Pair(name, pieces, "", (), corpus=number)) for number in (0, 1))
    assert first.shape != second.shape or not np.array_equal(first, second)
    assert np.array_equal(motions.of(Pair(name, pieces, "", (), corpus=0)), first)


def test_corpora_of_equal_folder_names_have_names_of_their_own(corpora, tmp_path):
    other = scaled(corpora[0], tmp_path / "first", 2.0)
    assert Mixture((corpora[0], other, corpora[1])).titles == ("first (1)", "first (2)", "second")


# False negatives.


def labelled(label, text, corpus=0):
    return Pair("c", (Piece("c"),), text, (label,), labelled=True, corpus=corpus)


def free(text, corpus):
    return Pair("c", (Piece("c"),), text, (text,), corpus=corpus)


FIRST = vocabulary(
    [Events(("a person nods.",), labels=("nod",)), Events(("a person raises the left hand.",), labels=("raise",))]
)
SECOND = vocabulary(
    [Events(("a person nods.",), labels=("nodding",)), Events(("a person lifts a leg.",), labels=("raise up",))]
)


def same(pairs, filter_, vocabularies, states):
    return FalseNegatives(ObjectiveConfig(filter=filter_), states, vocabularies).relations(pairs).same.tolist()


@pytest.mark.parametrize("filter_", ["keys", "stories"])
def test_two_names_of_one_action_in_two_corpora_are_no_negatives(states, filter_):
    pairs = [labelled("nod", "a"), labelled("nodding", "b", 1), free("a person nods.", 1), labelled("raise", "c")]
    alike = same(pairs, filter_, [FIRST, SECOND], states)
    assert [row[:3] for row in alike[:3]] == [[True] * 3] * 3


def test_names_of_one_corpus_are_told_apart_whatever_their_words(states):
    words = vocabulary(
        [Events(("a person nods.",), labels=("nod",)), Events(("a person nods.",), labels=("nod twice",))]
    )
    pairs = [labelled("nod", "a"), labelled("nod twice", "b")]
    assert same(pairs, "stories", [words, SECOND], states) == [[True, False], [False, True]]


def test_the_same_name_in_two_corpora_is_the_same_action(states):
    other = vocabulary([Events(("a person puts up a hand.",), labels=("raise",))])
    pairs = [labelled("raise", "a"), labelled("raise", "b", 1)]
    assert same(pairs, "keys", [FIRST, other], states) == [[True, True], [True, True]]


def test_orders_are_compared_across_corpora(states):
    forward = Pair("c", (), "a", ("nod", "raise"), labelled=True)
    backward = Pair("c", (), "b", ("a person raises the left hand.", "a person nods."), corpus=1)
    relations = FalseNegatives(ObjectiveConfig(filter="keys"), states, [FIRST, {}]).relations([forward, backward])
    assert relations.same.tolist() == [[True, False], [False, True]]
    assert relations.jumbled.tolist() == [[False, True], [True, False]]


# Runs.


@pytest.mark.parametrize("changes", [{}, {"batches": "one-corpus", "statistics": "each", "compound_share": 0.3}])
@pytest.mark.parametrize("stop", [3, 17])
def test_an_interrupted_run_on_several_ends_with_the_same_weights(
    corpora, states, tmp_path, monkeypatch, changes, stop
):
    mixture = Mixture(corpora, (0.7, 1.6))
    whole = train(mixture, tmp_path / "whole", config(**changes), states=states)
    step = Run._step

    def interrupted(self, done, batch):
        if done == stop:
            raise KeyboardInterrupt
        return step(self, done, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(mixture, tmp_path / "parts", config(**changes), states=states)
    parts = train(mixture, tmp_path / "parts", config(**changes), states=states)
    assert torch.equal(weights(whole), weights(parts))
    saved = [(tmp_path / name / "training.json").read_text() for name in ("whole", "parts")]
    assert saved[0] == saved[1]


def test_a_run_is_of_its_corpora_in_order_with_their_weights(corpora, states, tmp_path):
    train(list(corpora), tmp_path, config(epochs=1), states=states, judge=None)
    saved = json.loads((tmp_path / "training.json").read_text())
    assert saved["corpus"] == [{"fingerprint": corpus.fingerprint, "weight": 1.0} for corpus in corpora]
    assert (saved["statistics"], saved["batches"]) == ("shared", "mixed")
    for other in (corpora[::-1], Mixture(corpora, (1.0, 2.0)), corpora[0]):
        with pytest.raises(TrainingError, match="holds a model of another run: .*corpus is"):
            train(other, tmp_path, config(epochs=1), states=states, judge=None)
    with pytest.raises(TrainingError, match="batches is 'mixed' there and 'one-corpus' here"):
        train(list(corpora), tmp_path, config(epochs=1, batches="one-corpus"), states=states, judge=None)


def test_a_list_of_one_corpus_is_that_corpus(corpora, states, tmp_path):
    alone = train(corpora[0], tmp_path / "alone", config(epochs=1), states=states, judge=None)
    listed = train([corpora[0]], tmp_path / "listed", config(epochs=1), states=states, judge=None)
    assert torch.equal(weights(alone), weights(listed))
    saved = [json.loads((tmp_path / name / "training.json").read_text()) for name in ("alone", "listed")]
    assert saved[0] == saved[1]
    assert saved[0]["corpus"] == corpora[0].fingerprint
    assert not {"statistics", "batches"} & saved[0].keys(), "runs of earlier versions are recognised"


def test_the_judge_tells_of_each_corpus_and_takes_the_mean(corpora, states, tmp_path):
    train(list(corpora), tmp_path, config(epochs=1, statistics="each"), states=states, judge="val")
    result = json.loads((tmp_path / "training.json").read_text())["result"]
    assert result["judged"] == pytest.approx((result["judged on first"] + result["judged on second"]) / 2)


def test_a_judgement_is_the_mean_of_its_parts():
    judged = Judgement({"a": 10.0, "b": 40.0})
    assert judged == 25
    assert judged.parts == {"a": 10.0, "b": 40.0}


# What does not go together.


def with_dim(folder, dim, **description):
    rows = np.random.default_rng(dim).normal(size=(20, dim)).astype(np.float32)
    fps = description.pop("fps", 20.0)
    with CorpusWriter(folder, dim=dim, fps=fps, description={"skeleton": "humanml3d", **description}) as writer:
        writer.add(Clip("one", rows, (Caption("a person nods."),)))
        return writer.finish({"train": ["one"]})


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"dim": 251, "fps": 12.5, "skeleton": "kitml"}, "the first has 263 numbers a frame, the second 251"),
        ({"dim": 263, "fps": 30.0}, "the first has 20 frames a second, the second 30"),
        ({"dim": 263, "skeleton": "other"}, "the first has humanml3d as skeleton, the second other"),
    ],
)
def test_corpora_of_two_forms_are_refused_in_one_line(corpora, tmp_path, made, message):
    other = with_dim(tmp_path / "other", **made)
    with pytest.raises(TrainingError) as error:
        Mixture((corpora[0], other))
    assert str(error.value).startswith(
        f"{corpora[0].folder} and {other.folder} cannot be trained on together: {message}"
    )
    assert "\n" not in str(error.value)


def test_two_corpora_of_kit_ml_features_and_the_same_corpus_twice_are_refused(corpora, tmp_path):
    some = [with_dim(tmp_path / name, 251, fps=12.5, source=name) for name in ("a", "b")]
    with pytest.raises(TrainingError, match="a and .*b cannot .* both have 251 numbers a frame, several corpora need"):
        Mixture(tuple(some))
    with pytest.raises(TrainingError, match="they are the same corpus"):
        Mixture((corpora[0], Corpus(corpora[0].folder)))


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_are_positive_numbers(corpora, weight):
    with pytest.raises(TrainingError, match=r"the weight of .*second is .*: it must be a positive number"):
        Mixture(corpora, (1.0, weight))
    with pytest.raises(TrainingError, match="3 weights for 2 corpora"):
        Mixture(corpora, (1.0, 1.0, 1.0))


def test_a_corpus_too_small_for_batches_of_its_own_is_named(corpora, states):
    few = config(batches="one-corpus", batch_size=24)
    with pytest.raises(TrainingError, match=r"second: split 'train' has 20 clips, a batch needs 24"):
        Feed(Mixture(corpora), few, states)
    Feed(Mixture(corpora), replace(few, batches="mixed"), states)
    Feed(Mixture(corpora, (1.0, 2.0)), few, states)


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch_on_several_corpora(corpora, backbone, tmp_path):
    pytest.importorskip("accelerate")
    from test_processes import assert_agree, started

    places = ",".join(str(corpus.folder) for corpus in corpora)
    one = started(1, places, backbone, 16, "plain", tmp_path / "one.pt")
    assert_agree(one, started(2, places, backbone, 8, "plain", tmp_path / "two.pt"))
