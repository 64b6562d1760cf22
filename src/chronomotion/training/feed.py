"""Batches for training, made ready ahead of time by other processes where there are cores for them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor

from chronomotion.corpus.batches import bucketed_batches
from chronomotion.corpus.corpus import Corpus
from chronomotion.language.order import Order
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.losses import same_story
from chronomotion.training.pairs import Pair, pair_motion, pairs_of

__all__ = ["Batch", "Feed"]

_AHEAD = 4
"""Batches that are under way while the model is busy with another one."""

_MOST_WORKERS = 4


@dataclass(frozen=True)
class Batch:
    """What a step needs, in numpy: N motions, and N captions followed by their shuffled captions."""

    names: tuple[str, ...]
    motions: list[Float[np.ndarray, "_ dim"]]
    texts: list[Float[np.ndarray, "_ states"]]
    same: Bool[Tensor, "texts motions"]


class Feed:
    """All batches of a run, in order, from any step on."""

    def __init__(self, corpus: Corpus, names: Sequence[str], config: TrainingConfig, states: TextStates) -> None:
        self.corpus, self.names, self.config, self.states = corpus, names, config, states
        self._lengths = [len(corpus.features(name)) for name in names]
        self.steps_per_epoch = len(self._indices(0))
        self.steps = self.steps_per_epoch * config.epochs

    def batches(self, done: int) -> Iterator[Batch]:
        """Batches of the steps after the first ``done``."""
        with _motions_of(self.corpus, self._workers) as request:
            under_way: deque[tuple[list[Pair], Future[list[np.ndarray]]]] = deque()
            for pairs in self._pairs(done):
                under_way.append((pairs, request(pairs)))
                if len(under_way) > _AHEAD:
                    yield self._batch(*under_way.popleft())
            while under_way:
                yield self._batch(*under_way.popleft())

    @property
    def _workers(self) -> int:
        """Processes besides this one. Only re-ordered motions are work; elsewhere than on Linux a fork is not safe."""
        if self.config.negatives != "counterfactual" or not sys.platform.startswith("linux"):
            return 0
        return min(_MOST_WORKERS, (os.cpu_count() or 1) - 1)

    def _indices(self, epoch: int) -> list[list[int]]:
        clips = self.config.batch_size // (2 if self.config.negatives == "counterfactual" else 1)
        return bucketed_batches(self._lengths, clips, self.config.seed, epoch)

    def _pairs(self, done: int) -> Iterator[list[Pair]]:
        """The pairs of each batch. What an epoch says is read by the language model before its first step."""
        first, skip = divmod(done, self.steps_per_epoch)
        for epoch in range(first, self.config.epochs):
            pairs = [pairs_of(self.corpus, name, self.config, epoch % self.config.rounds) for name in self.names]
            self.states.prepare(text for both in pairs for pair in both for text in (pair.text, *pair.wrong))
            for indices in self._indices(epoch)[skip if epoch == first else 0 :]:
                yield [pair for i in indices for pair in pairs[i]]

    def _batch(self, pairs: list[Pair], motions: Future[list[np.ndarray]]) -> Batch:
        told = [pair.keys for pair in pairs] + [keys for pair in pairs for keys in pair.wrong_keys]
        texts = [pair.text for pair in pairs] + [text for pair in pairs for text in pair.wrong]
        return Batch(
            names=tuple(pair.clip for pair in pairs),
            motions=motions.result(),
            texts=self.states.get(texts),
            same=same_story(told, [pair.keys for pair in pairs]),
        )


@contextmanager
def _motions_of(corpus: Corpus, workers: int) -> Iterator[_Request]:
    """A function that has the motions of pairs made, by other processes or, without workers, at once."""
    if workers == 0:
        yield _Request(corpus, None)
        return
    # Threads would fight with the model's own for the interpreter: a step then takes ten times as long.
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(corpus,))
    try:
        yield _Request(corpus, pool)
    finally:
        pool.shutdown(cancel_futures=True)


class _Request:
    """Asks for the motions of pairs."""

    def __init__(self, corpus: Corpus, pool: ProcessPoolExecutor | None) -> None:
        self._corpus, self._pool = corpus, pool

    def __call__(self, pairs: list[Pair]) -> Future[list[np.ndarray]]:
        if self._pool is not None:
            return self._pool.submit(_motions_in_worker, pairs)
        done: Future[list[np.ndarray]] = Future()
        done.set_result([pair_motion(self._corpus, pair) for pair in pairs])
        return done


_KEEP = 2 << 30
"""Bytes of re-ordered motions that a worker keeps: orders repeat after some epochs (``rounds``)."""


class _Motions:
    """Motions of pairs; what has been cut and joined once is kept, as far as there is room."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._kept: dict[tuple[str, int, Order], np.ndarray] = {}
        self._room = _KEEP

    def of(self, pair: Pair) -> np.ndarray:
        """Features of the pair's motion."""
        if pair.order is None:
            return pair_motion(self._corpus, pair)
        key = (pair.clip, pair.caption, pair.order)
        features = self._kept.get(key)
        if features is None:
            features = pair_motion(self._corpus, pair)
            if features.nbytes <= self._room:
                self._room -= features.nbytes
                self._kept[key] = features
        return features


_of_this_worker: list[_Motions] = []


def _begin(corpus: Corpus) -> None:
    """In a worker, once: remember the corpus, and leave interrupts to the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    np.empty(
        30 << 20, np.uint8
    )  # once freed, malloc keeps blocks of this size: features are then made in half the time
    _of_this_worker.append(_Motions(corpus))


def _motions_in_worker(pairs: list[Pair]) -> list[np.ndarray]:
    return [_of_this_worker[0].of(pair) for pair in pairs]
