"""The best of several attempts, by a model that knows what a motion shows when."""

import numpy as np
import pytest
from toy_generator import toy_generator

from chronomotion.errors import ConfigError, ModelError
from chronomotion.generation import GenerationRequest
from chronomotion.generation.reranking import best_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT

HEIGHT = HUMANML3D_LAYOUT.columns.height.start
HIGH, LOW = "a person stands.", "a person lies down."


class HeightReader:
    """Knows whether the root is high or low, and which of both a text says."""

    def encode_text(self, texts):
        return np.array([[("stands" in text), ("lies" in text), 0.05] for text in texts], dtype=np.float32)

    def encode_motion(self, motions):
        high = np.array([rows[:, HEIGHT].mean() for rows in motions])
        return np.stack([high, 1 - high, np.full(len(motions), 0.05)], axis=1).astype(np.float32)


def takes(*heights):
    """Features whose root is at these heights, a second each."""
    rows = np.zeros((20 * len(heights), 263), dtype=np.float32)
    rows[:, HEIGHT] = np.repeat(heights, 20)
    return rows


def test_the_order_decides_between_the_same_events():
    right, wrong, half = takes(1, 1, 0, 0), takes(0, 0, 1, 1), takes(1, 1, 1, 1)
    for attempts in ([right, wrong, half], [wrong, half, right], [half, wrong, right]):
        choice = best_of(HeightReader(), f"{HIGH} {LOW}", (HIGH, LOW), attempts, 20.0)
        assert attempts[choice.number] is right
        other = best_of(HeightReader(), f"{LOW} {HIGH}", (LOW, HIGH), attempts, 20.0)
        assert attempts[other.number] is wrong
        place = [attempt is wrong for attempt in attempts].index(True)
        assert choice.vector[place] == pytest.approx(choice.vector[choice.number], abs=1e-6)
        assert choice.order[place] < 0 < choice.order[choice.number]
        assert choice.scores[choice.number] == max(choice.scores)


def test_of_equal_attempts_the_first_is_taken():
    same = [takes(1, 0)] * 3
    assert best_of(HeightReader(), HIGH, (HIGH,), same, 20.0).number == 0


def test_the_best_attempt_is_what_is_given_back():
    generator = toy_generator(wild=0.5)
    request = GenerationRequest("a person walks, then squats", seed=4)
    (made,) = generator.generate([request], rerank=6, model=HeightReader())
    assert made.choice is not None
    assert len(made.choice.scores) == 6
    assert made.choice.scores[made.choice.number] == max(made.choice.scores)
    (again,) = generator.generate([request], rerank=6, model=HeightReader())
    assert again.choice == made.choice
    assert again.motion.positions.tobytes() == made.motion.positions.tobytes()
    several = generator.generate(
        [*request.variants(3), GenerationRequest("a person runs")], rerank=6, model=HeightReader()
    )
    assert several[0].choice == made.choice
    assert several[0].motion.positions.tobytes() == made.motion.positions.tobytes()
    # Its first attempt is what is made without.
    (plain,) = generator.generate([request])
    assert plain.choice is None
    assert (plain.features.tobytes() == made.features.tobytes()) == (made.choice.number == 0)


def test_what_cannot_be_reranked():
    generator = toy_generator()
    request = GenerationRequest("a person walks")
    with pytest.raises(ConfigError, match="the best of 4 attempts is chosen by a motion-text model: give one"):
        generator.generate([request], rerank=4)
    with pytest.raises(ConfigError, match="rerank must be 1 or more attempts, not 0"):
        generator.generate([request], rerank=0, model=HeightReader())


def test_a_model_of_another_skeleton_or_rate_is_refused():
    generator = toy_generator()

    class Kit(HeightReader):
        class config:  # noqa: N801
            motion_dim, fps = 251, 12.5

    with pytest.raises(ModelError, match=r"reads 251 features a frame at 12.5 .* toy makes 263 at 20"):
        generator.generate([GenerationRequest("a person walks")], rerank=2, model=Kit())
