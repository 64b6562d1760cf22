"""Prompts as tensors: what a prior reads besides the codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from chronomotion.errors import ConfigError
from chronomotion.generation.prior.config import PriorConfig
from chronomotion.generation.prior.plan import plan_of
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.prior.texts import TextSource
from chronomotion.language.wording import neutral
from chronomotion.model.batching import pad
from chronomotion.model.transformer import padding_mask

__all__ = ["Condition", "Reader"]


@dataclass(frozen=True)
class Condition:
    """What is read of a batch of prompts. Without a text all of it is zero or hidden, the plan's times excepted."""

    sentence: Float[Tensor, "batch vector"]
    states: Float[Tensor, "batch read state"]
    """Token states of all events, one event behind the other."""
    index: Int[Tensor, "batch read"]
    """The number of the event of each, from 0."""
    visible: Bool[Tensor, "batch read"]
    events: Float[Tensor, "batch events state"]
    """The mean of the states of each event."""
    known: Bool[Tensor, "batch events"]
    plan_event: Int[Tensor, "batch places"]
    plan_numbers: Float[Tensor, "batch places numbers"]

    def without_text(self, rows: Bool[Tensor, " batch"]) -> Condition:
        """These rows without their texts."""
        kept = ~rows
        return replace(
            self,
            sentence=self.sentence * kept[:, None].to(self.sentence.dtype),
            visible=self.visible & kept[:, None],
            events=self.events * kept[:, None, None].to(self.events.dtype),
        )

    def without_plan(self, rows: Bool[Tensor, " batch"]) -> Condition:
        """These rows without their plans."""
        return replace(self, plan_event=self.plan_event * ~rows[:, None])

    def rows(self, chosen: Tensor) -> Condition:
        """Some of the rows."""
        return Condition(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def double(self) -> Condition:
        """The same numbers in float64."""
        parts = (getattr(self, name) for name in self.__dataclass_fields__)
        return Condition(*(part.double() if part.is_floating_point() else part for part in parts))


class Reader:
    """Reads prompts for a prior: every event by itself and in neutral wording, so that nothing of its words tells where
    it stands.
    """

    def __init__(self, config: PriorConfig, texts: TextSource, tokens_per_second: float) -> None:
        self.config, self.texts, self.tokens_per_second = config, texts, tokens_per_second

    def prepare(self, prompts: Iterable[Prompt]) -> None:
        """Read the texts of prompts in advance."""
        texts: dict[str, None] = {}
        for prompt in prompts:
            texts |= dict.fromkeys([prompt.text] if self.config.sentence else [])
            texts |= dict.fromkeys(map(neutral, prompt.events) if self.config.kind == "ordered" else [])
        self.texts.prepare(texts)

    def __call__(self, prompts: Sequence[Prompt], places: int, device: torch.device | str = "cpu") -> Condition:
        """The condition of prompts at so many positions.

        Raises ConfigError for a prompt with more events than the prior knows.
        """
        self._check(prompts)
        words = [self._words(prompt) for prompt in prompts]
        events, counts = pad([np.stack([rows.mean(axis=0) for rows in several]) for several in words], device)
        reads = self.config.reads_events
        states, lengths = pad([np.concatenate(several) if reads else several[0][:1] for several in words], device)
        spans = [prompt.spans if self.config.plan else None for prompt in prompts]
        plans = [plan_of(some, places, self.tokens_per_second) for some in spans]
        return Condition(
            sentence=torch.from_numpy(self._sentences(prompts)).to(device),
            states=states,
            index=_indices(words, states.shape[1]).to(device),
            visible=padding_mask(lengths, states.shape[1]) & reads,
            events=events,
            known=padding_mask(counts, events.shape[1]),
            plan_event=torch.from_numpy(np.stack([event for event, _ in plans])).to(device),
            plan_numbers=torch.from_numpy(np.stack([numbers for _, numbers in plans])).to(device),
        )

    def _check(self, prompts: Sequence[Prompt]) -> None:
        most = max((len(prompt.events) for prompt in prompts), default=0)
        if most > self.config.max_events and self.config.kind == "ordered":
            raise ConfigError(
                f"a text has {most} events, this prior reads at most {self.config.max_events}: generate them in parts, "
                "each with the last second of the part before as its prefix"
            )

    def _words(self, prompt: Prompt) -> list[Float[np.ndarray, "tokens state"]]:
        """The states of each event; a prior of one vector reads none."""
        if self.config.kind == "ordered":
            return self.texts.states([neutral(event) for event in prompt.events])
        return [np.zeros((1, self.texts.state_dim), dtype=np.float32)]

    def _sentences(self, prompts: Sequence[Prompt]) -> Float[np.ndarray, "batch vector"]:
        if self.config.sentence:
            return np.asarray(self.texts.vectors([prompt.text for prompt in prompts]), dtype=np.float32)
        return np.zeros((len(prompts), self.texts.vector_dim), dtype=np.float32)


def _indices(words: Sequence[Sequence[np.ndarray]], longest: int) -> Int[Tensor, "batch longest"]:
    """The number of the event that each state belongs to."""
    index = np.zeros((len(words), longest), dtype=np.int64)
    for row, several in zip(index, words, strict=True):
        numbers = np.repeat(np.arange(len(several)), [len(states) for states in several])[:longest]
        row[: len(numbers)] = numbers
    return torch.from_numpy(index)
