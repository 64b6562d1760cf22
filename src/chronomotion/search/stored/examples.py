"""Queries that a library answers well, to begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.wording import predicate
from chronomotion.model.encoder import MotionTextEncoder, encode_texts
from chronomotion.search.records import LibraryClip
from chronomotion.search.windows import WindowTable
from chronomotion.seeding import integer

__all__ = ["example_queries"]

_TRIED = 120
"""Sentences that are tried."""
_WORDS = range(2, 16)
_RIGHT = 3
"""How many of the best clips are looked at."""


def example_queries(
    model: MotionTextEncoder,
    clips: Mapping[int, LibraryClip],
    table: WindowTable,
    phrases: Sequence[str],
    count: int = 3,
) -> list[str]:
    """Sentences whose best clips, by the windows in ``table``, are most clearly the right ones.

    They are captions of the clips, where there are some: then the best clips have to be told so. Else they are those of
    the ``phrases`` that stand out most. Among equally right ones those come first that tell another story, and find
    another clip first.
    """
    told: dict[str, set[int]] = {}
    for number, clip in clips.items():
        for text in clip.captions:
            if len(text.split()) in _WORDS:
                told.setdefault(text, set()).add(number)
    candidates = _sampled(told) if len(told) >= count else [*told, *_sampled(phrases)]
    if not candidates or not len(table):
        return []
    vectors = encode_texts(model, candidates)
    numbers, scores = _best_scores(table, np.stack([vectors[text] for text in candidates]))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :_RIGHT]
    clear = _standing_out(scores)[np.arange(len(candidates)), order[:, 0]]
    right = [_share_right(numbers[order[i]], told.get(text)) for i, text in enumerate(candidates)]
    best = sorted(range(len(candidates)), key=lambda i: (-right[i], -clear[i], candidates[i]))
    equal = [_Example(candidates[i], int(numbers[order[i, 0]])) for i in best if right[i] == right[best[0]]]
    others = [candidates[i] for i in best if right[i] < right[best[0]]]
    return [*_of_different_stories(equal, count), *others][:count]


@dataclass(frozen=True)
class _Example:
    """A sentence, the clip that it finds first, and the verbs of its events: in another order they are the same."""

    text: str
    clip: int

    @cached_property
    def verbs(self) -> frozenset[str]:
        events = RuleDecomposer().split(self.text).events
        texts = (self.text,) if events is None else events.texts
        return frozenset(word for text in texts for word in predicate(text).lower().split()[:1])


def _of_different_stories(examples: Sequence[_Example], count: int) -> list[str]:
    """Sentences by turns: such that have no verb of those before and find another clip, such that have other verbs,
    such that find another clip, and any.
    """
    chosen: list[_Example] = []
    turns: list[Callable[[_Example, _Example], bool]] = [
        lambda a, b: a.clip != b.clip and not a.verbs & b.verbs,
        lambda a, b: a.clip != b.clip and a.verbs != b.verbs,
        lambda a, b: a.clip != b.clip,
        lambda a, b: a is not b,
    ]
    for differs in turns:
        for example in examples:
            if len(chosen) < count and all(differs(example, each) for each in chosen):
                chosen.append(example)
    return [example.text for example in chosen]


def _sampled(texts: Sequence[str] | Mapping[str, set[int]]) -> list[str]:
    """Some of the texts, the same ones whatever their order."""
    return sorted(sorted(set(texts), key=lambda text: integer("example", text))[:_TRIED])


def _standing_out(scores: Float[np.ndarray, "queries clips"]) -> Float[np.ndarray, "queries clips"]:
    """How much higher each score is than the query's and the clip's other scores let expect."""
    of_clips = scores - scores.mean(axis=0)
    return np.asarray(of_clips - of_clips.mean(axis=1, keepdims=True) if scores.shape[1] > 1 else of_clips)


def _share_right(best: Int[np.ndarray, " best"], right: set[int] | None) -> float:
    if right is None:
        return 0.0
    looked_at = best[: min(_RIGHT, len(right))].tolist()
    return sum(number in right for number in looked_at) / len(looked_at)


def _best_scores(
    table: WindowTable, queries: Float[np.ndarray, "queries dim"]
) -> tuple[Int[np.ndarray, " clips"], Float[np.ndarray, "queries clips"]]:
    """Clip numbers, and the best score of every query in the windows of each."""
    numbers, owners = np.unique(table.clips, return_inverse=True)
    best = np.full((len(numbers), len(queries)), -np.inf, dtype=np.float32)
    for rows, block in table.blocks():
        mine = owners[rows]
        starts = np.flatnonzero(np.diff(mine, prepend=-1))
        best[mine[starts]] = np.maximum(best[mine[starts]], np.maximum.reduceat(block @ queries.T, starts, axis=0))
    return numbers, best.T
