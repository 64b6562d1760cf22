"""How long an event takes, from its words and its place among the others."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

__all__ = ["DurationHead"]

_WIDTH = 64
_USUAL = 1.0
"""The natural logarithm of about 2.7 seconds: where the output begins."""


class DurationHead(nn.Module):
    """Logarithms of seconds from the vector of each event, its index and the number of events."""

    def __init__(self, state_dim: int, max_events: int) -> None:
        super().__init__()
        self.event = nn.Linear(state_dim, _WIDTH)
        self.index = nn.Embedding(max_events + 1, _WIDTH)
        self.count = nn.Embedding(max_events + 1, _WIDTH)
        self.out = nn.Sequential(nn.GELU(), nn.Linear(_WIDTH, _WIDTH), nn.GELU(), nn.Linear(_WIDTH, 1))

    def forward(
        self, events: Float[Tensor, "batch events state"], known: Bool[Tensor, "batch events"]
    ) -> Float[Tensor, "batch events"]:
        """``known`` is False where a prompt has fewer events."""
        index = torch.arange(1, events.shape[1] + 1, device=events.device)
        count = known.sum(dim=1)
        hidden = self.event(events) + self.index(index)[None] + self.count(count)[:, None]
        seconds: Tensor = self.out(hidden)[..., 0] + _USUAL
        return seconds

    def error(
        self, events: Float[Tensor, "batch events state"], known: Bool[Tensor, "batch events"], seconds: Tensor
    ) -> Float[Tensor, ""]:
        """Mean absolute error of the logarithms where ``seconds`` are known (above 0); 0 where none are."""
        there = known & (seconds > 0)
        error = (self(events, known) - seconds.clamp(min=1e-3).log()).abs()
        out: Tensor = (error * there).sum() / there.sum().clamp(min=1)
        return out
