"""What a run will take, from three real steps."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from chronomotion.model.text_states import TextStates
from chronomotion.threads import cores
from chronomotion.training.config import Precision, TrainingConfig
from chronomotion.training.mixture import Corpora
from chronomotion.training.pair_task import PairTask
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.task import Task

__all__ = ["Estimate", "estimate", "estimate_task"]

_STEPS = 3
_BUSY = 1.5
"""Beyond this share of the clock to the processor's time, something else is at work on the machine."""


@dataclass(frozen=True)
class Estimate:
    """Sizes and times of a run. ``seconds_per_step`` leaves a first step out, in which buffers are made;
    ``reading_seconds`` is for what is prepared once, the token states of all captions; ``memory`` is the most that was
    held, in bytes: by the process, or by its tensors on a GPU. ``seconds_otherwise`` is a step in the precision that
    the settings do not ask for, ``otherwise``. ``quiet_seconds_per_step`` is what a step would take if nothing else
    were at work, as its processor time says (on a processor; on a GPU it is that of the clock).
    """

    parameters: int
    trained: int
    clips: int
    epochs: int
    steps: int
    seconds_per_step: float
    reading_seconds: float
    memory: int
    otherwise: Precision
    seconds_otherwise: float
    quiet_seconds_per_step: float

    @property
    def hours(self) -> float:
        """Of the whole run, at the pace of this machine now."""
        return (self.steps * self.seconds_per_step + self.reading_seconds) / 3600

    @property
    def quiet_hours(self) -> float:
        """Of the whole run, if nothing else were at work."""
        return self.hours * self.quiet_seconds_per_step / self.seconds_per_step

    @property
    def busy(self) -> bool:
        """Whether the machine has other work, so that :attr:`hours` says more of that than of the run."""
        return self.seconds_per_step > _BUSY * self.quiet_seconds_per_step


def estimate(corpus: Corpora, config: TrainingConfig, *, states: TextStates, device: str = "cpu") -> Estimate:
    """Estimate a training on pairs of a corpus or of several. Nothing is written but token states.

    Raises TrainingError as training would.
    """
    processes = Processes(device)
    task = PairTask(corpus, config, states, processes)
    return estimate_task(task, processes, clips=task.feed.epochs.clips)


def estimate_task(task: Task[Any], processes: Processes, *, clips: int) -> Estimate:
    """Take the first three steps of a run of ``clips`` examples, in either precision, and throw them away."""
    settings = task.settings
    run = Run(task, Path("not written"), processes)
    task.model.train()
    parts = task.batches(0, ahead=False)
    batches = list(islice(parts, _STEPS * settings.accumulate))
    parts.close()
    reading = task.preparation_seconds(batches)
    seconds, quiet = _seconds(run, batches)
    memory = _memory(processes.device)
    otherwise: Precision = "float32" if settings.precision == "bfloat16" else "bfloat16"
    other = Run(task.with_precision(otherwise), Path("not written"), processes)
    other.task.model.train()
    return Estimate(
        parameters=sum(weights.numel() for weights in task.model.parameters()),
        trained=sum(weights.numel() for weights in task.model.parameters() if weights.requires_grad),
        clips=clips,
        epochs=settings.epochs,
        steps=run.steps,
        seconds_per_step=seconds,
        reading_seconds=reading,
        memory=memory,
        otherwise=otherwise,
        seconds_otherwise=_seconds(other, batches)[0],
        quiet_seconds_per_step=quiet,
    )


def _seconds(run: Run, batches: Sequence[Any]) -> tuple[float, float]:
    """Of a step, by the clock and as the processor's time says it could be: the mean of all after a first one, which
    takes the memory from the system that all use.
    """
    count = run.settings.accumulate
    together = [batches[first : first + count] for first in range(0, len(batches), count)]
    run.stepper.step(0, max(together, key=run.task.size))
    began, worked = time.perf_counter(), time.process_time()
    for done, some in enumerate(together):
        run.stepper.step(1 + done, some)
    clock = (time.perf_counter() - began) / len(together)
    worked = (time.process_time() - worked) / len(together)
    if run.processes.device.type != "cpu":
        return clock, clock
    threads = min(torch.get_num_threads(), cores())
    return clock, min(clock, worked / threads)


def _memory(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux
