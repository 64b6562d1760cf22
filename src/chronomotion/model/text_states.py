"""Token states of a frozen language model, computed once for every text and kept on disk, memory-mapped."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.cache import ArrayCache
from chronomotion.model.backbone import TextBackbone
from chronomotion.progress import progress

__all__ = ["SentenceVectors", "TextStates"]

_PER_SHARD = 4096
_STATES = "states"
_LEAST = 1e-12
"""A mean of zero states stays zero, and is like nothing: divided by its length it would be no number."""


class TextStates:
    """Token states by text. ``folder`` None keeps them in memory only.

    In the folder each call of :meth:`prepare` leaves shards, under the fingerprint of the backbone: an entry of an
    :class:`~chronomotion.cache.ArrayCache` with the states of many texts one behind the other. A file that was cut or
    is no shard of this backbone does not count, and its texts are read anew. Several processes may share a folder: at
    the worst both compute the same texts. Threads may share the object.

    There is no length on purpose: an object with one is false while it is empty, and ``states or others`` would then
    take the others until the first text is read.
    """

    def __init__(self, backbone: TextBackbone, folder: str | Path | None = None) -> None:
        self.backbone = backbone
        self.folder = None if folder is None else Path(folder) / backbone.fingerprint
        self._cache = None if self.folder is None else ArrayCache(self.folder)
        self._known: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()
        if self._cache is not None:
            for key in list(self._cache.keys()):
                self._known |= _kept(self._cache, key, backbone.fingerprint)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()  # a copy is used by threads of its own

    def __contains__(self, text: str) -> bool:
        return text in self._known

    def prepare(self, texts: Iterable[str]) -> int:
        """Compute what is missing, so that :meth:`get` has it at hand; returns how many texts were.

        Raises WriteError when the folder cannot be written to.
        """
        wanted = dict.fromkeys(texts)
        with self._lock:
            missing = [text for text in wanted if text not in self._known]
            missing.sort(key=len)  # texts of one shard are then of similar length, and little is padded
            shards = [missing[i : i + _PER_SHARD] for i in range(0, len(missing), _PER_SHARD)]
            for shard in progress(shards, "reading captions", unit=f"x{_PER_SHARD} texts"):
                self._known |= self._made(shard)
        return len(missing)

    def _made(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """States of texts; in a folder those on its disk, which another process may have written in the meantime."""
        if self._cache is None:
            return dict(zip(texts, self.backbone.token_states(texts), strict=True))
        fingerprint = self.backbone.fingerprint
        key = hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        kept = _kept(self._cache, key, fingerprint)
        if kept.keys() >= set(texts):
            return kept
        states = self.backbone.token_states(texts)
        listing = [[text, len(rows)] for text, rows in zip(texts, states, strict=True)]
        about = {"backbone": fingerprint, "texts": listing}
        self._cache.add(key, {_STATES: np.concatenate(states)}, about)
        return dict(zip(texts, states, strict=True)) | _kept(self._cache, key, fingerprint)

    def get(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens dim"]]:
        """States of every text, float16 (tokens, dim)."""
        self.prepare(texts)
        return [self._known[text] for text in texts]


class SentenceVectors:
    """What captions say, without their order (the published protocols compare captions so): the mean of a language
    model's token states as a unit vector, computed once for each text.
    """

    def __init__(self, states: TextStates) -> None:
        self._states = states
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A row for every text, float32."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, states in zip(missing, self._states.get(missing), strict=True):
            mean = states.astype(np.float32).mean(axis=0)
            self._known[text] = mean / max(float(np.linalg.norm(mean)), _LEAST)
        return np.stack([self._known[text] for text in texts])


def _kept(cache: ArrayCache, key: str, fingerprint: str) -> dict[str, np.ndarray]:
    """The states of each text of a shard, views of one mapped file; none where there is no shard of this backbone."""
    entry = cache.get(key)
    if entry is None or not isinstance(entry.about, dict) or entry.about.get("backbone") != fingerprint:
        return {}
    listing, states = entry.about.get("texts", []), entry.arrays.get(_STATES)
    if states is None or states.ndim != 2 or sum(tokens for _, tokens in listing) != len(states):
        return {}
    states = np.asarray(states)  # no memmap: a view of one costs several times as much
    kept, start = {}, 0
    for text, tokens in listing:
        kept[text] = states[start : start + tokens]
        start += tokens
    return kept
