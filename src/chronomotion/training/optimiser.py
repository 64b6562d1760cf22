"""AdamW, its groups, and the learning rate over a run."""

from __future__ import annotations

import math

import torch

from chronomotion.model.motion_text import MotionTextModel
from chronomotion.training.config import TrainingConfig

__all__ = ["make_optimiser", "rate"]

_LANGUAGE_MODEL = "language_model."


def make_optimiser(model: MotionTextModel, config: TrainingConfig) -> torch.optim.AdamW:
    """AdamW over all that is trained; a tuned language model has a learning rate of its own.

    Each group keeps its full rate under ``full``, which a step multiplies with :func:`rate`.
    """
    named = [(name, one) for name, one in model.named_parameters() if one.requires_grad]
    own = [one for name, one in named if not name.startswith(_LANGUAGE_MODEL)]
    language = [one for name, one in named if name.startswith(_LANGUAGE_MODEL)]
    groups = [{"params": own, "full": config.learning_rate}]
    if language:
        groups.append({"params": language, "full": config.text_learning_rate})
    # fused: one pass over weights, gradients and moments instead of a dozen
    return torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)


def rate(config: TrainingConfig, done: int, steps: int) -> float:
    """Share of the full learning rate after ``done`` of ``steps`` steps: a warm-up, then a cosine down to a twentieth,
    or what is constant.
    """
    warm = config.warmup_steps
    if done < warm:
        return (done + 1) / warm
    if config.schedule == "constant":
        return 1.0
    past = (done - warm) / max(1, steps - warm)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * past))
