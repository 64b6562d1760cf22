"""Settings of the training of a motion tokenizer."""

from __future__ import annotations

from typing import Annotated

from chronomotion.errors import ConfigError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.settings import Field, settings
from chronomotion.training.config import RunSettings

__all__ = ["TokenizerTraining"]

Share = Annotated[float, Field(ge=0, le=1)]
AtLeast0 = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


@settings("tokenizer")
class TokenizerTraining(RunSettings):
    """Settings of the training of a motion tokenizer on windows of motions; the loss is that of T2M-GPT, and terms that
    it lacks. Raises ConfigError for an impossible value.
    """

    model: TokenizerConfig = Field(default_factory=TokenizerConfig)
    batch_size: Count = 256
    """Windows in a batch, of each process."""
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.99
    weight_decay: AtLeast0 = 0.0
    window: Count = 64
    """Frames of a window."""
    shortest_window: Annotated[int, Field(ge=0)] = 0
    """Clips shorter than a window have windows of half as many frames, a quarter and so on, down to this; a batch then
    has twice as many, four times as many and so on. 0, or a window and more: such clips are left out (published)."""
    by_length: bool = True
    """A clip has as many windows in an epoch as fit into it. Else one, whatever its length (published)."""
    position_weight: AtLeast0 = 0.5
    """Of the places of the joints, once more beside all features."""
    commitment_weight: AtLeast0 = 0.02
    """Of the distance of latents to their codes (``vq``), or to where the bound has a slope (``fsq``)."""
    heading_weight: AtLeast0 = 1.0
    """Of the error of the heading, in radians, that adds up in a window (published: 0)."""
    path_weight: AtLeast0 = 1.0
    """Of the error of the root's place, in metres, that adds up in a window (published: 0)."""
    velocity_weight: AtLeast0 = 0.0
    """Of the change of the joints' places from frame to frame, in normalised units (published: 0)."""
    split: str = "train"

    @property
    def windows(self) -> tuple[int, ...]:
        """Frames of windows, the longest first: ``window``, and its halves down to ``shortest_window`` that are whole
        codes."""
        windows = [self.window]
        least = max(self.shortest_window or self.window, self.model.frames_per_token)
        while windows[-1] % (2 * self.model.frames_per_token) == 0 and windows[-1] // 2 >= least:
            windows.append(windows[-1] // 2)
        return tuple(windows)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.window % self.model.frames_per_token:
            raise ConfigError(
                f"tokenizer.window must be a multiple of the {self.model.frames_per_token} frames of a code, "
                f"not {self.window}"
            )
