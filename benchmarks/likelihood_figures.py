"""Whether a prior's likelihood prefers the right order of events, beside a control that cannot see the motion.

Texts are permuted and the times of the plan stay: to permute both would tell where the events meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chronomotion.generation.prior.coded import CodedClip, CodedCorpus
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.language.order import other_orders
from chronomotion.language.wording import as_written, tell
from chronomotion.seeding import generator

__all__ = ["WORDINGS", "OrderFigures", "likelihood_order"]

WORDINGS: dict[str, Callable[[Iterable[str]], str]] = {"neutral": tell, "as written": as_written}

_PARTNERS = 4
"""Other motions in the control, for each clip."""


@dataclass(frozen=True)
class OrderFigures:
    """Shares in percent, over ``clips`` that have two different events or more. ``car``: the right order is more likely
    than one drawn other order; ``all_orders``: than every other one (of 24 at most); ``blind``: as ``car`` with the
    motions of other clips with as many events, where 50 is right; ``gain``: by how much the text raises the
    log-likelihood a token. ``by_events`` has (car, all orders, blind, clips) by number of events.
    """

    clips: int
    car: float
    all_orders: float
    blind: float
    gain: float
    by_events: dict[int, tuple[float, float, float, int]] = field(default_factory=dict)


def likelihood_order(
    prior: MotionPrior, coded: CodedCorpus, *, plan: bool, wording: str = "neutral", seed: int = 0
) -> OrderFigures:
    """The figures of a prior on the first captions of a corpus, with plans of their true times or without."""
    clips = [parts[0] for parts in coded.clips.values() if parts[0].has_orders]
    clips = [clip for clip in clips if not plan or clip.prompt.spans is not None]
    texts = [_texts(clip, WORDINGS[wording]) for clip in clips]
    shown = [clip.codes for clip in clips]
    spans = [clip.prompt.spans if plan else None for clip in clips]

    def scored(pairs: Sequence[tuple[Prompt, int]], **how: bool) -> np.ndarray:
        """Log-likelihoods of the motions with these numbers, each with its plan, under texts."""
        prompts = [replace(text, spans=spans[i]) for text, i in pairs]
        return prior.log_likelihoods(prompts, [shown[i] for _, i in pairs], **how)

    right = scored([(several[0], i) for i, several in enumerate(texts)])
    others = [(text, i) for i, several in enumerate(texts) for text in several[1:]]
    ahead = _by_clip([i for _, i in others], np.array([right[i] for _, i in others]) > scored(others), len(clips))
    unseen = [(i, j) for i in range(len(clips)) for j in _partners(clips, i, seed)]
    dark = scored([(texts[i][0], j) for i, j in unseen]) > scored([(texts[i][1], j) for i, j in unseen])
    blind = _by_clip([i for i, _ in unseen], dark, len(clips))
    gain = right - scored([(several[0], i) for i, several in enumerate(texts)], without_text=True)
    table = np.array([[won[0], won.all(), _mean(some)] for won, some in zip(ahead, blind, strict=True)])
    counts = np.array([len(clip.events) for clip in clips])
    return OrderFigures(
        len(clips),
        *_means(table),
        gain=_mean(gain),
        by_events={int(n): (*_means(table[counts == n]), int((counts == n).sum())) for n in np.unique(counts)},
    )


def _by_clip(numbers: Sequence[int], won: np.ndarray, clips: int) -> list[np.ndarray]:
    """What was won, for each clip."""
    return [won[np.asarray(numbers, dtype=int) == i] for i in range(clips)]


def _texts(clip: CodedClip, worded: Callable[[Iterable[str]], str]) -> list[Prompt]:
    """The events in their order, then in every other one."""
    orders = other_orders(clip.events.keys, "likelihood", clip.name)
    several = [clip.events.texts, *(clip.events.reordered(order).texts for order in orders)]
    return [Prompt(worded(texts), texts) for texts in several]


def _partners(clips: Sequence[CodedClip], place: int, seed: int) -> list[int]:
    """Clips with as many events, not all of them the same ones."""
    mine = sorted(clips[place].events.keys)
    fitting = [i for i, clip in enumerate(clips) if len(clip.events) == len(mine) and sorted(clip.events.keys) != mine]
    drawn = generator("partners", seed, clips[place].name).permutation(len(fitting))[:_PARTNERS]
    return [fitting[i] for i in drawn]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _means(table: np.ndarray) -> tuple[float, float, float]:
    """Means of the columns in percent, over the rows where they are known."""
    columns = table.reshape(-1, 3).T
    car, every, blind = (100 * _mean(column[np.isfinite(column)]) for column in columns)
    return car, every, blind
