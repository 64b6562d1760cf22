"""The output of an encoder for a motion or a text: a point, or a normal distribution around it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Latent"]


@dataclass(frozen=True, eq=False)
class Latent:
    """The raw output of an encoder, not normalised. ``logvar`` is None for a model without VAE."""

    mu: Float[Tensor, "batch latent"]
    logvar: Float[Tensor, "batch latent"] | None = None

    @classmethod
    def of(cls, tokens: Float[Tensor, "batch tokens latent"]) -> Latent:
        """From the outputs at an encoder's learned tokens: one token is the point; two are mean and log-variance."""
        return cls(tokens[:, 0], tokens[:, 1] if tokens.shape[1] > 1 else None)

    @property
    def unit(self) -> Float[Tensor, "batch latent"]:
        """The embedding: the mean as a unit vector."""
        return torch.nn.functional.normalize(self.mu, dim=-1)

    def __getitem__(self, rows: slice | Tensor) -> Latent:
        """Some rows of the batch."""
        return Latent(self.mu[rows], None if self.logvar is None else self.logvar[rows])

    def sample(
        self, noise: Float[Tensor, "batch latent"] | None = None, *, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch latent"]:
        """mu + exp(logvar / 2) * noise, with gradients (Kingma 2014); the point itself without VAE.

        ``noise`` is standard normal; None draws it, from ``generator`` where given.
        """
        if self.logvar is None:
            return self.mu
        if noise is None:
            noise = torch.randn(self.mu.shape, generator=generator, device=self.mu.device, dtype=self.mu.dtype)
        return self.mu + torch.exp(0.5 * self.logvar) * noise
