"""MotionPrior: the codes of motions, given texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.errors import ConfigError
from chronomotion.generation.prior.condition import Condition, Reader
from chronomotion.generation.prior.config import CodeSpace, PriorConfig, Sampling
from chronomotion.generation.prior.folder import PriorCard, read_prior, read_weights_of, save_prior
from chronomotion.generation.prior.network import PriorNetwork
from chronomotion.generation.prior.prompt import Prompt, contiguous_spans
from chronomotion.generation.prior.sampling import Draws, as_tensor, sampled
from chronomotion.generation.prior.texts import TextSource, texts_of
from chronomotion.model.evaluation_mode import evaluation_mode
from chronomotion.model.fingerprint import weights_fingerprint

__all__ = ["MotionPrior"]

_ROWS = 64
"""Sequences that are computed at a time."""
_SHORTEST_EVENT = 0.4
"""Seconds: two tokens."""


class MotionPrior(nn.Module):
    """A causal transformer over the codes of a motion tokenizer (``space``), conditioned on :class:`Prompt`.

    ``texts`` gives the numbers of texts; it is frozen and no part of the weights.

    Example::

        prior = MotionPrior.from_pretrained("runs/generator")
        codes = prior.sample([Prompt.of_text("a person walks, then sits down")], seeds=[0], sampling=Sampling())
    """

    def __init__(self, config: PriorConfig, space: CodeSpace, texts: TextSource) -> None:
        super().__init__()
        self.config, self.space, self.texts = config, space, texts
        self.read = Reader(config, texts, space.tokens_per_second)
        self.network = PriorNetwork(config, space.codes, texts.vector_dim, texts.state_dim)
        self.card: PriorCard | None = None
        self._copied: tuple[tuple[object, ...], PriorNetwork] | None = None  # in a tuple: no part of the weights

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return self.space.codes

    @property
    def tokenizer_fingerprint(self) -> str:
        """Of the tokenizer whose codes these are."""
        return self.space.fingerprint

    @property
    def seconds_limit(self) -> float:
        """Seconds of the longest motion."""
        return self.config.max_tokens / self.space.tokens_per_second

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.network.codes.weight.device

    @property
    def fingerprint(self) -> str:
        """Hash of settings, weights, tokenizer and text model: equal fingerprints give equal codes."""
        parts = [asdict(self.config), asdict(self.space), self.texts.fingerprint]
        return weights_fingerprint(parts, self.network.state_dict())

    def prompt(self, text: str, events: Sequence[str], spans: Sequence[tuple[float, float]] | None = None) -> Prompt:
        """A prompt with the times of its events in seconds; no plan where they do not come one behind the other."""
        times = None if spans is None else contiguous_spans(spans, self.space.tokens_per_second)
        return Prompt(text, tuple(events), times)

    def logits(self, condition: Condition, codes: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch places outputs"]:
        """Logits of the code at each place and of the one behind the last, with gradients."""
        logits: Tensor = self.network(codes, condition)
        return logits

    def log_likelihoods(
        self, prompts: Sequence[Prompt], codes: Sequence[np.ndarray], *, without_text: bool = False
    ) -> Float[np.ndarray, " prompts"]:
        """Mean log-probability a token of each motion's codes, their end included, given its prompt.

        ``without_text``: given the times of its plan alone, if it has one. Raises ConfigError for codes that are none
        of these, more than ``max_tokens``, or not as many motions as prompts.
        """
        if len(prompts) != len(codes):
            raise ConfigError(f"{len(prompts)} prompts for {len(codes)} motions: give one for each")
        rows = [self._checked(some, f"motion {i}") for i, some in enumerate(codes)]
        out = np.zeros(len(rows))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # so that little is padded
        with evaluation_mode(self), torch.inference_mode():
            for begin in range(0, len(order), _ROWS):
                chosen = order[begin : begin + _ROWS]
                padded, lengths = as_tensor([rows[i] for i in chosen], self.network.padding)
                condition = self.read([prompts[i] for i in chosen], padded.shape[1] + 1, self.device)
                if without_text:
                    condition = condition.without_text(torch.ones(len(chosen), dtype=torch.bool, device=self.device))
                logits = self.logits(condition, padded.to(self.device))
                out[chosen] = mean_log_likelihood(logits, padded, lengths, self.network).double().cpu().numpy()
        return out

    def sample(
        self,
        prompts: Sequence[Prompt],
        *,
        seeds: Sequence[int],
        sampling: Sampling | None = None,
        tokens: Sequence[int | None] | None = None,
        prefixes: Sequence[np.ndarray] | None = None,
    ) -> list[Int[np.ndarray, " tokens"]]:
        """Codes for each prompt, without the prefix: so many ``tokens``, or, where that is None, until the model ends
        (at the limit at the latest, after ``min_tokens`` at the earliest).

        A prompt's spans count from the start of its prefix. The same seed and prompt give the same codes whatever else
        is asked with them. Raises ConfigError for more tokens than the limit.
        """
        draws = self._draws(prompts, seeds, tokens, prefixes)
        sampling = sampling or Sampling()
        codes: list[np.ndarray] = []
        for rows in _parts(len(prompts)):
            condition = self.read([prompts[i] for i in rows], self.config.max_tokens + 1, self.device)
            codes += sampled(self._exact(), condition, draws.rows(rows), sampling)
        return codes

    def _exact(self) -> PriorNetwork:
        """The network in float64, copied once for the weights as they are."""
        weights = tuple((each.data_ptr(), each._version) for each in self.network.parameters())
        if self._copied is None or self._copied[0] != weights:
            self._copied = weights, deepcopy(self.network).double().eval()
        return self._copied[1]

    def durations(self, prompts: Sequence[Prompt]) -> list[tuple[float, ...]]:
        """Predicted seconds of each event. Raises ConfigError for a prior that reads no events."""
        if self.network.seconds is None:
            raise ConfigError("a prior of one vector predicts no seconds of events: give them, or no plan")
        with evaluation_mode(self), torch.inference_mode():
            predicted = []
            for prompt in prompts:  # one by one: the last digits would depend on the others
                condition = self.read([prompt], 1, self.device)
                logs = self.network.seconds(condition.events, condition.known)[0]
                seconds = logs.exp().clamp(_SHORTEST_EVENT, self.seconds_limit)
                predicted.append(tuple(round(float(value), 3) for value in seconds.cpu()))
        return predicted

    def save_pretrained(self, folder: str | Path, card: PriorCard | None = None) -> None:
        """Write config.json, model.safetensors, README.md where there is a card, and a text model that is nowhere else.

        Raises OSError when the folder cannot be written to.
        """
        self.card = card or self.card
        save_prior(Path(folder), self.network, self.config, self.space, self.texts, self.card)

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, texts: TextSource | None = None, device: str = "cpu"
    ) -> MotionPrior:
        """Load a prior, ready to sample. ``texts`` replaces the text model that it names, which must be the same one.

        Raises ModelError when there is no prior, it cannot be read, or the text model is another one.
        """
        folder = Path(folder)
        saved = read_prior(folder)
        texts = texts or texts_of(saved.config.text_model, device=device, beside=folder)
        saved.check(texts, folder)
        with torch.random.fork_rng(devices=[]):
            prior = cls(saved.config, saved.space, texts)
        read_weights_of(prior.network, folder)
        prior.card = saved.card
        return prior.eval().to(device)

    def _checked(self, codes: np.ndarray, name: str) -> Int[np.ndarray, " tokens"]:
        rows = np.asarray(codes)
        if rows.ndim != 1 or not (rows.size == 0 or np.issubdtype(rows.dtype, np.integer)):
            raise ConfigError(f"{name}: codes are a row of whole numbers, not {rows.dtype} of shape {rows.shape}")
        if rows.size and not (rows.min() >= 0 and rows.max() < self.codes):
            raise ConfigError(f"{name}: codes from {rows.min()} to {rows.max()}, there are 0 to {self.codes - 1}")
        if len(rows) > self.config.max_tokens:
            seconds = len(rows) / self.space.tokens_per_second
            raise ConfigError(f"{name}: {seconds:g} seconds, this prior was made for at most {self.seconds_limit:g}")
        return rows.astype(np.int64)

    def _draws(
        self,
        prompts: Sequence[Prompt],
        seeds: Sequence[int],
        tokens: Sequence[int | None] | None,
        prefixes: Sequence[np.ndarray] | None,
    ) -> Draws:
        """The wishes, verified."""
        count = len(prompts)
        wanted = [None] * count if tokens is None else list(tokens)
        given = [np.zeros(0, dtype=np.int64)] * count if prefixes is None else list(prefixes)
        for name, values in (("seeds", seeds), ("tokens", wanted), ("prefixes", given)):
            if len(values) != count:
                raise ConfigError(f"{len(values)} {name} for {count} prompts: give one for each")
        given = [self._checked(some, f"prefix {i}") for i, some in enumerate(given)]
        for number, prefix in zip(wanted, given, strict=True):
            least = 1 if number is None else number
            if least < 1:
                raise ConfigError(f"{number} tokens: a motion has at least one")
            if len(prefix) + least > self.config.max_tokens:
                rate = self.space.tokens_per_second
                raise ConfigError(
                    f"{least / rate:g} seconds behind a prefix of {len(prefix) / rate:g}: this prior was made for at "
                    f"most {self.seconds_limit:g} in all; generate the events in parts"
                )
        return Draws(list(seeds), given, wanted)


def mean_log_likelihood(
    logits: Float[Tensor, "batch places outputs"],
    codes: Int[Tensor, "batch tokens"],
    lengths: Tensor,
    network: PriorNetwork,
    begin: Tensor | None = None,
) -> Float[Tensor, " batch"]:
    """Mean log-probability of each sequence's codes from ``begin`` on (0 unless given), its end included."""
    targets = nn.functional.pad(codes, (0, 1), value=network.padding)
    targets[torch.arange(len(targets)), lengths] = network.end
    if begin is not None:
        targets[torch.arange(targets.shape[1])[None] < begin[:, None]] = network.padding
    counted = (targets != network.padding).sum(dim=1).to(logits.device)
    flat = targets.to(logits.device).flatten()
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), flat, ignore_index=network.padding, reduction="none")
    mean: Tensor = -losses.view(targets.shape).sum(dim=1) / counted
    return mean


def _parts(count: int) -> Iterator[range]:
    for begin in range(0, count, _ROWS):
        yield range(begin, min(begin + _ROWS, count))
