"""Token states of a frozen language model, computed once for every text and kept on disk, memory-mapped."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.atomic_write import atomic_write, write_npy
from chronomotion.model.backbone import TextBackbone
from chronomotion.progress import progress

__all__ = ["SentenceVectors", "TextStates"]

_PER_SHARD = 4096
_LEAST = 1e-12
"""A mean of zero states stays zero, and is like nothing: divided by its length it would be no number."""


class TextStates:
    """Token states by text. ``folder`` None keeps them in memory only.

    In the folder each call of :meth:`prepare` leaves shards, an array of states and a list of its texts, under the
    fingerprint of the backbone; the list is written last, so a shard that was interrupted does not count. Several
    processes may share a folder: at the worst both compute the same texts. Threads may share the object.

    There is no length on purpose: an object with one is false while it is empty, and ``states or others`` would then
    take the others until the first text is read.
    """

    def __init__(self, backbone: TextBackbone, folder: str | Path | None = None) -> None:
        self.backbone = backbone
        self.folder = None if folder is None else Path(folder) / backbone.fingerprint
        self._known: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for index in sorted(self.folder.glob("[!.]*.json")):
                self._open(index)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()  # a copy is used by threads of its own

    def _open(self, index: Path) -> None:
        states = np.load(index.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        start = 0
        for text, tokens in json.loads(index.read_text(encoding="utf-8")):
            self._known[text] = states[start : start + tokens]
            start += tokens

    def __contains__(self, text: str) -> bool:
        return text in self._known

    def prepare(self, texts: Iterable[str]) -> int:
        """Compute what is missing, so that :meth:`get` has it at hand; returns how many texts were."""
        wanted = dict.fromkeys(texts)
        with self._lock:
            missing = [text for text in wanted if text not in self._known]
            missing.sort(key=len)  # texts of one shard are then of similar length, and little is padded
            shards = [missing[i : i + _PER_SHARD] for i in range(0, len(missing), _PER_SHARD)]
            for shard in progress(shards, "reading captions", unit=f"x{_PER_SHARD} texts"):
                self._add(shard, self.backbone.token_states(shard))
        return len(missing)

    def _add(self, texts: Sequence[str], states: Sequence[np.ndarray]) -> None:
        if self.folder is None:
            self._known.update(zip(texts, states, strict=True))
            return
        index = self.folder / f"{uuid.uuid4().hex}.json"
        with atomic_write(index.with_suffix(".npy")) as part:
            write_npy(part, np.concatenate(list(states)))
        listing = [[text, len(rows)] for text, rows in zip(texts, states, strict=True)]
        with atomic_write(index) as part:
            part.write_text(json.dumps(listing, ensure_ascii=False), encoding="utf-8")
        self._open(index)

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
