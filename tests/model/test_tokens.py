"""What a language model reads of a text, and what cannot be computed with, as errors of one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from chronomotion.errors import ConfigError, ModelError
from chronomotion.model import encoder, inputs
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.device import usable_device
from chronomotion.model.encoder import encode_motions, unit_rows
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates

WORDS = "a person raises the left hand then nods"


def model_of(backbone: Path, *, own: bool) -> MotionTextModel:
    config = ModelConfig(
        text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1, text_tokens=10,
        own_text_model=own, motion_dim=4,
    )  # fmt: skip
    return MotionTextModel(config, states=TextStates(TextBackbone.of(config))).eval()


@pytest.mark.parametrize("own", [False, True])
def test_a_text_is_cut_where_it_has_more_tokens_than_are_read(backbone: Path, own: bool):
    model = model_of(backbone, own=own)
    fits, longer = WORDS, f"{WORDS} nods"  # 8 and 9 words, and the two special tokens
    read, cut, other = model.tokens([fits, longer, f"{WORDS} raises"])
    assert (len(read.ids), read.cut) == (10, False)
    assert (len(cut.ids), cut.cut) == (10, True)
    assert cut.ids == other.ids == read.ids
    vectors = model.encode_text([longer, f"{WORDS} raises"])
    assert np.array_equal(vectors[0], vectors[1]), "what is not read changes nothing"
    assert model.tokens([]) == []


@pytest.mark.parametrize("name", ["cuda:63", "quantum", "cpu:x"])
def test_a_device_that_is_not_there_is_one_line_that_names_those_that_are(name: str):
    with pytest.raises(ConfigError, match=f"device '{name}' cannot be used here .*; there are: cpu") as caught:
        usable_device(name)
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError):
        TextBackbone(device=name)
    assert usable_device("cpu") == "cpu"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_motion_with_a_number_that_is_none_is_named(backbone: Path, value: float):
    model = model_of(backbone, own=False)
    good, bad = np.zeros((5, 4), np.float32), np.zeros((5, 4), np.float32)
    bad[3, 2] = value
    with pytest.raises(ModelError, match=f"motion 1: feature 2 of frame 3 is {value}"):
        model.encode_motion([good, bad])
    with pytest.raises(ModelError, match=f"^clip 'b': feature 2 of frame 3 is {value}"):
        encode_motions(model, [good, bad], ["a", "b"])
    with pytest.raises(ModelError, match=f"^motion 1: feature 2 of frame 3 is {value}"):
        encode_motions(model, [good, bad])


def test_every_motion_is_checked_once_whoever_made_the_model(backbone: Path, monkeypatch: pytest.MonkeyPatch):
    class Another:
        def encode_text(self, texts):
            return np.ones((len(texts), 3), np.float32)

        def encode_motion(self, motions):
            return np.ones((len(motions), 3), np.float32)

    checked = []
    for module in (encoder, inputs):
        monkeypatch.setattr(module, "check_features", lambda features, name: checked.append(name))
    for model in (model_of(backbone, own=False), Another()):
        checked.clear()
        encode_motions(model, [np.zeros((5, 4), np.float32)] * 2, ["a", "b"])
        assert checked == ["clip 'a'", "clip 'b'"]


def test_vectors_beyond_what_float32_can_square_are_scaled_and_beyond_float32_refused():
    rows = np.array([[3e30, 4e30], [3e-30, 4e-30], [3.0, 4.0]])
    assert unit_rows(rows, ["a", "b", "c"], "gave") == pytest.approx(np.array([[0.6, 0.8]] * 3))
    with np.errstate(all="raise"), pytest.raises(ModelError, match="too large for float32 for input 1 \\('b'\\)"):
        unit_rows(np.array([[1.0, 0.0], [1e300, 0.0]]), ["a", "b"], "gave")


def test_states_that_float16_cannot_hold_are_an_error_that_names_the_text(backbone: Path, monkeypatch):
    text_backbone = TextBackbone(str(backbone), dtype=torch.bfloat16)
    forward = type(text_backbone._model).forward
    monkeypatch.setattr(type(text_backbone._model), "forward", lambda *given: forward(*given) * 1e6)
    with pytest.raises(ModelError, match="a state of 'a person nods' is missing or too large for float16"):
        text_backbone.token_states(["a person nods"])
