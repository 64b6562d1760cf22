"""What a run will take, from three real steps."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch

from chronomotion.corpus.corpus import Corpus
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import Precision, TrainingConfig
from chronomotion.training.feed import Batch
from chronomotion.training.loop import Run
from chronomotion.training.processes import Processes

__all__ = ["Estimate", "estimate"]

_STEPS = 3


@dataclass(frozen=True)
class Estimate:
    """Sizes and times of a run. ``seconds_per_step`` leaves a first step out, in which buffers are made;
    ``reading_seconds`` is for the token states of all captions, where they are not on disk already; ``memory`` is the
    most that was held, in bytes: by the process, or by its tensors on a GPU. ``seconds_otherwise`` is a step in the
    precision that the settings do not ask for, ``otherwise``.
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

    @property
    def hours(self) -> float:
        """Of the whole run."""
        return (self.steps * self.seconds_per_step + self.reading_seconds) / 3600


def estimate(corpus: Corpus, config: TrainingConfig, *, states: TextStates, device: str = "cpu") -> Estimate:
    """Take the first three steps of a run, in either precision, and throw them away; nothing is written but token
    states.

    Raises TrainingError as training would.
    """
    run = Run(corpus, Path("not written"), config, states, Processes(device))
    run.model.train()
    parts = run.feed.batches(0, ahead=False)
    batches = list(islice(parts, _STEPS * config.accumulate))
    parts.close()
    texts = {text for batch in batches for text in batch.texts}
    began = time.perf_counter()
    read = 0 if config.model.tune_text_model else states.prepare(texts)
    reading = time.perf_counter() - began
    seconds = _seconds(run, batches)
    memory = _memory(run.processes.device)
    otherwise: Precision = "float32" if config.precision == "bfloat16" else "bfloat16"
    other = Run(corpus, Path("not written"), replace(config, precision=otherwise), states, run.processes)
    other.model.train()
    said = sum(len(batch.texts) for batch in batches) / len(batches) * run.feed.batches_per_epoch
    rounds = min(config.rounds, config.epochs)
    return Estimate(
        parameters=sum(one.numel() for one in run.model.parameters()),
        trained=sum(one.numel() for one in run.model.parameters() if one.requires_grad),
        clips=len(run.feed.names),
        epochs=config.epochs,
        steps=run.steps,
        seconds_per_step=seconds,
        reading_seconds=said * rounds * reading / read if read else 0.0,
        memory=memory,
        otherwise=otherwise,
        seconds_otherwise=_seconds(other, batches),
    )


def _seconds(run: Run, batches: Sequence[Batch]) -> float:
    """Of a step, the mean after one on the longest motions, which takes the memory from the system that all use."""
    count = run.config.accumulate
    together = [batches[first : first + count] for first in range(0, len(batches), count)]
    longest = max(together, key=lambda some: max(len(motion) for batch in some for motion in batch.motions))
    run.stepper.step(0, longest)
    seconds = [run.stepper.step(1 + done, some).seconds for done, some in enumerate(together)]
    return sum(seconds) / len(seconds)


def _memory(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux
