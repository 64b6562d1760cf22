"""The golden files, laid out on disk as the published checkpoints are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from safetensors import safe_open
from torch import Tensor


@dataclass(frozen=True)
class Golden:
    """A small random instance of the published architecture, with what it was given and what it said."""

    vae: bool
    tensors: dict[str, Tensor]
    settings: dict
    distilbert: dict

    @property
    def width(self) -> int:
        """Numbers in a row of features."""
        return int(self.settings["motion_encoder"]["nfeats"])

    def part(self, name: str) -> dict[str, Tensor]:
        """Tensors of weights, inputs, outputs or losses by the rest of their names."""
        return {key.removeprefix(f"{name}/"): t for key, t in self.tensors.items() if key.startswith(f"{name}/")}


def read_golden(folder: Path, variant: str) -> Golden:
    """``variant`` is vae or novae. Halves, which our own files hold, become float32; no number changes."""
    with safe_open(folder / f"chronaccret_{variant}_small.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        metadata = file.metadata()
    tensors = {name: one.float() if one.dtype == torch.float16 else one for name, one in tensors.items()}
    return Golden(variant == "vae", tensors, json.loads(metadata["config"]), json.loads(metadata["distilbert"]))


def write_distilbert(folder: Path, golden: Golden, *, weights: bool) -> Path:
    """The golden file's language model as a transformers folder, with a tokenizer of as many made-up words."""
    from transformers import BertTokenizerFast, DistilBertConfig, DistilBertModel

    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{i}" for i in range(4, golden.distilbert["vocab_size"]))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    model = DistilBertModel(DistilBertConfig(**golden.distilbert))
    prefix = "text_model.text_model."
    model.load_state_dict(
        {k.removeprefix(prefix): t for k, t in golden.part("weights").items() if k.startswith(prefix)}
    )
    if weights:
        model.save_pretrained(folder)
    else:
        model.config.save_pretrained(folder)
    return folder


def write_chronaccret(folder: Path, golden: Golden, text_model: Path) -> Path:
    """A run of the CAR paper's code: best_model_mt.pt and .hydra/config.yaml."""
    (folder / ".hydra").mkdir(parents=True)
    settings = {**golden.settings, "model": {**golden.settings["model"], "text_model_name": str(text_model)}}
    (folder / ".hydra" / "config.yaml").write_text(yaml.safe_dump(settings))
    torch.save(golden.part("weights"), folder / "best_model_mt.pt")
    return folder


def write_tmr(folder: Path, golden: Golden) -> Path:
    """A run of TMR's code: three files in last_weights, names without the part."""
    (folder / "last_weights").mkdir(parents=True)
    for part in ("motion_encoder", "text_encoder", "motion_decoder"):
        weights = {k.removeprefix(f"{part}."): t for k, t in golden.part("weights").items() if k.startswith(part)}
        torch.save(weights, folder / "last_weights" / f"{part}.pt")
    return folder


def write_stats(folder: Path, dim: int = 263) -> Path:
    """Statistics that leave features as they are: the golden inputs are normalised already."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(torch.zeros(dim), folder / "mean.pt")
    torch.save(torch.ones(dim), folder / "std.pt")
    return folder
