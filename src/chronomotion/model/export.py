"""Both encoders as ONNX, for programs without torch.

========================= =====================================================================================
``motion_encoder.onnx``   features float32 (motions, frames, dim), not normalised, and lengths int64 (motions)
                          -> unit vectors float32 (motions, latent)
``text_encoder.onnx``     token ids int64 (texts, tokens) and lengths int64 (texts) -> unit vectors (texts, latent);
                          the language model is inside
``tokenizer.json``        for the package tokenizers; cuts and pads as the model wants it
``export.json``           format_version, names and sizes
========================= =====================================================================================

What lies behind a motion or a text in its row has no influence. A cosine is the product of two vectors.
"""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ModelError, require
from chronomotion.model.language_model import LanguageModel
from chronomotion.model.motion_text import MotionTextModel

__all__ = ["AGREEMENT", "Exported", "export_onnx"]

FORMAT_VERSION = 1

AGREEMENT = 1e-4
"""How far numbers of the exported encoders may be from the model's own."""

_MOTION, _TEXT = "motion_encoder.onnx", "text_encoder.onnx"


@dataclass(frozen=True)
class Exported:
    """The files of an export, and the largest difference to the model that onnxruntime found."""

    files: tuple[Path, ...]
    motion_difference: float
    text_difference: float


class _Motions(nn.Module):
    """A copy of what makes a vector of a motion, on the processor and in evaluation mode."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: MotionTextModel) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(model.motion_encoder)
        self.register_buffer("mean", model.mean.clone())
        self.register_buffer("std", model.std.clone())
        self.cpu().eval()

    def forward(self, motions: Tensor, lengths: Tensor) -> Tensor:
        return nn.functional.normalize(self.encoder((motions - self.mean) / self.std, lengths)[:, 0], dim=-1)


class _Texts(nn.Module):
    """The same of a text."""

    def __init__(self, model: MotionTextModel, language_model: LanguageModel) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(model.text_encoder)
        self.language_model = copy.deepcopy(language_model)
        self.cpu().eval()

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        return nn.functional.normalize(self.encoder(self.language_model(ids, lengths), lengths)[:, 0], dim=-1)


def export_onnx(model: MotionTextModel, folder: str | Path) -> Exported:
    """Write both encoders, the tokenizer and a description; numbers are float32.

    Every program is run by onnxruntime on other batches than it was made with, and compared. Raises ModelError when a
    number differs by more than 1e-4, or when the language model's tokenizer has no tokenizer.json.
    """
    folder = Path(folder)
    require("onnxscript", "onnx")
    own = model.language_model
    language_model = model.states.backbone.module() if own is None else own
    motions, texts = _Motions(model), _Texts(model, language_model)
    rng = np.random.default_rng(0)
    tokenizer = _write_tokenizer(language_model, folder / "tokenizer.json")
    found = (
        _export(motions, "motions", _random_motions(model, rng), folder / _MOTION),
        _export(texts, "ids", _random_texts(language_model, rng), folder / _TEXT),
    )
    config = model.config
    info = {
        "format_version": FORMAT_VERSION,
        "motion_dim": config.motion_dim,
        "fps": config.fps,
        "latent_dim": config.latent_dim,
        "text_model": config.text_model,
        "text_tokens": language_model.limit,
    }
    with atomic_write(folder / "export.json") as part:
        part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return Exported((folder / _MOTION, folder / _TEXT, tokenizer, folder / "export.json"), *found)


def _random_motions(model: MotionTextModel, rng: np.random.Generator) -> list[tuple[Tensor, Tensor]]:
    """Batches to make a program with (the first) and to try it on; one is longer than the table of positions."""
    mean, std = model.mean.cpu(), model.std.cpu()
    batches = []
    for lengths in ([21, 9], [1], [3, 40, 17], [700]):
        shape = (len(lengths), max(lengths), model.config.motion_dim)
        batches.append((torch.tensor(rng.normal(size=shape), dtype=torch.float32) * std + mean, torch.tensor(lengths)))
    return batches


def _random_texts(language_model: LanguageModel, rng: np.random.Generator) -> list[tuple[Tensor, Tensor]]:
    words = language_model.words
    batches = []
    for lengths in ([7, 5], [2], [3, min(40, language_model.limit), 6]):
        ids = torch.tensor(rng.integers(0, words, size=(len(lengths), max(lengths))))
        batches.append((ids, torch.tensor(lengths)))
    return batches


def _export(module: nn.Module, name: str, batches: Sequence[tuple[Tensor, Tensor]], path: Path) -> float:
    """Write a program, and say how far its numbers are from the module's."""
    program = _program(module, name, batches[0], path.name)
    with atomic_write(path) as part:
        program.save(part)
        difference = _difference(module, name, batches, part)
        if not difference <= AGREEMENT:
            raise ModelError(
                f"{path.name}: onnxruntime is off by {difference:.1e}, more than {AGREEMENT:g}: try other versions of "
                "torch and onnxruntime"
            )
    return difference


def _program(module: nn.Module, name: str, batch: tuple[Tensor, Tensor], file: str) -> Any:
    """The module as an ONNX program in which the number of rows and their length are free."""
    free = torch.export.Dim.DYNAMIC
    try:
        with _quiet(), torch.no_grad():
            return torch.onnx.export(
                module,
                batch,
                dynamo=True,
                verbose=False,
                input_names=[name, "lengths"],
                output_names=["vectors"],
                dynamic_shapes=({0: free, 1: free}, {0: free}),
            )
    except Exception as error:  # the exporter's own errors are of many kinds and many lines
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise ModelError(f"{file}: torch cannot export this model ({reason}): try another version of torch") from error


def _difference(module: nn.Module, name: str, batches: Sequence[tuple[Tensor, Tensor]], path: Path) -> float:
    session = require("onnxruntime", "onnx").InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for rows, lengths in batches:
        with torch.no_grad():
            expected = module(rows, lengths).numpy()
        (found,) = session.run(None, {name: rows.numpy(), "lengths": lengths.numpy()})
        worst = max(worst, float(np.abs(found - expected).max()))
    return worst


def _write_tokenizer(language_model: LanguageModel, path: Path) -> Path:
    """tokenizer.json that cuts at the model's limit and pads to the longest text of a call."""
    own = language_model.tokenizer
    backend = getattr(own, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(f"the tokenizer {type(own).__name__} has no tokenizer.json: export another language model")
    tokenizer = type(backend).from_str(backend.to_str())
    tokenizer.enable_truncation(language_model.limit)
    tokenizer.enable_padding(pad_id=int(own.pad_token_id or 0), pad_token=own.pad_token or "")
    with atomic_write(path) as part:
        part.write_text(tokenizer.to_str(), encoding="utf-8")
    return path


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter tells of each of its steps, and of packages that nobody needs here."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
