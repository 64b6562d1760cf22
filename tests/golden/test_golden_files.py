"""The golden files are what make.py says, and small."""

from __future__ import annotations

import json
from pathlib import Path

import make
import numpy as np
import plain_model as plain
import pytest
import ranking_by_hand
from safetensors import safe_open
from safetensors.numpy import load_file

HERE = Path(__file__).parent


def test_together_they_are_small():
    files = [path for path in HERE.iterdir() if path.suffix in {".npz", ".safetensors", ".json"}]
    assert len(files) == 5
    assert sum(path.stat().st_size for path in files) < 450_000


@pytest.mark.parametrize("variant", ["vae", "novae"])
def test_a_checkpoint_is_made_anew(variant):
    path = HERE / f"chronaccret_{variant}_small.safetensors"
    kept = load_file(path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    made, said = make.checkpoint(variant)
    assert (made.keys(), said) == (kept.keys(), metadata)
    for name, expected in kept.items():
        if name.startswith(("weights/", "inputs/")) and "sentence" not in name:
            np.testing.assert_array_equal(made[name], expected, err_msg=name)
        else:  # sums of other processors may differ in the last place
            np.testing.assert_allclose(made[name], expected, rtol=1e-5, atol=1e-6, err_msg=name)


def test_ranking_and_features_are_made_anew():
    cases, arrays = make.ranking()
    assert cases == json.loads((HERE / "ranking.json").read_text())
    for name, made in (("ranking.npz", arrays), ("features.npz", make.features())):
        with np.load(HERE / name) as kept:
            assert made.keys() == set(kept.files)
            for key in kept.files:
                np.testing.assert_allclose(made[key], kept[key], rtol=1e-5, atol=1e-5, err_msg=key)


def test_the_twin_of_the_losses_on_numbers_that_one_can_check_by_hand():
    assert plain.smooth_l1(np.array([0.5, 3.0]), np.zeros(2)) == pytest.approx((0.125 + 2.5) / 2)
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    assert plain.kullback_leibler(one, zero, zero, zero) == pytest.approx(0.5)
    # Two captions and two motions at right angles, cosines 1 and 0, temperature 1: -log(e / (e + 1)) both ways.
    right_angles = np.eye(2)
    alone = plain.contrast(right_angles, right_angles, None, 1.0)
    assert alone == pytest.approx(np.log1p(np.exp(-1)))
    # A shuffled caption like the first one is a negative of both motions, in one of the two directions.
    more = plain.contrast(np.array([[1.0, 0], [0, 1], [1, 0]]), right_angles, None, 1.0)
    e = np.e
    assert more == pytest.approx((2 * np.log1p(1 / e) + np.log((2 * e + 1) / e) + np.log((e + 2) / e)) / 4)


def test_the_twin_of_ranking_on_a_matrix_that_one_can_check_by_hand():
    scores = [[0.5, 0.9, 0.5], [0.1, 0.8, 0.2], [0.3, 0.3, 0.3]]
    own = [[i == j for j in range(3)] for i in range(3)]
    figures = ranking_by_hand.figures(scores, own)  # ranks 1.5 (a tie of two), 0, and 1 (a tie of three)
    assert figures["R01"] == pytest.approx(100 / 3)
    assert figures["R02"] == 100
    assert figures["MedR"] == 2
