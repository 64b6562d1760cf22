"""The task of training an action judge on real clips whose events have labels and times."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import CorpusError, TrainingError
from chronomotion.evaluation.generation.action_judge import ActionJudge, JudgeConfig
from chronomotion.model.dropout import quicken_dropout
from chronomotion.seeding import generator, integer
from chronomotion.settings import Field, settings
from chronomotion.training.config import Precision, RunSettings
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.task import Figures

__all__ = ["JudgeSettings", "JudgeTask", "train_judge"]

_NO_ACTION = -1
"""The label of frames between events, which nothing is learnt from."""


@settings()
class JudgeSettings(RunSettings):
    """Settings of a training of an action judge. Raises ConfigError for an impossible value."""

    epochs: Annotated[int, Field(ge=1)] = 6
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    width: Annotated[int, Field(ge=1)] = 96
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    frames: Annotated[int, Field(ge=2)] = 128
    """Of each clip so many frames on end are seen in an epoch, or all of a shorter one."""
    noise: Annotated[float, Field(ge=0)] = 0.1
    """Spread of noise on the features, in standard deviations: so that the judge does not need frames as smooth as
    recorded ones."""
    split: str = "train"


@dataclass(frozen=True)
class JudgeBatch:
    """Padded parts of clips, normalised, with the action of every frame."""

    names: tuple[str, ...]
    features: Float[Tensor, "clips frames columns"]
    inside: Bool[Tensor, "clips frames"]
    actions: Int[Tensor, "clips frames"]


class JudgeTask:
    """A corpus gives a judge of its labels, batches and a loss (:class:`~chronomotion.training.task.Task`).

    Only frames inside events count; nothing but the split's real clips is looked at.
    Raises TrainingError when fewer than two labels have times in the split, CorpusError when there is no such split.
    """

    def __init__(self, corpus: Corpus, config: JudgeSettings, processes: Processes) -> None:
        self.corpus, self.settings, self.processes = corpus, config, processes
        self._spans = _labelled_spans(corpus, config.split)
        actions = tuple(sorted({label for spans in self._spans.values() for _, _, label in spans}))
        if len(actions) < 2:
            raise TrainingError(
                f"{corpus.folder}, split {config.split}: {len(actions)} actions have labels and times, a judge needs 2 "
                "(compose gives them; other corpora need event labels and `chronomotion event-times`)"
            )
        self._number = {action: number for number, action in enumerate(actions)}
        self.names_of_clips = tuple(self._spans)
        sizes = JudgeConfig(
            dim=corpus.dim, fps=corpus.fps, actions=actions, width=config.width, dilations=config.dilations,
            dropout=config.dropout,
        )  # fmt: skip
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("judge weights", config.seed) % 2**63)
            self.model = ActionJudge(sizes, stats=corpus.stats).to(processes.device)
        self.model.trained_on = {"corpus": corpus.folder.name, "fingerprint": corpus.fingerprint, "split": config.split}
        if processes.device.type == "cpu":
            quicken_dropout(self.model)

    @property
    def batches_per_epoch(self) -> int:
        """Batches of each process; the last one of an epoch may be smaller."""
        return -(-len(self.names_of_clips) // self.settings.batch_size)

    @property
    def shared_terms(self) -> Collection[str]:
        """Every process computes its own part."""
        return ()

    def identity(self) -> dict[str, Any]:
        """The corpus and the settings."""
        return {"task": "action judge", "corpus": self.corpus.fingerprint, **self.settings.to_dict()}

    def batches(self, done: int, *, ahead: bool = True) -> Generator[JudgeBatch, None, None]:  # noqa: ARG002
        """Batches after the first ``done``; they take too little time to be prepared ahead."""
        first, skip = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.settings.epochs):
            order = generator("judge", self.settings.seed, epoch).permutation(len(self.names_of_clips))
            for number in range(skip if epoch == first else 0, self.batches_per_epoch):
                rows = order[number * self.settings.batch_size : (number + 1) * self.settings.batch_size]
                yield self._batch([self.names_of_clips[row] for row in rows], epoch)

    def _batch(self, names: Sequence[str], epoch: int) -> JudgeBatch:
        model = self.model
        parts = [self._part(name, epoch) for name in names]
        longest = max(len(features) for features, _ in parts)
        features = np.zeros((len(names), longest, model.columns), dtype=np.float32)
        actions = np.full((len(names), longest), _NO_ACTION)
        inside = np.zeros((len(names), longest), dtype=bool)
        mean, std = model.mean.cpu().numpy(), model.std.cpu().numpy()
        for row, (part, labels) in enumerate(parts):
            noise = generator("judge noise", self.settings.seed, names[row], epoch).normal(size=part.shape)
            features[row, : len(part)] = (part - mean) / std + self.settings.noise * noise
            actions[row, : len(part)], inside[row, : len(part)] = labels, True
        device = self.processes.device
        return JudgeBatch(
            tuple(names), torch.from_numpy(features).to(device), torch.from_numpy(inside).to(device),
            torch.from_numpy(actions).to(device),
        )  # fmt: skip

    def _part(self, name: str, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Some frames on end of a clip, and their actions."""
        features = self.corpus.features(name)
        labels = np.full(len(features), _NO_ACTION)
        for start, end, label in self._spans[name]:
            labels[round(start * self.corpus.fps) : round(end * self.corpus.fps)] = self._number[label]
        spare = len(features) - self.settings.frames
        first = int(generator("judge part", self.settings.seed, name, epoch).integers(spare + 1)) if spare > 0 else 0
        part = slice(first, first + self.settings.frames)
        return features[part, : self.model.columns], labels[part]

    def terms(self, batch: JudgeBatch) -> dict[str, Tensor]:
        """Cross-entropy over the frames of events."""
        scores = self.model(batch.features, batch.inside).flatten(0, 1)
        actions = batch.actions.flatten()
        losses = torch.nn.functional.cross_entropy(scores, actions, ignore_index=_NO_ACTION, reduction="sum")
        return {"actions": losses / (actions != _NO_ACTION).sum().clamp(min=1)}

    def names(self, batch: JudgeBatch) -> Sequence[str]:
        """The clips of a batch."""
        return batch.names

    def figures(self, batches: Sequence[JudgeBatch]) -> dict[str, float]:
        """``frames``: how many taught something."""
        return {"frames": float(sum(int((batch.actions != _NO_ACTION).sum()) for batch in batches))}

    def learns(self, figures: Figures) -> bool:
        """Whether a gradient arrived."""
        return figures.gradient > 0

    def standstill_cause(self, batches: Sequence[JudgeBatch]) -> str:  # noqa: ARG002
        """Why nothing was learnt."""
        return "no frame of the batches lies in an event"

    def size(self, batches: Sequence[JudgeBatch]) -> int:
        """Frames, padding included."""
        return sum(batch.inside.numel() for batch in batches)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """All weights."""
        return [{"params": list(self.model.parameters()), "full": self.settings.learning_rate}]

    def with_precision(self, precision: Precision) -> JudgeTask:
        """The same task in another precision."""
        return JudgeTask(self.corpus, replace(self.settings, precision=precision), self.processes)

    def preparation_seconds(self, batches: Sequence[JudgeBatch]) -> float:  # noqa: ARG002
        """Nothing has to be prepared."""
        return 0.0

    def save(self, folder: Path, result: Mapping[str, int | float]) -> None:  # noqa: ARG002
        """Write the judge."""
        self.model.save_pretrained(folder)


