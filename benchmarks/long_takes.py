"""Long takes with known event times: clips of a composed corpus, joined, of whose events some are asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.caption import Events
from chronomotion.language.wording import neutral
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import join
from chronomotion.seeding import generator

__all__ = ["Take", "long_takes", "whole_clips"]

Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Take:
    """A motion, the events that are asked about in the order in which they happen, and their (start, end) in seconds.

    ``others`` are (sentence, start, end) of the events that happen in the take and are not asked about.
    """

    features: Float[np.ndarray, "frames dim"]
    events: tuple[str, ...]
    spans: tuple[Span, ...]
    keys: tuple[str, ...]
    others: tuple[tuple[str, Span], ...] = ()


def whole_clips(corpus: Corpus, split: str = "test") -> Iterator[Take]:
    """Every clip of a split, asked about as it is told."""
    for name in corpus.split(split):
        events = _events(corpus, name)
        assert events.spans is not None
        yield Take(corpus.features(name), tuple(map(neutral, events.texts)), events.spans, events.keys)


def long_takes(
    corpus: Corpus,
    split: str = "test",
    *,
    takes: int = 120,
    clips: int = 5,
    asked: tuple[int, int] = (2, 4),
    seconds: Span = (30.0, 60.0),
    seed: int = 0,
) -> Iterator[Take]:
    """Takes of five drawn clips, of whose events two to four are asked about, anywhere in the take, in their order.

    An event that is asked about happens once in the take, so that its true span is known. Takes that are shorter or
    longer than ``seconds`` or have too few such events are drawn again.
    """
    names = corpus.split(split)
    made = number = 0
    while made < takes:
        rng = generator("long take", seed, split, number)
        number += 1
        chosen = [names[int(i)] for i in rng.choice(len(names), clips, replace=False)]
        size = int(rng.integers(asked[0], asked[1] + 1))
        take = _joined(corpus, chosen, size, rng, seconds)
        if take is not None:
            made += 1
            yield take


def _joined(corpus: Corpus, names: Sequence[str], size: int, rng: np.random.Generator, seconds: Span) -> Take | None:
    told = [_events(corpus, name) for name in names]
    counts = Counter(key for events in told for key in events.keys)
    once = [number for number, key in enumerate(key for events in told for key in events.keys) if counts[key] == 1]
    if len(once) < size:
        return None
    asked = set(rng.permutation(once)[:size].tolist())
    motion, parts = join([motion_of(corpus.features(name)) for name in names])
    if not seconds[0] <= motion.duration <= seconds[1]:
        return None
    placed = [
        (neutral(text), key, (start + a, start + b))
        for events, (start, _) in zip(told, parts, strict=True)
        for text, key, (a, b) in zip(events.texts, events.keys, events.spans or (), strict=True)
    ]
    questions = [event for number, event in enumerate(placed) if number in asked]
    texts, keys, spans = zip(*questions, strict=True)
    others = tuple((text, span) for number, (text, _, span) in enumerate(placed) if number not in asked)
    return Take(features_of(motion, retarget=False).astype(np.float32), texts, spans, keys, others)


def _events(corpus: Corpus, name: str) -> Events:
    events = corpus.captions(name)[0].events
    if events is None or events.spans is None:
        raise SystemExit(
            f"{corpus.folder}: clip {name} has no event times: compose the corpus with `chronomotion compose`"
        )
    return events
