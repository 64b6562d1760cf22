"""The encoder of motions and of texts: a transformer whose first output represents the whole sequence (ACTOR,
Petrovich 2021).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from chronomotion.model.attention import self_attended

__all__ = [
    "EncoderLayer",
    "PositionTable",
    "SequenceEncoder",
    "in_autocast_precision",
    "padding_mask",
    "sinusoidal_positions",
]


def sinusoidal_positions(length: int, dim: int) -> Float[Tensor, "length dim"]:
    """Sine and cosine positions (Vaswani 2017, section 3.5), interleaved: column 2i is a sine, 2i + 1 the cosine."""
    places = torch.arange(length, dtype=torch.float32)[:, None]
    rates = torch.exp(torch.arange(0, dim, 2, dtype=torch.float32) * (-math.log(10000.0) / dim))
    return torch.stack([torch.sin(places * rates), torch.cos(places * rates)], dim=2).flatten(1)


def padding_mask(lengths: Tensor, longest: int) -> Bool[Tensor, "batch longest"]:
    """True where a place lies within its sequence."""
    return torch.arange(longest, device=lengths.device)[None] < lengths[:, None]


def in_autocast_precision(x: Tensor, training: bool) -> Tensor:
    """``x`` in the precision of the enclosing autocast, in training; else ``x``.

    In training the layers then add tensors of equal precision, and no conversion is needed. Encoding would not become
    faster and would lose digits.
    """
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if training and torch.is_autocast_enabled(kind) else x


class PositionTable(nn.Module):
    """A table of sinusoidal positions that grows with the longest sequence. It is not saved."""

    table: Tensor

    def __init__(self, dim: int, length: int = 512) -> None:
        super().__init__()
        self.register_buffer("table", sinusoidal_positions(length, dim), persistent=False)

    def forward(self, length: int) -> Float[Tensor, "length dim"]:
        """Positions 0 to ``length`` - 1."""
        if torch.compiler.is_compiling():  # a table would fix its length in the compiled or exported program
            return sinusoidal_positions(length, self.table.shape[1]).to(self.table)
        if length > len(self.table):
            self.table = sinusoidal_positions(2 * length, self.table.shape[1]).to(self.table)
        return self.table[:length]


class EncoderLayer(nn.TransformerEncoderLayer):
    """torch's encoder layer, post-norm, with the same weights, names and initialisation, computed step by step.

    Without gradients torch uses a single fused kernel. On CPUs it is slower with a padding mask, above all in bfloat16,
    and it cannot be exported.
    """

    def forward(  # type: ignore[override]
        self, x: Float[Tensor, "batch places dim"], mask: Bool[Tensor, "batch one one places"]
    ) -> Float[Tensor, "batch places dim"]:
        """``mask`` is True at the places that are attended to."""
        x = self.norm1(x + self.dropout1(self_attended(self.self_attn, x, mask)))
        spread = self.dropout(nn.functional.gelu(self.linear1(x)))
        out: Tensor = self.norm2(x + self.dropout2(self.linear2(spread)))
        return out


_LEAST_VARIANCE = 1e-4
"""Keeps the square root's slope finite where nothing moves."""


class SequenceEncoder(nn.Module):
    """Sequences (batch, frames, dim) with lengths -> one vector each (batch, latent).

    A learned token stands in front of the sequence; its output is the embedding. With ``tokens=2`` there are two (mean
    and log-variance of the published VAE), and the output is (batch, 2, latent). ``frames_per_token`` consecutive
    inputs are put side by side before the projection, which shortens the sequence; with ``movement`` their standard
    deviation stands beside them.
    """

    def __init__(
        self,
        dim: int,
        latent_dim: int,
        ff_size: int,
        num_layers: int,
        num_heads: int,
        dropout: float,
        *,
        tokens: int = 1,
        frames_per_token: int = 1,
        movement: bool = False,
    ) -> None:
        super().__init__()
        self.frames_per_token, self.movement = frames_per_token, movement
        self.projection = nn.Linear(dim * (frames_per_token + movement), latent_dim)
        self.tokens = nn.Parameter(torch.randn(tokens, latent_dim))
        self.dropout = nn.Dropout(dropout)
        layer = EncoderLayer(latent_dim, num_heads, ff_size, dropout, "gelu", batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.positions = PositionTable(latent_dim)

    def forward(
        self, sequences: Float[Tensor, "batch frames dim"], lengths: Tensor
    ) -> Float[Tensor, "batch tokens latent"]:
        """Outputs at the learned tokens. Inputs beyond ``lengths`` have no influence."""
        # `shape` and not len(), which would write the size of one batch into an exported program.
        batch, frames, dim = sequences.shape
        step = self.frames_per_token
        mask = padding_mask(lengths, frames)
        if step > 1:
            sequences = sequences * mask[..., None]
            sequences = nn.functional.pad(sequences, (0, 0, 0, -frames % step)).reshape(batch, -1, step * dim)
            mask = padding_mask((lengths + step - 1) // step, sequences.shape[1])
            if self.movement:
                sequences = torch.cat([sequences, _movement(sequences, lengths, step)], dim=-1)
        count = len(self.tokens)
        x = torch.cat([self.tokens.expand(batch, -1, -1), self.projection(sequences)], dim=1)
        x = self.dropout(in_autocast_precision(x + self.positions(x.shape[1]), self.training))
        mask = nn.functional.pad(mask, (count, 0), value=True)[:, None, None]
        for layer in self.transformer.layers:
            x = layer(x, mask)
        out: Tensor = x[:, :count]
        return out


def _movement(
    tokens: Float[Tensor, "batch places wide"], lengths: Tensor, step: int
) -> Float[Tensor, "batch places dim"]:
    """Standard deviation of each number over the frames of its token; frames beyond ``lengths`` do not count."""
    batch, places, wide = tokens.shape
    frames = tokens.reshape(batch, places, step, wide // step)
    real = padding_mask(lengths, places * step).reshape(batch, places, step, 1).to(tokens.dtype)
    count = real.sum(dim=2, keepdim=True).clamp(min=1)
    centred = (frames - frames.sum(dim=2, keepdim=True) / count) * real
    spread: Tensor = ((centred**2).sum(dim=2) / count[:, :, 0] + _LEAST_VARIANCE).sqrt()
    return spread
