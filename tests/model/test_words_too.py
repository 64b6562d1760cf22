"""Token embeddings beside token states: "left" and "right" differ there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_language_models import FAMILIES, Family

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ConfigError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.train import train

TEXTS = ["a person walks", "a person sits down. a person nods."]


@pytest.mark.parametrize("family", [one for one in FAMILIES if not one.ours], ids=lambda one: one.name)
def test_the_first_half_is_the_input_embedding_and_the_second_the_state(family: Family, tmp_path: Path) -> None:
    folder = str(family.save(tmp_path / "model"))
    plain, both = TextBackbone(folder), TextBackbone(folder, words_too=True)
    assert both.dim == 2 * plain.dim
    assert both.fingerprint != plain.fingerprint
    module = both.module()
    inputs: list[torch.Tensor] = []

    def keep(_: torch.nn.Module, given: tuple[torch.Tensor, ...], named: dict[str, torch.Tensor]) -> None:
        inputs.append(given[0] if given else named["hidden_states"])

    layers = next(part for part in module.model.modules() if isinstance(part, torch.nn.ModuleList))
    layers[0].register_forward_pre_hook(keep, with_kwargs=True)
    ids, lengths = module.pad(module.tokenise(TEXTS))
    with torch.inference_mode():
        module(ids, lengths)
    for number, (narrow, wide) in enumerate(zip(plain.token_states(TEXTS), both.token_states(TEXTS), strict=True)):
        np.testing.assert_allclose(wide[:, plain.dim :], narrow, atol=2e-3)
        first = inputs[0][number, : len(wide)].numpy()
        np.testing.assert_allclose(wide[:, : plain.dim], first, atol=2e-3)


def test_a_model_trains_saves_and_loads_with_them(toy_corpus: Corpus, backbone: Path, tmp_path: Path) -> None:
    sizes = ModelConfig(
        text_model=str(backbone), latent_dim=16, ff_size=16, num_layers=1, num_heads=2, text_words_too=True
    )
    config = TrainingConfig(model=sizes, epochs=1, batch_size=8)
    model = train(toy_corpus, tmp_path / "run", config, states=TextStates(TextBackbone.of(sizes)))
    assert model.config.text_dim == 2 * TextBackbone(str(backbone)).dim
    loaded = MotionTextModel.from_pretrained(tmp_path / "run")
    np.testing.assert_array_equal(loaded.encode_text(TEXTS), model.encode_text(TEXTS))


def test_a_decoder_has_no_such_embeddings() -> None:
    with pytest.raises(ConfigError, match="text_words_too"):
        ModelConfig(text_words_too=True, t5_decoder=True)
