"""What an evaluator makes of sets of motions, repeat by repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ConfigError, ModelError
from chronomotion.evaluation.generation.distances import (
    MULTIMODALITY_MOTIONS,
    TooFewError,
    diversity,
    fid,
    matching_distance,
    multimodality,
    precision_ceiling,
    r_precision,
)
from chronomotion.evaluation.generation.evaluators import Evaluator
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.records import MatchFigures, RepeatDraw, Repeated
from chronomotion.evaluation.generation.repeats import Crop, draw, drawn_captions, drawn_crops
from chronomotion.model.encoder import checked_rows
from chronomotion.seeding import generator

__all__ = ["EmbeddedSet", "SetMatcher", "repeated"]


@dataclass(frozen=True, eq=False)
class EmbeddedSet:
    """A set as an evaluator sees it: for each repeat what was drawn, and rows of texts and motions in that order."""

    motions: MotionSet
    unread: int
    draws: tuple[RepeatDraw, ...]
    texts: tuple[Float[np.ndarray, "clips dim"], ...]
    rows: tuple[Float[np.ndarray, "clips dim"], ...]


class SetMatcher:
    """An evaluator with the seed and the number of repeats of an evaluation.

    Raises ConfigError for less than one repeat.
    """

    def __init__(self, evaluator: Evaluator, seed: int, repeats: int) -> None:
        if repeats < 1:
            raise ConfigError(f"repeats must be at least 1, not {repeats}")
        self.evaluator, self.seed, self.repeats = evaluator, seed, repeats

    def embedded(self, motions: MotionSet) -> EmbeddedSet | None:
        """The set, embedded; None where the evaluator reads none of its motions.

        Raises ModelError for features of another width than the evaluator's.
        """
        if self.evaluator.dim is not None and motions.dim != self.evaluator.dim:
            raise ModelError(
                f"{motions.name}: motions of {motions.dim} features a frame, the evaluator {self.evaluator.name} "
                f"takes {self.evaluator.dim}"
            )
        least, most = self.evaluator.frames
        clips = tuple(
            clip
            for clip in motions.clips
            if least <= len(clip.features) and (most is None or len(clip.features) <= most)
        )
        if not clips:
            return None
        usable = replace(motions, clips=clips, joints=None)
        draws = tuple(draw(usable, repeat, self.seed) for repeat in range(self.repeats))
        return EmbeddedSet(
            usable, len(motions) - len(clips), draws, self._texts(usable, draws), self._motions(usable, draws)
        )

    def figures(self, embedded: EmbeddedSet, reference: EmbeddedSet | None) -> MatchFigures:
        """The figures of a set; with a ``reference`` its FID against that."""
        left_out: dict[str, str] = {}

        def values(name: str, measure: Callable[[int], Any]) -> list[Any] | None:
            try:
                return [measure(repeat) for repeat in range(self.repeats)]
            except TooFewError as error:
                left_out[name] = str(error)
                return None

        def measured(name: str, measure: Callable[[int], float]) -> Repeated | None:
            drawn = values(name, measure)
            return None if drawn is None else repeated(drawn)

        words = [[caption.text for caption in drawn_captions(embedded.motions, drawn)] for drawn in embedded.draws]
        texts, rows = embedded.texts, embedded.rows
        top = values("R-precision", lambda n: r_precision(texts[n], rows[n]))
        ceiling = None if top is None else values("ceiling", lambda n: precision_ceiling(words[n]))
        return MatchFigures(
            motions=len(embedded.motions),
            unread=embedded.unread,
            top=_each_repeated(top) if top else (),
            ceiling=_each_repeated(ceiling) if ceiling else (),
            matching=measured("MM-distance", lambda n: matching_distance(texts[n], rows[n])),
            fid=None if reference is None else measured("FID", lambda n: fid(rows[n], reference.rows[n])),
            diversity=measured("diversity", lambda n: diversity(rows[n], self.seed, n)),
            multimodality=measured("multimodality", lambda n: multimodality(_several(embedded, n), self.seed, n)),
            left_out=left_out,
        )

    def fid_halves(self, embedded: EmbeddedSet) -> Repeated:
        """FID of two halves of a set, drawn anew in each repeat. Raises TooFewError where they are too small."""
        values = []
        for repeat, rows in enumerate(embedded.rows):
            order = generator("halves", self.seed, repeat, len(rows)).permutation(len(rows))
            half = len(rows) // 2
            values.append(fid(rows[order[:half]], rows[order[half : 2 * half]]))
        return repeated(values)

    def _texts(self, motions: MotionSet, draws: Sequence[RepeatDraw]) -> tuple[np.ndarray, ...]:
        captions = [drawn_captions(motions, drawn) for drawn in draws]
        known = {(caption.text, caption.tags): 0 for drawn in captions for caption in drawn}
        place = {key: number for number, key in enumerate(known)}
        texts = [text for text, _ in known]
        rows = checked_rows(
            self.evaluator.embed_texts(texts, [tags for _, tags in known]), texts, "the evaluator's embed_texts gave"
        )
        return tuple(rows[[place[caption.text, caption.tags] for caption in drawn]] for drawn in captions)

    def _motions(self, motions: MotionSet, draws: Sequence[RepeatDraw]) -> tuple[np.ndarray, ...]:
        crops = [drawn_crops(drawn) for drawn in draws]
        place: dict[Crop, int] = {}
        for drawn in crops:
            for crop in drawn:
                place.setdefault(crop, len(place))
        names = [motions.clips[crop.clip].name for crop in place]
        rows = checked_rows(
            self.evaluator.embed_motions([crop.of(motions) for crop in place]), names,
            "the evaluator's embed_motions gave",
        )  # fmt: skip
        return tuple(rows[[place[crop] for crop in drawn]] for drawn in crops)


def repeated(values: Sequence[float]) -> Repeated:
    """The mean of a figure over repeats, with its spread."""
    array = np.asarray(values, dtype=np.float64)
    return Repeated(value=float(array.mean()), spread=float(1.96 * array.std() / np.sqrt(len(array))))


def _each_repeated(values: Sequence[np.ndarray]) -> tuple[Repeated, ...]:
    """The same of each place of several arrays."""
    return tuple(repeated(column) for column in np.stack(values).T.tolist())


def _several(embedded: EmbeddedSet, repeat: int) -> Float[np.ndarray, "texts motions dim"]:
    """Rows of the motions of each text that has 30 of them or more; 30 of each, the first in the set."""
    place = {clip: row for row, clip in enumerate(embedded.draws[repeat].clips)}
    groups: dict[str, list[int]] = defaultdict(list)
    for number, clip in enumerate(embedded.motions.clips):
        groups[clip.caption.text].append(place[number])
    full = [group[:MULTIMODALITY_MOTIONS] for group in groups.values() if len(group) >= MULTIMODALITY_MOTIONS]
    if not full:
        most = max(map(len, groups.values()))
        raise TooFewError(
            f"multimodality needs {MULTIMODALITY_MOTIONS} motions of one text, no text has more than {most}"
        )
    return np.asarray(embedded.rows[repeat][np.array(full)])
