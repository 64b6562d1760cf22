"""An interrupted evaluation goes on from the embeddings that it has."""

import logging

import numpy as np
import pytest

from chronomotion.errors import ModelError
from chronomotion.evaluation import store as store_module
from chronomotion.evaluation.models import answers_of
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import RandomVectors
from chronomotion.evaluation.store import Store


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(store_module, "_PER_SHARD", 7)


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus, k=2)


def folder_of(root):
    (folder,) = root.iterdir()
    return folder


class Counted(RandomVectors):
    """Counts what it encodes, and may be interrupted at a call."""

    def __init__(self, stop_at=None, error=KeyboardInterrupt):
        super().__init__()
        self.texts, self.motions, self.calls = [], 0, 0
        self.stop_at, self.error = stop_at, error

    def _called(self):
        self.calls += 1
        if self.calls == self.stop_at:
            raise self.error

    def encode_text(self, texts):
        self._called()
        self.texts += texts
        return super().encode_text(texts)

    def encode_motion(self, motions):
        self._called()
        self.motions += len(motions)
        return super().encode_motion(motions)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("at", ["texts", "motions"])
def test_the_second_run_encodes_only_what_the_first_had_not(questions, tmp_path, error, at):
    whole = answers_of(Counted(), questions)
    shards = {kind: -(-len(getattr(questions, kind)) // 7) for kind in ("texts", "motions")}
    stop_at = 3 if at == "texts" else shards["texts"] + 2
    first, second = Counted(stop_at, error), Counted()
    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else ModelError):
        answers_of(first, questions, Store(tmp_path / "s", "counted"))
    resumed = answers_of(second, questions, Store(tmp_path / "s", "counted"))
    assert np.array_equal(resumed.texts, whole.texts)
    assert np.array_equal(resumed.motions, whole.motions)
    assert not set(first.texts) & set(second.texts)
    assert len(first.texts) + len(second.texts) == len(questions.texts)
    assert first.motions + second.motions == len(questions.motions)
    assert second.calls == sum(shards.values()) - (stop_at - 1)


def test_a_third_run_encodes_nothing(questions, tmp_path, caplog):
    answers_of(Counted(), questions, Store(tmp_path, "counted"))
    model = Counted()
    with caplog.at_level(logging.INFO):
        answers_of(model, questions, Store(tmp_path, "counted"))
    assert model.calls == 0
    assert not list(tmp_path.rglob(".*"))


def test_without_a_folder_nothing_is_written(questions, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answers_of(Counted(), questions, Store())
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_says_where_to_go_on_from(questions, tmp_path, caplog):
    with pytest.raises(KeyboardInterrupt):
        answers_of(Counted(2), questions, Store(tmp_path, "counted"))
    folder = Store(tmp_path, "counted").folder(questions.fingerprint)
    assert caplog.messages == [f"embeddings are kept in {folder}: the same command goes on from there"]


@pytest.mark.parametrize("damage", ["cut", "of other inputs"])
def test_a_damaged_shard_is_encoded_again(questions, tmp_path, damage, caplog):
    whole = answers_of(Counted(), questions, Store(tmp_path, "counted"))
    shard = folder_of(tmp_path) / "texts-00001.safetensors"
    if damage == "cut":
        shard.write_bytes(shard.read_bytes()[:-5])
    else:
        shard.write_bytes(shard.with_name("texts-00000.safetensors").read_bytes())
    model = Counted()
    again = answers_of(model, questions, Store(tmp_path, "counted"))
    assert (model.calls, len(model.texts)) == (1, 7)
    assert np.array_equal(again.texts, whole.texts)
    (message,) = caplog.messages
    assert message.startswith(str(shard))


def test_stores_of_other_models_and_questions_are_other_folders(tmp_path):
    folders = {
        Store(tmp_path, model).folder(asked) for model, asked in (("a", "b"), ("ab", ""), ("a", "c"), ("b", "b"))
    }
    assert len(folders) == 4
    assert Store(tmp_path, "a").folder("b") == Store(tmp_path, "a").folder("b")


def test_a_model_without_a_fingerprint_keeps_nothing(questions, tmp_path):
    answers_of(Counted(), questions, Store(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_shards_of_different_widths():
    with pytest.raises(ModelError, match="texts vectors of 2 and of 3 numbers"):
        Store().rows(
            "questions", "texts", range(14), lambda rows: np.ones((len(rows), 2 if rows[0] == 0 else 3), np.float32)
        )
