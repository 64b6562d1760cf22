"""The precision of a language model is a setting, not a property of the processor."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chronomotion.errors import ConfigError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.train import train

TEXTS = ["a person walks", "a person sits down. a person nods."]
SMALL = {"motion_dim": 6, "latent_dim": 16, "ff_size": 16, "num_layers": 1, "num_heads": 2}


def small(backbone: Path, **settings: object) -> ModelConfig:
    return ModelConfig(text_model=str(backbone), text_dim=32, **SMALL, **settings)


@pytest.fixture(params=[True, False], ids=["with bfloat16", "without"])
def processor(request, monkeypatch):
    """Processors with and without instructions for bfloat16."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: request.param, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: request.param, raising=False)


def test_float32_on_every_processor_unless_the_settings_say_otherwise(backbone, processor):
    plain = TextBackbone.of(small(backbone))
    assert plain._dtype == torch.float32
    (states, _) = plain.token_states(TEXTS)
    (whole, _) = TextBackbone(str(backbone), dtype=torch.float32).token_states(TEXTS)
    assert (states.dtype, whole.dtype) == (np.float16, np.float32)
    assert np.array_equal(states, whole.astype(np.float16))

    narrow = TextBackbone.of(small(backbone, text_precision="bfloat16"))
    assert narrow._dtype == torch.bfloat16
    (coarse, _) = narrow.token_states(TEXTS)
    assert coarse.dtype == np.float16
    assert np.array_equal(coarse, torch.tensor(coarse).bfloat16().float().numpy().astype(np.float16))
    assert not np.array_equal(coarse, states)


def test_the_fingerprint_of_float32_states_is_that_of_before_there_was_a_setting(backbone, processor):
    digest = hashlib.blake2b(b"torch.float32", digest_size=8)
    kinds = {".json", ".txt", ".safetensors", ".bin", ".model"}
    for path in sorted(path for path in backbone.glob("*") if path.suffix in kinds):
        digest.update(path.name.encode() + path.read_bytes())
    assert TextBackbone.of(small(backbone)).fingerprint == digest.hexdigest()
    assert TextBackbone.of(small(backbone, text_precision="bfloat16")).fingerprint != digest.hexdigest()
    assert TextBackbone(str(backbone), dtype=torch.float32).fingerprint != digest.hexdigest()


def test_the_setting_enters_a_models_fingerprint_by_the_language_model_alone(backbone):
    states = TextStates(TextBackbone(str(backbone)))
    torch.manual_seed(0)
    model = MotionTextModel(small(backbone), states=states)
    before = model.fingerprint
    model.config = replace(model.config, text_precision="bfloat16")
    assert model.fingerprint == before
    model.states = TextStates(TextBackbone.of(model.config))
    assert model.fingerprint != before


def test_a_model_from_before_there_was_a_setting_opens_as_float32(backbone, tmp_path):
    model = MotionTextModel(small(backbone))
    model.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    info = json.loads(path.read_text())
    assert info["model"].pop("text_precision") == "float32"
    path.write_text(json.dumps(info))
    again = MotionTextModel.from_pretrained(tmp_path)
    assert asdict(again.config) == asdict(model.config)
    assert again.fingerprint == model.fingerprint


def test_a_finished_run_knows_the_precision_by_the_language_models_fingerprint(toy_corpus, backbone, tmp_path):
    model = ModelConfig(
        text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1, num_heads=2, frames_per_token=8
    )
    config = TrainingConfig(model=model, epochs=1, batch_size=24, negatives="none")
    train(toy_corpus, tmp_path / "run", config)
    saved = json.loads((tmp_path / "run" / "training.json").read_text())
    assert "text_precision" not in saved["model"]
    assert saved["text_model"] == TextBackbone(str(backbone)).fingerprint
    narrow = replace(config, model=replace(model, text_precision="bfloat16"))
    with pytest.raises(Exception, match="holds a model of another run: text_model"):
        train(toy_corpus, tmp_path / "run", narrow)


def test_only_precisions_that_there_are():
    with pytest.raises(ConfigError, match="text_precision must be one of float32, bfloat16, not 'float16'"):
        ModelConfig(text_precision="float16")
