"""CLIP's text encoder with its projection: the vector that T2M-GPT is conditioned on."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import numpy as np
import torch

from chronomotion.errors import ModelError, require
from chronomotion.model.device import usable_device

__all__ = ["ClipModel"]


class ClipModel:
    """A CLIP text model from transformers, by folder or name on the hub; loaded at first use.

    Raises ModelError when it is not available, or is no CLIP model.
    """

    def __init__(self, name: str, device: str = "cpu") -> None:
        self.name, self.device = name, usable_device(device)

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        transformers = require("transformers", "model")
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(self.name)
            model = transformers.CLIPTextModelWithProjection.from_pretrained(self.name)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"CLIP model {self.name!r} cannot be loaded ({str(error).splitlines()[0]}); offline, a folder with it "
                "works: --text-model clip:FOLDER"
            ) from error
        return model.eval().requires_grad_(False).to(self.device), tokenizer

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights."""
        digest = hashlib.blake2b(digest_size=16)
        for name, tensor in sorted(self._parts[0].state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        return digest.hexdigest()

    @property
    def vector_dim(self) -> int:
        """Width of the projection."""
        return int(self._parts[0].config.projection_dim)

    @property
    def state_dim(self) -> int:
        """Width of the token states."""
        return int(self._parts[0].config.hidden_size)

    def read(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The vector of a text, and the states of its tokens; what is behind 77 tokens is cut, as published."""
        model, tokenizer = self._parts
        limit = int(model.config.max_position_embeddings)
        ids = tokenizer([text], truncation=True, max_length=limit, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            out = model(input_ids=ids.to(self.device))
        return out.text_embeds[0].float().cpu().numpy(), out.last_hidden_state[0].float().cpu().numpy()
