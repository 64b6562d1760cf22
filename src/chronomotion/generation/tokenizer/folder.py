"""A motion tokenizer on disk.

========================= ==========================================================================
``config.json``           format_version, kind ``motion-tokenizer``, the configuration
``model.safetensors``     weights, mean and standard deviation; for ``vq`` also the averages of the codes
========================= ==========================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, ModelError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.model.description import check_format, read_description

__all__ = ["KIND", "read_config", "read_tensors", "tensors_fit", "write_folder"]

KIND = "motion-tokenizer"
FORMAT_VERSION = 1


def write_folder(folder: Path, config: TokenizerConfig, tensors: Mapping[str, Tensor]) -> None:
    """Write a tokenizer's folder; each file appears whole or not at all."""
    with atomic_write(folder / "model.safetensors") as part:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, part)
    info = {"format_version": FORMAT_VERSION, "kind": KIND, "tokenizer": asdict(config)}
    with atomic_write(folder / "config.json") as part:
        part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")


def read_config(folder: Path) -> TokenizerConfig:
    """The configuration of the tokenizer in a folder. Raises ModelError when there is none, with what is there."""
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder} does not hold a motion tokenizer{_instead(folder)}")
    info = read_description(folder)
    if not isinstance(info, dict) or info.get("kind") != KIND:
        raise ModelError(f"{folder} does not hold a motion tokenizer{_other_kind(info, folder)}")
    check_format(info.get("format_version"), FORMAT_VERSION, folder)
    try:
        return TokenizerConfig(**info["tokenizer"])
    except (KeyError, TypeError, ConfigError) as error:
        raise ModelError(f"{path}: not the settings of a motion tokenizer ({error})") from error


def _instead(folder: Path) -> str:
    """What a folder without config.json is."""
    if not folder.exists():
        return ": there is no such folder"
    if folder.is_file():
        return ": it is a file; give its folder"
    if (folder / "corpus.json").is_file():
        return f": it is a corpus; `chronomotion train-generator {folder} DEST` makes one of it"
    if (folder / "checkpoint.pt").is_file():
        return ": its training was interrupted; the same command goes on from there"
    return " (config.json with model.safetensors)"


def _other_kind(info: Any, folder: Path) -> str:
    """What a folder with another config.json is."""
    if isinstance(info, dict) and "model" in info and "format_version" in info:
        return ": it is a motion-text model"
    if (folder / "tokenizer" / "config.json").is_file():
        return f": it is a generator; its tokenizer is {folder / 'tokenizer'}"
    return f": its config.json does not say kind {KIND!r}"


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """The tensors of a folder. Raises ModelError when they cannot be read."""
    path = folder / "model.safetensors"
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error


@contextmanager
def tensors_fit(folder: Path) -> Iterator[None]:
    """Tensors of other names or shapes than the configuration asks for become a ModelError of one line."""
    try:
        yield
    except RuntimeError as error:
        reason = " ".join(str(error).split("\n\t")[1].split()) if "\n\t" in str(error) else str(error).splitlines()[0]
        raise ModelError(f"{folder / 'model.safetensors'} does not go with config.json: {reason}") from error
