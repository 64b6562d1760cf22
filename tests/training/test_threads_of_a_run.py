"""A run that goes on with another number of threads says that it cannot end with the same weights."""

from __future__ import annotations

import logging

import pytest
import torch

from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.checkpoint import RunState, load_checkpoint, save_checkpoint


@pytest.mark.parametrize(("before", "after", "warns"), [(2, 2, False), (4, 3, True), (None, 3, False)])
def test_another_number_of_threads_is_told(backbone, tmp_path, monkeypatch, caplog, before, after, warns):
    config = ModelConfig(text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1)
    model = MotionTextModel(config, states=TextStates(TextBackbone.of(config)))
    optimizer = torch.optim.AdamW(model.parameters())
    monkeypatch.setattr(torch, "get_num_threads", lambda: before)
    save_checkpoint(tmp_path, model, optimizer, RunState(3), "{}")
    if before is None:  # as older versions wrote it
        state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
        del state["threads"]
        torch.save(state, tmp_path / "checkpoint.pt")
    monkeypatch.setattr(torch, "get_num_threads", lambda: after)
    with caplog.at_level(logging.WARNING):
        assert load_checkpoint(tmp_path, model, optimizer, "{}", torch.device("cpu")).done == 3
    assert ("computed with 4 threads and goes on with 3" in caplog.text) == warns
    assert ("--threads 4 keeps" in caplog.text) == warns
