"""The parts from which a model is built when it is loaded, in any file format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from chronomotion.errors import ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.card import ModelCard
from chronomotion.model.config import ModelConfig
from chronomotion.model.language_model import LanguageModel
from chronomotion.model.stats import Stats, StatsSource
from chronomotion.model.text_states import TextStates

__all__ = ["LoadOptions", "ModelParts"]


@dataclass(frozen=True)
class LoadOptions:
    """Options of the caller besides the model's location; published checkpoints lack some of these parts."""

    stats: StatsSource | None = None
    """Mean and standard deviation of the features: arrays, or a folder; by default the loader looks for
    them near the model."""
    text_model: str | None = None
    """Folder or name of the language model, in place of the name in the checkpoint's settings."""
    states: TextStates | None = None
    """Token states that are shared with other models."""
    cache: str | Path | None = None
    """Folder in which token states are kept."""

    def token_states(self, config: ModelConfig) -> TextStates:
        """The shared ones, else new ones; a model that holds its language model keeps none on disk.

        Raises ModelError when ``text_model``, a folder, has not the width that the model reads.
        """
        if self.states is not None:
            return self.states
        if config.holds_text_model:
            return TextStates(TextBackbone.of(config))
        backbone = TextBackbone.of(config)
        if self.text_model is not None and backbone.is_folder and backbone.dim != config.text_dim:
            raise ModelError(
                f"text model {self.text_model!r} has states of width {backbone.dim}, but the model reads "
                f"{config.text_dim}: give the language model that it was trained with"
            )
        return TextStates(backbone, self.cache)


@dataclass(frozen=True)
class ModelParts:
    """A model's parts. ``fill`` copies the weights into a module by name; it raises ModelError when they do not fit.
    ``stats`` None: mean and standard deviation are among the weights.
    """

    config: ModelConfig
    states: TextStates
    fill: Callable[[nn.Module], None]
    stats: Stats | None = None
    language_model: LanguageModel | None = None
    card: ModelCard | None = None
