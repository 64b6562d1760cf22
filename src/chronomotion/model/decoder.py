"""The decoder: a motion from one vector (ACTOR, Petrovich 2021)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from chronomotion.model.attention import self_attended, vector_attended
from chronomotion.model.transformer import PositionTable, in_autocast_precision, padding_mask

__all__ = ["DecoderLayer", "MotionDecoder"]


class DecoderLayer(nn.TransformerDecoderLayer):
    """torch's decoder layer, post-norm, with the same weights, names and initialisation, for a memory of ONE vector."""

    def forward(  # type: ignore[override]
        self,
        x: Float[Tensor, "batch frames dim"],
        memory: Float[Tensor, "batch dim"],
        mask: Bool[Tensor, "batch one one frames"],
    ) -> Float[Tensor, "batch frames dim"]:
        """``mask`` is True at the frames that are attended to."""
        x = self.norm1(x + self.dropout1(self_attended(self.self_attn, x, mask)))
        x = self.norm2(x + self.dropout2(vector_attended(self.multihead_attn, memory, x.shape[1])))
        spread = self.dropout(nn.functional.gelu(self.linear1(x)))
        out: Tensor = self.norm3(x + self.dropout3(self.linear2(spread)))
        return out


class MotionDecoder(nn.Module):
    """A latent vector and lengths -> features (batch, frames, dim), zero behind each motion.

    Queries are zeros plus the positions of the frames; the vector is the only memory that they attend to. Each
    query is decoded to ``frames_per_token`` consecutive frames.
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
        frames_per_token: int = 1,
    ) -> None:
        super().__init__()
        self.frames_per_token = frames_per_token
        self.positions = PositionTable(latent_dim)
        self.dropout = nn.Dropout(dropout)
        layer = DecoderLayer(latent_dim, num_heads, ff_size, dropout, "gelu", batch_first=True)
        self.transformer = nn.TransformerDecoder(layer, num_layers)
        self.final_layer = nn.Linear(latent_dim, dim * frames_per_token)

    def forward(
        self, latent: Float[Tensor, "batch latent"], lengths: Tensor, frames: int | None = None
    ) -> Float[Tensor, "batch frames dim"]:
        """Motions padded to ``frames``, to the longest of ``lengths`` by default."""
        frames = int(lengths.max()) if frames is None else frames
        step = self.frames_per_token
        tokens = -(-frames // step)
        queries = in_autocast_precision(self.positions(tokens), self.training).expand(latent.shape[0], -1, -1)
        mask = padding_mask((lengths + step - 1) // step, tokens)
        x = self.dropout(queries)
        for layer in self.transformer.layers:
            x = layer(x, latent, mask[:, None, None])
        motions = self.final_layer(x).reshape(latent.shape[0], tokens * step, -1)[:, :frames]
        # `where` and not a product, because the attention of an empty row may be nan.
        return torch.where(padding_mask(lengths, frames)[..., None], motions, torch.zeros_like(motions))
