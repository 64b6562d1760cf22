"""Models of any kind: how they are named and opened, and what they are told when they answer wrongly."""

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.errors import MissingExtraError, ModelError
from chronomotion.evaluation.answers import Similarities, Vectors
from chronomotion.evaluation.models import answers_of, fingerprint_of, open_model, unit_vectors
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import BagOfEvents, RandomVectors

MODULE = """
import numpy as np
import helper_of_a_stranger

class Two:
    def encode_text(self, texts):
        return np.ones((len(texts), 4))
    def encode_motion(self, motions):
        return np.ones((len(motions), 4))

class Inner:
    model = Two()

def factory():
    return Two()

def broken():
    raise RuntimeError("no weights")

def needs(path):
    return Two()

class Compares:
    def similarity(self, texts, motions):
        return np.zeros((len(texts), len(motions)))

class Odd(Two):
    def encode_text(self, texts, lengths):
        return None

nothing = 3
"""


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A module in the current folder, which is not on the path."""
    (tmp_path / "stranger_model.py").write_text(MODULE)
    (tmp_path / "helper_of_a_stranger.py").write_text("")
    (tmp_path / "unfinished_model.py").write_text("x = (")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "stranger_model"
    for name in ("stranger_model", "helper_of_a_stranger"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus, k=2)


@pytest.mark.parametrize("path", ["Two", "factory", "Inner.model", "Compares"])
def test_an_object_of_any_kind_is_opened(stranger, path):
    model = open_model(f"{stranger}:{path}")
    assert type(model).__name__ == ("Compares" if path == "Compares" else "Two")
    assert fingerprint_of(model) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere_at_all:model", "nowhere_at_all cannot be imported from .* (ModuleNotFoundError: No module named"),
        ("unfinished_model:x", "unfinished_model cannot be imported from .* (SyntaxError: "),
        ("stranger_model:Three", "has no 'Three'; it has np, helper_of_a_stranger, Two,"),
        ("stranger_model:broken", "calling it without arguments failed (RuntimeError: no weights)"),
        ("stranger_model:needs", "calling it without arguments failed (TypeError: .*'path'"),
        ("stranger_model:nothing", "a int has neither encode_text and encode_motion nor similarity"),
        ("stranger_model:Odd", "encode_text(texts, lengths) cannot be called as encode_text(texts)"),
        ("nowhere", "nowhere does not hold a model of ours"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(stranger, name, message):
    pattern = message.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ModelError, match=pattern) as caught:
        open_model(name)
    assert "\n" not in str(caught.value)


def test_the_names_of_the_reference_models():
    assert isinstance(open_model("random", seed=3), RandomVectors)
    assert isinstance(open_model("bag-of-events"), BagOfEvents)
    assert fingerprint_of(open_model("random", seed=3)) == "random 3"


class Faulty:
    """Right vectors but for one text and one motion."""

    def __init__(self, text=None, motion=None, dims=(4, 4)):
        self.text, self.motion, self.dims = text, motion, dims

    def encode_text(self, texts):
        return self._rows(texts, self.text, self.dims[0])

    def encode_motion(self, motions):
        return self._rows(motions, self.motion, self.dims[1])

    def _rows(self, items, fault, dim):
        rows = np.eye(dim)[np.arange(len(items)) % dim]
        if fault == "short":
            return rows[1:]
        if fault == "raises":
            raise ValueError("shape mismatch\nin layer 3")
        if fault == "ragged":
            return [[1.0], [1.0, 2.0]] * (len(items) // 2)
        if fault is not None:
            rows[2] = fault
        return rows


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Faulty(text=np.nan), r"encode_text gave numbers that are not finite for input \d+ \('a person .*'\)"),
        (Faulty(motion=np.inf), r"encode_motion gave numbers that are not finite for input 2 \('test-00002'\)"),
        (Faulty(text=0), r"encode_text gave a zero vector for input \d+ \('a person .*'\)"),
        (Faulty(motion=0), r"encode_motion gave a zero vector for input 2 \('test-00002'\)"),
        (Faulty(motion="short"), r"encode_motion gave an array of shape \((\d+), 4\) for \d+ inputs, expected"),
        (Faulty(text="raises"), r"encode_text failed \(ValueError: shape mismatch in layer 3\); --debug shows where"),
        (Faulty(text="ragged"), "encode_text gave a list that is no array of numbers"),
        (Faulty(dims=(4, 5)), "the model gave vectors of 4 numbers for texts and of 5 for motions"),
    ],
)
def test_a_model_that_answers_wrongly_is_told_so(questions, model, message):
    with pytest.raises(ModelError, match=message) as caught:
        answers_of(model, questions)
    assert "\n" not in str(caught.value)


def test_the_named_text_is_the_one_at_fault(questions):
    """The number in the message is the row of the questions, whatever the order in which texts are encoded."""
    asked = []

    class Remembers(Faulty):
        def encode_text(self, texts):
            asked.extend(texts)
            return super().encode_text(texts)

    with pytest.raises(ModelError) as caught:
        answers_of(Remembers(text=np.nan), questions)
    assert f"for input {questions.texts.index(asked[2])} (" in str(caught.value)


def test_vectors_of_any_length_are_normalised_and_told_once(questions, caplog):
    class Long(Faulty):
        def _rows(self, items, fault, dim):
            return 3 * super()._rows(items, fault, dim).astype(np.float16)

    found = answers_of(Long(), questions)
    assert isinstance(found, Vectors)
    for rows in (found.texts, found.motions):
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    (told,) = [record.getMessage() for record in caplog.records]
    assert told == "the model gave vectors of length 3 to 3: they are made unit vectors, so that scores are cosines"


def test_unit_vectors_are_told_nothing(questions, caplog):
    answers_of(Faulty(), questions)
    assert caplog.records == []


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=40),
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.integers(1, 300),
)
def test_equal_vectors_tie_exactly_wherever_they_stand(texts, motions, dim):
    rng = np.random.default_rng(dim)
    kinds = rng.normal(size=(6, dim)).astype(np.float32)
    found = unit_vectors(kinds[texts], kinds[motions], "it gave")
    scores = found.scores(range(len(texts)), range(len(motions)))
    for kind in range(6):
        same = scores[np.array(texts) == kind]
        assert (same == same[:1]).all()
    for kind in range(4):
        same = scores[:, np.array(motions) == kind]
        assert (same == same[:, :1]).all()


class Compares:
    def __init__(self, fault=None):
        self.fault = fault

    def similarity(self, texts, motions):
        scores = np.array([[len(text) + len(motion) for motion in motions] for text in texts], dtype=float)
        if self.fault == "shape":
            return scores.T[:, :1]
        if self.fault == "nan":
            scores[1, 0] = np.nan
        return scores


def test_a_model_with_a_similarity_alone_is_asked_by_rows(questions):
    found = answers_of(Compares(), questions)
    assert isinstance(found, Similarities)
    scores = found.scores([3, 0], [1, 2, 0])
    lengths = [len(questions.features(questions.motions[row])) for row in (1, 2, 0)]
    assert scores.tolist() == [[len(questions.texts[row]) + frames for frames in lengths] for row in (3, 0)]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("shape", r"similarity gave an array of shape \(3, 1\) for 2 texts and 3 motions, expected \(2, 3\)"),
        ("nan", r"similarity gave nan for text 0 \('.*'\) and motion 1"),
    ],
)
def test_a_similarity_that_answers_wrongly_is_told_so(questions, fault, message):
    with pytest.raises(ModelError, match=message):
        answers_of(Compares(fault), questions).scores([3, 0], [1, 2, 0])


def vectors_of(lengths):
    rows = np.zeros((len(lengths), 4), np.float32)
    rows[np.arange(len(lengths)), np.array(lengths) % 4] = 1
    return rows


class Untouched:
    def encode_text(self, texts):
        return vectors_of([len(text) for text in texts])

    def encode_motion(self, motions):
        return vectors_of([len(motion) for motion in motions])


class WithGradients(Untouched):
    """Torch models as people write them: nobody called no_grad, and rows may come as a list."""

    def encode_text(self, texts):
        return torch.from_numpy(super().encode_text(texts)).requires_grad_()

    def encode_motion(self, motions):
        return list(torch.from_numpy(super().encode_motion(motions)).bfloat16().requires_grad_())


class ComparesWithGradients:
    def similarity(self, texts, motions):
        return torch.from_numpy(Untouched().encode_text(texts) @ Untouched().encode_motion(motions).T).requires_grad_()


class WritesIntoItsInput(Untouched):
    def encode_motion(self, motions):
        for motion in motions:
            motion -= motion.mean(axis=0)
        return super().encode_motion(motions)


@pytest.mark.parametrize("model", [WithGradients(), ComparesWithGradients(), WritesIntoItsInput()])
def test_models_as_people_write_them_are_measured(questions, model):
    before = questions.features(questions.motions[0]).copy()
    rows = range(len(questions.texts)), range(len(questions.motions))
    expected = answers_of(Untouched(), questions).scores(*rows)
    assert np.array_equal(answers_of(model, questions).scores(*rows), expected)
    assert np.array_equal(questions.features(questions.motions[0]), before)


@pytest.mark.parametrize(("name", "extra"), [("starter", "starter"), ("runs/demo", "model")])
def test_without_torch_the_extra_is_named_that_is_enough_for_the_model(name: str, extra: str, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # import then raises ImportError
    with pytest.raises(MissingExtraError, match=rf"pip install 'chronomotion\[{extra}\]'"):
        open_model(name)
