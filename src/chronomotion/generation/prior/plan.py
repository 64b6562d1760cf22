"""The plan of a motion: at every position the running event, how far it has come, and what remains."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

__all__ = ["PlanEmbedding", "plan_of"]

_NUMBERS = 3


def plan_of(
    spans: tuple[tuple[int, int], ...] | None, places: int, tokens_per_second: float
) -> tuple[Int[np.ndarray, " places"], Float[np.ndarray, "places numbers"]]:
    """(event, numbers) of each position: the number of the running event from 1, 0 for none; its progress from 0 to 1,
    and the seconds that remain of it and of the whole. Behind the end the last event is over, and nothing remains.
    """
    event = np.zeros(places, dtype=np.int64)
    numbers = np.zeros((places, _NUMBERS), dtype=np.float32)
    if spans is None:
        return event, numbers
    place = np.arange(places)
    whole = spans[-1][1]
    for number, (first, after) in enumerate(spans, start=1):
        inside = (place >= first) & ((place < after) | (number == len(spans)))
        event[inside] = number
        numbers[inside, 0] = np.minimum(1.0, (place[inside] - first) / (after - first))
        numbers[inside, 1] = np.maximum(0, after - place[inside]) / tokens_per_second
    numbers[event > 0, 2] = np.maximum(0, whole - place[event > 0]) / tokens_per_second
    return event, numbers


class PlanEmbedding(nn.Module):
    """A plan as vectors to be added at every position; zeros where there is none."""

    def __init__(self, width: int, state_dim: int, max_events: int) -> None:
        super().__init__()
        self.index = nn.Embedding(max_events + 1, width)
        self.numbers = nn.Sequential(nn.Linear(_NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.event = nn.Linear(state_dim, width)

    def forward(
        self,
        event: Int[Tensor, "batch places"],
        numbers: Float[Tensor, "batch places numbers"],
        events: Float[Tensor, "batch events state"],
    ) -> Float[Tensor, "batch places width"]:
        """``events`` are the vectors of the events, of which each position gets that of its own."""
        vectors = self.event(events)
        vectors = torch.cat([vectors.new_zeros(len(vectors), 1, vectors.shape[2]), vectors], dim=1)
        running = vectors.gather(1, event[..., None].expand(-1, -1, vectors.shape[2]))
        seconds = torch.cat([numbers[..., :1], numbers[..., 1:] / 4], dim=-1)  # of about the same size
        planned: Tensor = self.index(event) + self.numbers(seconds) + running
        return planned * (event > 0)[..., None].to(planned.dtype)
