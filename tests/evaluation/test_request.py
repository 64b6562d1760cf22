"""Measuring without code: what is asked for is written down, and one file answers it."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from chronomotion.errors import CorpusError, ModelError
from chronomotion.evaluation.models import answers_of, fingerprint_of
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import RandomVectors
from chronomotion.evaluation.request import EmbeddingsFile, write_request


@pytest.fixture(scope="module")
def questions(toy_corpus):
    return Questions(toy_corpus, k=2)


@pytest.fixture(scope="module")
def request_folder(questions, tmp_path_factory):
    return write_request(
        questions, tmp_path_factory.mktemp("request") / "r", "chronomotion evaluate CORPUS --shuffles 2"
    )


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_stranger_answers_with_the_folder_alone(questions, request_folder, tmp_path, caplog):
    """Nothing of ours is used between the request and the answer but numpy and safetensors."""
    model = RandomVectors()
    texts = [line["text"] for line in lines(request_folder / "texts.jsonl")]
    motions = [np.load(request_folder / line["file"]) for line in lines(request_folder / "motions.jsonl")]
    info = json.loads((request_folder / "request.json").read_text())
    assert (len(texts), len(motions)) == (info["texts"], info["motions"])
    tensors = {"texts": model.encode_text(texts), "motions": model.encode_motion(motions)}
    save_file(tensors, tmp_path / "a.safetensors", metadata={"request": info["fingerprint"], "model": "stranger"})
    file = EmbeddingsFile(tmp_path / "a.safetensors")
    found, expected = answers_of(file, questions), answers_of(model, questions)
    assert np.array_equal(found.texts, expected.texts)
    assert np.array_equal(found.motions, expected.motions)
    assert file.name == "stranger"
    assert caplog.messages == []


def test_made_motions_are_there_too(questions, request_folder):
    motions = lines(request_folder / "motions.jsonl")
    clips = len(questions.clips)
    assert [line["name"] for line in motions] == questions.motions
    assert len(motions) > clips
    assert all("clip" in line for line in motions[:clips])
    assert not any("clip" in line for line in motions[clips:])
    for line in motions[clips:]:
        features = np.load(request_folder / line["file"])
        assert features.dtype == np.float32
        assert np.array_equal(features, questions.features(line["name"]))


def test_the_steps_hold_what_is_needed(questions, request_folder):
    steps = (request_folder / "README.md").read_text()
    assert f'"request": "{questions.fingerprint}"' in steps
    assert "`chronomotion evaluate CORPUS --shuffles 2 --embeddings answers.safetensors`" in steps
    assert "{" not in steps.replace('{"texts": texts, "motions": motions}', "").replace('{"request"', "")


def test_motions_of_the_corpus_may_be_left_out(questions, tmp_path):
    write_request(questions, tmp_path / "r", "c", recorded=False)
    motions = lines(tmp_path / "r" / "motions.jsonl")
    clips = len(questions.clips)
    assert all(line["file"] is None and line["start"] == 0.0 and line["end"] is None for line in motions[:clips])
    assert len(list((tmp_path / "r" / "motions").iterdir())) == len(motions) - clips


def test_a_request_is_written_again_but_not_over_something_else(questions, toy_corpus, tmp_path):
    write_request(questions, tmp_path / "r", "c", recorded=False)
    (tmp_path / "r" / "request.json").unlink()  # as an interrupt leaves it
    write_request(questions, tmp_path / "r", "c", recorded=False)
    write_request(questions, tmp_path / "r", "c", recorded=False)
    with pytest.raises(CorpusError, match="r is not empty and not this request"):
        write_request(Questions(toy_corpus, k=1), tmp_path / "r", "c")
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CorpusError, match="is not empty and not this request"):
        write_request(questions, tmp_path, "c")


def answer(questions, path, texts=None, motions=None, **metadata):
    shapes = len(questions.texts), len(questions.motions)
    rng = np.random.default_rng(0)
    drawn = [rng.normal(size=(rows, 8)).astype(np.float32) for rows in shapes]
    tensors = {"texts": drawn[0] if texts is None else texts(drawn[0])}
    tensors["motions"] = drawn[1] if motions is None else motions(drawn[1])
    save_file(tensors, path, metadata=metadata or None)
    return EmbeddingsFile(path)


def with_row(row, value):
    def changed(rows):
        rows[row] = value
        return rows

    return changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"texts": with_row(3, np.nan)}, r"tensor texts holds numbers that are not finite for input 3 \('[Aa] person "),
        ({"motions": with_row(1, 0)}, r"tensor motions holds a zero vector for input 1 \('test-00001'\)"),
        ({"motions": lambda rows: rows[:-1]}, r"tensor motions holds an array of shape \(\d+, 8\) for \d+ inputs"),
        ({"texts": lambda rows: rows[:, :5]}, "vectors of 5 numbers for texts and of 8 for motions"),
        ({"texts": lambda rows: rows[:, 0].copy()}, r"tensor texts holds an array of shape \(\d+,\)"),
        (
            {"request": "0123"},
            "answers request 0123, these questions are [0-9a-f]{32}: evaluate with the corpus, split",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_so(questions, tmp_path, change, message):
    with pytest.raises(ModelError, match=message) as caught:
        answer(questions, tmp_path / "a.safetensors", **change).answers(questions)
    assert "a.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_half_precision_and_vectors_of_any_length_are_accepted(questions, tmp_path, caplog):
    file = answer(
        questions,
        tmp_path / "a.safetensors",
        *[lambda rows: rows.astype(np.float16)] * 2,
        request=questions.fingerprint,
    )
    found = file.answers(questions)
    given = load_file(file.path)["motions"].astype(np.float64)
    assert np.allclose(found.motions, given / np.linalg.norm(given, axis=1, keepdims=True), atol=1e-6)
    (message,) = caplog.messages
    assert "a.safetensors holds vectors of length" in message


def test_an_answer_that_names_no_request_is_taken_at_its_word(questions, tmp_path, caplog):
    file = answer(questions, tmp_path / "mine.safetensors")
    file.answers(questions)
    assert "does not say which request it answers" in caplog.messages[0]
    assert file.name == "mine"
    assert len(fingerprint_of(file)) == 32


def test_files_that_are_no_answers(tmp_path):
    with pytest.raises(ModelError, match=r"x\.safetensors cannot be read as a safetensors file"):
        EmbeddingsFile(tmp_path / "x.safetensors")
    (tmp_path / "x.safetensors").write_bytes(b"not one of these")
    with pytest.raises(ModelError, match=r"x\.safetensors cannot be read as a safetensors file"):
        EmbeddingsFile(tmp_path / "x.safetensors")
    save_file({"text": np.ones((2, 2))}, tmp_path / "y.safetensors")
    with pytest.raises(ModelError, match=r"y\.safetensors holds text, expected the tensors texts and motions"):
        EmbeddingsFile(tmp_path / "y.safetensors")


def test_bfloat16_is_told_what_to_do(questions, tmp_path):
    import torch
    from safetensors.torch import save_file as save_torch

    rows = {"texts": len(questions.texts), "motions": len(questions.motions)}
    tensors = {name: torch.ones(count, 4, dtype=torch.bfloat16) for name, count in rows.items()}
    save_torch(tensors, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="tensor texts cannot be read .*; float16, float32 and float64 can"):
        EmbeddingsFile(tmp_path / "a.safetensors").answers(questions)
