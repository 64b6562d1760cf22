"""What a kind of index brings: the rows that were folded, in the form that it searches. All else is shared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, Int64, Integer

from chronomotion.search.index.ranking import Scored

__all__ = ["BLOCK", "Base", "BaseKind", "Fold", "VectorSource"]

BLOCK = 16_384
"""Rows that are folded at a time."""


@runtime_checkable
class VectorSource(Protocol):
    """Rows whose vectors can be asked for."""

    def vectors(self, rows: Int64[np.ndarray, " n"]) -> Float32[np.ndarray, "n dim"]:
        """The vectors of rows, as they are kept."""
        ...


@runtime_checkable
class Base(VectorSource, Protocol):
    """Folded rows, numbered from 0, read by any number of threads."""

    def __len__(self) -> int: ...

    def search(self, query: Float32[np.ndarray, " dim"], k: int, allowed: Bool[np.ndarray, " n"] | None) -> Scored:
        """At least the ``k`` best rows as far as this kind finds them, of those allowed; fewer only where these are
        fewer."""
        ...

    def scan(self, query: Float32[np.ndarray, " dim"], k: int, rows: Int64[np.ndarray, " m"]) -> Scored:
        """The ``k`` best of some sorted rows, each of which is looked at."""
        ...


@dataclass(frozen=True)
class Fold:
    """The rows that a new base is made of, sorted by id: ``numbers`` of them in ``source``, and the base before it."""

    source: VectorSource
    numbers: Int64[np.ndarray, " n"]
    dim: int
    previous: Base | None

    def __len__(self) -> int:
        return len(self.numbers)

    def vectors(self, order: Integer[np.ndarray, " m"]) -> Float32[np.ndarray, "m dim"]:
        """The vectors of some of the rows, by their places in the fold."""
        return self.source.vectors(self.numbers[order])

    def blocks(self, order: Integer[np.ndarray, " m"]) -> Iterator[Float32[np.ndarray, "b dim"]]:
        """The vectors of rows by their places, a block at a time."""
        return (self.vectors(order[start : start + BLOCK]) for start in range(0, len(order), BLOCK))


@runtime_checkable
class BaseKind(Protocol):
    """Makes and opens bases of a kind."""

    def build(self, folder: Path, fold: Fold) -> Integer[np.ndarray, " n"]:
        """Write the files of a base; return the place in the fold of each of its rows."""
        ...

    def open(self, folder: Path) -> Base:
        """A base whose files are in a folder."""
        ...
