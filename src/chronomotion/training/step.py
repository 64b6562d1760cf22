"""One step: the loss of a batch or of several, the gradients, and the optimiser."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chronomotion.errors import TrainingError
from chronomotion.seeding import integer
from chronomotion.training.optimiser import make_optimiser, rate
from chronomotion.training.processes import Processes
from chronomotion.training.task import Advancing, Figures, Task

__all__ = ["Stepper"]


class Stepper:
    """Takes the steps of a task with its optimiser.

    ``weights_match`` says whether the weights are those of the counted steps. It is False from before the optimiser
    changes the weights until the caller has counted the step and sets it: after an interrupt in between, some weights
    may be a step ahead.
    """

    def __init__(self, task: Task[Any], processes: Processes, steps: int) -> None:
        self.task, self.settings, self.processes, self.steps = task, task.settings, processes, steps
        self.optimizer = make_optimiser(task.parameter_groups(), self.settings)
        self.weights_match = True

    def step(self, done: int, batches: Sequence[Any]) -> Figures:
        """One step of the optimizer. Dropout depends on seed, step and process alone.

        Raises TrainingError with the names of what is in the batch when a loss is not finite.
        """
        began = time.perf_counter()
        share = rate(self.settings, done, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full"] * share
        self.optimizer.zero_grad(set_to_none=True)
        terms: dict[str, float] = {}
        for number, batch in enumerate(batches):
            for name, value in self._backward(done, number, batch, 1 / len(batches)).items():
                terms[name] = terms.get(name, 0.0) + value
        gradient = self._gradient()
        self.weights_match = False
        self.optimizer.step()
        if isinstance(self.task, Advancing):
            self.task.advance()
        seconds = time.perf_counter() - began
        rates = self.settings.learning_rate * share
        return Figures(sum(terms.values()), terms, rates, gradient, seconds, self.task.figures(batches))

    def _backward(self, done: int, number: int, batch: Any, share: float) -> dict[str, float]:
        device = self.processes.device
        rank = ("process", self.processes.rank) if self.processes.rank else ()
        part = ("part", number) if number else ()
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(integer("dropout", self.settings.seed, done, *rank, *part) % 2**63)
            terms = self.task.terms(batch)
            loss: Tensor = sum(terms.values(), torch.zeros((), device=device))
            if not torch.isfinite(loss):
                names = ", ".join(self.task.names(batch))
                raise TrainingError(f"the loss is {loss.item()} at step {done + 1}, clips {names}")
            (loss * share).backward()  # type: ignore[no-untyped-call]
        shares = {name: share * float(value.item()) for name, value in terms.items()}
        shared = self.task.shared_terms
        return {name: value if name in shared else self.processes.total(value) for name, value in shares.items()}

    def _gradient(self) -> float:
        """Gradients of all processes added and cut to ``clip_norm``; returns their norm before that."""
        trained = [weights for group in self.optimizer.param_groups for weights in group["params"]]
        self.processes.add_gradients(trained)
        limit = self.settings.clip_norm or float("inf")
        return float(torch.nn.utils.clip_grad_norm_(trained, limit).item())
