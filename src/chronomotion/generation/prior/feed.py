"""Batches of a prior's training, in order, from any step on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from chronomotion.corpus.batches import bucketed_batches
from chronomotion.errors import TrainingError
from chronomotion.generation.prior.coded import CodedClip, CodedCorpus
from chronomotion.generation.prior.config import PriorTraining
from chronomotion.generation.prior.rows import Drawing, Row
from chronomotion.language.caption import Events
from chronomotion.seeding import Part, integer

__all__ = ["PriorFeed"]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """The caption that a clip has in an epoch."""

    clip: CodedClip
    twin: CodedClip | None
    number: int


class PriorFeed:
    """Clips and their twins in batches of motions of about the same length.

    With a counterfactual loss half of a batch is compared with other orders: a quarter are clips, and a quarter their
    twins, each compared with the text of the other; so no text is preferred whatever the motion is. Where event times
    are not known, half of the batch are clips that are compared with a drawn order.
    """

    def __init__(
        self, corpus: CodedCorpus, config: PriorTraining, codes: int, prefix: int, *, rank: int = 0, count: int = 1
    ) -> None:
        self.corpus, self.config, self.rank, self.count = corpus, config, rank, count
        self._codes, self._prefix = codes, prefix
        self._names = list(corpus.clips)
        self._compares = config.counterfactual_weight > 0
        self._twins = config.batch_size // 4 if self._compares and corpus.twins else 0
        self._clips = config.batch_size - self._twins
        if len(self._names) < self._clips * count:
            raise TrainingError(
                f"{len(self._names)} clips to train on, a batch needs {self._clips * count}: set prior.batch_size lower"
            )
        self.batches_per_epoch = len(self._batches(0, [0] * len(self._names)))

    def batches(self, done: int) -> Generator[list[Row], None, None]:
        """The rows of each batch of this process, after the first ``done`` batches."""
        first, skip = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.config.epochs):
            drawn = [self._drawn(name, epoch % self.config.repeat_after_epochs) for name in self._names]
            batches = self._batches(epoch, [len(each.clip.codes) for each in drawn])
            for batch in batches[skip if epoch == first else 0 :]:
                mine = batch[self.rank * self._clips : (self.rank + 1) * self._clips]
                yield self._rows([drawn[i] for i in mine], epoch)

    def _batches(self, epoch: int, lengths: Sequence[int]) -> list[list[int]]:
        return bucketed_batches(lengths, self._clips * self.count, self.config.seed, epoch)

    def _drawn(self, name: str, round_: int) -> _Drawn:
        captions = self.corpus.clips[name]
        number = integer("caption", self.config.seed, round_, name) % len(captions)
        return _Drawn(captions[number], self.corpus.twins.get((name, number)), number)

    def _rows(self, drawn: Sequence[_Drawn], epoch: int) -> list[Row]:
        """Rows of a batch. Which of its clips are compared is drawn."""
        seed, round_ = self.config.seed, epoch % self.config.repeat_after_epochs
        order = sorted(range(len(drawn)), key=lambda i: integer("compared", seed, round_, drawn[i].clip.name))
        with_twin = [i for i in order if drawn[i].twin is not None][: self._twins]
        half = self.config.batch_size // 2 - 2 * len(with_twin) if self._compares else 0
        alone = [i for i in order if i not in with_twin and drawn[i].clip.has_orders][:half]
        rows = []
        for i, each in enumerate(drawn):
            identity = (seed, round_, each.clip.name, each.number)
            twin = each.twin if i in with_twin else None
            other = None if twin is None else twin.events
            compared = twin is not None or i in alone
            rows.append(self._row(each.clip, identity, epoch, compared=compared, other=other))
            if twin is not None:
                rows.append(self._row(twin, (*identity, "twin"), epoch, compared=True, other=each.clip.events))
        return rows

    def _row(
        self, clip: CodedClip, identity: Sequence[Part], epoch: int, *, compared: bool, other: Events | None
    ) -> Row:
        drawing = Drawing(self.config, self._codes, self._prefix, tuple(identity), epoch)
        return drawing.row(clip, compared=compared, other=other)
