"""A model on disk: what :meth:`MotionTextModel.save_pretrained` writes.

========================= =====================================================================================
``config.json``           format_version and the settings
``model.safetensors``     weights, mean and standard deviation; the language model's too where it is a part
``text_model/``           configuration and tokenizer of a language model that is a part, without weights
========================= =====================================================================================
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from chronomotion.errors import ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.whole_file import whole_file

__all__ = ["FORMAT_VERSION", "load_model", "save_model"]

FORMAT_VERSION = 1

_TEXT_MODEL = "text_model"


def save_model(model: MotionTextModel, folder: Path) -> None:
    """Write a model's folder; each file appears whole or not at all."""
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    with whole_file(folder / "model.safetensors") as part:
        save_file(weights, part)
    if model.language_model is not None:
        with tempfile.TemporaryDirectory() as scratch:
            model.language_model.save_description(Path(scratch))
            for path in Path(scratch).iterdir():
                with whole_file(folder / _TEXT_MODEL / path.name) as part:
                    part.write_bytes(path.read_bytes())
    info = {"format_version": FORMAT_VERSION, "model": asdict(model.config)}
    with whole_file(folder / "config.json") as part:
        part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")


def load_model(folder: Path, *, states: TextStates | None = None, cache: str | Path | None = None) -> MotionTextModel:
    """The model of a folder, ready to encode. Raises ModelError when it does not hold one of ours."""
    try:
        info = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if info["format_version"] != FORMAT_VERSION:
            raise ModelError(f"{folder}: format_version {info['format_version']}, this version reads {FORMAT_VERSION}")
        config = ModelConfig(**info["model"])
        own = None
        if config.holds_text_model:
            described = TextBackbone(
                str(folder / _TEXT_MODEL), text_tokens=config.text_tokens, t5_decoder=config.t5_decoder
            )
            own = described.module(weights=False)
        states = states or TextStates(TextBackbone.of(config), cache)
        model = MotionTextModel(config, states=states, language_model=own)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{folder} does not hold a model of ours ({str(error).splitlines()[0]})") from error
    return model.eval()
