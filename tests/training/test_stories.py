import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.training.losses import alike_events, relations, same_story, similar_sentences

STORIES = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4).map(tuple), min_size=1, max_size=6)


def test_a_story_is_the_same_in_the_same_order_only():
    same = same_story([("walk", "sit"), ("sit", "walk"), ("walk",)], [("walk", "sit"), ("sit", "walk")])
    assert same.tolist() == [[True, False], [False, True], [False, False]]


def test_another_order_is_jumbled_and_fewer_events_are_another_story():
    found = relations([("walk", "sit"), ("sit", "walk"), ("walk",), ("walk", "jump")], [("walk", "sit")])
    assert found.same.T.tolist() == [[True, False, False, False]]
    assert found.jumbled.T.tolist() == [[False, True, False, False]]


@given(STORIES, STORIES)
def test_relations_are_those_of_sequences_and_bags(rows, columns):
    found = relations(rows, columns)
    assert torch.equal(found.same, same_story(rows, columns))
    bags = torch.tensor([[sorted(row) == sorted(column) and row != column for column in columns] for row in rows])
    assert torch.equal(found.jumbled, bags)


def test_above_four_events_bags_are_compared_without_all_orders():
    six = ("a", "b", "c", "d", "e", "f")
    found = relations([six, six[::-1], (*six[:5], "g")], [six])
    assert found.same.T.tolist() == [[True, False, False]]
    assert found.jumbled.T.tolist() == [[False, True, False]]


MEANINGS = {
    "a person walks.": 0,
    "a person strolls.": 0.3,
    "a person sits.": 1.5,
    "a person waves the left hand.": 3.0,
    "a person waves the right hand.": 3.05,
}


def above(threshold):
    def alike(texts):
        angles = np.array([MEANINGS[text] for text in texts])
        return alike_events(texts, np.stack([np.cos(angles), np.sin(angles)], axis=1), threshold)

    return alike


def test_events_that_mean_the_same_are_the_same_in_the_same_order():
    rows = [("a person strolls.", "a person sits."), ("a person sits.", "a person strolls.")]
    found = relations(rows, [("a person walks.", "a person sits.")], above(0.9))
    assert found.same.tolist() == [[True], [False]]
    assert found.jumbled.tolist() == [[False], [True]]
    assert not relations(rows, [("a person walks.", "a person sits.")], above(0.99)).same.any()


def test_left_is_not_right_however_near_the_embeddings():
    found = relations([("a person waves the left hand.",)], [("a person waves the right hand.",)], above(0.9))
    assert not found.same.any()


def test_the_published_filter_cannot_see_order():
    """With real sentence embeddings: the reason for ours."""
    from chronomotion.model.backbone import TextBackbone

    texts = ["a person walks. a person sits down.", "a person sits down. a person walks.", "a person plays tennis."]
    states = TextBackbone().token_states(texts)
    rows = torch.tensor(np.stack([one.astype(np.float32).mean(axis=0) for one in states]))
    rows = torch.nn.functional.normalize(rows, dim=-1)
    same = similar_sentences(rows, 0.80)
    assert same[0, 1]
    assert not same[0, 2]


@pytest.mark.parametrize("threshold", [0.5, 0.8])
def test_the_published_filter_is_about_half_of_the_cosine(threshold):
    cosine = 2 * threshold - 1
    rows = torch.tensor([[1.0, 0.0], [cosine + 1e-3, np.sqrt(1 - (cosine + 1e-3) ** 2)]], dtype=torch.float32)
    assert similar_sentences(rows, threshold).all()
    rows = torch.tensor([[1.0, 0.0], [cosine - 1e-3, np.sqrt(1 - (cosine - 1e-3) ** 2)]], dtype=torch.float32)
    assert not similar_sentences(rows, threshold)[0, 1]
