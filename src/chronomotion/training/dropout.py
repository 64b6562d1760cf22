"""Dropout that takes half the time on a processor: its random numbers are most of the cost."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["QuickDropout", "quicken_dropout"]


class QuickDropout(nn.Module):
    """Dropout whose masks come from 16 random bits an element, four elements from one 64-bit draw.

    The probability is rounded to a multiple of 2^-16; what is kept is scaled by exactly what that leaves. Torch draws a
    64-bit number for each element, and keeps the mask in float32 for the way back; here it is a byte.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self._level = round(p * 65536)

    def forward(self, x: Tensor) -> Tensor:
        """Zeros at random places while training; else ``x``."""
        if not self.training or self._level == 0:
            return x
        dropped: Tensor = _Dropped.apply(x, self._level)  # type: ignore[no-untyped-call]
        return dropped


class _Dropped(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, level: int) -> Tensor:
        draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = draws.view(torch.int16)[: x.numel()].view(x.shape) >= level - 32768
        ctx.save_for_backward(kept)
        ctx.scale = 65536 / (65536 - level)
        return (x * kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return (gradient * kept).mul_(ctx.scale), None


def quicken_dropout(model: nn.Module) -> None:
    """Put :class:`QuickDropout` in the place of every dropout module of a model whose weights are on a processor.

    Attention weights are not touched: torch drops them inside attention itself.
    """
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, QuickDropout(child.p).train(child.training))
