"""What every index can do: rows of unit vectors under numbers (ids), found by their cosine with a query."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32, Int64

__all__ = ["Index", "IndexKind", "Neighbours"]

IndexKind = Literal["auto", "exact", "cells", "faiss", "lancedb"]
"""``auto`` is ``exact`` for up to 100,000 rows and ``cells`` above; :meth:`Index.compact` changes over."""


class Neighbours(NamedTuple):
    """The rows nearest to a query, best first; of equal scores the smaller id first.

    ``scores`` are cosines, of rows that were rounded to eight bits: within about .005 of the exact ones.
    """

    ids: Int64[np.ndarray, " k"]
    scores: Float32[np.ndarray, " k"]


@runtime_checkable
class Index(Protocol):
    """An index in a folder. What is done to it is on the disk when the method returns.

    Any number of threads may search, and any number of processes may have it open. An object shows what was there when
    it was opened and what it has changed itself; open the folder again to see what another process has changed.
    Each method raises ConfigError for a bad argument; those that write raise BusyError while another process (or
    another object of this one) writes, and WriteError when the disk refuses.
    """

    dim: int

    def __len__(self) -> int:
        """How many rows can be found."""
        ...

    def add(self, ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "n dim"]) -> None:
        """Add rows of length 1. None of them is added when an id is there already."""
        ...

    def remove(self, ids: Int64[np.ndarray, " n"]) -> None:
        """Remove rows. None of them is removed when an id is unknown. A removed id may be added again."""
        ...

    def search(
        self, vector: Float[np.ndarray, " dim"], k: int, where: Int64[np.ndarray, " allowed"] | None = None
    ) -> Neighbours:
        """The ``k`` nearest rows, fewer only where there are fewer. ``where``: sorted ids, no others are found; ids in
        it that the index does not know are passed over."""
        ...

    def compact(self) -> None:
        """Fold what was added and removed into the form that is quickest to search. Nothing is found anew or lost."""
        ...
