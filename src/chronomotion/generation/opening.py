"""What a folder is that should hold a generator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chronomotion.errors import ModelError
from chronomotion.model.description import read_description

__all__ = ["check_generator_folder"]


def check_generator_folder(folder: Path) -> None:
    """Raises ModelError, with what is there instead and what makes a generator of it, when it is none."""
    reason = _why_not(folder)
    if reason:
        raise ModelError(f"{folder} does not hold a generator: {reason}")


def _why_not(folder: Path) -> str:
    """What a folder is instead of a generator; "" for a generator."""
    if not folder.exists():
        return "there is no such folder; `chronomotion train-generator CORPUS FOLDER` makes one"
    if not folder.is_dir():
        return "it is a file; give the folder that it lies in"
    if (folder / "corpus.json").is_file():
        return f"it is a corpus; `chronomotion train-generator {folder} GENERATOR` makes a generator of it"
    if (folder / "library.json").is_file():
        return "it is a library, which is searched; `chronomotion train-generator CORPUS FOLDER` makes a generator"
    if (folder / "checkpoint.pt").is_file() and not (folder / "model.safetensors").is_file():
        return "its training was interrupted; the same `chronomotion train-generator` goes on from there"
    return _why_not_config(folder, read_description(folder))


def _why_not_config(folder: Path, config: Any) -> str:
    if not isinstance(config, dict):
        tokenizer = folder / "tokenizer" / "config.json"
        if tokenizer.is_file():
            return "it has a tokenizer and no prior; the same `chronomotion train-generator` goes on from there"
        return "config.json is missing, with model.safetensors and the folder tokenizer"
    if config.get("kind") == "motion-tokenizer":
        return (
            "it is a tokenizer alone; "
            f"`chronomotion train-generator CORPUS GENERATOR --tokenizer {folder}` makes a generator with it"
        )
    if "kind" not in config and "model" in config:
        return (
            "it is a motion-text model, which finds motions; `chronomotion train-generator` makes generators, and "
            f"--with {folder} lets this one judge what they make"
        )
    if not (folder / "tokenizer" / "config.json").is_file():
        return f"its tokenizer is missing: {folder / 'tokenizer'}"
    return ""
