"""The task of training a motion-text model on pairs of motions and captions."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from chronomotion.model.backbone import TextBackbone
from chronomotion.model.card import ModelCard
from chronomotion.model.dropout import quicken_dropout
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.seeding import integer
from chronomotion.training.config import OF_SEVERAL_CORPORA, Precision, TrainingConfig
from chronomotion.training.feed import Batch, Feed
from chronomotion.training.mixture import Corpora, mixture_of
from chronomotion.training.objective import RANKING, Objective
from chronomotion.training.processes import Processes
from chronomotion.training.standstill import learns, likely_cause
from chronomotion.training.task import Figures

__all__ = ["PairTask"]


class PairTask:
    """Corpora, settings and a language model give a model, its batches and its loss (:class:`Task`).

    Raises TrainingError when the corpora are too small or do not go together.
    """

    def __init__(self, corpora: Corpora, config: TrainingConfig, states: TextStates, processes: Processes) -> None:
        self.mixture = mixture_of(corpora)
        self.states, self.processes = states, processes
        first = self.mixture.first
        sizes = replace(config.model, motion_dim=first.dim, fps=first.fps, text_dim=states.backbone.dim)
        self.settings = config = replace(config, model=sizes)
        self.feed = Feed(
            self.mixture,
            config,
            states,
            sentences=_sentences(config, states),
            rank=processes.rank,
            count=processes.count,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("weights", config.seed) % 2**63)
            self.model = MotionTextModel(sizes, stats=self.mixture.stats, states=states).to(processes.device)
        if processes.device.type == "cpu" and not config.compile:
            quicken_dropout(self.model)
        self._objective = Objective(self.model, config, processes)

    @property
    def batches_per_epoch(self) -> int:
        """Batches of each process."""
        return self.feed.batches_per_epoch

    @property
    def shared_terms(self) -> Collection[str]:
        """Ranking is computed for all processes at once."""
        return RANKING

    def identity(self) -> dict[str, Any]:
        """Corpora, language model and settings."""
        identity = {"corpus": self.mixture.identity(), "text_model": self.states.backbone.fingerprint}
        settings = self._recipe()
        for name in ("text_precision", "text_words_too"):
            del settings["model"][name]  # the fingerprint has it, and older runs lack it
        if not settings["model"]["movement"]:
            del settings["model"]["movement"]  # older runs lack it
        for name in ("captions", "foils", "mirror_share", "feature_shift", "group_dropout"):
            if settings[name] == getattr(TrainingConfig, name):
                del settings[name]  # older runs lack it
        return {**identity, **settings}

    def _recipe(self) -> dict[str, Any]:
        """The settings that count."""
        settings = self.settings.to_dict()
        if len(self.mixture.corpora) > 1:
            return settings
        return {key: value for key, value in settings.items() if key not in OF_SEVERAL_CORPORA}

    def batches(self, done: int, *, ahead: bool = True) -> Generator[Batch, None, None]:
        """Batches of pairs after the first ``done``."""
        return self.feed.batches(done, ahead=ahead)

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """Terms of :class:`~chronomotion.training.objective.Objective`."""
        terms: dict[str, Tensor] = self._objective(batch)
        return terms

    def names(self, batch: Batch) -> Sequence[str]:
        """The clips of a batch."""
        return batch.names

    def figures(self, batches: Sequence[Batch]) -> dict[str, float]:
        """``padding``: the share of padded frames in the motions of this process."""
        lengths = [[len(motion) for motion in batch.motions] for batch in batches]
        return {"padding": 1 - sum(map(sum, lengths)) / sum(max(frames) * len(frames) for frames in lengths)}

    def learns(self, figures: Figures) -> bool:
        """Whether a step taught the model which caption belongs to which motion."""
        return learns(figures, self.settings)

    def standstill_cause(self, batches: Sequence[Batch]) -> str:
        """Whether captions are all alike, or scores beyond what the loss asks for."""
        return likely_cause(batches, self.settings)

    def size(self, batches: Sequence[Batch]) -> int:
        """Frames of the longest motion."""
        return max(len(motion) for batch in batches for motion in batch.motions)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The model's own weights, and those of a language model that is tuned, at its own rate."""
        named = [(name, weights) for name, weights in self.model.named_parameters() if weights.requires_grad]
        language = [weights for name, weights in named if name.startswith("language_model.")]
        others = [weights for name, weights in named if not name.startswith("language_model.")]
        groups = [{"params": others, "full": self.settings.learning_rate}]
        return [*groups, {"params": language, "full": self.settings.text_learning_rate}] if language else groups

    def with_precision(self, precision: Precision) -> PairTask:
        """The same task in another precision."""
        return PairTask(self.mixture, replace(self.settings, precision=precision), self.states, self.processes)

    def preparation_seconds(self, batches: Sequence[Batch]) -> float:
        """Have a frozen language model read the captions of the batches; seconds for those of the whole run."""
        if self.settings.model.tune_text_model:
            return 0.0
        texts = {text for batch in batches for text in batch.texts}
        began = time.perf_counter()
        read = self.states.prepare(texts)
        seconds = time.perf_counter() - began
        per_epoch = sum(len(batch.texts) for batch in batches) / len(batches) * self.batches_per_epoch
        repeats = min(self.settings.repeat_after_epochs, self.settings.epochs)
        return per_epoch * repeats * seconds / read if read else 0.0

    def save(self, folder: Path, result: Mapping[str, int | float]) -> None:
        """Write the model with its card."""
        self.model.save_pretrained(folder, self._card(result))

    def _card(self, result: Mapping[str, int | float]) -> ModelCard:
        parts = [
            {
                "name": title,
                "fingerprint": corpus.fingerprint,
                "licence": str(corpus.info.get("licence", "not recorded")),
                "weight": weight,
            }
            for corpus, title, weight in zip(
                self.mixture.corpora, self.mixture.titles, self.mixture.weights, strict=True
            )
        ]
        return ModelCard(
            str(self.mixture),
            ", ".join(corpus.fingerprint for corpus in self.mixture.corpora),
            "; ".join(dict.fromkeys(str(part["licence"]) for part in parts)),
            self._recipe(),
            {name: float(value) for name, value in result.items()},
            () if self.mixture.plain else tuple(parts),
        )


def _sentences(config: TrainingConfig, states: TextStates) -> TextStates | None:
    """Token states of ``objective.sentence_model``; None where that is the model's own language model."""
    name = config.objective.sentence_model
    if not name or name == states.backbone.name:
        return None
    folder = None if states.folder is None else states.folder.parent
    return TextStates(TextBackbone(name, states.backbone.device, dtype=states.backbone.dtype), folder)
