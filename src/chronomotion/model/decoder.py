"""The decoder: a motion from one vector (ACTOR, Petrovich 2021)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chronomotion.model.transformer import PositionTable, padding_mask

__all__ = ["MotionDecoder"]


class MotionDecoder(nn.Module):
    """A latent vector and lengths -> features (batch, frames, dim), zero behind each motion.

    Queries are zeros plus the positions of the frames; the vector is the only memory that they attend to. With
    ``frames_per_token`` each query gives that many consecutive frames.
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
        layer = nn.TransformerDecoderLayer(latent_dim, num_heads, ff_size, dropout, "gelu", batch_first=True)
        self.transformer = nn.TransformerDecoder(layer, num_layers)
        self.final_layer = nn.Linear(latent_dim, dim * frames_per_token)

    def forward(
        self, latent: Float[Tensor, "batch latent"], lengths: Tensor, frames: int | None = None
    ) -> Float[Tensor, "batch frames dim"]:
        """Motions padded to ``frames``, to the longest of ``lengths`` by default."""
        frames = int(lengths.max()) if frames is None else frames
        step = self.frames_per_token
        tokens = -(-frames // step)
        queries = self.dropout(self.positions(tokens).expand(latent.shape[0], -1, -1))
        mask = padding_mask((lengths + step - 1) // step, tokens)
        out = self.transformer(queries, latent[:, None], tgt_key_padding_mask=~mask)
        motions = self.final_layer(out).reshape(latent.shape[0], tokens * step, -1)[:, :frames]
        # `where` and not a product: what an empty row's attention gives may be no number at all.
        return torch.where(padding_mask(lengths, frames)[..., None], motions, torch.zeros_like(motions))
