"""BERT for reading texts, with the bits of transformers, whose import takes longer than a search.

The packaged language model is read so. Training, saving and every other language model go through transformers
(:mod:`chronomotion.model.language_model`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from chronomotion.errors import ModelError, require

__all__ = ["Bert", "BertTokenizer", "load_bert"]

_EXPECTED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
"""Settings of the architecture that is computed here."""


class BertStates(NamedTuple):
    """States of the last layer; ``hidden_states`` are the token embeddings alone."""

    last_hidden_state: Float[Tensor, "batch tokens dim"]
    hidden_states: tuple[Float[Tensor, "batch tokens dim"]]


class Bert(nn.Module):
    """The layers of BERT without a pooler, without dropout: it reads and is not trained.

    ``config`` has the settings of ``config.json``; weights have the names that they have on disk.
    """

    def __init__(self, config: SimpleNamespace, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.config = config
        for name, tensor in weights.items():
            self.register_buffer(_flat(name), tensor)

    def forward(
        self,
        input_ids: Int[Tensor, "batch tokens"],
        attention_mask: Int[Tensor, "batch tokens"],
        output_hidden_states: bool = False,  # noqa: ARG002 - as transformers has it; they are always at hand
    ) -> BertStates:
        """States of all tokens; the states of padding are meaningless."""
        states = embedded = self._embedded(input_ids)
        tokens = input_ids.shape[1]
        seen = attention_mask.bool()
        mask = None if seen.all() else seen[:, None, None, :].expand(-1, 1, tokens, tokens)
        for number in range(self.config.num_hidden_layers):
            states = self._layer(f"encoder.layer.{number}", states, mask)
        return BertStates(states, (embedded,))

    def _embedded(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch tokens dim"]:
        words, kinds, places = (
            self._weight(f"embeddings.{name}_embeddings.weight") for name in ("word", "token_type", "position")
        )
        states = functional.embedding(ids, words) + kinds[0] + places[: ids.shape[1]]
        return self._normed("embeddings.LayerNorm", states)

    def _layer(self, name: str, states: Tensor, mask: Tensor | None) -> Tensor:
        attended = self._linear(
            f"{name}.attention.output.dense", self._attended(f"{name}.attention.self", states, mask)
        )
        states = self._normed(f"{name}.attention.output.LayerNorm", attended + states)
        spread = functional.gelu(self._linear(f"{name}.intermediate.dense", states))
        return self._normed(f"{name}.output.LayerNorm", self._linear(f"{name}.output.dense", spread) + states)

    def _attended(self, name: str, states: Tensor, mask: Tensor | None) -> Tensor:
        batch, tokens, dim = states.shape
        heads = self.config.num_attention_heads
        query, key, value = (
            self._linear(f"{name}.{part}", states).view(batch, tokens, heads, dim // heads).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        heads_out = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return heads_out.transpose(1, 2).reshape(batch, tokens, dim)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return functional.linear(x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))

    def _normed(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return functional.layer_norm(x, weight.shape, weight, bias, self.config.layer_norm_eps)

    def _weight(self, name: str) -> Tensor:
        return self.get_buffer(_flat(name))


class BertTokenizer:
    """Token ids of texts, called as a tokenizer of transformers is. Threads may share it.

    Raises ModelError for a file that holds no tokenizer.
    """

    def __init__(self, file: Path, model_max_length: int, pad_token_id: int) -> None:
        kind: Any = require("tokenizers", "model").Tokenizer
        try:
            self._tokenizer = kind.from_file(str(file))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{file}: no tokenizer ({error})") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.model_max_length, self.pad_token_id = model_max_length, pad_token_id

    def __call__(
        self,
        texts: Sequence[str],
        truncation: bool = False,
        max_length: int | None = None,
        verbose: bool = True,  # noqa: ARG002 - as transformers has it; nothing is ever said
    ) -> dict[str, list[list[int]]]:
        """``input_ids`` of each text between the special tokens, cut to ``max_length`` with them."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        if truncation and max_length is not None:
            rows = [row if len(row) <= max_length else [*row[: max_length - 1], row[-1]] for row in rows]
        return {"input_ids": rows}


def load_bert(folder: Path, dtype: torch.dtype) -> tuple[Bert, BertTokenizer]:
    """The model and the tokenizer of a folder. Raises ModelError where it is not whole, or another architecture."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        described = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        others = {name: config.get(name) for name, value in _EXPECTED.items() if config.get(name) != value}
        if others:
            raise ModelError(f"{folder}: no BERT that is read here: {others}")
        tokenizer = BertTokenizer(folder / "tokenizer.json", described["model_max_length"], config["pad_token_id"])
        tensors = load_file(folder / "model.safetensors")
    except ModelError:
        raise
    except (OSError, KeyError, ValueError, TypeError, SafetensorError) as error:
        raise ModelError(f"{folder}: {str(error).splitlines()[0]}") from error
    weights = {name: tensor.to(dtype) for name, tensor in tensors.items() if tensor.is_floating_point()}
    return Bert(SimpleNamespace(**config), weights), tokenizer


def _flat(name: str) -> str:
    """A weight's name without the dots that torch keeps for submodules."""
    return name.replace(".", "_")
