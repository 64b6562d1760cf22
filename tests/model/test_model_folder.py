"""A model's folder: cards, and folders of older versions."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chronomotion.errors import ModelError
from chronomotion.model.card import ModelCard
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel

TEXTS = ["a person nods. a person lifts the left leg.", "a person raises the right hand."]
CARD = ModelCard(
    data="habit | of all",
    fingerprint="0f3a",
    licence="CC BY-NC 4.0",
    recipe={"epochs": 18, "negatives": "counterfactual"},
    metrics={"CAR, uniform test": 99.4123, "clips": 500},
)


@pytest.fixture
def model(backbone):
    torch.manual_seed(0)
    return MotionTextModel(
        ModelConfig(motion_dim=6, text_model=str(backbone), text_dim=32, latent_dim=16, num_layers=1, num_heads=2)
    ).eval()


def test_the_card_says_data_figures_recipe_and_use(model, tmp_path):
    model.save_pretrained(tmp_path / "mine", CARD)
    text = (tmp_path / "mine" / "README.md").read_text()
    for line in (
        "# mine",
        "| corpus | habit \\| of all |",
        "| fingerprint | 0f3a |",
        "| licence | CC BY-NC 4.0 |",
        "| CAR, uniform test | 99.41 |",
        "| clips | 500 |",
        ' "negatives": "counterfactual"',
        "`features` are float32 (frames, 6) at 20 frames a second, not normalised.",
    ):
        assert line in text


def test_the_use_in_the_card_works(model, tmp_path, monkeypatch):
    model.save_pretrained(tmp_path / "mine", CARD)
    code = (tmp_path / "mine" / "README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names = {"features": np.zeros((9, 6), np.float32)}
    exec(code, names)
    assert names["model"].card == CARD


def test_a_loaded_model_keeps_its_card_and_can_be_given_figures(model, tmp_path):
    model.save_pretrained(tmp_path, CARD)
    loaded = MotionTextModel.from_pretrained(tmp_path)
    assert loaded.card == CARD
    loaded.save_pretrained(tmp_path, replace(loaded.card, metrics={"R@1": 12.5}))
    assert "| R@1 | 12.5 |" in (tmp_path / "README.md").read_text()
    assert MotionTextModel.from_pretrained(tmp_path).card.metrics == {"R@1": 12.5}


def test_a_folder_of_an_older_version(model, tmp_path):
    """Its settings know nothing of distributions, decoders and language models of one's own."""
    model.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    info = json.loads(path.read_text())
    old = ("motion_dim", "fps", "text_model", "text_dim", "latent_dim", "ff_size", "num_layers", "num_heads", "dropout")
    info["model"] = {name: info["model"][name] for name in (*old, "frames_per_token")}
    path.write_text(json.dumps(info))
    loaded = MotionTextModel.from_pretrained(tmp_path)
    assert loaded.config == model.config
    assert np.array_equal(loaded.encode_text(TEXTS), model.encode_text(TEXTS))


def test_statistics_and_language_model_of_ours_can_be_given(model, tmp_path):
    model.save_pretrained(tmp_path)
    loaded = MotionTextModel.from_pretrained(tmp_path, stats=(np.ones(6), np.full(6, 3.0)), text_model="elsewhere")
    assert loaded.std.tolist() == [3.0] * 6
    assert loaded.config.text_model == "elsewhere"
    with pytest.raises(ModelError, match=r"the model needs \(6,\)"):
        MotionTextModel.from_pretrained(tmp_path, stats=(np.ones(5), np.ones(5)))


def test_statistics_of_a_corpus(model, toy_corpus, tmp_path):
    wide = MotionTextModel(replace(model.config, motion_dim=263))
    wide.save_pretrained(tmp_path)
    loaded = MotionTextModel.from_pretrained(tmp_path, stats=toy_corpus.folder)
    assert np.array_equal(loaded.mean.numpy(), toy_corpus.stats[0])


def test_the_example_is_printed_in_the_documents_as_it_is():
    root = Path(__file__).parents[2]
    assert (root / "examples" / "search_onnx.py").read_text() in (root / "docs" / "models.md").read_text()


def test_the_documents_tell_of_every_setting_of_a_model():
    told = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    assert [one.name for one in fields(ModelConfig) if f"`{one.name}`" not in told] == []
