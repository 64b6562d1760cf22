"""Batches for training. Other processes prepare them in advance where there are cores for that."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.errors import TrainingError
from chronomotion.model.text_states import TextStates
from chronomotion.threads import cores
from chronomotion.training.config import TrainingConfig
from chronomotion.training.epochs import Epochs
from chronomotion.training.false_negatives import FalseNegatives, Vocabulary, vocabulary
from chronomotion.training.losses import Relations
from chronomotion.training.mixture import Corpora, Mixture, Shift, mixture_of
from chronomotion.training.motions import motion_maker, pair_motion
from chronomotion.training.pairs import Pair
from chronomotion.worker_pool import WorkerDiedError, WorkerPool

__all__ = ["Batch", "Feed"]

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
        corpora: Corpora,
        config: TrainingConfig,
        states: TextStates,
        *,
        sentences: TextStates | None = None,
        rank: int = 0,
        count: int = 1,
    ) -> None:
        self.mixture = mixture_of(corpora)
        self.config, self.states, self.rank, self.count = config, states, rank, count
        clips = count * config.batch_size // (2 if config.negatives == "counterfactual" else 1)
        self.epochs = Epochs(self.mixture, config, clips=clips, needed=config.batch_size * count)
        self.batches_per_epoch = self.epochs.batches_per_epoch
        self._false_negatives = FalseNegatives(
            config.objective, states if sentences is None else sentences, _vocabularies(self.mixture, self.epochs.names)
        )
        each = config.statistics == "each" and len(self.mixture.corpora) > 1
        self._shifts = [Shift.between(corpus.stats, self.mixture.stats) for corpus in self.mixture.corpora if each]

    def batches(self, done: int, *, ahead: bool = True) -> Generator[Batch, None, None]:
        """Batches after the first ``done``. ``ahead`` False: each batch is prepared when the caller requests it."""
        with _motions_of(self.mixture, self._workers if ahead else 0) as request:
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
            draws = self.epochs.draws(epoch)
            pairs = self.epochs.pairs(epoch, draws)
            if read and not self.config.model.tune_text_model:
                self.states.prepare(text for both in pairs for pair in both for text in (pair.text, *pair.wrong))
            if read:
                self._false_negatives.prepare(pair for both in pairs for pair in both)
            batches = self.epochs.batches(epoch, draws, self.epochs.lengths(pairs))
            for clips in batches[skip if epoch == first else 0 :]:
                each = len(clips) // self.count
                shares = [clips[rank * each : (rank + 1) * each] for rank in range(self.count)]
                yield [[pair for i in share for pair in pairs[i]] for share in shares]

    def _batch(self, shares: list[list[Pair]], motions: Future[list[np.ndarray]]) -> Batch:
        pairs = shares[self.rank]
        return Batch(
            names=tuple(self._name(pair) for pair in pairs),
            motions=self._shifted(pairs, _awaited(motions)),
            texts=(*(pair.text for pair in pairs), *(text for pair in pairs for text in pair.wrong)),
            captions=tuple(len(share) for share in shares),
            shuffled=tuple(sum(len(pair.wrong) for pair in share) for share in shares),
            relations=self._false_negatives.relations([pair for share in shares for pair in share]),
        )

    def _name(self, pair: Pair) -> str:
        """The clip, for messages; of several corpora, with its corpus."""
        return pair.clip if len(self.mixture.corpora) == 1 else f"{self.mixture.titles[pair.corpus]}/{pair.clip}"

    def _shifted(self, pairs: Sequence[Pair], motions: list[np.ndarray]) -> list[np.ndarray]:
        """The motions, such that the model's statistics normalise them as those of their own corpora would."""
        if not self._shifts:
            return motions
        return [self._shifts[pair.corpus](motion) for pair, motion in zip(pairs, motions, strict=True)]


def _vocabularies(mixture: Mixture, names: Sequence[Sequence[str]]) -> list[Vocabulary]:
    """Names of actions in each of several corpora; none for one, whose names are compared literally."""
    if len(mixture.corpora) == 1:
        return []
    return [
        vocabulary(caption.events for name in some for caption in corpus.captions(name))
        for corpus, some in zip(mixture.corpora, names, strict=True)
    ]


@contextmanager
def _motions_of(mixture: Mixture, workers: int) -> Iterator[Callable[[Sequence[Pair]], Future[list[np.ndarray]]]]:
    """A function from pairs to their motions, made by worker processes or, without any, at once in this one."""
    if workers <= 0:
        yield lambda pairs: _done([pair_motion(mixture.corpora[pair.corpus], pair) for pair in pairs])
        return
    # Threads would fight with the model's own for the interpreter: a step then takes ten times as long.
    with WorkerPool(workers, motion_maker, [corpus.folder for corpus in mixture.corpora]) as pool:
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
