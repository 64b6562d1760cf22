"""AdamW, and the learning rate over a run."""

from __future__ import annotations

import math
from typing import Any

import torch

from chronomotion.training.config import RunSettings

__all__ = ["make_optimiser", "rate"]


def make_optimiser(groups: list[dict[str, Any]], settings: RunSettings) -> torch.optim.AdamW:
    """AdamW over groups of weights. ``full`` of a group is its full learning rate, of which every step sets a share."""
    # fused: one pass over weights, gradients and moments instead of a dozen
    betas = settings.beta1, settings.beta2
    return torch.optim.AdamW(
        groups, lr=settings.learning_rate, betas=betas, weight_decay=settings.weight_decay, fused=True
    )


def rate(settings: RunSettings, done: int, steps: int) -> float:
    """Share of the full learning rate after ``done`` of ``steps`` steps: a warm-up, then a cosine down to a twentieth
    or, with ``schedule = "constant"``, 1 until ``step_milestone``.
    """
    warm = settings.warmup_steps
    if done < warm:
        return (done + 1) / warm
    if settings.schedule == "constant":
        fallen = settings.step_milestone and done >= settings.step_milestone * steps
        return 0.05 if fallen else 1.0
    past = (done - warm) / max(1, steps - warm)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * past))
