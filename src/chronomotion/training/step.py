"""One step: the loss of a batch or of several, the gradients, and the optimiser."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from chronomotion.errors import TrainingError
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.seeding import integer
from chronomotion.training.config import TrainingConfig
from chronomotion.training.feed import Batch
from chronomotion.training.objective import RANKING, Objective
from chronomotion.training.optimiser import make_optimiser, rate
from chronomotion.training.processes import Processes

__all__ = ["Figures", "Stepper"]


@dataclass(frozen=True)
class Figures:
    """What a step tells the log: ``padding`` is the share of padded frames in the motions of this process."""

    loss: float
    terms: dict[str, float]
    learning_rate: float
    gradient: float
    seconds: float
    padding: float

    def flat(self) -> dict[str, float | dict[str, float]]:
        """Names and rounded values, as logged; terms only where there are several."""
        named: dict[str, float | dict[str, float]] = {"loss": round(self.loss, 5)}
        if len(self.terms) > 1:
            named["terms"] = {name: round(value, 6) for name, value in self.terms.items()}
        return named | {
            "learning_rate": self.learning_rate,
            "gradient": round(self.gradient, 5),
            "seconds": round(self.seconds, 4),
            "padding": round(self.padding, 3),
        }

    def tracked(self) -> dict[str, float]:
        """Names and values for trackers."""
        figures = {"loss": self.loss, "learning_rate": self.learning_rate, "gradient": self.gradient}
        return figures | {"seconds": self.seconds, "padding": self.padding} | self.terms


class Stepper:
    """Model, objective and optimiser. ``whole`` is False from before the optimiser moves the weights until the caller,
    who has counted the step, says otherwise: an interrupt in between leaves weights of which some are a step ahead.
    """

    def __init__(self, model: MotionTextModel, config: TrainingConfig, processes: Processes, steps: int) -> None:
        self.model, self.config, self.processes, self.steps = model, config, processes, steps
        self.objective = Objective(model, config, processes)
        self.optimizer = make_optimiser(model, config)
        self.whole = True

    def step(self, done: int, batches: Sequence[Batch]) -> Figures:
        """One step of the optimizer. Dropout depends on seed, step and process alone.

        Raises TrainingError with the names of the batch's clips when a loss is not finite.
        """
        began = time.perf_counter()
        share = rate(self.config, done, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full"] * share
        self.optimizer.zero_grad(set_to_none=True)
        terms: dict[str, float] = {}
        for number, batch in enumerate(batches):
            for name, value in self._backward(done, number, batch, 1 / len(batches)).items():
                terms[name] = terms.get(name, 0.0) + value
        gradient = self._gradient()
        self.whole = False
        self.optimizer.step()
        seconds = time.perf_counter() - began
        loss = sum(terms.values())
        return Figures(loss, terms, self.config.learning_rate * share, gradient, seconds, _padding(batches))

    def _backward(self, done: int, number: int, batch: Batch, share: float) -> dict[str, float]:
        device = self.processes.device
        rank = ("process", self.processes.rank) if self.processes.rank else ()
        part = ("part", number) if number else ()
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(integer("dropout", self.config.seed, done, *rank, *part) % 2**63)
            terms = self.objective(batch)
            loss = sum(terms.values(), torch.zeros((), device=device))
            if not torch.isfinite(loss):
                raise TrainingError(f"the loss is {loss.item()} at step {done + 1}, clips {', '.join(batch.names)}")
            (loss * share).backward()
        found = {name: share * float(value.item()) for name, value in terms.items()}
        return {name: value if name in RANKING else self.processes.total(value) for name, value in found.items()}

    def _gradient(self) -> float:
        """Gradients of all processes added and cut to ``clip_norm``; returns their norm before that."""
        trained = [one for group in self.optimizer.param_groups for one in group["params"]]
        self.processes.add_gradients(trained)
        limit = self.config.clip_norm or float("inf")
        return float(torch.nn.utils.clip_grad_norm_(trained, limit).item())


def _padding(batches: Sequence[Batch]) -> float:
    lengths = [[len(motion) for motion in batch.motions] for batch in batches]
    return 1 - sum(map(sum, lengths)) / sum(max(one) * len(one) for one in lengths)
