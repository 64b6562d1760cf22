"""Detects a training that learns nothing: the gradient, or all ranking terms, are exactly 0 for a whole epoch."""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.training.config import TrainingConfig
from chronomotion.training.feed import Batch
from chronomotion.training.objective import RANKING
from chronomotion.training.task import Figures

__all__ = ["learns", "likely_cause"]


def learns(figures: Figures, config: TrainingConfig) -> bool:
    """Whether a step taught the model anything about which caption belongs to which motion.

    The gradient of the whole loss must differ from 0, and so must a ranking term, unless their weight is 0. Beside a
    reconstruction, which always has a gradient, a ranking of 0 would go unnoticed.
    """
    ranked = not config.objective.contrast_weight or any(figures.terms.get(name, 0.0) for name in RANKING)
    return bool(figures.gradient) and ranked


def likely_cause(batches: Sequence[Batch], config: TrainingConfig) -> str:
    """The likely cause, from the batches of the last step of such an epoch, and the settings that change it."""
    objective = config.objective
    if any(batch.has_negatives for batch in batches):
        return (
            "there are negatives, but every score is beyond what the loss asks for, or no weight is trained: see "
            f"objective.temperature = {objective.temperature:g} and the weights of the terms"
        )
    if objective.filter == "sentences":
        model = objective.sentence_model or f"the model's own, {config.model.text_model}"
        return (
            f"all captions of a batch count as alike, so that none is a negative of another's motion: to the sentence "
            f"model ({model}) they are nearer than objective.sentence_threshold = {objective.sentence_threshold:g}; "
            "raise it, or set another objective.sentence_model, or objective.filter"
        )
    return (
        "all captions of a batch tell the same story, so that none is a negative of another's motion: see "
        f"objective.filter = {objective.filter!r}, and whether the corpus has different captions"
    )
