"""The training loop, whatever it trains."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chronomotion.atomic_write import atomic_write, remove_left_parts
from chronomotion.errors import BusyError, TrainingError, WriteError
from chronomotion.evaluation.judge import Judgement
from chronomotion.folder_lock import FolderLock
from chronomotion.progress import progress
from chronomotion.training.checkpoint import (
    BestWeights,
    RunState,
    difference,
    load_checkpoint,
    save_checkpoint,
    with_current_names,
)
from chronomotion.training.processes import Processes
from chronomotion.training.step import Stepper
from chronomotion.training.task import Figures, Judge, Task

__all__ = ["Run"]

log = logging.getLogger(__name__)

_WITHOUT_CONSEQUENCE = ("checkpoint_seconds", "trackers")
"""Settings that no weight depends on."""


class Run:
    """One training run of a task; its state is the model, the optimizer and how far it has come.

    The folder gets training.json (every setting), log.jsonl (one line a step), what the task saves and, while the run
    lasts, checkpoint.pt.
    """

    def __init__(self, task: Task[Any], folder: Path, processes: Processes) -> None:
        self.task, self.folder, self.processes, self.settings = task, folder, processes, task.settings
        identity = {key: value for key, value in task.identity().items() if key not in _WITHOUT_CONSEQUENCE}
        if processes.count > 1:
            identity["processes"] = processes.count
        self.identity = json.dumps(identity, sort_keys=True)
        self.steps = task.batches_per_epoch * self.settings.epochs // self.settings.accumulate
        self.stepper = Stepper(task, processes, self.steps)
        self.state = RunState()
        self._best = BestWeights(folder)
        self._saved = 0

    @property
    def finished(self) -> bool:
        """Whether the folder holds the model of this run. Raises TrainingError when it holds that of another one."""
        path = self.folder / "training.json"
        if not path.exists() or not (self.folder / "model.safetensors").exists():
            return False
        saved = json.loads(path.read_text(encoding="utf-8"))
        saved.pop("result", None)
        current = json.loads(self.identity)
        saved = with_current_names(saved, current)
        if saved != current:
            raise TrainingError(
                f"{self.folder} holds a model of another run: {difference(saved, current)}. "
                "Choose another folder or remove this one"
            )
        return True

    def tidy(self) -> None:
        """Remove what a run leaves that was killed between its model and its end."""
        left = [self.folder / name for name in (".lock", "checkpoint.pt")] + self._best.files()
        with suppress(BusyError, OSError):  # a run that is about to end does so itself; a folder may be read-only
            if any(path.exists() for path in left):
                with FolderLock(self.folder):
                    self._forget_checkpoint()
            for folder in (self.folder, *(path for path in self.folder.iterdir() if path.is_dir())):
                remove_left_parts(folder)

    def go(self, judge: Judge | None = None) -> None:
        """All steps that are left, a checkpoint now and then, the model at the end.

        Raises BusyError when another process trains in the folder, TrainingError when a loss is not finite or the
        folder cannot be written to.
        """
        with self._disk_told(), FolderLock(self.folder) if self.processes.first else nullcontext():
            self._go(judge)

    @contextmanager
    def _disk_told(self) -> Iterator[None]:
        """Errors of the disk say which file they stopped, and what is kept."""
        try:
            yield
        except OSError as error:
            told = error if isinstance(error, WriteError) else f"{self.folder}: {error.strerror or error}"
            kept = f"the checkpoint of step {self._saved} is kept" if self._saved else "no checkpoint was there yet"
            raise TrainingError(f"{told}; {kept}, the same command goes on from there") from error

    def _go(self, judge: Judge | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        model, device = self.task.model, self.processes.device
        self.state = load_checkpoint(self.folder, model, self.stepper.optimizer, self.identity, device)
        self._saved = self.state.done
        if self.processes.first:
            self._cut_log(self.state.done)
        self.processes.begin_tracking(self.folder.name, self.settings.to_dict())
        model.train()
        try:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8", buffering=1) as stream:
                saved = time.monotonic()
                for figures in self._stepped():
                    if self.processes.first:
                        stream.write(json.dumps({"step": self.state.done, **figures.flat()}) + "\n")
                    self.processes.track(figures.tracked(), self.state.done)
                    better = judge is not None and self._judged(judge)
                    if better or time.monotonic() - saved > self.settings.checkpoint_seconds:
                        self._save()
                        saved = time.monotonic()
        except KeyboardInterrupt:
            if self.stepper.weights_match:
                self._save()
            done = self.state.done
            log.warning("interrupted after step %d of %d; the same command goes on from there", done, self.steps)
            raise
        self._finish()

    def _stepped(self) -> Iterator[Figures]:
        """Take the steps that are left, one at a time."""
        batches = self.task.batches(self.state.done * self.settings.accumulate)
        several = zip(*[batches] * self.settings.accumulate, strict=False)
        left = self.steps - self.state.done
        for together in progress(several, f"training {self.folder.name}", total=left, unit="step"):
            figures = self._step(self.state.done, together)
            self._count(figures, together)
            yield figures

    def _step(self, done: int, batches: tuple[Any, ...]) -> Figures:
        return self.stepper.step(done, batches)

    def _epochs(self, steps: int) -> int:
        """Whole epochs in so many steps."""
        return steps * self.settings.accumulate // self.task.batches_per_epoch

    def _ends_epoch(self, steps: int) -> bool:
        """Whether so many steps end an epoch, or the run."""
        return steps == self.steps or self._epochs(steps) != self._epochs(steps - 1)

    def _count(self, figures: Figures, batches: tuple[Any, ...]) -> None:
        """Count a step, and warn at the end of an epoch in which none taught the model anything."""
        done, learns = self.state.done + 1, self.state.learns or self.task.learns(figures)
        ends = self._ends_epoch(done)
        self.state = replace(self.state, done=done, learns=learns and not ends)
        self.stepper.weights_match = True
        if ends and not learns and self.processes.first:  # the figures are those of all processes
            log.warning(
                "nothing was learnt in the epoch that ends with step %d of %d, loss or gradient were exactly 0: %s",
                done, self.steps, self.task.standstill_cause(batches),
            )  # fmt: skip

    def _judged(self, judge: Judge) -> bool:
        """Ask the judge at the end of an epoch; True when this is the best model so far, which is kept then."""
        done = self.state.done
        epoch = self._epochs(done)
        if not self._ends_epoch(done) or (done < self.steps and epoch % self.settings.judge_every):
            return False
        if not self.processes.first:
            return False
        value = judge(self.task.model)
        parts = value.parts if isinstance(value, Judgement) else {}
        log.info("epoch %d: judged %.4f (best so far %.4f)%s", epoch, value, self.state.best, _listed(parts))
        self.processes.track({"judged": float(value), **_judged(parts)}, done)
        if not value > self.state.best:
            return False
        self._best.keep(self.task.model, done)
        self.state = replace(self.state, best=float(value), best_step=done, parts=parts)
        return True

    def _save(self) -> None:
        """A checkpoint; best weights that it does not speak of are not needed any more."""
        if self.processes.first:
            save_checkpoint(self.folder, self.task.model, self.stepper.optimizer, self.state, self.identity)
            self._saved = self.state.done
            self._best.forget(besides=self.state.best_step)

    def _finish(self) -> None:
        """Save the model, the best one if there was a judge."""
        result: dict[str, int | float] = {"steps": self.state.done}
        if self.processes.first:
            if self.state.best_step:
                self._best.restore(self.task.model, self.state.best_step, self.processes.device)
                result |= {"best_step": self.state.best_step, "judged": self.state.best}
                result |= _judged(self.state.parts)
            self.task.save(self.folder, result)
            settings = {**json.loads(self.identity), "result": result}
            with atomic_write(self.folder / "training.json") as part:
                part.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
            self._forget_checkpoint()
        self.processes.end_tracking()
        self.processes.wait()

    def _forget_checkpoint(self) -> None:
        (self.folder / "checkpoint.pt").unlink(missing_ok=True)
        self._best.forget()

    def _cut_log(self, done: int) -> None:
        """Lines of steps that the checkpoint does not have are written again."""
        path = self.folder / "log.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            with atomic_write(path) as part:
                part.write_text("".join(lines[:done]), encoding="utf-8")


def _judged(parts: Mapping[str, float]) -> dict[str, float]:
    """Judgements by corpus, as results and trackers name them."""
    return {f"judged on {name}": value for name, value in parts.items()}


def _listed(parts: Mapping[str, float]) -> str:
    return "".join(f"; {name} {value:.4f}" for name, value in parts.items())
