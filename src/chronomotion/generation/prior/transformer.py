"""A causal transformer over codes: pre-norm blocks, positions that are fixed, keys and values that are kept.

With cross-attention each block also reads a memory, the states of the text. Without it this is the published T2M-GPT:
its two halves, "base" and "head", are one row of blocks.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from chronomotion.model.dropout import dropped

__all__ = ["Block", "CausalTransformer", "KeptKeys", "Memory", "initialise"]

INITIAL = 0.02
"""Standard deviation of the weights in the beginning."""


class Memory(NamedTuple):
    """What all places read by cross-attention, and the mask, which is True where it is read."""

    states: Float[Tensor, "batch read width"]
    mask: Bool[Tensor, "batch one one read"]


class KeptKeys:
    """Keys and values of the places so far, of each block: a new place needs no others to be computed again.

    ``memories`` are keys and values of the memory in each block, once for all places.
    """

    def __init__(self, blocks: int, places: int) -> None:
        self.places, self.done = places, 0
        self.keys: list[Tensor | None] = [None] * blocks
        self.values: list[Tensor | None] = [None] * blocks
        self.memory: Memory | None = None
        self.memories: list[tuple[Tensor, Tensor] | None] = [None] * blocks

    def extended(self, block: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a block, with those of the new places behind; (batch, heads, places, size)."""
        batch, heads, new, size = keys.shape
        kept_keys, kept_values = self.keys[block], self.values[block]
        if kept_keys is None or kept_values is None:
            kept_keys = keys.new_empty(batch, heads, self.places, size)
            kept_values = torch.empty_like(kept_keys)
            self.keys[block], self.values[block] = kept_keys, kept_values
        end = self.done + new
        kept_keys[:, :, self.done : end] = keys
        kept_values[:, :, self.done : end] = values
        return kept_keys[:, :, :end], kept_values[:, :, :end]


class _Attention(nn.Module):
    """Attention of several heads; queries from ``x``, keys and values from ``memory`` or from ``x``."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def queries(self, x: Tensor) -> Tensor:
        """(batch, heads, places, size)."""
        return self._split(self.query(x))

    def keys_and_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Both as (batch, heads, places, size)."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def _split(self, x: Tensor) -> Tensor:
        batch, places, width = x.shape
        return x.view(batch, places, self.heads, width // self.heads).transpose(1, 2)

    def attended(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """``mask`` is True where a query reads a key; None: every query reads every key."""
        rate = self.dropout if self.training else 0.0
        if rate and queries.device.type == "cpu":  # torch spends most of the time in dropout there
            scores = torch.matmul(queries * queries.shape[-1] ** -0.5, keys.transpose(-1, -2))
            if mask is not None:
                scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min / 2)
            out = torch.matmul(dropped(scores.softmax(dim=-1), rate), values)
        else:
            out = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, dropout_p=rate)
        batch, _, places, _ = out.shape
        result: Tensor = self.out(out.transpose(1, 2).reshape(batch, places, -1))
        return result


class Block(nn.Module):
    """Causal attention, cross-attention where there is a memory, and a feed-forward net; each added to its input."""

    def __init__(self, width: int, heads: int, dropout: float, *, reads: bool) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = _Attention(width, heads, dropout)
        self.before_reading = nn.LayerNorm(width) if reads else None
        self.reading = _Attention(width, heads, dropout) if reads else None
        self.before_inner = nn.LayerNorm(width)
        self.inner = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Float[Tensor, "batch places width"],
        causal: Bool[Tensor, "places keys"],
        memory: Memory | None = None,
        kept: KeptKeys | None = None,
        number: int = 0,
    ) -> Float[Tensor, "batch places width"]:
        """With ``kept`` the places are those behind the kept ones."""
        normed = self.before_attention(x)
        keys, values = self.attention.keys_and_values(normed)
        if kept is not None:
            keys, values = kept.extended(number, keys, values)
        x = x + self.dropout(self.attention.attended(self.attention.queries(normed), keys, values, causal))
        if self.reading is not None and self.before_reading is not None and memory is not None:
            keys, values = self._read(memory, kept, number)
            queries = self.reading.queries(self.before_reading(x))
            x = x + self.dropout(self.reading.attended(queries, keys, values, memory.mask))
        out: Tensor = x + self.dropout(self.inner(self.before_inner(x)))
        return out

    def _read(self, memory: Memory, kept: KeptKeys | None, number: int) -> tuple[Tensor, Tensor]:
        """Keys and values of the memory; with ``kept``, computed at the first place."""
        assert self.reading is not None
        pair = None if kept is None else kept.memories[number]
        if pair is None:
            pair = self.reading.keys_and_values(memory.states)
            if kept is not None:
                kept.memories[number] = pair
        return pair


class CausalTransformer(nn.Module):
    """Blocks, a norm and an output: a place reads itself and what is before it."""

    def __init__(self, width: int, layers: int, heads: int, dropout: float, outputs: int, *, reads: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads, dropout, reads=reads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, outputs, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch places width"],
        memory: Memory | None = None,
        kept: KeptKeys | None = None,
    ) -> Float[Tensor, "batch places outputs"]:
        """Outputs at the places of ``x``."""
        new, done = x.shape[1], 0 if kept is None else kept.done
        keys = torch.arange(done + new, device=x.device)
        causal = keys[None] <= keys[done:, None]
        for number, block in enumerate(self.blocks):
            x = block(x, causal, memory, kept, number)
        if kept is not None:
            kept.done += new
        out: Tensor = self.head(self.norm(x))
        return out


def initialise(module: nn.Module) -> None:
    """Weights from a normal distribution of standard deviation .02, biases 0, as published."""
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Embedding):
            nn.init.normal_(part.weight, std=INITIAL)
        if isinstance(part, nn.Linear) and part.bias is not None:
            nn.init.zeros_(part.bias)
