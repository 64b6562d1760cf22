"""What a pair is made of depends on the seed, the epoch and the clip, draw by draw; and spans end where they end."""

from collections import Counter

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.corpus.batches import bucketed_batches
from chronomotion.language.caption import Caption, Events
from chronomotion.training.compound import compound_of
from chronomotion.training.config import TrainingConfig
from chronomotion.training.motions import pair_motion
from chronomotion.training.pairs import Pair, pairs_of
from chronomotion.training.spans import Piece, drawn_caption, piece_of, usable_captions

VERBS = ("walks", "sits", "jumps", "waves", "turns")


def written(folder, clips):
    """Clips (name, frames, captions) whose first feature is the number of the frame."""
    with CorpusWriter(folder, dim=263, fps=20.0, description={}) as writer:
        for name, frames, captions in clips:
            features = np.ones((frames, 263), np.float32)
            features[:, 0] = np.arange(frames)
            writer.add(Clip(name, features, tuple(captions)))
        return writer.finish({"train": [name for name, *_ in clips]})


def five_events(number=0):
    texts = tuple(f"a person {verb} {number} times." for verb in VERBS)
    return Events(texts, spans=tuple((float(i), i + 1.0) for i in range(5)))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    clips = [(f"c{i}", 100, [Caption(f"Five events, {i}.", events=five_events(i))]) for i in range(8)]
    return written(tmp_path_factory.mktemp("draws") / "c", clips)


def config(seed=0, **changes):
    """Words are always the same, so that nothing but the orders can differ."""
    return TrainingConfig(**{"seed": seed, "narrated_share": 0.0, "shuffles": 2, **changes})


def drawn(corpus, draw, **changes):
    """A draw for every clip, of two epochs, with seed 0 and with seed 1."""
    return [
        [draw(pairs_of(corpus, name, config(seed, **changes), epoch, corpus.names)) for name in corpus.names]
        for seed in (0, 1)
        for epoch in (0, 1)
    ]


@pytest.mark.parametrize(
    ("what", "draw", "changes"),
    [
        ("wrong orders", lambda pairs: pairs[0].wrong_keys, {"negatives": "shuffled"}),
        ("wrong orders of a clip with a twin", lambda pairs: pairs[0].wrong_keys, {}),
        ("wrong orders of the twin", lambda pairs: pairs[1].wrong_keys, {}),
        ("order of the twin", lambda pairs: pairs[1].keys, {}),
        ("crop", lambda pairs: pairs[0].keys, {"crop_share": 1.0}),
        ("compound", lambda pairs: [piece.clip for piece in pairs[0].pieces], {"compound_share": 1.0}),
        ("twin of the compound", lambda pairs: [piece.clip for piece in pairs[1].pieces], {"compound_share": 1.0}),
        ("wrong orders of the compound", lambda pairs: pairs[0].wrong_keys, {"compound_share": 1.0}),
        ("whether it is a compound", lambda pairs: len({piece.clip for piece in pairs[0].pieces}) > 1,
         {"compound_share": 0.5}),
        ("style", lambda pairs: pairs[0].text, {"narrated_share": 1.0}),
    ],
)  # fmt: skip
def test_every_draw_depends_on_seed_and_epoch(corpus, what, draw, changes):
    found = drawn(corpus, draw, **changes)
    assert found == drawn(corpus, draw, **changes)
    for i in range(4):
        for j in range(i):
            assert found[i] != found[j], f"{what}: draws {i} and {j} are the same"


def test_twins_are_not_shuffled_alike(corpus):
    """A wrong order of the twin is drawn by itself: as a permutation it is another one."""
    same = 0
    for name in corpus.names:
        first, twin = pairs_of(corpus, name, config(), 0)
        moved = [[pair.keys.index(key) for key in pair.wrong_keys[0]] for pair in (first, twin)]
        same += moved[0] == moved[1]
    assert same < 3


def test_the_caption_is_drawn_by_the_seed(tmp_path):
    clips = [(f"c{i}", 20, [Caption(f"{i} {j}") for j in range(4)]) for i in range(20)]
    corpus = written(tmp_path / "c", clips)
    found = [[drawn_caption(corpus, name, config(seed), 0)[0] for name in corpus.names] for seed in (0, 1)]
    assert found[0] != found[1]
    assert set(found[0]) == {0, 1, 2, 3}


def test_batches_are_drawn_by_seed_and_epoch():
    found = [bucketed_batches(list(range(64)), 8, seed, epoch) for seed in (0, 1) for epoch in (0, 1)]
    assert all(found[i] != found[j] for i in range(4) for j in range(i))


def test_a_compound_starts_with_any_of_its_clips(corpus):
    """The clip that it was drawn for comes first no more often than the others; so it is in the twin."""
    for which in ("first", "second"):
        places, parts = Counter(), Counter()
        for epoch in range(150):
            compound = compound_of(corpus, "c0", corpus.names, config(), epoch)
            order = getattr(compound, which)
            parts[len(order)] += 1
            places[len(order), [compound.pieces[i].clip for i in order].index("c0")] += 1
        assert set(parts) == {2, 3}
        assert abs(parts[2] - 75) < 31  # five standard deviations
        for (count, _), seen in places.items():
            mean = parts[count] / count
            assert abs(seen - mean) < 5 * np.sqrt(mean * (1 - 1 / count)), (which, count)
        assert len(places) == 5


def test_the_twin_of_a_compound_has_another_order(corpus):
    for epoch in range(60):
        compound = compound_of(corpus, "c1", corpus.names, config(), epoch)
        assert compound.first != compound.second
        assert sorted(compound.first) == sorted(compound.second) == list(range(len(compound.pieces)))


def cut(corpus, piece):
    return pair_motion(corpus, Pair("c0", (piece,), "", ()))[:, 0].tolist()


def test_a_piece_ends_where_it_ends(corpus):
    assert cut(corpus, Piece("c0")) == list(range(100))
    assert cut(corpus, Piece("c0", 1.0, 2.0)) == list(range(20, 40))
    assert cut(corpus, Piece("c0", 4.0, None)) == list(range(80, 100))
    assert cut(corpus, Piece("c0", 4.9, 5.0)) == [98, 99]
    assert cut(corpus, Piece("c0", 3.0, 3.0)) == [60]  # never nothing
    assert cut(corpus, Piece("c0", 7.0, 8.0)) == [99]


@pytest.mark.parametrize(
    ("end", "expected"),
    [(None, None), (4.9, 4.9), (4.974, 4.974), (4.975, None), (5.0, None), (9.0, None)],
)
def test_a_span_goes_to_the_end_from_half_a_frame_before_it(corpus, end, expected):
    assert piece_of(corpus, "c0", Caption("a", 1.0, end)) == Piece("c0", 1.0, expected)
    assert piece_of(corpus, "c0", Caption("a", -1.0, end)).start == 0.0


def test_the_limits_of_spans_are_allowed_themselves(tmp_path):
    spans = [(0.0, 1.0), (0.0, 0.95), (0.0, 2.0), (0.0, 2.05), (1.0, 1.05), (1.0, 1.04)]
    corpus = written(tmp_path / "c", [("one", 100, [Caption("a", *span) for span in spans])])
    assert usable_captions(corpus, "one", config(shortest=1.0, longest=2.0)) == [0, 2]
    assert usable_captions(corpus, "one", config()) == [0, 1, 2, 3, 4]  # one frame is the least
