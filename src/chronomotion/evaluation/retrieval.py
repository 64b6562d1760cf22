"""Retrieval: does a caption find its motion, and a motion its caption?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from jaxtyping import Float, Int

from chronomotion.evaluation.answers import Answers, Matrix
from chronomotion.evaluation.protocols import PROTOCOLS, Pairs, Protocol, ProtocolInputs, Unavailable, stories
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.ranking import EqualLabels, rank, recalls
from chronomotion.evaluation.report_records import Ranks, Retrieved

__all__ = ["Gallery", "order_tolerance", "retrieval", "run_protocol"]

Places = Int[np.ndarray, " _"]

_WHOLE_BYTES = 1 << 30
"""Score matrices up to this size are computed once and kept; larger ones are computed in blocks."""


class Gallery:
    """Scores of some texts with some motions, whole where they fit into memory."""

    def __init__(self, answers: Answers, texts: Places, motions: Places) -> None:
        self.answers, self.texts, self.motions = answers, texts, motions
        fits = 4 * len(texts) * len(motions) <= _WHOLE_BYTES
        self._whole = answers.scores(texts, motions) if fits else None

    def block(self, rows: Places) -> Float[np.ndarray, "rows motions"]:
        """Neighbouring texts with all motions."""
        if self._whole is not None:
            return self._whole[rows[0] : rows[-1] + 1]
        return self.answers.scores(self.texts[rows], self.motions)

    def part(self, chosen: Places) -> Gallery:
        """The gallery of the chosen pairs: their texts with their motions."""
        if self._whole is not None:
            places = np.arange(len(chosen))
            return Gallery(Matrix(self._whole[np.ix_(chosen, chosen)]), places, places)
        return Gallery(self.answers, self.texts[chosen], self.motions[chosen])


def retrieval(
    questions: Questions, answers: Answers, material: ProtocolInputs, protocols: Iterable[Protocol] = PROTOCOLS
) -> tuple[dict[str, Retrieved], dict[str, Ranks], dict[str, str]]:
    """(figures, ranks of single clips, reasons) by the protocol's name; a reason says why a protocol was left out.

    Protocols over the same pairs share their scores.
    """
    figures, ranks, reasons = {}, {}, {}
    galleries: dict[Callable[[Questions], Pairs], tuple[Pairs, Gallery]] = {}
    for protocol in protocols:
        try:
            if protocol.pairs not in galleries:
                pairs = protocol.pairs(questions)
                galleries[protocol.pairs] = pairs, Gallery(answers, pairs.texts, pairs.motions)
            figures[protocol.name], ranks[protocol.name] = run_protocol(
                protocol, questions, *galleries[protocol.pairs], material
            )
        except Unavailable as reason:
            reasons[protocol.name] = str(reason)
    return figures, ranks, reasons


def run_protocol(
    protocol: Protocol, questions: Questions, pairs: Pairs, gallery: Gallery, material: ProtocolInputs
) -> tuple[Retrieved, Ranks]:
    """Figures and ranks of one protocol. Raises Unavailable when one of its inputs is missing."""
    everything = np.arange(len(pairs.texts))
    cut = protocol.galleries(questions, pairs, material)
    rankings = []
    for places in cut:
        part = gallery if np.array_equal(places, everything) else gallery.part(places)
        right = protocol.right(questions, pairs, places, material)
        rankings.append(rank(part.block, len(part.texts), len(part.motions), right, ties=protocol.ties))
    order = np.argsort(np.concatenate([pairs.clips[places[places < len(pairs.motions)]] for places in cut]))
    figures: dict[str, dict[str, float] | None] = {"t2m": None, "m2t": None}
    ranks: dict[str, list[float] | None] = {"t2m": None, "m2t": None}
    for way in protocol.ways:
        sides = [getattr(ranking, way) for ranking in rankings]
        figures[way] = _averaged([recalls(side) for side in sides])
        ranks[way] = np.concatenate(sides)[order].tolist()
    clips = np.sort(np.concatenate([pairs.clips[places[places < len(pairs.motions)]] for places in cut]))
    return (
        Retrieved(texts=len(cut[0]), motions=len(rankings[0].m2t), settings=protocol.settings, **figures),
        Ranks(places=clips.tolist(), **ranks),
    )


def _averaged(figures: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([recall[name] for recall in figures])) for name in figures[0]}


def order_tolerance(questions: Questions, answers: Answers) -> dict[str, float]:
    """Recalls of shuffled captions for motions with their ORIGINAL story: does a jumbled description still find its
    motion? Empty without trials.

    A high recall means tolerance. A model that knows order ranks motions of the caption's order first, and motions with
    the same events in other orders close behind. Compare it with the text-to-motion recalls of the protocol ``story``.
    """
    if not questions.trials:
        return {}
    pairs = stories(questions)
    shuffles = np.array([trial.texts_by_wording["neutral"].shuffled[0] for trial in questions.trials])
    gallery = Gallery(answers, shuffles, pairs.motions)
    right = EqualLabels(pairs.stories, pairs.stories)
    return recalls(rank(gallery.block, len(shuffles), len(pairs.motions), right, ties="wrong").t2m)
