"""Batches for training. Other processes prepare them in advance where there are cores for that."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.batches import bucketed_batches
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.model.text_states import TextStates
from chronomotion.threads import cores
from chronomotion.training.config import TrainingConfig
from chronomotion.training.false_negatives import FalseNegatives
from chronomotion.training.losses import Relations
from chronomotion.training.motions import frames_of, motion_maker, pair_motion
from chronomotion.training.pairs import Pair, pairs_of
from chronomotion.training.spans import usable_captions
from chronomotion.worker_pool import WorkerDiedError, WorkerPool

__all__ = ["Batch", "Feed"]

log = logging.getLogger(__name__)

_AHEAD = 4
"""Batches in preparation while the model works on another one."""

_MOST_WORKERS = 4


@dataclass(frozen=True)
class Batch:
    """What a step of one process needs.

    ``motions`` and ``texts`` (captions, then shuffled captions) belong to this process. ``captions`` and ``shuffled``
    are the numbers of captions and of shuffled captions in each process. ``relations`` has a row per text (captions of
    all processes, then their shuffled captions) and a column per motion of all processes.
    """

    names: tuple[str, ...]
    motions: list[Float[np.ndarray, "_ dim"]]
    texts: tuple[str, ...]
    captions: tuple[int, ...]
    shuffled: tuple[int, ...]
    relations: Relations

    @property
    def has_negatives(self) -> bool:
        """Whether any motion of any process has a text that is a negative of it."""
        return not bool(self.relations.same.all())


class Feed:
    """All batches of a run, in order, from any step on.

    Every process draws the batches of all processes, which is cheap, and makes the motions of its own share ``rank`` of
    ``count`` only. So each process knows the relations of all texts to all motions without any communication.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: TrainingConfig,
        states: TextStates,
        *,
        sentences: TextStates | None = None,
        rank: int = 0,
        count: int = 1,
    ) -> None:
        self.corpus, self.config, self.states, self.rank, self.count = corpus, config, states, rank, count
        self.names = self._usable()
        self._false_negatives = FalseNegatives(config.objective, states if sentences is None else sentences)
        self.batches_per_epoch = len(bucketed_batches([0] * len(self.names), self._clips))

    def _usable(self) -> list[str]:
        everything = self.corpus.split(self.config.split)
        for name in everything:
            if not self.corpus.captions(name):
                raise TrainingError(f"clip {name!r} of {self.corpus.folder} has no caption to train on")
        names = [name for name in everything if usable_captions(self.corpus, name, self.config)]
        if len(names) < len(everything):
            left_out = len(everything) - len(names)
            log.warning("%d of %d clips are left out: too long or too short", left_out, len(everything))
        needed = self.config.batch_size * self.count
        if len(names) < needed:
            raise TrainingError(
                f"{self.corpus.folder}: split {self.config.split!r} has {len(names)} clips, a batch needs {needed}"
            )
        return names

    @property
    def _clips(self) -> int:
        """Clips in a batch of all processes."""
        return self.count * self.config.batch_size // (2 if self.config.negatives == "counterfactual" else 1)

    def batches(self, done: int, *, ahead: bool = True) -> Generator[Batch, None, None]:
        """Batches after the first ``done``. ``ahead`` False: each batch is prepared when the caller requests it."""
        with _motions_of(self.corpus, self._workers if ahead else 0) as request:
            under_way: deque[tuple[list[list[Pair]], Future[list[np.ndarray]]]] = deque()
            for shares in self._shares(done, read=ahead):
                under_way.append((shares, request(shares[self.rank])))
                if len(under_way) > (_AHEAD if ahead else 0):
                    yield self._batch(*under_way.popleft())
            while under_way:
                yield self._batch(*under_way.popleft())

    @property
    def _workers(self) -> int:
        """Number of worker processes: none where no motion is joined, since cutting takes no time."""
        joins = self.config.negatives == "counterfactual" or self.config.compound_share > 0
        return min(_MOST_WORKERS, cores() // self.count - 1) if joins else 0

    def _shares(self, done: int, *, read: bool) -> Iterator[list[list[Pair]]]:
        """The pairs of each batch, process by process. With ``read`` the language model reads all texts of an epoch
        before its first step.
        """
        first, skip = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.config.epochs):
            drawn = epoch % self.config.repeat_after_epochs
            pairs = [pairs_of(self.corpus, name, self.config, drawn, self.names) for name in self.names]
            if read and not self.config.model.tune_text_model:
                self.states.prepare(text for both in pairs for pair in both for text in (pair.text, *pair.wrong))
            if read:
                self._false_negatives.prepare(pair for both in pairs for pair in both)
            lengths = [frames_of(self.corpus, both[0]) for both in pairs]
            batches = bucketed_batches(lengths, self._clips, self.config.seed, epoch)
            for clips in batches[skip if epoch == first else 0 :]:
                each = len(clips) // self.count
                shares = [clips[rank * each : (rank + 1) * each] for rank in range(self.count)]
                yield [[pair for i in share for pair in pairs[i]] for share in shares]

    def _batch(self, shares: list[list[Pair]], motions: Future[list[np.ndarray]]) -> Batch:
        pairs = shares[self.rank]
        return Batch(
            names=tuple(pair.clip for pair in pairs),
            motions=_awaited(motions),
            texts=(*(pair.text for pair in pairs), *(text for pair in pairs for text in pair.wrong)),
            captions=tuple(len(share) for share in shares),
            shuffled=tuple(sum(len(pair.wrong) for pair in share) for share in shares),
            relations=self._false_negatives.relations([pair for share in shares for pair in share]),
        )


@contextmanager
def _motions_of(corpus: Corpus, workers: int) -> Iterator[Callable[[Sequence[Pair]], Future[list[np.ndarray]]]]:
    """A function from pairs to their motions, made by worker processes or, without any, at once in this one."""
    if workers <= 0:
        yield lambda pairs: _done([pair_motion(corpus, pair) for pair in pairs])
        return
    # Threads would fight with the model's own for the interpreter: a step then takes ten times as long.
    with WorkerPool(workers, motion_maker, corpus.folder) as pool:
        yield pool.submit


def _done(motions: list[np.ndarray]) -> Future[list[np.ndarray]]:
    future: Future[list[np.ndarray]] = Future()
    future.set_result(motions)
    return future


def _awaited(motions: Future[list[np.ndarray]]) -> list[np.ndarray]:
    try:
        return motions.result()
    except WorkerDiedError as error:
        raise TrainingError(
            f"a process that makes motions has died, perhaps for want of memory ({error}): the same command goes on "
            "from the last checkpoint"
        ) from error
