"""Codes of motions, and of motions that are cut and joined in another order; encoded once, and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from chronomotion.cache import ArrayCache
from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.language.caption import Events
from chronomotion.language.order import Order
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import reordered
from chronomotion.progress import progress

__all__ = ["CodeStore", "Cut", "can_be_cut"]

_VERSION = 1
_AT_ONCE = 64
"""Motions that are in memory together."""
_SHORTEST_EVENT = 0.2
"""Seconds: a clip with a shorter event is not cut and joined."""

Times = list[tuple[float, float]]


@dataclass(frozen=True)
class Cut:
    """A clip, its events with their times, and the order in which they are joined; the caption's number."""

    clip: str
    events: Events
    order: Order
    number: int


def can_be_cut(events: Events) -> bool:
    """Whether the times of the events are known, and no event is too short."""
    return events.spans is not None and min(end - start for start, end in events.spans) >= _SHORTEST_EVENT


class CodeStore:
    """Codes by a tokenizer of what ``source`` names (a corpus and a split), in a folder where there is one."""

    def __init__(self, tokenizer: MotionTokenizer, source: str, folder: Path | None) -> None:
        self._tokenizer, self._source = tokenizer, source
        self._cache = None if folder is None else ArrayCache(folder)

    def whole(self, corpus: Corpus, names: Sequence[str]) -> list[Int[np.ndarray, " tokens"]]:
        """The codes of clips."""
        no_times: Times = []
        motions = ((corpus.features(name), no_times) for name in names)
        return [codes for codes, _ in self._kept("whole", names, motions)]

    def joined(self, corpus: Corpus, cuts: Sequence[Cut]) -> list[tuple[Int[np.ndarray, " tokens"], Times]]:
        """The codes of clips that are cut and joined, and the times of their events in seconds."""
        keys = [f"{cut.clip} {cut.order} {cut.events.spans}" for cut in cuts]
        return self._kept("joined", keys, (_joined(corpus, cut) for cut in cuts))

    def _kept(
        self, kind: str, keys: Sequence[str], motions: Iterable[tuple[Float[np.ndarray, "_ dim"], Times]]
    ) -> list[tuple[np.ndarray, Times]]:
        parts = [str(_VERSION), kind, self._source, self._tokenizer.fingerprint, *keys]
        key = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        entry = None if self._cache is None else self._cache.get(key)
        if entry is not None:
            return list(_unpacked(entry.arrays))
        made = list(self._made(motions, len(keys), f"encoding {kind} motions"))
        if self._cache is not None:
            self._cache.add(key, _packed(made))
        return made

    def _made(
        self, motions: Iterable[tuple[np.ndarray, Times]], count: int, title: str
    ) -> Iterator[tuple[np.ndarray, Times]]:
        together = _several(iter(motions))
        for some in progress(together, title, total=-(-count // _AT_ONCE), unit=f"x{_AT_ONCE} motions"):
            codes = self._tokenizer.encode([features for features, _ in some])
            yield from zip(codes, (times for _, times in some), strict=True)


def _several(motions: Iterator[tuple[np.ndarray, Times]]) -> Iterator[list[tuple[np.ndarray, Times]]]:
    while some := list(islice(motions, _AT_ONCE)):
        yield some


def _joined(corpus: Corpus, cut: Cut) -> tuple[Float[np.ndarray, "_ dim"], Times]:
    assert cut.events.spans is not None
    motion, times = reordered(motion_of(corpus.features(cut.clip)), cut.events.spans, cut.order)
    return features_of(motion, retarget=False), times


def _packed(rows: Sequence[tuple[np.ndarray, Times]]) -> dict[str, np.ndarray]:
    return {
        "codes": np.concatenate([np.zeros(0, np.int64), *(codes for codes, _ in rows)]),
        "lengths": np.array([len(codes) for codes, _ in rows], dtype=np.int64),
        "times": np.array([edge for _, times in rows for edge in times], dtype=np.float64).reshape(-1, 2),
        "events": np.array([len(times) for _, times in rows], dtype=np.int64),
    }


def _unpacked(arrays: dict[str, np.ndarray]) -> Iterator[tuple[np.ndarray, Times]]:
    codes, times = np.asarray(arrays["codes"]), np.asarray(arrays["times"])
    place = event = 0
    for tokens, events in zip(arrays["lengths"].tolist(), arrays["events"].tolist(), strict=True):
        yield codes[place : place + tokens], [(float(a), float(b)) for a, b in times[event : event + events]]
        place, event = place + tokens, event + events
