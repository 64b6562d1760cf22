"""Which texts tell what which motion shows: false negatives, and jumbled orders.

A *story* is what happens, event by event, in order. Stories are compared by the keys of their events (labels where
known, else neutral wording), and for free captions by the similarity of their events, so that "strolls, then sits" is
the same story as "walks, then sits" but not as "sits, then walks". A mean-pooled sentence embedding, which the
published filter compares, cannot see order: cosines of two orders of the same events are .93 to .99.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["Alike", "Relations", "Story", "alike_events", "relations", "same_story", "similar_sentences"]

Story = tuple[str, ...]

Alike = Callable[[Sequence[str]], Bool[np.ndarray, "keys keys"]]
"""Keys of events -> which of them mean the same."""

_MOST_PERMUTED = 4
"""Events up to which all orders are compared; above, each event of one story needs a like one in the other."""

_OPPOSITES = (
    ("left", "right"), ("forward", "backward"), ("forwards", "backwards"), ("up", "down"), ("upward", "downward"),
    ("clockwise", "counterclockwise"), ("sits", "stands"), ("raises", "lowers"), ("in", "out"),
)  # fmt: skip


@dataclass(frozen=True)
class Relations:
    """How each text (row) stands to each motion (column): ``same`` story, or ``jumbled``: the same events in another
    order. What is neither is about other events.
    """

    same: Bool[Tensor, "texts motions"]
    jumbled: Bool[Tensor, "texts motions"]

    def to(self, device: torch.device) -> Relations:
        """On another device."""
        return Relations(self.same.to(device), self.jumbled.to(device))


def same_story(rows: Sequence[Story], columns: Sequence[Story]) -> Bool[Tensor, "rows columns"]:
    """True where a text (row) tells what a motion (column) shows: the same keys of events in the same order."""
    numbers: dict[Story, int] = {}
    row_numbers = torch.tensor([numbers.setdefault(keys, len(numbers)) for keys in rows])
    column_numbers = torch.tensor([numbers.setdefault(keys, len(numbers)) for keys in columns])
    return row_numbers[:, None] == column_numbers[None]


def similar_sentences(vectors: Float[Tensor, "captions dim"], threshold: float) -> Bool[Tensor, "captions captions"]:
    """The published filter: pairs of captions with (cosine + 1) / 2 > threshold, of unit sentence embeddings.

    Published: 0.80, among the N captions only, never the shuffled ones.
    """
    return (vectors @ vectors.T + 1) / 2 > threshold


def relations(
    rows: Sequence[Story],
    columns: Sequence[Story],
    alike: Alike | None = None,
) -> Relations:
    """How every text stands to every motion, shuffled captions included.

    Equal keys are equal events, and so are those that ``alike`` finds (:func:`alike_events`). Stories of different
    numbers of events are different stories.
    """
    numbers: dict[str, int] = {}
    for key in (key for story in (*rows, *columns) for key in story):
        numbers.setdefault(key, len(numbers))
    equal = np.eye(len(numbers), dtype=bool) if alike is None else alike(list(numbers))
    same = np.zeros((len(rows), len(columns)), dtype=bool)
    either = np.zeros_like(same)
    for count in {len(story) for story in columns} & {len(story) for story in rows}:
        row, column = _of_length(rows, count), _of_length(columns, count)
        events = np.array([[numbers[key] for key in rows[i]] for i in row])
        shown = np.array([[numbers[key] for key in columns[j]] for j in column])
        place = np.ix_(row, column)
        same[place] = _in_order(equal, events, shown)
        either[place] = _in_some_order(equal, events, shown)
    return Relations(torch.from_numpy(same), torch.from_numpy(either & ~same))


def _of_length(stories: Sequence[Story], count: int) -> list[int]:
    return [i for i, story in enumerate(stories) if len(story) == count]


def _in_order(alike: np.ndarray, events: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """(rows, columns): event by event alike. ``events`` (rows, count) and ``shown`` (columns, count) are numbers."""
    each = [alike[np.ix_(events[:, k], shown[:, k])] for k in range(events.shape[1])]
    return np.asarray(np.logical_and.reduce(each))


def _in_some_order(alike: np.ndarray, events: np.ndarray, shown: np.ndarray) -> np.ndarray:
    count = events.shape[1]
    if count <= _MOST_PERMUTED:
        orders = [list(order) for order in permutations(range(count))]
        return np.asarray(np.logical_or.reduce([_in_order(alike, events[:, order], shown) for order in orders]))
    pairs = np.stack([[alike[np.ix_(events[:, a], shown[:, b])] for b in range(count)] for a in range(count)])
    return np.asarray(pairs.any(axis=0).all(axis=0) & pairs.any(axis=1).all(axis=0))


def alike_events(
    texts: Sequence[str], vectors: Float[np.ndarray, "texts dim"], threshold: float
) -> Bool[np.ndarray, "texts texts"]:
    """True where two events mean the same: unit sentence embeddings with a cosine of at least ``threshold``, and no
    word in one that the other has the opposite of ("left" and "right" have a cosine of .98).
    """
    alike = vectors @ vectors.T >= threshold
    np.fill_diagonal(alike, True)
    for a, b in zip(*np.nonzero(np.triu(alike, 1)), strict=True):
        if _oppose(texts[a], texts[b]):
            alike[a, b] = alike[b, a] = False
    return np.asarray(alike)


@lru_cache(maxsize=100_000)
def _oppose(text: str, other: str) -> bool:
    """True where one text has a word that the other one has the opposite of."""
    first, second = (set(re.findall("[a-z]+", words.lower())) for words in (text, other))
    only, also = first - second, second - first
    return any((a in only and b in also) or (b in only and a in also) for a, b in _OPPOSITES)
