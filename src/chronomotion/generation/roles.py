"""What a generator asks of its two halves. Anything with these members can take their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from chronomotion.generation.prior.config import PriorConfig, Sampling
from chronomotion.generation.prior.prompt import Prompt

__all__ = ["CodePrior", "CodeTokenizer", "Codes"]

Codes = Int[np.ndarray, " _"]


@runtime_checkable
class CodeTokenizer(Protocol):
    """Motions as numbers and back, as :class:`~chronomotion.generation.tokenizer.motion_tokenizer.MotionTokenizer`."""

    @property
    def codes(self) -> int:
        """How many codes there are."""

    @property
    def frames_per_token(self) -> int:
        """Frames of one code."""

    @property
    def dim(self) -> int:
        """Numbers of a frame of features."""

    @property
    def fps(self) -> float:
        """Frames per second of the features."""

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints are equal codes."""

    def encode(self, features: Float[np.ndarray, "frames dim"]) -> Codes:
        """Codes of features in natural units; the last ``frames % frames_per_token`` frames are cut."""

    def decode(self, codes: Codes) -> Float[np.ndarray, "frames dim"]:
        """Features in natural units, float32."""


@runtime_checkable
class CodePrior(Protocol):
    """Which codes follow a text, as :class:`~chronomotion.generation.prior.motion_prior.MotionPrior` knows it."""

    config: PriorConfig

    @property
    def codes(self) -> int:
        """How many codes there are."""

    @property
    def tokenizer_fingerprint(self) -> str:
        """The fingerprint of the tokenizer whose codes it has learnt."""

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints say the same codes."""

    def sample(
        self,
        prompts: Sequence[Prompt],
        *,
        seeds: Sequence[int],
        sampling: Sampling,
        tokens: Sequence[int | None] | None = None,
        prefixes: Sequence[np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """Codes without the prefixes; a function of prompt, seed, sampling, tokens and prefix alone."""

    def durations(self, prompts: Sequence[Prompt]) -> list[tuple[float, ...]]:
        """Predicted seconds of each event."""
