import numpy as np
import pytest

from chronomotion.evaluation.answers import Matrix, Similarities, Vectors

TEXTS, MOTIONS = 7, 5


def vectors():
    rng = np.random.default_rng(0)
    texts, motions = rng.normal(size=(TEXTS, 16)), rng.normal(size=(MOTIONS, 16))
    texts, motions = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (texts, motions))
    return Vectors(texts.astype(np.float32), motions.astype(np.float32))


def compared(calls):
    """The same scores from a model that only compares; ``calls`` counts how often it is asked."""
    given = vectors()

    def similarity(texts, motions):
        calls.append((len(texts), len(motions)))
        return given.scores([int(text) for text in texts], [int(motion[0, 0]) for motion in motions])

    return Similarities(similarity, str, lambda row: np.full((1, 1), row))


@pytest.fixture(params=["vectors", "matrix", "similarity"])
def answers(request):
    if request.param == "vectors":
        return vectors()
    if request.param == "matrix":
        return Matrix(vectors().scores(range(TEXTS), range(MOTIONS)))
    return compared([])


def test_every_source_of_scores_says_the_same(answers):
    texts, motions = [3, 0, 6], [4, 1]
    expected = vectors().texts[texts] @ vectors().motions[motions].T
    assert np.allclose(answers.scores(texts, motions), expected, atol=1e-6)
    whole = answers.scores(np.arange(TEXTS), np.arange(MOTIONS))
    assert np.allclose(answers.scores(np.arange(2, 5), np.arange(MOTIONS)), whole[2:5], atol=1e-6)
    rng = np.random.default_rng(1)
    rows, columns = rng.integers(TEXTS, size=40), rng.integers(MOTIONS, size=40)
    assert np.allclose(answers.pairs(rows, columns), whole[rows, columns], atol=1e-6)
    assert len(answers.pairs([], [])) == 0


def test_pairs_of_equal_vectors_tie_wherever_they_stand():
    rng = np.random.default_rng(2)
    texts = np.repeat(rng.normal(size=(1, 250)).astype(np.float32), 9000, axis=0)
    answers = Vectors(texts, rng.normal(size=(3, 250)).astype(np.float32))
    assert len(set(answers.pairs(np.arange(9000), np.full(9000, 1)).tolist())) == 1


def test_a_model_that_compares_is_asked_once_for_each_motion():
    calls = []
    compared(calls).pairs([0, 1, 2, 0, 1, 2], [3, 3, 3, 1, 1, 1])
    assert calls == [(3, 1), (3, 1)]


def test_a_part_of_a_matrix_is_not_copied():
    scores = np.random.default_rng(3).normal(size=(6, 4))
    assert np.shares_memory(Matrix(scores).scores(np.arange(1, 4), np.arange(4)), scores)
