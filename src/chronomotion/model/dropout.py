"""Dropout that is fast on a CPU, where most of its cost is the random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["QuickDropout", "dropped", "quicken_dropout"]

_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


def dropped(x: Tensor, p: float) -> Tensor:
    """``x`` with elements set to zero at random with probability ``p``; the others are scaled to keep the mean.

    On a CPU the mask takes 16 random bits an element, so one 64-bit number serves four elements, and ``p`` is rounded
    to a multiple of 2^-16; the scale is exact for the rounded ``p``. Torch draws a 64-bit number for each element, one
    after the other. Masks depend on torch's seed alone.
    """
    level = round(p * 65536)
    if x.device.type != "cpu" or torch.compiler.is_compiling() or level == 65536:
        return nn.functional.dropout(x, p)
    if level == 0:
        return x
    out: Tensor = _Dropped.apply(x, level)  # type: ignore[no-untyped-call]
    return out


class QuickDropout(nn.Module):
    """:func:`dropped` as a module."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """``x`` with dropout in training mode; else ``x``."""
        return dropped(x, self.p) if self.training else x


class _Dropped(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, level: int) -> Tensor:
        # In place and on integers, which is faster than a boolean mask and a product.
        kept = _random_bits(x.numel()).view(x.shape).ge_(level - 32768).neg_()
        ctx.save_for_backward(kept)
        ctx.scale = 65536 / (65536 - level)
        return _masked(x, kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return _masked(gradient, kept).mul_(ctx.scale), None


def _random_bits(count: int) -> Tensor:
    """``count`` uniform 16-bit integers, from a generator that torch's generator seeds."""
    seed = int(torch.empty((), dtype=torch.int64).random_().item())
    draws = np.random.SFC64(seed).random_raw(-(-count // 4))
    return torch.from_numpy(draws.view(np.int16))[:count]


def _masked(x: Tensor, kept: Tensor) -> Tensor:
    """``x`` where ``kept`` is -1 (all bits set), zero where it is 0."""
    return (x.view(_BITS[x.element_size()]) & kept).view(x.dtype)


def quicken_dropout(model: nn.Module) -> None:
    """Replace every dropout module by :class:`QuickDropout`.

    Dropout inside torch's attention is not a module and is not replaced.
    """
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, QuickDropout(child.p).train(child.training))
