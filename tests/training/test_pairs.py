from collections import Counter

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.training.config import TrainingConfig
from chronomotion.training.pairs import pair_motion, pairs_of


def labels(corpus, name):
    return corpus.captions(name)[0].events.labels


@pytest.mark.parametrize("negatives", ["none", "shuffled", "counterfactual"])
def test_pairs_tell_what_the_motion_shows(toy_corpus, negatives):
    config = TrainingConfig(negatives=negatives, shuffles=2)
    for name in toy_corpus.split("train"):
        pairs = pairs_of(toy_corpus, name, config, 0)
        assert len(pairs) == (2 if negatives == "counterfactual" else 1)
        for pair in pairs:
            recorded = labels(toy_corpus, name)
            assert pair.keys == (tuple(recorded[i] for i in pair.order) if pair.order else recorded)
            assert len(pair.wrong) == (0 if negatives == "none" else 2) or len(pairs) == 2
            assert all(keys != pair.keys and sorted(keys) == sorted(pair.keys) for keys in pair.wrong_keys)
            assert all(text != pair.text for text in pair.wrong)


def test_twins_are_the_motion_in_two_orders(toy_corpus):
    for name in toy_corpus.split("train")[:10]:
        twins = pairs_of(toy_corpus, name, TrainingConfig(), 0)
        assert twins[0].keys != twins[1].keys
        events = toy_corpus.captions(name)[0].events
        recorded = toy_corpus.features(name)
        for twin in twins:
            features = pair_motion(toy_corpus, twin)
            assert np.isfinite(features).all()
            # the first event's frames are those of the recording, wherever they stood there
            start = round(events.spans[events.labels.index(twin.keys[0])][0] * toy_corpus.fps)
            assert np.allclose(
                features[:5, 3] - features[0, 3], recorded[start : start + 5, 3] - recorded[start, 3], atol=1e-4
            )


def test_orders_of_twins_are_uniform(toy_corpus):
    name = next(n for n in toy_corpus.split("train") if len(labels(toy_corpus, n)) == 3)
    found = Counter(pairs_of(toy_corpus, name, TrainingConfig(), epoch)[1].keys for epoch in range(1500))
    assert len(found) == 5
    assert labels(toy_corpus, name) not in found
    assert all(abs(count - 300) < 80 for count in found.values())  # five standard deviations


def test_what_a_twin_says_is_not_said_again(toy_corpus):
    for name in toy_corpus.split("train"):
        pairs = pairs_of(toy_corpus, name, TrainingConfig(shuffles=5), 0)
        original, twin = pairs
        assert twin.keys not in original.wrong_keys
        assert original.keys not in twin.wrong_keys
        assert bool(original.wrong) == (len(original.keys) > 2)


def test_pairs_are_a_function_of_seed_epoch_and_clip(toy_corpus):
    name = toy_corpus.split("train")[0]
    first = [pairs_of(toy_corpus, name, TrainingConfig(), epoch) for epoch in range(6)]
    assert first == [pairs_of(toy_corpus, name, TrainingConfig(), epoch) for epoch in range(6)]
    assert len({pairs[0].text for pairs in first}) > 1
    assert first != [pairs_of(toy_corpus, name, TrainingConfig(seed=1), epoch) for epoch in range(6)]


def corpus_of(folder, *captions):
    with CorpusWriter(folder, dim=263, fps=20.0, description={}) as writer:
        writer.add(Clip("one", np.ones((20, 263), np.float32), captions))
        return writer.finish({"train": ["one"]})


def test_equal_events_have_no_negative(tmp_path):
    events = Events(("a person jumps.", "The person jumps"), spans=((0.0, 0.5), (0.5, 1.0)))
    corpus = corpus_of(tmp_path / "c", Caption("A person jumps twice.", events=events))
    (pair,) = pairs_of(corpus, "one", TrainingConfig(negatives="counterfactual", shuffles=3), 0)
    assert pair.wrong == ()
    assert pair.order is None


def test_a_caption_without_events_is_its_own_story(tmp_path):
    corpus = corpus_of(tmp_path / "c", Caption("A person jumps."))
    (pair,) = pairs_of(corpus, "one", TrainingConfig(), 0)
    assert (pair.text, pair.keys, pair.wrong) == ("A person jumps.", ("A person jumps.",), ())


def test_a_clip_without_captions(tmp_path):
    with pytest.raises(TrainingError, match="clip 'one' .* has no caption"):
        pairs_of(corpus_of(tmp_path / "c"), "one", TrainingConfig(), 0)
