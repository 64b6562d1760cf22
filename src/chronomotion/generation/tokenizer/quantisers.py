"""From latents to codes and back: finite scalars, or a codebook of moving averages.

Both are modules with ``dim``, ``codes``, ``forward(latents) -> Quantised`` and ``vectors(codes)``. The gradient passes
through as if nothing had been rounded (straight-through).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.generation.tokenizer.config import TokenizerConfig

__all__ = ["FiniteScalar", "MovingAverageCodebook", "Quantised", "Quantiser", "quantiser_of"]


class Quantised(NamedTuple):
    """What a quantiser made of latents."""

    vectors: Float[Tensor, "*rows dim"]
    """Of the codes, with the gradient of the latents."""
    codes: Int[Tensor, " *rows"]
    commitment: Float[Tensor, ""]
    """Mean squared distance of the latents to where they belong: the vectors of their codes, or the range in which the
    bound of finite scalars still has a slope."""


class Quantiser(Protocol):
    """What a tokenizer needs of a quantiser."""

    dim: int
    codes: int

    def __call__(self, latents: Float[Tensor, "*rows dim"]) -> Quantised:
        """Quantise latents."""

    def vectors(self, codes: Int[Tensor, " *rows"]) -> Float[Tensor, "*rows dim"]:
        """The vectors of codes."""

    def advance(self) -> None:
        """A step has been taken: what was gathered from its batches becomes state."""


def quantiser_of(config: TokenizerConfig) -> FiniteScalar | MovingAverageCodebook:
    """The quantiser of a configuration."""
    if config.quantiser == "fsq":
        return FiniteScalar(config.levels)
    return MovingAverageCodebook(config.codebook_size, config.width, config.decay, config.reset_below)


class FiniteScalar(nn.Module):
    """Finite scalar quantisation (arXiv 2309.15505): each number is bounded by tanh and rounded to one of few levels.

    A code's vector has numbers in [-1, 1]. Of an even number of levels half a step more lies below zero. The first
    scalar counts fastest in the number of a code.

    Latents far outside are lost: tanh has no slope there, and a few large steps early in a training leave a handful of
    codes. So the commitment is their squared distance beyond 2, where tanh is .96.
    """

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.codes = len(levels), prod(levels)
        counts = torch.tensor(levels, dtype=torch.int64)
        self._levels: Tensor
        self._strides: Tensor
        self.register_buffer("_levels", counts, persistent=False)
        self.register_buffer("_strides", torch.cumprod(counts, 0) // counts, persistent=False)

    def forward(self, latents: Float[Tensor, "*rows dim"]) -> Quantised:
        """Round latents."""
        latents = latents.float()
        bounded = self._bounded(latents)
        steps = torch.round(bounded.detach())
        half = self._levels // 2
        vectors = (bounded + (steps - bounded).detach()) / half
        codes = ((steps.long() + half) * self._strides).sum(dim=-1)
        return Quantised(vectors, codes, torch.relu(latents.abs() - 2).square().mean())

    def _bounded(self, latents: Float[Tensor, "*rows dim"]) -> Float[Tensor, "*rows dim"]:
        """Between the lowest and the highest level, 0 for 0."""
        reach = (self._levels - 1) * (1 - 1e-3) / 2  # a little less, so that no rounding passes the last level
        offset = 0.5 * (self._levels % 2 == 0)
        return torch.tanh(latents + torch.atanh(offset / reach)) * reach - offset

    def vectors(self, codes: Int[Tensor, " *rows"]) -> Float[Tensor, "*rows dim"]:
        """Vectors of codes 0 .. codes - 1."""
        steps = codes[..., None] // self._strides % self._levels
        half = self._levels // 2
        return (steps - half) / half

    def advance(self) -> None:
        """Nothing is gathered."""

    def forget(self) -> None:
        """Nothing is gathered."""


class MovingAverageCodebook(nn.Module):
    """A codebook whose vectors are moving averages of the latents that chose them (as in T2M-GPT).

    A code that a batch chooses less often than ``reset_below`` on average becomes one of the batch's latents, at every
    step anew. The first batch fills the codebook. Averages are buffers, saved with the weights.

    While it trains, ``forward`` only gathers; :meth:`advance` moves the averages on. So an interrupted step leaves no
    trace.
    """

    def __init__(self, codes: int, dim: int, decay: float = 0.99, reset_below: float = 1.0) -> None:
        super().__init__()
        self.codes, self.dim, self.decay, self.reset_below = codes, dim, decay, reset_below
        self.codebook: Tensor
        self.sums: Tensor
        self.counts: Tensor
        self.register_buffer("codebook", torch.zeros(codes, dim))
        self.register_buffer("sums", torch.zeros(codes, dim))
        self.register_buffer("counts", torch.zeros(codes))
        self._gathered: list[_Gathered] = []

    def forward(self, latents: Float[Tensor, "*rows dim"]) -> Quantised:
        """The nearest code of each latent."""
        latents = latents.float()
        rows = latents.detach().reshape(-1, self.dim)
        codebook = self._codebook(rows) if self.training else self.codebook
        codes = _nearest(rows, codebook)
        if self.training:
            self._gathered.append(_gathered(rows, codes, codebook))
        nearest = codebook[codes].view_as(latents)
        commitment = nn.functional.mse_loss(latents, nearest)
        vectors = latents + (nearest - latents).detach()
        return Quantised(vectors, codes.view(latents.shape[:-1]), commitment)

    def _codebook(self, rows: Float[Tensor, "rows dim"]) -> Float[Tensor, "codes dim"]:
        """The codebook to train with: before the first step, latents of its first batch."""
        if bool(self.counts.any()):
            return self.codebook
        return self._gathered[0].codebook if self._gathered else _repeated(rows, self.codes)

    def vectors(self, codes: Int[Tensor, " *rows"]) -> Float[Tensor, "*rows dim"]:
        """Vectors of codes 0 .. codes - 1."""
        return self.codebook[codes]

    @torch.no_grad()
    def advance(self) -> None:
        """Move the averages on by what was gathered since the last step."""
        if not self._gathered:
            return
        if not bool(self.counts.any()):
            self.sums.copy_(self._gathered[0].codebook)
            self.counts.fill_(1.0)
        sums = torch.stack([part.sums for part in self._gathered]).sum(dim=0)
        counts = torch.stack([part.counts for part in self._gathered]).sum(dim=0)
        self.sums.lerp_(sums, 1 - self.decay)
        self.counts.lerp_(counts, 1 - self.decay)
        used = self.counts >= self.reset_below
        means = self.sums / self.counts.clamp_min(1e-12)[:, None]
        self.codebook.copy_(torch.where(used[:, None], means, self._gathered[-1].spare))
        self.forget()

    def forget(self) -> None:
        """Forget what was gathered, as of a step that was not taken."""
        self._gathered.clear()


class _Gathered(NamedTuple):
    """What one batch tells the codebook."""

    codebook: Float[Tensor, "codes dim"]
    """That the batch was quantised with."""
    sums: Float[Tensor, "codes dim"]
    counts: Float[Tensor, " codes"]
    spare: Float[Tensor, "codes dim"]
    """Latents of the batch, for codes that are not used."""


def _gathered(
    rows: Float[Tensor, "rows dim"], codes: Int[Tensor, " rows"], codebook: Float[Tensor, "codes dim"]
) -> _Gathered:
    sums = torch.zeros_like(codebook).index_add_(0, codes, rows)
    counts = torch.bincount(codes, minlength=len(codebook)).to(rows.dtype)
    return _Gathered(codebook.clone(), sums, counts, _repeated(rows, len(codebook)).clone())


def _nearest(rows: Float[Tensor, "rows dim"], codebook: Float[Tensor, "codes dim"]) -> Int[Tensor, " rows"]:
    """Number of the nearest codebook vector; |row|^2 is the same for all and left out."""
    return (codebook.square().sum(dim=1) - 2 * rows @ codebook.T).argmin(dim=1)


def _repeated(rows: Float[Tensor, "rows dim"], count: int) -> Float[Tensor, "{count} dim"]:
    """The first rows; where there are too few, all repeated with a little noise."""
    if len(rows) < count:
        rows = rows.repeat(-(-count // len(rows)), 1)
        rows = rows + torch.randn_like(rows) * (0.01 / rows.shape[1] ** 0.5)
    return rows[:count]
