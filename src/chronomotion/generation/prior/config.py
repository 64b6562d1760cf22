"""Settings of a prior, of its sampling and of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from chronomotion.errors import ConfigError
from chronomotion.model.config import DEFAULT_TEXT_MODEL
from chronomotion.settings import Field, settings
from chronomotion.training.config import RunSettings

__all__ = ["CodeSpace", "Conditioning", "PriorConfig", "PriorTraining", "Sampling"]

Kind = Literal["ordered", "vector"]
Conditioning = Literal["states", "states-without-index", "vector"]
Corruption = Literal["uniform", "fixed"]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
AtLeast0 = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class CodeSpace:
    """What a prior knows of its tokenizer: how many codes, frames a token, frames a second, and whose they are."""

    codes: int
    fingerprint: str
    frames_per_token: int = 4
    fps: float = 20.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens of a second of motion."""
        return self.fps / self.frames_per_token


@settings("prior.model")
class PriorConfig:
    """Sizes of a prior and what it is conditioned on. Raises ConfigError for an impossible value."""

    kind: Kind = "ordered"
    """``ordered``: reads every event by cross-attention, and a plan. ``vector``: one vector, as in T2M-GPT."""
    layers: Count = 8
    width: Count = 512
    heads: Count = 8
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    max_tokens: Count = 64
    """Tokens of the longest motion: the context is one more."""
    min_tokens: Annotated[int, Field(ge=1)] = 5
    """Tokens of the shortest motion that is generated: no end before."""
    max_events: Count = 12
    text_model: str = DEFAULT_TEXT_MODEL
    """A language model, a folder with a model of ours, or ``clip:`` and the name of a CLIP model."""
    sentence: bool = True
    """Whether the first token is the vector of the whole text; else it is the same for all texts."""
    conditioning: Conditioning = "states"
    """``states``: cross-attention to the token states of every event, each with the event's index.
    ``states-without-index``: the same without the index (cannot tell orders apart). ``vector``: the first token only.
    """
    plan: bool = True
    """Whether a plan is read: at every position the running event, its progress and what remains."""

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 2:
            raise ConfigError(
                f"prior.model.width must be even and a multiple of heads = {self.heads}, not {self.width}"
            )
        if self.min_tokens > self.max_tokens:
            raise ConfigError(
                f"prior.model.min_tokens must be at most max_tokens = {self.max_tokens}, not {self.min_tokens}"
            )
        if self.kind == "vector" and (self.conditioning != "vector" or self.plan or not self.sentence):
            raise ConfigError(
                'prior.model.kind = "vector" reads one vector: conditioning = "vector", plan = false, sentence = true'
            )

    @property
    def reads_events(self) -> bool:
        """Whether there is cross-attention to the events."""
        return self.conditioning != "vector"


@settings("sampling")
class Sampling:
    """How codes are drawn. Raises ConfigError for an impossible value."""

    temperature: Positive = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Codes are drawn from the most probable ones whose probabilities sum to this."""
    guidance: AtLeast0 = 1.0
    """Logits are those without the text + guidance x (those with it - those without it); 1: the text as it is."""


@settings("prior")
class PriorTraining(RunSettings):
    """Settings of the training of a prior. Raises ConfigError for an impossible value."""

    model: PriorConfig = Field(default_factory=PriorConfig)
    epochs: Count = 40
    batch_size: Count = 32
    """Motions in a batch, twins among them."""
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.99
    corruption: Share = 0.5
    """Share of input codes that are drawn at random."""
    corruption_kind: Corruption = "uniform"
    """``fixed``: that share of every clip's (published). ``uniform``: a share that is drawn for each clip, up to it."""
    shift_share: Share = 1 / 3
    """Share of clips that lose their first or their last token, each as often."""
    text_dropout: Share = 0.1
    """Share of clips whose text is dropped, for guidance."""
    plan_dropout: Share = 0.3
    continuation_share: Share = 0.15
    """Share of clips of several events that begin in the last second of an event, whose text is not given: so it is
    learnt to go on from a prefix. Where the times of the events are known."""
    narrated_share: Share = 0.25
    """Share of clips with several events whose text is a narration of them ("walks, then sits"), as often one neutral
    sentence an event; the others have their caption as it is."""
    repeat_after_epochs: Count = 4
    """Epochs after which captions, wordings, orders and cuts repeat: by then the text model has read every text."""
    counterfactual_weight: AtLeast0 = 0.5
    """Of the counterfactual likelihood, over half of a batch; 0: none."""
    counterfactual_scale: Positive = 10.0
    """Of the differences of log-likelihoods per token, in the sigmoid."""
    twins: bool = True
    """Whether half of those are joined with themselves in another order, where event times are known."""
    durations_weight: AtLeast0 = 0.1
    """Of the lengths of the events."""
    split: str = "train"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 4:
            raise ConfigError(f"prior.batch_size must be at least 4, not {self.batch_size}")
