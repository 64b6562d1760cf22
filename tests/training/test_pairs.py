from collections import Counter

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.training.config import TrainingConfig
from chronomotion.training.motions import frames_of, pair_motion
from chronomotion.training.pairs import pairs_of
from chronomotion.training.spans import Piece


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
            spans = toy_corpus.captions(name)[0].events.spans
            shown = recorded
            if len(pair.pieces) > 1:
                shown = tuple(recorded[spans.index((piece.start, piece.end))] for piece in pair.pieces)
            assert pair.keys == shown
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
    assert pair.pieces == (Piece("one"),)


def test_a_caption_without_events_is_its_own_story(tmp_path):
    corpus = corpus_of(tmp_path / "c", Caption("A person jumps."))
    (pair,) = pairs_of(corpus, "one", TrainingConfig(), 0)
    assert (pair.text, pair.keys, pair.wrong) == ("A person jumps.", ("A person jumps.",), ())


def test_a_clip_without_captions(tmp_path):
    with pytest.raises(TrainingError, match="clip 'one' .* has no caption"):
        pairs_of(corpus_of(tmp_path / "c"), "one", TrainingConfig(), 0)


def motion_corpus(folder, clips):
    """Clips (name, frames, captions) of a body that stands still, so that pieces can be joined."""
    from chronomotion.motion.features import features_of
    from chronomotion.seeding import generator
    from toys import move

    with CorpusWriter(folder, dim=263, fps=20.0, description={}) as writer:
        for name, frames, captions in clips:
            features = features_of(move("nod", generator(name), frames + 1), retarget=False)
            writer.add(Clip(name, features, tuple(captions)))
        return writer.finish({"train": [name for name, *_ in clips]})


def test_every_caption_has_its_own_span(tmp_path):
    """The published code crops every caption of a motion by the first caption's span."""
    captions = [Caption("a person nods.", 0.0, 1.0), Caption("a person waits.", 1.5, 2.5), Caption("all of it.")]
    corpus = motion_corpus(tmp_path / "c", [("one", 60, captions)])
    seen = {}
    for epoch in range(30):
        (pair,) = pairs_of(corpus, "one", TrainingConfig(), epoch)
        seen[pair.text] = pair
    expected = {"a person nods.": (0, 20), "a person waits.": (30, 50), "all of it.": (0, 60)}
    assert set(seen) == set(expected)
    for text, (start, end) in expected.items():
        assert np.array_equal(pair_motion(corpus, seen[text]), corpus.features("one")[start:end])
        assert frames_of(corpus, seen[text]) == end - start


def test_captions_that_are_too_long_or_too_short_are_left_out(tmp_path):
    captions = [Caption("a nod.", 0.0, 0.5), Caption("a wait.", 0.5, 2.0), Caption("all of it.")]
    corpus = motion_corpus(tmp_path / "c", [("one", 60, captions)])
    config = TrainingConfig(min_seconds=1.0, max_seconds=2.0)
    assert {pairs_of(corpus, "one", config, epoch)[0].text for epoch in range(20)} == {"a wait."}
    with pytest.raises(TrainingError, match="has no caption to train on"):
        pairs_of(corpus, "one", TrainingConfig(min_seconds=5.0), 0)


def test_a_crop_of_known_events_tells_what_is_left(toy_corpus):
    config = TrainingConfig(crop_share=1.0)
    for name in toy_corpus.split("train"):
        events = toy_corpus.captions(name)[0].events
        original, twin = pairs_of(toy_corpus, name, config, 0)
        if len(events) == 2:
            assert original.keys == events.labels
            continue
        first = [events.labels[i : i + 2] for i in range(2)].index(original.keys)
        (piece,) = original.pieces
        assert (piece.start, piece.end) == (events.spans[first][0], events.spans[first + 1][1])
        assert twin.keys == original.keys[::-1]
        assert [(piece.start, piece.end) for piece in twin.pieces] == list(events.spans[first : first + 2])[::-1]


