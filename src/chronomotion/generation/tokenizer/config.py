"""Sizes and kinds of a motion tokenizer."""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal

from chronomotion.errors import ConfigError
from chronomotion.motion.layout import Layout, layout_of_width
from chronomotion.settings import Field, settings

__all__ = ["TokenizerConfig"]

Size = Annotated[int, Field(ge=1)]
Level = Annotated[int, Field(ge=3)]
Positive = Annotated[float, Field(gt=0)]

_MOST_CODES = 1 << 16


@settings("tokenizer.model")
class TokenizerConfig:
    """Architecture of a :class:`~chronomotion.generation.tokenizer.motion_tokenizer.MotionTokenizer`; the defaults are
    T2M-GPT's sizes, but for the quantiser. Raises ConfigError for impossible sizes.
    """

    dim: Size = 263
    """Numbers a frame."""
    fps: Positive = 20.0
    """Frame rate of the motions."""
    width: Size = 512
    """Channels of the convolutions."""
    down: Annotated[int, Field(ge=0)] = 2
    """How often the encoder halves the frame rate: 2 makes one code of 4 frames."""
    depth: Size = 3
    """Residual blocks at each frame rate."""
    dilation_growth: Size = 3
    """Factor from one block's dilation to the next."""
    quantiser: Literal["fsq", "vq"] = "fsq"
    """``fsq``: finite scalars, nothing to collapse. ``vq``: a codebook of moving averages, as published."""
    levels: tuple[Level, ...] = (8, 5, 5, 5)
    """Levels of each scalar, three or more, for ``fsq``; their product is the number of codes."""
    codebook_size: Size = 512
    """Codes, for ``vq``."""
    decay: Annotated[float, Field(ge=0, lt=1)] = 0.99
    """Of a code's moving averages at each step, for ``vq``."""
    reset_below: Annotated[float, Field(ge=0)] = 1.0
    """A code whose averaged count of a batch is below this becomes a row of the batch, for ``vq``."""
    root_weight: Positive = 1.0
    """Factor on the normalised turn, path and height of the root, in what the network reads and in what the loss sees.
    25 as published, where the standard deviations of these columns are divided by it."""
    contact_weight: Positive = 1.0
    """The same for the contacts of the feet."""

    @property
    def frames_per_token(self) -> int:
        """Frames of one code."""
        return 1 << self.down

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return prod(self.levels) if self.quantiser == "fsq" else self.codebook_size

    @property
    def code_dim(self) -> int:
        """Width of what is quantised."""
        return len(self.levels) if self.quantiser == "fsq" else self.width

    @property
    def layout(self) -> Layout:
        """Where each part of a feature row lies. Raises FormatError for a width without one."""
        return layout_of_width(self.dim)

    def __post_init__(self) -> None:
        if not self.levels:
            raise ConfigError("tokenizer.model.levels is empty: give the levels of each scalar, for example 8, 5, 5, 5")
        if self.codes > _MOST_CODES:
            raise ConfigError(f"tokenizer.model: {self.codes} codes are more than {_MOST_CODES}; take fewer levels")
        if self.down > 6:
            raise ConfigError(f"tokenizer.model.down must be at most 6, not {self.down}")
