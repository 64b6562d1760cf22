"""Models on the hub: what a card tells it, and what is sent. The hub itself is a stand-in."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml

from chronomotion.errors import ModelError
from chronomotion.model.card import ModelCard
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel


@pytest.fixture
def model(backbone):
    sizes = {"text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2}
    torch.manual_seed(0)
    return MotionTextModel(ModelConfig(text_model=str(backbone), **sizes), stats=(np.zeros(263), np.ones(263)))


def metadata(card, config=None):
    _, front, _ = card.text("mine", config or ModelConfig()).split("---\n", 2)
    return yaml.safe_load(front)


def test_a_card_tells_a_hub_what_the_model_is():
    card = ModelCard("My takes", "ab12", "CC BY-NC 4.0", {"epochs": 3}, {"steps": 30.0, "judged": 81.25})
    told = metadata(card)
    assert (told["library_name"], told["pipeline_tag"]) == ("chronomotion", "feature-extraction")
    assert told["license"] == "cc-by-nc-4.0"
    assert told["datasets"] == ["my-takes"]
    assert told["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert "chronology" in told["tags"]
    (index,) = told["model-index"]
    (result,) = index["results"]
    assert index["name"] == "mine"
    assert result["dataset"] == {"name": "My takes", "type": "my-takes"}
    assert result["metrics"] == [{"type": "judged", "value": 81.25, "name": "judged"}]


def test_what_is_not_known_is_not_told():
    told = metadata(ModelCard(licence="that of the source"), ModelConfig(text_model="/models/mine"))
    assert (told["license"], told["license_name"]) == ("other", "that-of-the-source")
    assert not {"datasets", "base_model", "model-index"} & set(told)


def test_a_model_is_pushed_with_its_card(model, monkeypatch):
    sent = {}

    def upload(*, repo_id, folder_path, **_):
        from pathlib import Path

        sent.update(name=repo_id, files=sorted(path.name for path in Path(folder_path).iterdir()))
        return SimpleNamespace(commit_url="https://hub/owner/mine/commit/1")

    monkeypatch.setattr("huggingface_hub.create_repo", lambda name, **options: sent.update(made=(name, options)))
    monkeypatch.setattr("huggingface_hub.upload_folder", upload)
    model.card = ModelCard("takes")
    assert model.push_to_hub("owner/mine", private=True) == "https://hub/owner/mine/commit/1"
    assert sent["made"] == ("owner/mine", {"private": True, "token": None, "exist_ok": True})
    assert sent["files"] == ["README.md", "config.json", "model.safetensors"]


def test_a_hub_that_refuses_is_told_in_a_line(model, monkeypatch):
    def refuse(*_, **__):
        raise OSError("401 unauthorised\nrequest id 7")

    monkeypatch.setattr("huggingface_hub.create_repo", refuse)
    with pytest.raises(ModelError, match=r"owner/mine cannot be put on the hub \(401 unauthorised\)"):
        model.push_to_hub("owner/mine")
    with pytest.raises(ModelError, match="'mine' is no name on the hub: expected owner/name"):
        model.push_to_hub("mine")
