"""The training loop."""

from __future__ import annotations

import json
import logging
import math
import time
from dataclasses import replace
from pathlib import Path

import torch

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.model.motion_text import MotionTextModel, pad
from chronomotion.model.text_states import TextStates
from chronomotion.progress import progress
from chronomotion.seeding import integer
from chronomotion.training.checkpoint import difference, load_checkpoint, save_checkpoint
from chronomotion.training.config import TrainingConfig
from chronomotion.training.feed import Batch, Feed
from chronomotion.training.losses import chronological_contrast
from chronomotion.whole_file import whole_file

__all__ = ["train"]

log = logging.getLogger(__name__)


def train(
    corpus: Corpus, folder: str | Path, config: TrainingConfig, *, states: TextStates, device: str = "cpu"
) -> MotionTextModel:
    """Train a model on a corpus and save it in ``folder``; called again after an interrupt, it goes on where it
    stopped.

    The folder gets config.json and model.safetensors (the model), training.json (every setting), log.jsonl (one line a
    step) and, while the run lasts, checkpoint.pt. The run that was interrupted and the run that was not end with the
    same weights. A folder with a finished model of the same run is loaded, not trained again.

    Raises TrainingError when the corpus is too small, the folder holds another run, or a loss is not finite.
    """
    folder = Path(folder)
    run = _Run(corpus, folder, config, states, device)
    if run.finished:
        log.info("%s is trained already", folder)
        return MotionTextModel.from_pretrained(folder, states=states).to(device)
    run.go()
    return run.model.eval()


class _Run:
    """One training run; its state is the model, the optimizer and the number of steps done."""

    def __init__(self, corpus: Corpus, folder: Path, config: TrainingConfig, states: TextStates, device: str) -> None:
        names = corpus.split(config.split)
        if len(names) < config.batch_size:
            raise TrainingError(
                f"{corpus.folder}: split {config.split!r} has {len(names)} clips, a batch needs {config.batch_size}"
            )
        self.folder = folder
        sizes = replace(config.model, motion_dim=corpus.dim, fps=corpus.fps, text_dim=states.backbone.dim)
        self.config = config = replace(config, model=sizes)
        settings = {"corpus": corpus.fingerprint, "text_model": states.backbone.fingerprint, **config.to_dict()}
        settings.pop("checkpoint_seconds")
        self.identity = json.dumps(settings, sort_keys=True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("weights", config.seed) % 2**63)
            self.model = MotionTextModel(sizes, stats=corpus.stats, states=states).to(device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.feed = Feed(corpus, names, config, states)
        self.steps = self.feed.steps
        self._whole = True

    @property
    def finished(self) -> bool:
        path = self.folder / "training.json"
        if not path.exists() or not (self.folder / "model.safetensors").exists():
            return False
        saved = json.loads(path.read_text(encoding="utf-8"))
        if saved != json.loads(self.identity):
            raise TrainingError(
                f"{self.folder} holds a model of another run: {difference(json.dumps(saved), self.identity)}. "
                "Choose another folder or remove this one"
            )
        return True

    def go(self) -> None:
        """All steps that are left, a checkpoint now and then, the model at the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = load_checkpoint(self.folder, self.model, self.optimizer, self.identity)
        self._cut_log(done)
        saved = time.monotonic()
        self.model.train()
        try:
            with (self.folder / "log.jsonl").open("a", encoding="utf-8", buffering=1) as stream:
                batches = self.feed.batches(done)
                label = f"training {self.folder.name}"
                for batch in progress(batches, label, total=self.steps - done, unit="step"):
                    loss = self._step(done, batch)
                    done += 1
                    self._whole = True
                    stream.write(json.dumps({"step": done, "loss": round(loss, 5)}) + "\n")
                    if time.monotonic() - saved > self.config.checkpoint_seconds:
                        save_checkpoint(self.folder, self.model, self.optimizer, done, self.identity)
                        saved = time.monotonic()
        except KeyboardInterrupt:
            if self._whole:
                save_checkpoint(self.folder, self.model, self.optimizer, done, self.identity)
            log.warning("interrupted after step %d of %d; the same command goes on from there", done, self.steps)
            raise
        self.model.save_pretrained(self.folder)
        with whole_file(self.folder / "training.json") as part:
            part.write_text(json.dumps(json.loads(self.identity), indent=1) + "\n", encoding="utf-8")
        (self.folder / "checkpoint.pt").unlink(missing_ok=True)

    def _cut_log(self, done: int) -> None:
        """Lines of steps that the checkpoint does not have are written again."""
        path = self.folder / "log.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:done]), encoding="utf-8")

    def _step(self, done: int, batch: Batch) -> float:
        """One step of the optimizer. Dropout depends on seed and step alone."""
        device = self.model.device
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * self._rate(done)
        devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(integer("dropout", self.config.seed, done) % 2**63)
            motions = self.model.embed_motions(*pad(batch.motions, device))
            texts = self.model.embed_states(*pad(batch.texts, device))
        loss = chronological_contrast(texts, motions, batch.same.to(device), self.config.temperature)
        if not torch.isfinite(loss):
            raise TrainingError(f"the loss is {loss.item()} at step {done + 1}, clips {', '.join(batch.names)}")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self._whole = False  # an interrupt inside the next line leaves weights of which some are a step ahead
        self.optimizer.step()
        return float(loss.item())

    def _rate(self, done: int) -> float:
        """Warm-up, then a cosine down to a twentieth."""
        warm = self.config.warmup_steps
        if done < warm:
            return (done + 1) / warm
        past = (done - warm) / max(1, self.steps - warm)
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * past))
