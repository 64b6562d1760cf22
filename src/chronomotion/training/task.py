"""The interface between a run and what it trains: a :class:`Task`. Pairs of motions and captions are one task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from torch import Tensor, nn

from chronomotion.training.config import Precision, RunSettings

__all__ = ["Advancing", "Figures", "Judge", "Task"]

Batch = TypeVar("Batch")

Judge = Callable[[Any], float]
"""How good a model is, in any unit: the weights with the highest judgement are kept."""


@dataclass(frozen=True)
class Figures:
    """The figures of a step for the log. ``others`` are those that the task adds."""

    loss: float
    terms: dict[str, float]
    learning_rate: float
    gradient: float
    seconds: float
    others: dict[str, float]

    def flat(self) -> dict[str, float | dict[str, float]]:
        """Names and rounded values, as logged; terms only where there are several."""
        named: dict[str, float | dict[str, float]] = {"loss": round(self.loss, 5)}
        if len(self.terms) > 1:
            named["terms"] = {name: round(value, 6) for name, value in self.terms.items()}
        return named | {
            "learning_rate": self.learning_rate,
            "gradient": round(self.gradient, 5),
            "seconds": round(self.seconds, 4),
            **{name: round(value, 3) for name, value in self.others.items()},
        }

    def tracked(self) -> dict[str, float]:
        """Names and values for trackers."""
        figures = {"loss": self.loss, "learning_rate": self.learning_rate, "gradient": self.gradient}
        return figures | {"seconds": self.seconds} | self.others | self.terms


@runtime_checkable
class Task(Protocol[Batch]):
    """A model, its batches and its loss: all that a run knows of what it trains.

    Everything that a task computes must be a function of its identity and of the step. Then an interrupted run ends
    with the weights of an uninterrupted one.
    """

    @property
    def settings(self) -> RunSettings:
        """How the run goes."""

    @property
    def model(self) -> nn.Module:
        """What is trained, on the device of the run."""

    @property
    def batches_per_epoch(self) -> int:
        """Batches of each process."""

    @property
    def shared_terms(self) -> Collection[str]:
        """Names of the terms that every process computes for the batch of all; the others are shares, to be added."""

    def identity(self) -> dict[str, Any]:
        """Everything that the weights depend on, settings included, as JSON values."""

    def batches(self, done: int, *, ahead: bool = True) -> Generator[Batch, None, None]:
        """Batches after the first ``done``. ``ahead`` False: each batch is prepared when the caller requests it."""

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """Parts of the loss, each with its weight; the loss is their sum."""

    def names(self, batch: Batch) -> Sequence[str]:
        """Names of what is in a batch, for errors."""

    def figures(self, batches: Sequence[Batch]) -> dict[str, float]:
        """What the log tells of the batches of a step, besides the loss."""

    def learns(self, figures: Figures) -> bool:
        """Whether a step taught the model anything; where none of an epoch did, the run warns."""

    def standstill_cause(self, batches: Sequence[Batch]) -> str:
        """Why the steps of an epoch taught nothing, as its last batches show, and the settings that change it."""

    def size(self, batches: Sequence[Batch]) -> int:
        """How much work the batches of a step are, in any unit."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """``params`` of each group of weights that are trained, and its ``full`` learning rate."""

    def with_precision(self, precision: Precision) -> Task[Batch]:
        """The same task in another precision."""

    def preparation_seconds(self, batches: Sequence[Batch]) -> float:
        """Prepare the batches as a run would, and say how long it takes for all batches of a run."""

    def save(self, folder: Path, result: Mapping[str, int | float]) -> None:
        """Write the trained model; ``result`` is how the training ended."""


@runtime_checkable
class Advancing(Protocol):
    """A task with state that no gradient moves, as averages of what its batches showed.

    :meth:`Task.terms` may gather for it but must not change it: a step that is interrupted is computed again.
    """

    def advance(self) -> None:
        """The optimiser has taken a step: what was gathered for it becomes state."""
