"""The task of training a motion tokenizer on the motions of a corpus."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.generation.tokenizer.card import tokenizer_card
from chronomotion.generation.tokenizer.losses import reconstruction_terms
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.tokenizer.statistics import averaged_in_groups
from chronomotion.generation.tokenizer.training_config import TokenizerTraining
from chronomotion.generation.tokenizer.windows import WindowBatch, Windows
from chronomotion.seeding import integer
from chronomotion.training.config import Precision
from chronomotion.training.processes import Processes
from chronomotion.training.task import Figures

__all__ = ["TokenizerTask"]

_OF_THE_OTHER = {"fsq": {"codebook_size", "decay", "reset_below"}, "vq": {"levels"}}
"""Settings that say nothing where this is the quantiser."""


class TokenizerTask:
    """A corpus and settings give a tokenizer, windows and a loss (:class:`chronomotion.training.task.Task`).

    Raises TrainingError when the corpus has no motions long enough, FormatError when no features are defined for its
    width.
    """

    def __init__(self, corpus: Corpus, settings: TokenizerTraining, processes: Processes) -> None:
        if settings.model.quantiser == "vq" and processes.count > 1:
            raise TrainingError(
                "a codebook of moving averages trains in one process: start one, or set "
                'tokenizer.model.quantiser = "fsq"'
            )
        sizes = replace(settings.model, dim=corpus.dim, fps=corpus.fps)
        self.corpus, self.processes = corpus, processes
        self.settings = settings = replace(settings, model=sizes)
        stats = averaged_in_groups(corpus.stats, sizes.layout)
        self.windows = Windows(corpus, settings, rank=processes.rank, count=processes.count)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("weights of a tokenizer", settings.seed) % 2**63)
            self.model = MotionTokenizer(sizes, stats).to(processes.device)

    @property
    def batches_per_epoch(self) -> int:
        """Batches of each process."""
        return self.windows.batches_per_epoch

    @property
    def shared_terms(self) -> Collection[str]:
        """None: every process has its own windows."""
        return ()

    def identity(self) -> dict[str, Any]:
        """The corpus and the settings."""
        settings = self.settings.to_dict()
        sizes = {**settings["model"], "levels": list(self.settings.model.levels)}
        settings["model"] = {key: value for key, value in sizes.items() if key not in _OF_THE_OTHER[sizes["quantiser"]]}
        return {"task": "tokenizer", "corpus": self.corpus.fingerprint, **settings}

    def batches(self, done: int, *, ahead: bool = True) -> Generator[WindowBatch, None, None]:  # noqa: ARG002
        """Batches of windows after the first ``done``; a batch takes no time to prepare."""
        self.model.quantizer.forget()  # what a step gathered that was not taken
        yield from self.windows.batches(done)

    def terms(self, batch: WindowBatch) -> dict[str, Tensor]:
        """Terms of :func:`~chronomotion.generation.tokenizer.losses.reconstruction_terms`, and the commitment."""
        device = self.processes.device
        motions = self.model.normalised(torch.from_numpy(batch.motions).to(device))
        with torch.autocast(device.type, torch.bfloat16, enabled=self.settings.precision == "bfloat16"):
            decoded, _, commitment = self.model(motions)
        terms = reconstruction_terms(self.model, self.settings, motions, decoded)
        if self.settings.commitment_weight:
            terms["commitment"] = self.settings.commitment_weight * commitment
        return {name: term / self.processes.count for name, term in terms.items()}

    def advance(self) -> None:
        """The codebook's averages move on."""
        self.model.quantizer.advance()

    def names(self, batch: WindowBatch) -> Sequence[str]:
        """The clips of a batch."""
        return batch.names

    def figures(self, batches: Sequence[WindowBatch]) -> dict[str, float]:
        """``clips``: how many different clips the windows of a step are from."""
        return {"clips": float(len({name for batch in batches for name in batch.names}))}

    def learns(self, figures: Figures) -> bool:
        """Whether there was a gradient."""
        return figures.gradient > 0

    def standstill_cause(self, batches: Sequence[WindowBatch]) -> str:
        """Whether the motions are all alike, or something else."""
        still = all((batch.motions == batch.motions[:1, :1]).all() for batch in batches)
        return "no motion moves" if still else "the losses of all terms are 0; set their weights"

    def size(self, batches: Sequence[WindowBatch]) -> int:
        """Frames."""
        return sum(batch.motions.shape[0] * batch.motions.shape[1] for batch in batches)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """All weights, at one rate."""
        return [{"params": list(self.model.parameters()), "full": self.settings.learning_rate}]

    def with_precision(self, precision: Precision) -> TokenizerTask:
        """The same task in another precision."""
        return TokenizerTask(self.corpus, replace(self.settings, precision=precision), self.processes)

    def preparation_seconds(self, batches: Sequence[WindowBatch]) -> float:
        """None: windows are views of the corpus."""
        del batches
        return 0.0

    def save(self, folder: Path, result: Mapping[str, int | float]) -> None:
        """Write the tokenizer with its card."""
        self.model.save_pretrained(folder)
        with atomic_write(folder / "README.md") as part:
            text = tokenizer_card(folder.resolve().name, self.settings.model, self.corpus, result)
            part.write_text(text, encoding="utf-8")