def train_judge(
    corpus: Corpus, folder: str | Path, config: JudgeSettings | None = None, *, device: str = "cpu"
) -> ActionJudge:
    """Train a judge on a corpus and save it in ``folder``; called again after an interrupt, it goes on from there.

    A folder with the judge of the same run is loaded, not trained again. Raises TrainingError where the corpus has too
    few labels with times or the folder holds another run, CorpusError where the split does not exist.
    """
    processes = Processes(device)
    task = JudgeTask(corpus, config or JudgeSettings(), processes)
    run = Run(task, Path(folder), processes)
    if not run.finished:
        run.go()
    return ActionJudge.from_pretrained(folder, device=device)


def _labelled_spans(corpus: Corpus, split: str) -> dict[str, list[tuple[float, float, str]]]:
    """Clip -> (start, end, label) of the events of its first caption that has labels and times."""
    spans: dict[str, list[tuple[float, float, str]]] = {}
    for name in corpus.split(split):
        for caption in corpus.captions(name):
            events = caption.events
            if events is not None and events.labels is not None and events.spans is not None:
                spans[name] = [(*span, label) for span, label in zip(events.spans, events.labels, strict=True)]
                break
    if not corpus.split(split):
        raise CorpusError(f"{corpus.folder}: split {split} has no clip")
    return spans
