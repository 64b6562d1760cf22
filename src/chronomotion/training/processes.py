"""One process, or several that train one model together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from chronomotion.errors import ConfigError, require
from chronomotion.model.device import usable_device

__all__ = ["Processes"]


class Processes:
    """The processes of a run: ``count`` of them, this one is ``rank``.

    Started by ``accelerate launch`` or ``torchrun`` there are several; they need the extra ``train``. Each computes its
    part of ONE loss: embeddings are gathered, every process computes the loss of the whole batch from them, and
    gradients are ADDED, so that B pairs on each of two processes give the loss and the gradients of one process with
    2B. Trackers, too, are accelerate's. Raises MissingExtraError without accelerate where it is needed,
    ConfigError for a tracker or a device that is not there.
    """

    def __init__(self, device: str = "cpu", *, trackers: str = "", folder: Path | None = None) -> None:
        self._accelerator: Any = None
        self.device = torch.device(usable_device(device))
        names = [name.strip() for name in trackers.split(",") if name.strip()]
        if int(os.environ.get("WORLD_SIZE", "1")) > 1 or names:
            accelerate = require("accelerate", "train")
            _check_trackers(names)
            self._accelerator = accelerate.Accelerator(
                cpu=self.device.type == "cpu", log_with=names or None, project_dir=folder
            )
        if self.count > 1 and self.device.type == "cuda":
            self.device = self._accelerator.device
        self._tracked = bool(names)

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return 0 if self._accelerator is None else int(self._accelerator.process_index)

    @property
    def count(self) -> int:
        """How many processes there are."""
        return 1 if self._accelerator is None else int(self._accelerator.num_processes)

    @property
    def first(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def gathered(self, rows: Float[Tensor, "rows latent"], counts: Sequence[int]) -> list[Float[Tensor, "_ latent"]]:
        """Rows of all processes: those of process i are ``counts[i]``. Gradients flow back to the rows given here."""
        if self.count == 1:
            return [rows]
        padded = torch.nn.functional.pad(rows, (0, 0, 0, max(counts) - len(rows)))
        every = _Gathered.apply(padded)  # type: ignore[no-untyped-call]
        return [part[:count] for part, count in zip(every, counts, strict=True)]

    def total(self, value: float) -> float:
        """The sum of a number over all processes."""
        if self.count == 1:
            return value
        return float(self._accelerator.reduce(torch.tensor(value, device=self.device), "sum").item())

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Add up the gradients of all processes, in one message."""
        if self.count == 1:
            return
        gradients = [weights.grad for weights in parameters if weights.grad is not None]
        flat = self._accelerator.reduce(torch.cat([gradient.flatten() for gradient in gradients]), "sum")
        for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.count > 1:
            self._accelerator.wait_for_everyone()

    def begin_tracking(self, name: str, settings: Mapping[str, Any]) -> None:
        """Tell the trackers that a run begins."""
        if self._tracked:
            plain = {key: value for key, value in settings.items() if isinstance(value, str | int | float | bool)}
            self._accelerator.init_trackers(name, config=plain)

    def track(self, figures: Mapping[str, float], step: int) -> None:
        """Give figures of a step to the trackers."""
        if self._tracked:
            self._accelerator.log(dict(figures), step=step)

    def end_tracking(self) -> None:
        """Tell the trackers that the run is over."""
        if self._tracked:
            self._accelerator.end_training()


def _check_trackers(names: Sequence[str]) -> None:
    """Accelerate leaves out, without a word, what is not installed."""
    available = [str(kind.value) for kind in require("accelerate.tracking", "train").get_available_trackers()]
    for name in names:
        if name not in available:
            raise ConfigError(
                f"trackers: {name!r} is unknown or not installed; there are {', '.join(available) or 'none'}"
            )


class _Gathered(torch.autograd.Function):
    """Rows of all processes. Every process computes the same loss from them, so that the gradient of its own rows is
    known here and nothing has to be sent back.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> tuple[Tensor, ...]:
        ctx.rank = torch.distributed.get_rank()
        gathered = [torch.empty_like(rows) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(gathered, rows.contiguous())
        return tuple(gathered)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[int(ctx.rank)]
