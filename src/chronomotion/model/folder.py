"""A model on disk: the files that :meth:`MotionTextModel.save_pretrained` writes.

========================= =====================================================================================
``config.json``           format_version, the settings and the card
``model.safetensors``     weights, mean and standard deviation; the language model's too where it is a part
``text_model/``           configuration and tokenizer of a language model that is a part, without weights
``README.md``             the model card, where the model has one
========================= =====================================================================================
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_model as read_weights
from safetensors.torch import save_model as write_weights
from torch import nn

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.card import ModelCard
from chronomotion.model.config import ModelConfig
from chronomotion.model.description import check_format, read_description
from chronomotion.model.hub import fetched, is_hub_id
from chronomotion.model.language_model import LanguageModel
from chronomotion.model.packaged import packaged_model
from chronomotion.model.parts import LoadOptions, ModelParts
from chronomotion.model.published import is_chronaccret, is_tmr, load_chronaccret, load_tmr
from chronomotion.model.stats import find_stats

__all__ = ["FORMAT_VERSION", "load_parts", "save_model"]

FORMAT_VERSION = 1

_TEXT_MODEL = "text_model"


def save_model(
    folder: Path, model: nn.Module, config: ModelConfig, language_model: LanguageModel | None, card: ModelCard | None
) -> None:
    """Write a model's folder; each file appears whole or not at all."""
    with atomic_write(folder / "model.safetensors") as part:
        write_weights(model, str(part))
    if language_model is not None:
        with tempfile.TemporaryDirectory() as scratch:
            language_model.save_description(Path(scratch))
            for path in Path(scratch).iterdir():
                with atomic_write(folder / _TEXT_MODEL / path.name) as part:
                    part.write_bytes(path.read_bytes())
    info: dict[str, Any] = {"format_version": FORMAT_VERSION, "model": asdict(config)}
    if card is not None:
        known = asdict(card).items()
        info["card"] = {key: value for key, value in known if value not in ((), "")}  # earlier versions lack these
        with atomic_write(folder / "README.md") as part:
            part.write_text(card.text(folder.resolve().name, config), encoding="utf-8")
    with atomic_write(folder / "config.json") as part:
        part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")


def load_parts(source: str | Path, options: LoadOptions) -> ModelParts:
    """The parts of a model of the package, from a folder (our format or a published checkpoint) or from the hub.

    Raises ModelError when there is no model, or its files cannot be read.
    """
    folder = packaged_model(str(source)) or Path(source)
    if not folder.is_dir() and is_hub_id(str(source)):
        folder = fetched(str(source))
    info = _info(folder)
    if info is not None:
        return _load_ours(folder, info, options)
    if is_chronaccret(folder):
        return load_chronaccret(folder, options)
    if is_tmr(folder):
        return load_tmr(folder, options)
    raise ModelError(f"{folder} does not hold a model of ours{_next_step(folder)}")


def _next_step(folder: Path) -> str:
    """What to do with a place that holds no model."""
    if not folder.exists():
        return ": there is no such file or folder"
    if (folder / "corpus.json").is_file():
        return f": it is a corpus; `chronomotion train {folder} MODEL` makes a model of it; MODEL comes before CORPUS"
    if (folder / "checkpoint.pt").is_file():
        return ": its training was interrupted; the same `chronomotion train` goes on from there"
    return (
        " (config.json with model.safetensors), nor a published one (best_model_mt.pt with .hydra/config.yaml; "
        "motion_encoder.pt with text_encoder.pt)"
    )


def _info(folder: Path) -> dict[str, Any] | None:
    """The contents of our config.json; None where there is none, or where another program wrote it."""
    if not (folder / "config.json").is_file():
        return None
    info = read_description(folder)
    return info if isinstance(info, dict) and "format_version" in info else None


def _load_ours(folder: Path, info: dict[str, Any], options: LoadOptions) -> ModelParts:
    check_format(info["format_version"], FORMAT_VERSION, folder)
    with _no_model_of_ours(folder):
        config = ModelConfig(**info["model"])
        card = ModelCard(**info["card"]) if "card" in info else None
        if options.text_model is not None:
            config = replace(config, text_model=options.text_model)
        language_model = None
        if config.holds_text_model:
            described = replace(config, text_model=str(folder / _TEXT_MODEL))
            language_model = TextBackbone.of(described).module(weights=False)
        stats = None if options.stats is None else find_stats(options.stats, (), config.motion_dim, str(folder))
        states = options.token_states(config)

    def fill(model: nn.Module) -> None:
        with _no_model_of_ours(folder):
            read_weights(model, str(folder / "model.safetensors"))
        for buffer, array in zip(("mean", "std"), stats or (), strict=False):
            model.get_buffer(buffer).copy_(torch.from_numpy(array))

    return ModelParts(config, states, fill, stats, language_model, card)


@contextmanager
def _no_model_of_ours(folder: Path) -> Iterator[None]:
    """Any error in reading the files becomes a ModelError of one line."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, ConfigError) as error:
        raise ModelError(f"{folder} does not hold a model of ours ({str(error).splitlines()[0]})") from error