def test_a_crop_around_a_span_keeps_the_span(tmp_path):
    corpus = motion_corpus(tmp_path / "c", [("one", 100, [Caption("a person nods.", 2.0, 3.0)])])
    config = TrainingConfig(crop_share=1.0, max_seconds=3.0)
    pieces = [pairs_of(corpus, "one", config, epoch)[0].pieces[0] for epoch in range(40)]
    ends = [5.0 if piece.end is None else piece.end for piece in pieces]
    assert all(piece.start <= 2.0 and end >= 3.0 for piece, end in zip(pieces, ends, strict=True))
    assert all(end - piece.start <= 3.0 + 1e-9 for piece, end in zip(pieces, ends, strict=True))
    assert len({piece.start for piece in pieces}) > 20


def test_compound_pairs_join_captioned_clips(tmp_path):
    words = ["a person nods.", "a person waits.", "a person lifts the left leg.", "a person nods."]
    corpus = motion_corpus(tmp_path / "c", [(f"clip-{i}", 20 + i, [Caption(text)]) for i, text in enumerate(words)])
    names, config = corpus.split("train"), TrainingConfig(compound_share=1.0, narrated_share=0.0)
    told_by = dict(zip(names, words, strict=True))
    orders = set()
    for epoch in range(30):
        for name in names:
            pairs = pairs_of(corpus, name, config, epoch, names)
            assert len(pairs) == 2, "the same clips in another order are in the same batch"
            assert sorted(pairs[0].pieces, key=str) == sorted(pairs[1].pieces, key=str)
            assert pairs[0].keys != pairs[1].keys
            for pair in pairs:
                assert name in {piece.clip for piece in pair.pieces}
                assert pair.keys == tuple(told_by[piece.clip] for piece in pair.pieces)
                assert pair.text == " ".join(pair.keys)
                assert len(pair.pieces) in {2, 3}
                assert not pair.labelled
            orders.add(pairs[0].keys)
    assert {keys[::-1] for keys in orders if len(keys) == 2} == {keys for keys in orders if len(keys) == 2}
    motion = pair_motion(corpus, pairs[0])
    assert motion.shape[1] == 263
    assert len(motion) > frames_of(corpus, pairs[0])  # transitions


def test_a_share_of_clips_is_compound(tmp_path):
    corpus = motion_corpus(tmp_path / "c", [(f"c{i}", 10, [Caption(f"a person does {i}.")]) for i in range(60)])
    names = corpus.split("train")
    config = TrainingConfig(compound_share=0.3, negatives="shuffled")
    counts = [len(pairs_of(corpus, name, config, e, names)[0].pieces) > 1 for name in names for e in range(5)]
    assert abs(sum(counts) / len(counts) - 0.3) < 0.1  # 300 draws: nearly four standard deviations
    assert all(len(pairs_of(corpus, name, config, 0, names)) == 1 for name in names)


@pytest.mark.parametrize(
    ("positives", "text", "wrong"),
    [
        ("events", "A person nods. The person jumps.", "The person jumps. A person nods."),
        ("original", "Somebody nods, then jumps", "The person jumps. A person nods."),
    ],
)
def test_published_protocols(tmp_path, positives, text, wrong):
    events = Events(("A person nods", "The person jumps."))
    corpus = corpus_of(tmp_path / "c", Caption("Somebody nods, then jumps", events=events))
    (pair,) = pairs_of(corpus, "one", TrainingConfig(negatives="shuffled", positives=positives), 0)
    assert (pair.text, pair.wrong) == (text, (wrong,))


def test_several_shuffles_are_different_orders(toy_corpus):
    name = next(n for n in toy_corpus.split("train") if len(labels(toy_corpus, n)) == 3)
    (pair,) = pairs_of(toy_corpus, name, TrainingConfig(negatives="shuffled", shuffles=3), 0)
    assert len(set(pair.wrong_keys)) == len(set(pair.wrong)) == 3
