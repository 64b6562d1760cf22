"""The projection head of the published variant without VAE, in place of a text encoder."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["TextHead"]


class TextHead(nn.Module):
    """Token states (batch, tokens, dim) with lengths -> one vector each (batch, 1, latent).

    One token's state goes through linear, GELU, linear and dropout, is added to the output of the first linear, and
    normalised. Only a language model that is trained as well can encode a whole sentence in one token.
    """

    def __init__(self, dim: int, latent_dim: int, dropout: float, token: str = "first") -> None:
        super().__init__()
        self.token = token
        self.projection = nn.Linear(dim, latent_dim)
        self.fc = nn.Linear(latent_dim, latent_dim)
        self.dropout = nn.Dropout(dropout)
        self.layer_norm = nn.LayerNorm(latent_dim)

    def forward(
        self, sequences: Float[Tensor, "batch tokens dim"], lengths: Tensor
    ) -> Float[Tensor, "batch one latent"]:
        """The vector in the encoder's output shape, with one token."""
        if self.token == "first":
            state = sequences[:, 0]
        else:
            state = sequences[torch.arange(sequences.shape[0], device=sequences.device), lengths - 1]
        projected = self.projection(state)
        out: Tensor = self.layer_norm(self.dropout(self.fc(nn.functional.gelu(projected))) + projected)
        return out[:, None]
