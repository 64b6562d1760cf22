"""Does a latent vector still hold the motion? The decoder's output against the motion."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["reconstruction_error"]


def reconstruction_error(
    decoded: Float[Tensor, "batch frames dim"],
    motions: Float[Tensor, "batch frames dim"],
    mask: Bool[Tensor, "batch frames"],
    padded_to: int = 0,
) -> Float[Tensor, ""]:
    """SmoothL1 between normalised features and what the decoder made of a latent, mean over all numbers (TMR, Petrovich
    2023, L_R; from the text's latent and from the motion's, each by itself).

    l(x) = x^2 / 2 for |x| < 1, |x| - 1/2 beyond. ``mask`` is True where a frame lies within its motion. Only those
    frames count, unless ``padded_to`` is given: then the mean is over that many frames of every motion, as in the
    published code, whose batches are padded to 224 frames of zeros that are compared with zeros (the error of a short
    motion is then small).
    """
    error = torch.nn.functional.smooth_l1_loss(decoded, motions, reduction="none").sum(dim=-1)
    frames = len(motions) * padded_to if padded_to else mask.sum()
    return error.masked_fill(~mask, 0.0).sum() / (frames * motions.shape[-1])
