"""The convolutional encoder and decoder of T2M-GPT. The names of the weights are those of published checkpoints.

Channels come first: (batch, channels, frames). Frames beyond the ends count as zero.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everywhere in the field)

from chronomotion.generation.tokenizer.config import TokenizerConfig

__all__ = ["ConvDecoder", "ConvEncoder"]


class ConvEncoder(nn.Module):
    """(batch, dim, frames) -> (batch, code_dim, frames // frames_per_token)."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        width = config.width
        halvings = [
            nn.Sequential(nn.Conv1d(width, width, 4, stride=2, padding=1), _ResidualStack(config))
            for _ in range(config.down)
        ]
        self.model = nn.Sequential(_conv(config.dim, width), nn.ReLU(), *halvings, _conv(width, config.code_dim))

    def forward(self, motions: Float[Tensor, "batch dim frames"]) -> Float[Tensor, "batch code_dim tokens"]:
        """Latents before they are quantised."""
        latents: Tensor = self.model(motions)
        return latents


class ConvDecoder(nn.Module):
    """(batch, code_dim, tokens) -> (batch, dim, tokens * frames_per_token)."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        width = config.width
        doublings = [
            nn.Sequential(_ResidualStack(config), nn.Upsample(scale_factor=2, mode="nearest"), _conv(width, width))
            for _ in range(config.down)
        ]
        self.model = nn.Sequential(
            _conv(config.code_dim, width),
            nn.ReLU(),
            *doublings,
            _conv(width, width),
            nn.ReLU(),
            _conv(width, config.dim),
        )

    def forward(self, latents: Float[Tensor, "batch code_dim tokens"]) -> Float[Tensor, "batch dim frames"]:
        """Motions of quantised latents."""
        motions: Tensor = self.model(latents)
        return motions


class _ResidualStack(nn.Module):
    """Residual blocks, the widest dilation first, as the published settings have it in encoder and decoder."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        dilations = [config.dilation_growth**number for number in reversed(range(config.depth))]
        self.model = nn.Sequential(*(_ResidualBlock(config.width, dilation) for dilation in dilations))

    def forward(self, states: Float[Tensor, "batch width frames"]) -> Float[Tensor, "batch width frames"]:
        changed: Tensor = self.model(states)
        return changed


class _ResidualBlock(nn.Module):
    """ReLU, dilated convolution, ReLU, convolution of one frame; added to what came in."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.conv2 = nn.Conv1d(width, width, 1)

    def forward(self, states: Float[Tensor, "batch width frames"]) -> Float[Tensor, "batch width frames"]:
        changed: Tensor = self.conv2(F.relu(self.conv1(F.relu(states))))
        return states + changed


def _conv(ins: int, outs: int) -> nn.Conv1d:
    return nn.Conv1d(ins, outs, 3, padding=1)
