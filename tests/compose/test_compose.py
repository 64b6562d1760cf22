import numpy as np
import pytest

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.plan import habit_ranks, plan_motions
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.language.wording import tell
from toys import ToyClips

ACTIONS = list("abcdef")


def test_habit_puts_every_set_in_one_order():
    ranks = habit_ranks(ACTIONS, 0)
    plans = plan_motions(ACTIONS, 200, order="habit", split="train", seed=0)
    assert len(plans) == 200
    for plan in plans:
        assert [ranks[action] for action in plan.actions] == sorted(ranks[action] for action in plan.actions)


def test_uniform_gives_each_order_and_its_reverse_from_the_same_clips():
    plans = plan_motions(ACTIONS, 600, order="uniform", split="test", seed=0)
    groups = {}
    for plan in plans:
        groups.setdefault(plan.group, []).append(plan.actions)
    assert all(len(pair) == 2 and pair[0] == pair[1][::-1] for pair in groups.values())
    first = sum(plan.actions.index("a") < plan.actions.index("b") for plan in plans if {"a", "b"} <= set(plan.actions))
    both = sum({"a", "b"} <= set(plan.actions) for plan in plans)
    assert first * 2 == both


def test_plans_depend_on_seed_and_split():
    def plans(split, seed):
        return [p.actions for p in plan_motions(ACTIONS, 50, order="uniform", split=split, seed=seed)]

    assert plans("train", 0) == plans("train", 0)
    assert plans("train", 0) != plans("test", 0) != plans("test", 1)


def test_settings_that_cannot_be():
    with pytest.raises(ConfigError, match="up to 4 different actions need as many actions; there are 2"):
        plan_motions(["a", "b"], 5, order="habit", split="train", seed=0)
    with pytest.raises(ConfigError, match="least, most"):
        plan_motions(ACTIONS, 5, order="habit", split="train", seed=0, events=(3, 2))


def test_a_composed_corpus_knows_its_events_and_their_times(toy_corpus):
    for name in toy_corpus.names:
        caption = toy_corpus.captions(name)[0]
        events = caption.events
        assert 2 <= len(events) <= 3
        assert len(set(events.labels)) == len(events)
        for (_, end), (start, _) in zip(events.spans, events.spans[1:], strict=False):
            assert 0.19 <= start - end <= 1.51
        frames = len(toy_corpus.features(name))
        assert events.spans[0][0] == 0.0
        assert frames <= events.spans[-1][1] * toy_corpus.fps <= frames + 1
        assert all(text.startswith("a person ") for text in events.texts)


def test_twins_differ_in_order_only(toy_corpus):
    first, second = (toy_corpus.captions(name)[0].events for name in toy_corpus.split("test")[:2])
    assert first.labels == second.labels[::-1]
    assert tell(first.texts) == tell(second.texts[::-1])


def test_the_same_call_gives_the_same_corpus(tmp_path):
    counts = {"train": 6, "test": 4}
    first = compose(ToyClips(), tmp_path / "a", counts, order="habit", events=(2, 3), seed=3)
    second = compose(ToyClips(), tmp_path / "b", counts, order="habit", events=(2, 3), seed=3)
    other = compose(ToyClips(), tmp_path / "c", counts, order="habit", events=(2, 3), seed=4)
    assert first.fingerprint == second.fingerprint != other.fingerprint
    assert np.array_equal(first.features("train-00003"), second.features("train-00003"))


def test_words_for_actions_known_and_unknown():
    assert len(wordings("walk")) >= 3
    assert wordings("carry_a-box") == ["carries a box"]


def test_a_finished_corpus_is_opened_and_another_one_is_refused(tmp_path, monkeypatch):
    counts = {"train": 6, "test": 4}
    first = compose(ToyClips(), tmp_path / "a", counts, order="habit", events=(2, 3), seed=3)
    with monkeypatch.context() as patch:
        patch.setattr("chronomotion.corpus.compose.compose.CorpusWriter", None)  # nothing is written
        again = compose(ToyClips(), tmp_path / "a", counts, order="habit", events=(2, 3), seed=3)
    assert again.fingerprint == first.fingerprint
    with pytest.raises(CorpusError, match=r"a holds another corpus \(composed is .*'seed': 3.* and .*'seed': 4"):
        compose(ToyClips(), tmp_path / "a", counts, order="habit", events=(2, 3), seed=4)
    with pytest.raises(CorpusError, match=r"\(splits is \{'test': 4, 'train': 6\} there and \{'train': 6\} here\)"):
        compose(ToyClips(), tmp_path / "a", {"train": 6}, order="habit", events=(2, 3), seed=3)
