"""Contrastive loss over motions, captions and shuffled captions."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from chronomotion.training.config import Directions

__all__ = ["chronological_contrast"]


def chronological_contrast(
    texts: Float[Tensor, "texts dim"],
    motions: Float[Tensor, "motions dim"],
    same: Bool[Tensor, "texts motions"],
    temperature: float,
    directions: Directions = "sum",
) -> Float[Tensor, ""]:
    """L = L_t2m + L_m2t of the CAR paper (arXiv 2407.15408).

    ``texts`` are unit vectors of N captions, one for each of the N motions, followed by any number K of shuffled
    captions. With S the cosines:

    - L_t2m = -1/N sum_i log( exp(S_ii / t) / sum_{j<=N} exp(S_ij / t) )  over the captions, against all motions;
    - L_m2t = -1/N sum_i log( exp(S_ii / t) / sum_{j<=N+K} exp(S_ji / t) )  over the motions, against captions AND
      shuffles: every shuffled caption is a negative for every motion.

    ``same`` marks texts that tell what a motion shows (:mod:`chronomotion.training.losses.stories`); other than the
    pair itself they are left out of both sums, shuffled captions included: a shuffle that says what another motion
    shows is not pushed away from it. ``directions`` is "sum" as in the paper, or "mean" as in its published code.
    """
    count = len(motions)
    scores = texts @ motions.T / temperature
    own = torch.eye(len(texts), count, dtype=torch.bool, device=scores.device)
    scores = scores.masked_fill(same & ~own, float("-inf"))
    targets = torch.arange(count, device=scores.device)
    t2m = torch.nn.functional.cross_entropy(scores[:count], targets)
    m2t = torch.nn.functional.cross_entropy(scores.T, targets)
    return t2m + m2t if directions == "sum" else (t2m + m2t) / 2
