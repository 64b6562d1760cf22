"""Embeddings on disk, saved while they are computed, so that an interrupted evaluation resumes.

A store holds a folder for each model and set of questions, in it a safetensors file for every few hundred rows::

    texts-00000.safetensors     rows (n, dim) as the model gave them, numbers (n,) of their inputs
    motions-00000.safetensors

A shard appears whole or not at all; its inputs follow from the number of inputs alone.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.cache import ArrayCache
from chronomotion.errors import ModelError
from chronomotion.progress import progress
from chronomotion.version import __version__

__all__ = ["Store"]

log = logging.getLogger(__name__)

_PER_SHARD = 256
"""Inputs in a shard: they are encoded together, and an interrupt loses at most one shard."""


class Store:
    """Rows by number, kept below ``root`` under the fingerprints of the ``model`` and of the questions.

    Without a root, or without a fingerprint of the model, nothing is kept.
    """

    def __init__(self, root: str | Path | None = None, model: str | None = None) -> None:
        self.root = None if root is None or model is None else Path(root)
        self.model = model

    def folder(self, questions: str) -> Path | None:
        """The folder of the model's embeddings for the questions with this fingerprint; None without a root."""
        if self.root is None:
            return None
        digest = hashlib.blake2b(f"{__version__}\0{self.model}\0{questions}".encode(), digest_size=16)
        return self.root / digest.hexdigest()

    def rows(
        self,
        questions: str,
        kind: str,
        order: Sequence[int],
        encode: Callable[[Sequence[int]], Float[np.ndarray, "rows dim"]],
    ) -> Float[np.ndarray, "inputs dim"]:
        """A row for each input, float32; missing shards are encoded one at a time, and kept.

        ``order`` is the permutation of the input numbers in which they are encoded; neighbours should be of similar
        length. Raises ModelError when the rows of two shards differ in width.
        """
        folder = self.folder(questions)
        cache = None if folder is None else ArrayCache(folder)
        shards = [list(order[start : start + _PER_SHARD]) for start in range(0, len(order), _PER_SHARD)]
        shard_rows = [_read(cache, _key(kind, place), shard) for place, shard in enumerate(shards)]
        missing = [place for place, rows in enumerate(shard_rows) if rows is None]
        if len(missing) < len(shards):
            log.info("%s: %d of %d shards are there already", kind, len(shards) - len(missing), len(shards))
        try:
            for place in progress(missing, f"encoding {kind}", unit=f"x{_PER_SHARD}"):
                shard_rows[place] = rows = np.asarray(encode(shards[place]), dtype=np.float32)
                if cache is not None:
                    cache.add(_key(kind, place), {"rows": rows, "numbers": np.asarray(shards[place], dtype=np.int64)})
        except KeyboardInterrupt:
            if folder is not None:
                log.warning("embeddings are kept in %s: the same command goes on from there", folder)
            raise
        return _joined(kind, [rows for rows in shard_rows if rows is not None], order)


def _key(kind: str, place: int) -> str:
    return f"{kind}-{place:05d}"


def _joined(kind: str, shards: Sequence[np.ndarray], order: Sequence[int]) -> np.ndarray:
    widths = sorted({rows.shape[1] for rows in shards})
    if len(widths) > 1:
        raise ModelError(f"the model gives {kind} vectors of {widths[0]} and of {widths[-1]} numbers, not of one width")
    joined = np.empty((len(order), widths[0] if widths else 0), dtype=np.float32)
    if shards:
        joined[np.asarray(order)] = np.concatenate(shards)
    return joined


def _read(cache: ArrayCache | None, key: str, numbers: Sequence[int]) -> np.ndarray | None:
    """The rows of a shard, or None where no readable shard of these inputs exists."""
    if cache is None or key not in cache:
        return None
    entry = cache.get(key)
    if entry is None:
        log.warning("%s cannot be read: its inputs are encoded again", cache.path(key))
        return None
    rows, recorded = entry.arrays.get("rows"), entry.arrays.get("numbers")
    if rows is not None and recorded is not None and rows.ndim == 2 and recorded.tolist() == list(numbers):
        return np.asarray(rows)
    log.warning("%s holds other inputs: they are encoded again", cache.path(key))
    return None
