"""Which captions and shuffled captions of a batch are no negatives, filter by filter, on pairs made by hand."""

import numpy as np
import pytest
import torch

from chronomotion.model.text_states import TextStates
from chronomotion.training.config import ObjectiveConfig
from chronomotion.training.likeness import Likeness
from chronomotion.training.losses import alike_events, similar_sentences
from chronomotion.training.pairs import Pair

ANGLES = {
    "walk, sit": 0.0, "sit, walk": 0.1, "stroll, sit": 0.2, "jump": 2.0,
    "walk": 0.0, "stroll": 0.2, "sit": 1.5, "jump.": 2.5, "strolling": 0.1,
}  # fmt: skip


class Known(TextStates):
    """States of texts that are known beforehand: one token, a direction in the plane. Remembers what it has read."""

    def __init__(self):
        self.read = []

    def prepare(self, texts):
        self.read += texts
        return 0

    def get(self, texts):
        self.read += texts
        return [np.array([[np.cos(ANGLES[text]), np.sin(ANGLES[text])]], np.float32) for text in texts]


def pair(text, keys, *wrong, labelled=False):
    return Pair("c", (), text, keys, tuple(", ".join(one) for one in wrong), wrong, labelled)


BATCH = [
    pair("walk, sit", ("walk", "sit"), ("sit", "walk")),
    pair("sit, walk", ("sit", "walk"), ("walk", "sit")),
    pair("stroll, sit", ("stroll", "sit"), ("sit", "stroll")),
    pair("jump", ("jump.",)),
]


def found(kind, pairs=BATCH, **changes):
    states = Known()
    relations = Likeness(ObjectiveConfig(filter=kind, **changes), states).relations(pairs)
    return relations.same.int().tolist(), relations.jumbled.int().tolist(), states


def test_no_filter_leaves_every_text_a_negative():
    same, jumbled, states = found("none")
    assert not np.any(same)
    # The twin's caption, both shuffles: each tells the events of the first two motions.
    assert jumbled == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert states.read == []


def test_equal_keys_are_the_same_story_shuffled_captions_included():
    same, jumbled, states = found("keys")
    assert same == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert jumbled == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert states.read == []


def test_similar_captions_are_no_jumbled_negatives():
    """The published filter cannot see order: a caption that it takes for the motion's own is not jumbled as well."""
    same, jumbled, states = found("sentences", sentence_threshold=0.99)
    assert same == [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1], *[[0, 0, 0, 0]] * 3]
    assert jumbled == [*[[0, 0, 0, 0]] * 4, [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert states.read == [one.text for one in BATCH]  # never the shuffled ones


def test_like_events_in_order_are_the_same_story():
    same, jumbled, _ = found("stories", event_threshold=0.95)
    assert same == [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0]]
    assert jumbled == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0]]


def test_names_of_actions_mean_what_they_say():
    labelled = [
        pair("walk, sit", ("walk", "sit"), labelled=True),
        pair("stroll, sit", ("stroll", "sit"), labelled=True),
    ]
    same, _, states = found("stories", labelled, event_threshold=0.95)
    assert same == [[1, 0], [0, 1]]
    assert states.read == []


@pytest.mark.parametrize("kind", ["none", "keys", "stories", "sentences"])
def test_captions_are_read_ahead_where_they_are_compared(kind):
    states = Known()
    Likeness(ObjectiveConfig(filter=kind), states).prepare(iter(BATCH))
    assert states.read == ([one.text for one in BATCH] if kind == "sentences" else [])


def test_on_the_threshold_itself():
    """As published, sentences have to be above theirs; events have to reach theirs."""
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], np.float32)
    assert similar_sentences(torch.from_numpy(rows), 0.5).int().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert alike_events(["a", "b", "c"], rows, 0.0).astype(int).tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
