"""The network of a prior: codes and a condition in, logits of the next code out."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.generation.prior.condition import Condition
from chronomotion.generation.prior.config import PriorConfig
from chronomotion.generation.prior.durations import DurationHead
from chronomotion.generation.prior.plan import PlanEmbedding
from chronomotion.generation.prior.transformer import CausalTransformer, KeptKeys, Memory, initialise
from chronomotion.model.transformer import PositionTable

__all__ = ["PriorNetwork"]


class _EventMemory(nn.Module):
    """Token states of events as the memory that is read, and in front of it a learned place for "no text"."""

    def __init__(self, config: PriorConfig, state_dim: int) -> None:
        super().__init__()
        self.states = nn.Linear(state_dim, config.width)
        self.nothing = nn.Parameter(torch.zeros(config.width))
        self.index = nn.Embedding(config.max_events, config.width) if config.conditioning == "states" else None
        self.norm = nn.LayerNorm(config.width)

    def forward(self, condition: Condition) -> Memory:
        """States of all events with their indices, and which of them are read."""
        read = self.states(condition.states)
        if self.index is not None:
            read = read + self.index(condition.index)
        batch = len(read)
        memory = torch.cat([self.nothing.expand(batch, 1, -1), read], dim=1)
        mask = nn.functional.pad(condition.visible, (1, 0), value=True)
        return Memory(self.norm(memory), mask[:, None, None])


class PriorNetwork(nn.Module):
    """The first place reads the text; every place predicts the code behind it, or the end.

    Codes are numbered from 0, ``codes`` is the end and ``codes + 1`` padding.
    """

    def __init__(self, config: PriorConfig, codes: int, vector_dim: int, state_dim: int) -> None:
        super().__init__()
        self.config, self.end, self.padding = config, codes, codes + 1
        self.codes = nn.Embedding(codes + 2, config.width)
        self.sentence = nn.Linear(vector_dim, config.width)
        self.positions = PositionTable(config.width, config.max_tokens + 1)
        self.dropout = nn.Dropout(config.dropout)
        self.transformer = CausalTransformer(
            config.width, config.layers, config.heads, config.dropout, codes + 1, reads=config.reads_events
        )
        self.memory = _EventMemory(config, state_dim) if config.reads_events else None
        self.plan = PlanEmbedding(config.width, state_dim, config.max_events) if config.plan else None
        self.seconds = DurationHead(state_dim, config.max_events) if config.kind == "ordered" else None
        initialise(self)

    def forward(
        self, codes: Int[Tensor, "batch tokens"], condition: Condition, kept: KeptKeys | None = None
    ) -> Float[Tensor, "batch places outputs"]:
        """Logits at the first place and behind each code. With ``kept``: behind the given code alone, which is the
        next one; no code at all gives the logits of the first place.
        """
        done = 0 if kept is None else kept.done
        x = self.codes(codes)
        if not done:
            x = torch.cat([self.sentence(condition.sentence)[:, None], x], dim=1)
        places = slice(done, done + x.shape[1])
        x = x + self.positions(places.stop)[places].to(x.dtype)
        if self.plan is not None:
            x = x + self.plan(condition.plan_event[:, places], condition.plan_numbers[:, places], condition.events)
        memory = None if self.memory is None else self._memory(condition, kept)
        logits: Tensor = self.transformer(self.dropout(x), memory, kept)
        return logits

    def _memory(self, condition: Condition, kept: KeptKeys | None) -> Memory:
        """What is read by cross-attention; with ``kept``, made once."""
        assert self.memory is not None
        if kept is None:
            return self.memory(condition)  # type: ignore[no-any-return]
        if kept.memory is None:
            kept.memory = self.memory(condition)
        return kept.memory
