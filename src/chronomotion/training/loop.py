"""The training loop."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import torch

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.card import ModelCard
from chronomotion.model.dropout import quicken_dropout
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.progress import progress
from chronomotion.seeding import integer
from chronomotion.training.best import BestWeights
from chronomotion.training.checkpoint import Standing, difference, load_checkpoint, save_checkpoint
from chronomotion.training.config import TrainingConfig
from chronomotion.training.feed import Batch, Feed
from chronomotion.training.processes import Processes
from chronomotion.training.standstill import likely_cause, moves
from chronomotion.training.step import Figures, Stepper
from chronomotion.whole_file import whole_file

__all__ = ["Judge", "Run", "train"]

log = logging.getLogger(__name__)

Judge = Callable[[MotionTextModel], float]
"""How good a model is, in any unit: the weights with the highest judgement are kept."""


def train(
    corpus: Corpus,
    folder: str | Path,
    config: TrainingConfig,
    *,
    states: TextStates,
    device: str = "cpu",
    judge: Judge | None = None,
) -> MotionTextModel:
    """Train a model on a corpus and save it in ``folder``; called again after an interrupt, it goes on where it
    stopped.

    The folder gets config.json, model.safetensors and README.md (the model and its card), training.json (every
    setting), log.jsonl (one line a step) and, while the run lasts, checkpoint.pt. The run that was interrupted and the
    run that was not end with the same weights. A folder with a finished model of the same run is loaded, not trained
    again. With a ``judge`` it is asked every ``judge_every`` epochs, and the model with the best judgement is the one
    that is saved.

    Raises TrainingError when the corpus is too small, the folder holds another run, or a loss is not finite.
    """
    run = Run(corpus, Path(folder), config, states, Processes(device, trackers=config.trackers, folder=Path(folder)))
    if run.finished:
        log.info("%s is trained already", folder)
        return MotionTextModel.from_pretrained(folder, states=states).to(device)
    run.go(judge)
    if run.processes.first:
        return run.model.eval()
    return MotionTextModel.from_pretrained(folder, states=states).to(run.processes.device)  # the best one, as saved


class Run:
    """One training run; its state is the model, the optimizer and how far it has come."""

    def __init__(
        self, corpus: Corpus, folder: Path, config: TrainingConfig, states: TextStates, processes: Processes
    ) -> None:
        self.corpus, self.folder, self.processes = corpus, folder, processes
        sizes = replace(config.model, motion_dim=corpus.dim, fps=corpus.fps, text_dim=states.backbone.dim)
        self.config = config = replace(config, model=sizes)
        settings = {"corpus": corpus.fingerprint, "text_model": states.backbone.fingerprint, **config.to_dict()}
        for name in ("checkpoint_seconds", "trackers"):
            settings.pop(name)
        if processes.count > 1:
            settings["processes"] = processes.count
        self.identity = json.dumps(settings, sort_keys=True)
        self.feed = Feed(
            corpus, config, states, sentences=_sentences(config, states), rank=processes.rank, count=processes.count
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("weights", config.seed) % 2**63)
            self.model = MotionTextModel(sizes, stats=corpus.stats, states=states).to(processes.device)
        if processes.device.type == "cpu" and not config.compile:
            quicken_dropout(self.model)
        self.steps = self.feed.total // config.accumulate
        self.stepper = Stepper(self.model, config, processes, self.steps)
        self.standing = Standing()
        self._best = BestWeights(folder)

    @property
    def finished(self) -> bool:
        """Whether the folder holds the model of this run. Raises TrainingError when it holds that of another one."""
        path = self.folder / "training.json"
        if not path.exists() or not (self.folder / "model.safetensors").exists():
            return False
        saved = json.loads(path.read_text(encoding="utf-8"))
        saved.pop("result", None)
        if saved != json.loads(self.identity):
            raise TrainingError(
                f"{self.folder} holds a model of another run: {difference(json.dumps(saved), self.identity)}. "
                "Choose another folder or remove this one"
            )
        return True

    def go(self, judge: Judge | None = None) -> None:
        """All steps that are left, a checkpoint now and then, the model at the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.standing = load_checkpoint(self.folder, self.model, self.stepper.optimizer, self.identity)
        if self.processes.first:
            self._cut_log(self.standing.done)
        self.processes.begin_tracking(self.folder.name, self.config.to_dict())
        self.model.train()
        try:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8", buffering=1) as stream:
                saved = time.monotonic()
                for figures in self._stepped():
                    if self.processes.first:
                        stream.write(json.dumps({"step": self.standing.done, **figures.flat()}) + "\n")
                    self.processes.track(figures.tracked(), self.standing.done)
                    better = judge is not None and self._judged(judge)
                    if better or time.monotonic() - saved > self.config.checkpoint_seconds:
                        self._save()
                        saved = time.monotonic()
        except KeyboardInterrupt:
            if self.stepper.whole:
                self._save()
            done = self.standing.done
            log.warning("interrupted after step %d of %d; the same command goes on from there", done, self.steps)
            raise
        self._finish()

    def _stepped(self) -> Iterator[Figures]:
        """Take the steps that are left, one at a time."""
        batches = self.feed.batches(self.standing.done * self.config.accumulate)
        several = zip(*[batches] * self.config.accumulate, strict=False)
        left = self.steps - self.standing.done
        for together in progress(several, f"training {self.folder.name}", total=left, unit="step"):
            figures = self._step(self.standing.done, together)
            self._count(figures, together)
            yield figures

    def _step(self, done: int, batches: tuple[Batch, ...]) -> Figures:
        return self.stepper.step(done, batches)

    def _epochs(self, steps: int) -> int:
        """Whole epochs in so many steps."""
        return steps * self.config.accumulate // self.feed.batches_per_epoch

    def _ends_epoch(self, steps: int) -> bool:
        """Whether so many steps end an epoch, or the run."""
        return steps == self.steps or self._epochs(steps) != self._epochs(steps - 1)

    def _count(self, figures: Figures, batches: tuple[Batch, ...]) -> None:
        """Count a step, and warn at the end of an epoch in which none taught the model anything."""
        done, moved = self.standing.done + 1, self.standing.moved or moves(figures, self.config)
        ends = self._ends_epoch(done)
        self.standing = replace(self.standing, done=done, moved=moved and not ends)
        self.stepper.whole = True
        if ends and not moved and self.processes.first:  # the figures are those of all processes
            log.warning(
                "nothing was learnt in the epoch that ends with step %d of %d, loss or gradient were exactly 0: %s",
                done, self.steps, likely_cause(batches, self.config),
            )  # fmt: skip

    def _judged(self, judge: Judge) -> bool:
        """Ask the judge at the end of an epoch; True when this is the best model so far, which is kept then."""
        done = self.standing.done
        epoch = self._epochs(done)
        if not self._ends_epoch(done) or (done < self.steps and epoch % self.config.judge_every):
            return False
        if not self.processes.first:
            return False
        value = judge(self.model)
        log.info("epoch %d: judged %.4f (best so far %.4f)", epoch, value, self.standing.best)
        self.processes.track({"judged": value}, done)
        if not value > self.standing.best:
            return False
        self._best.keep(self.model, done)
        self.standing = replace(self.standing, best=value, best_step=done)
        return True

    def _save(self) -> None:
        """A checkpoint; best weights that it does not speak of are not needed any more."""
        if self.processes.first:
            save_checkpoint(self.folder, self.model, self.stepper.optimizer, self.standing, self.identity)
            self._best.forget(besides=self.standing.best_step)

    def _finish(self) -> None:
        """Save the model, the best one if there was a judge."""
        result: dict[str, int | float] = {"steps": self.standing.done}
        if self.processes.first:
            if self.standing.best_step:
                self._best.restore(self.model, self.standing.best_step)
                result |= {"best_step": self.standing.best_step, "judged": self.standing.best}
            self.model.save_pretrained(self.folder, self._card(result))
            settings = {**json.loads(self.identity), "result": result}
            with whole_file(self.folder / "training.json") as part:
                part.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
            (self.folder / "checkpoint.pt").unlink(missing_ok=True)
            self._best.forget()
        self.processes.end_tracking()
        self.processes.wait()

    def _card(self, result: Mapping[str, int | float]) -> ModelCard:
        """What the model was made of, and how."""
        licence = str(self.corpus.info.get("licence", "not recorded"))
        return ModelCard(
            self.corpus.folder.resolve().name,
            self.corpus.fingerprint,
            licence,
            self.config.to_dict(),
            {name: float(value) for name, value in result.items()},
        )

    def _cut_log(self, done: int) -> None:
        """Lines of steps that the checkpoint does not have are written again."""
        path = self.folder / "log.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:done]), encoding="utf-8")


def _sentences(config: TrainingConfig, states: TextStates) -> TextStates | None:
    """What reads sentence embeddings, where it is another language model than the model's own."""
    name = config.objective.sentence_model
    if not name or name == states.backbone.name:
        return None
    folder = None if states.folder is None else states.folder.parent
    return TextStates(TextBackbone(name, states.backbone.device, dtype=states.backbone.dtype), folder)
