"""The task of training a prior."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.prior.coded import CodedCorpus
from chronomotion.generation.prior.config import CodeSpace, PriorTraining
from chronomotion.generation.prior.counterfactual import counterfactual_loss
from chronomotion.generation.prior.feed import PriorFeed
from chronomotion.generation.prior.folder import PriorCard
from chronomotion.generation.prior.motion_prior import MotionPrior, mean_log_likelihood
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.prior.rows import Row
from chronomotion.generation.prior.sampling import as_tensor
from chronomotion.generation.prior.texts import TextSource
from chronomotion.generation.prior.transformer import Block
from chronomotion.model.dropout import quicken_dropout
from chronomotion.seeding import integer
from chronomotion.training.config import Precision
from chronomotion.training.processes import Processes
from chronomotion.training.task import Figures

__all__ = ["PriorTask", "TrainedOn"]


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """What a prior is trained on: the corpus, its clips as codes, and whose codes they are."""

    corpus: Corpus
    coded: CodedCorpus
    space: CodeSpace


class PriorTask:
    """Codes of a corpus, settings and a text model give a prior, its batches and its loss
    (:class:`~chronomotion.training.task.Task`).

    Raises TrainingError when there are too few clips.
    """

    def __init__(self, on: TrainedOn, config: PriorTraining, texts: TextSource, processes: Processes) -> None:
        self.on, self.settings, self.texts, self.processes = on, config, texts, processes
        prefix = max(1, round(on.space.tokens_per_second))
        self.feed = PriorFeed(on.coded, config, on.space.codes, prefix, rank=processes.rank, count=processes.count)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer("weights", config.seed) % 2**63)
            self.model = MotionPrior(config.model, on.space, texts).to(processes.device)
        if config.compile:
            for module in self.model.modules():
                if isinstance(module, Block):
                    module.compile(dynamic=True)
        elif processes.device.type == "cpu":
            quicken_dropout(self.model)
        self._ahead = (0, 0)

    @property
    def batches_per_epoch(self) -> int:
        """Batches of each process."""
        return self.feed.batches_per_epoch

    @property
    def shared_terms(self) -> Collection[str]:
        """None: every term is a share of its own rows."""
        return ()

    def identity(self) -> dict[str, Any]:
        """Corpus, tokenizer, text model and settings."""
        return {
            "corpus": self.on.corpus.fingerprint,
            "tokenizer": self.on.space.fingerprint,
            "text_model": self.texts.fingerprint,
            **self.settings.to_dict(),
        }

    def batches(self, done: int, *, ahead: bool = True) -> Generator[list[Row], None, None]:
        """Rows of each batch after the first ``done``; the text model reads those of an epoch before."""
        if not ahead:
            yield from self.feed.batches(done)
            return
        for number, rows in enumerate(self.feed.batches(done), start=done):
            if number == done or not number % self.batches_per_epoch:
                left = self.batches_per_epoch - number % self.batches_per_epoch
                self._read_epoch(number, left)
            yield rows

    def _read_epoch(self, done: int, count: int) -> None:
        with closing(self.feed.batches(done)) as batches:
            several = (rows for _, rows in zip(range(count), batches, strict=False))
            self.model.read.prepare(_prompts(row for rows in several for row in rows))

    def terms(self, batch: list[Row]) -> dict[str, Tensor]:
        """``codes``: the negative log-likelihood a token, the mean over tokens of a motion, then over motions;
        ``order``: the counterfactual likelihood; ``seconds``: of the duration head.
        """
        device, config, network = self.model.device, self.settings, self.model.network
        compared = [i for i, row in enumerate(batch) if row.wrong is not None]
        rows = [*batch, *(batch[i] for i in compared)]
        prompts = [row.prompt for row in batch] + [row.wrong for row in batch if row.wrong is not None]
        codes, lengths = as_tensor([row.codes for row in batch], network.padding)
        given, _ = as_tensor([row.given for row in rows], network.padding)
        read = self.model.read(prompts, codes.shape[1] + 1, device)
        condition = read.without_text(_flags(rows, "no_text", device)).without_plan(_flags(rows, "no_plan", device))
        with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
            logits = self.model.logits(condition, given.to(device)).float()
        chosen = torch.tensor([*range(len(batch)), *compared])
        begin = torch.tensor([row.begin for row in rows])
        likelihoods = mean_log_likelihood(logits, codes[chosen], lengths[chosen], network, begin)
        share = 1 / self.processes.count
        right, wrong = likelihoods[compared], likelihoods[len(batch) :]
        self._ahead = int((right > wrong).sum()), len(compared)
        terms = {"codes": -share * likelihoods[: len(batch)].mean()}
        if config.counterfactual_weight:
            order = counterfactual_loss(right, wrong, config.counterfactual_scale)
            terms["order"] = share * config.counterfactual_weight * order
        if network.seconds is not None and config.durations_weight:
            seconds = _seconds(batch, read.events.shape[1], self.on.space.tokens_per_second).to(device)
            error = network.seconds.error(read.events[: len(batch)], read.known[: len(batch)], seconds)
            terms["seconds"] = share * config.durations_weight * error
        return terms

    def names(self, batch: list[Row]) -> Sequence[str]:
        """The clips of a batch."""
        return [row.name for row in batch]

    def figures(self, batches: Sequence[list[Row]]) -> dict[str, float]:
        """``padding``: the share of padded tokens; ``ahead``: the share of compared rows of the last batch whose right
        text was more likely.
        """
        lengths = [[len(row.codes) for row in batch] for batch in batches]
        padding = 1 - sum(map(sum, lengths)) / sum(max(tokens) * len(tokens) for tokens in lengths)
        ahead, count = self._ahead
        return {"padding": padding} | ({"ahead": ahead / count} if count else {})

    def learns(self, figures: Figures) -> bool:
        """Whether there was a gradient."""
        return figures.gradient > 0

    def standstill_cause(self, batches: Sequence[list[Row]]) -> str:  # noqa: ARG002
        """What a gradient of exactly 0 means here."""
        return "no weight has a gradient: see prior.learning_rate, and whether all motions have one and the same code"

    def size(self, batches: Sequence[list[Row]]) -> int:
        """Tokens of the longest motion."""
        return max(len(row.codes) for batch in batches for row in batch)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """All weights."""
        return [{"params": list(self.model.parameters()), "full": self.settings.learning_rate}]

    def with_precision(self, precision: Precision) -> PriorTask:
        """The same task in another precision."""
        return PriorTask(self.on, replace(self.settings, precision=precision), self.texts, self.processes)

    def preparation_seconds(self, batches: Sequence[list[Row]]) -> float:
        """Seconds for the text model to read the texts of all batches: every caption, told in different ways."""
        prompts = _prompts(row for batch in batches for row in batch)
        began = time.perf_counter()
        self.model.read.prepare(prompts)
        seconds = time.perf_counter() - began
        return seconds / len(batches) * self.batches_per_epoch * min(4, self.settings.epochs)

    def save(self, folder: Path, result: Mapping[str, int | float]) -> None:
        """Write the prior with its card."""
        self.model.save_pretrained(folder, self._card(result))

    def _card(self, result: Mapping[str, int | float]) -> PriorCard:
        corpus = self.on.corpus
        return PriorCard(
            data=str(corpus.info.get("source") or corpus.folder.name),
            fingerprint=corpus.fingerprint,
            licence=str(corpus.info.get("licence", "not recorded")),
            clips=len(self.on.coded.clips),
            recipe=self.settings.to_dict(),
            figures={name: float(value) for name, value in result.items()},
        )


def _prompts(rows: Iterable[Row]) -> list[Prompt]:
    return [prompt for row in rows for prompt in (row.prompt, row.wrong) if prompt is not None]


def _flags(rows: Sequence[Row], name: str, device: torch.device) -> Tensor:
    return torch.tensor([bool(getattr(row, name)) for row in rows], device=device)


def _seconds(batch: Sequence[Row], events: int, tokens_per_second: float) -> Tensor:
    """Seconds of each event, 0 where they are not known."""
    seconds = np.zeros((len(batch), events), dtype=np.float32)
    for row, some in zip(batch, seconds, strict=True):
        if row.prompt.spans is not None:
            some[: len(row.prompt.spans)] = [(after - first) / tokens_per_second for first, after in row.prompt.spans]
    return torch.from_numpy(seconds)
