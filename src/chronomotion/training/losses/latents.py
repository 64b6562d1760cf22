"""Do both sides say the same? Distances between the latents of a text and of its motion."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["divergence", "latent_distance"]


def divergence(
    mu: Float[Tensor, "batch latent"],
    logvar: Float[Tensor, "batch latent"],
    other_mu: Float[Tensor, "batch latent"] | None = None,
    other_logvar: Float[Tensor, "batch latent"] | None = None,
) -> Float[Tensor, ""]:
    """KL( N(mu, exp(logvar)) || N(other_mu, exp(other_logvar)) ) of diagonal Gaussians, mean over all numbers; without
    an other one, against N(0, 1).

    1/2 ( other_logvar - logvar + (exp(logvar) + (mu - other_mu)^2) / exp(other_logvar) - 1 ). TMR's four terms are text
    against motion, motion against text, and each against N(0, 1).
    """
    mean = 0.0 if other_mu is None else other_mu
    spread = torch.zeros_like(logvar) if other_logvar is None else other_logvar
    per_number = spread - logvar + (logvar.exp() + (mu - mean) ** 2) / spread.exp() - 1
    return 0.5 * per_number.mean()


def latent_distance(text: Float[Tensor, "batch latent"], motion: Float[Tensor, "batch latent"]) -> Float[Tensor, ""]:
    """SmoothL1 between the latent of a text and that of its motion, mean over all numbers (TMR, L_E)."""
    return torch.nn.functional.smooth_l1_loss(text, motion)
