"""The windows of a library's clips: which stretches of a motion have a vector, and tables of these vectors.

A window's id tells its clip and its place in it: ``(clip number << 20) + place``. Ids never change while their clip
lives, whatever becomes of the files that hold it, and clip numbers are never given twice. Sorted by id, the windows of
a table stand clip after clip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Int

__all__ = ["KINDS", "LONGEST", "Kind", "WindowTable", "clips_of", "ids_of", "place_of", "spans_of"]

Kind = Literal["whole", "long", "short"]
"""- ``whole``: the clip, or, of one above 10 s, stretches of 10 s, a new one every 5 s;
- ``long``: 4 and 8 s, every 2 s: whole sentences in long takes;
- ``short``: 1, 1.5, 2 and 3 s, every .25 s: single events.
"""
KINDS: tuple[Kind, ...] = get_args(Kind)

LONGEST = 10.0
"""Seconds of a motion that one vector stands for at the most: models are trained on motions up to this length."""
_SECONDS: dict[Kind, tuple[float, ...]] = {"whole": (LONGEST,), "long": (4.0, 8.0), "short": (1.0, 1.5, 2.0, 3.0)}
_STRIDES: dict[Kind, float] = {"whole": 5.0, "long": 2.0, "short": 0.25}
_PLACES = 20
"""Bits of an id for the place: a clip of 18 hours has fewer short windows."""
_BLOCK = 16_384


def spans_of(kind: Kind, frames: int, fps: float) -> Int[np.ndarray, "windows 2"]:
    """(start, end) in frames of a clip's windows of a kind, sorted; together they hold every frame.

    Of every length that fits, the last window ends with the clip. A clip in which none fits is one window.
    """
    step = max(1, round(_STRIDES[kind] * fps))
    spans = set()
    for size in {max(1, round(seconds * fps)) for seconds in _SECONDS[kind]}:
        if size <= frames:
            spans |= {(start, start + size) for start in (*range(0, frames - size, step), frames - size)}
    return np.array(sorted(spans) or [(0, frames)], dtype=np.int32)


def ids_of(clip: int, count: int) -> Int[np.ndarray, " windows"]:
    """Ids of the first ``count`` windows of a clip. Raises ValueError for more windows than ids."""
    if count >> _PLACES:
        raise ValueError(f"clip {clip} has {count} windows, ids are for fewer than {1 << _PLACES}")
    return (clip << _PLACES) + np.arange(count, dtype=np.int64)


def clips_of(ids: Int[np.ndarray, " windows"]) -> Int[np.ndarray, " windows"]:
    """Clip numbers of windows."""
    return np.asarray(ids, dtype=np.int64) >> _PLACES


def place_of(ids: Int[np.ndarray, " windows"]) -> Int[np.ndarray, " windows"]:
    """Which window of its clip each id is, from 0."""
    return np.asarray(ids, dtype=np.int64) & ((1 << _PLACES) - 1)


@dataclass(frozen=True, eq=False)
class WindowTable:
    """Windows of one kind of some clips, by id.

    - ``ids``: ascending; ``clips``: clip numbers; ``spans``: (start, end) in frames of the clip;
    - ``parts``: their unit vectors as they are stored (float16, memory-mapped), one array a segment, in the same order.

    :meth:`blocks` goes through the vectors without holding them all, :meth:`of` takes those of some clips.
    """

    ids: Int[np.ndarray, " windows"]
    clips: Int[np.ndarray, " windows"]
    spans: Int[np.ndarray, "windows 2"]
    parts: tuple[Float[np.ndarray, "_ dim"], ...]

    @classmethod
    def joined(cls, tables: Sequence[WindowTable]) -> WindowTable:
        """Several tables as one; vectors are not copied. Their clips must ascend from table to table."""
        if len(tables) == 1:
            return tables[0]
        return cls(
            np.concatenate([table.ids for table in tables]),
            np.concatenate([table.clips for table in tables]),
            np.concatenate([table.spans for table in tables]),
            tuple(part for table in tables for part in table.parts),
        )

    @classmethod
    def none(cls, dim: int) -> WindowTable:
        """No windows."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none.astype(np.int32), np.empty((0, 2), np.int32), (np.empty((0, dim), np.float16),))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Numbers of a vector."""
        return int(self.parts[0].shape[1])

    @cached_property
    def vectors(self) -> Float[np.ndarray, "windows dim"]:
        """All vectors in one array, as they are stored: a view of the file for one segment, else a copy."""
        return self.parts[0] if len(self.parts) == 1 else np.concatenate(self.parts)

    def blocks(self, rows: int = _BLOCK) -> Iterator[tuple[slice, Float[np.ndarray, "_ dim"]]]:
        """(which rows, their vectors as float32), some thousand at a time."""
        for part, first in zip(self.parts, self._starts, strict=False):
            for start in range(0, len(part), rows):
                block = np.asarray(part[start : start + rows], dtype=np.float32)
                yield slice(first + start, first + start + len(block)), block

    def rows(self, ids: Int[np.ndarray, " chosen"]) -> Int[np.ndarray, " chosen"]:
        """Rows of ids. Raises KeyError for an id that is not in the table."""
        rows = np.searchsorted(self.ids, ids)
        known = rows < len(self.ids)
        known[known] = self.ids[rows[known]] == np.asarray(ids)[known]
        if not known.all():
            raise KeyError(int(np.asarray(ids)[~known][0]))
        return rows

    def of(self, numbers: Sequence[int] | Int[np.ndarray, " clips"]) -> WindowTable:
        """The windows of some clips, in ascending order of their numbers, vectors float32 in memory.

        Clips that are not in the table have no rows.
        """
        wanted = np.unique(np.asarray(numbers, dtype=np.int64))
        starts = np.searchsorted(self.clips, wanted, side="left")
        counts = np.searchsorted(self.clips, wanted, side="right") - starts
        ahead = np.repeat(starts - (np.cumsum(counts) - counts), counts)
        return self.taken(np.arange(counts.sum()) + ahead)

    def taken(self, rows: Int[np.ndarray, " chosen"], *, stored: bool = False) -> WindowTable:
        """Some rows, ascending, vectors in memory as float32, or as they are ``stored``."""
        vectors = np.empty((len(rows), self.dim), dtype=self.parts[0].dtype if stored else np.float32)
        bounds = np.searchsorted(rows, self._starts)
        for part, first, start, end in zip(self.parts, self._starts, bounds, bounds[1:], strict=False):
            if end > start:
                vectors[start:end] = part[rows[start:end] - first]
        return WindowTable(self.ids[rows], self.clips[rows], self.spans[rows], (vectors,))

    @cached_property
    def _starts(self) -> Int[np.ndarray, " bounds"]:
        """The first row of every part, and the number of all rows."""
        return np.cumsum([0, *(len(part) for part in self.parts)])
