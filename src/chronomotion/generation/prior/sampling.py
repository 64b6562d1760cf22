"""Drawing codes, each sequence with a generator of its own.

The same seed gives the same codes whatever else is in the batch: probabilities are computed in float64, so that what
the size of a batch changes in their last digits lies far below what decides a draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from chronomotion.generation.prior.condition import Condition
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.prior.network import PriorNetwork
from chronomotion.generation.prior.transformer import KeptKeys
from chronomotion.seeding import generator

__all__ = ["Draws", "drawn", "sampled"]


@dataclass(frozen=True)
class Draws:
    """What each sequence is to be: its seed, the codes that it begins with, and how many tokens it gets behind them
    (None: until its end)."""

    seeds: Sequence[int]
    prefixes: Sequence[np.ndarray]
    tokens: Sequence[int | None]

    def rows(self, chosen: Iterable[int]) -> Draws:
        """Some of the sequences."""
        rows = list(chosen)
        return Draws([self.seeds[i] for i in rows], [self.prefixes[i] for i in rows], [self.tokens[i] for i in rows])


def sampled(network: PriorNetwork, condition: Condition, draws: Draws, sampling: Sampling) -> list[np.ndarray]:
    """The codes behind each prefix; ``network`` is in float64. ``condition`` has a row for each sequence."""
    batch = len(draws.seeds)
    guided = sampling.guidance != 1.0
    device = condition.sentence.device
    if guided:
        nobody = torch.arange(2 * batch, device=device) >= batch
        condition = condition.rows(torch.arange(2 * batch, device=device) % batch).without_text(nobody)
    condition = condition.double()
    most = network.config.max_tokens
    sequences = [_Sequence(network, *each) for each in zip(draws.seeds, draws.prefixes, draws.tokens, strict=True)]
    kept = KeptKeys(network.config.layers, most + 1)
    codes = torch.zeros(len(condition.sentence), 0, dtype=torch.long, device=device)
    with torch.inference_mode():
        while True:
            logits = network(codes, condition, kept)[:, -1]
            if guided:
                with_text, without = logits[:batch], logits[batch:]
                logits = without + sampling.guidance * (with_text - without)
            rows = logits.cpu().numpy()
            following = [each.next(row, sampling) for each, row in zip(sequences, rows, strict=True)]
            if kept.done > most or all(each.done for each in sequences):
                break
            codes = torch.tensor(following * (2 if guided else 1), device=device)[:, None]
    return [each.result for each in sequences]


class _Sequence:
    """One sequence as it grows."""

    def __init__(self, network: PriorNetwork, seed: int, prefix: np.ndarray, tokens: int | None) -> None:
        self._end, self._prefix, self._tokens = network.end, prefix, tokens
        self._least = network.config.min_tokens
        self._most = network.config.max_tokens - len(prefix)
        self._chances = generator("prior", seed).random(network.config.max_tokens)
        self._codes: list[int] = []
        self._places = 0
        self.done = False

    @property
    def result(self) -> Int[np.ndarray, " tokens"]:
        """The codes, without the prefix and without the end."""
        return np.array(self._codes, dtype=np.int64)

    def next(self, logits: Float[np.ndarray, " outputs"], sampling: Sampling) -> int:
        """The code at the next place: of the prefix, else drawn; any code once the sequence is complete."""
        self._places += 1
        if self._places <= len(self._prefix):
            return int(self._prefix[self._places - 1])
        if self.done:
            return 0
        count = len(self._codes)
        if count == (self._most if self._tokens is None else self._tokens):
            self.done = True
            return 0
        open_ended = self._tokens is None and count >= self._least
        code = drawn(logits if open_ended else logits[: self._end], float(self._chances[count]), sampling)
        if code == self._end:
            self.done = True
            return 0
        self._codes.append(code)
        return code


def drawn(logits: Float[np.ndarray, " outputs"], chance: float, sampling: Sampling) -> int:
    """The number of the output at which the cumulative probability passes ``chance``, in [0, 1).

    Only the most probable outputs count that together have ``top_p``; they stand in their own order, so that a small
    change of one probability moves the others little.
    """
    scaled = np.asarray(logits, dtype=np.float64) / sampling.temperature
    probabilities = np.exp(scaled - scaled.max())
    probabilities /= probabilities.sum()
    if sampling.top_p < 1:
        order = np.argsort(-probabilities, kind="stable")
        before = np.cumsum(probabilities[order]) - probabilities[order]
        probabilities[order[before >= sampling.top_p]] = 0.0
    cumulative = np.cumsum(probabilities)
    return int(np.searchsorted(cumulative, chance * cumulative[-1], side="right"))


def as_tensor(codes: Sequence[np.ndarray], padding: int) -> tuple[Tensor, Tensor]:
    """Codes of several motions as (batch, longest), padded, and their lengths."""
    lengths = torch.tensor([len(row) for row in codes])
    padded = torch.full((len(codes), int(lengths.max()) if len(codes) else 0), padding, dtype=torch.long)
    for row, some in zip(padded, codes, strict=True):
        row[: len(some)] = torch.from_numpy(np.array(some, dtype=np.int64))
    return padded, lengths
