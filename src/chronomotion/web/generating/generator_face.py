"""A generator in a folder, as the service asks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.requests import MOST_EVENTS, GenerationRequest
from chronomotion.web.generating.maker import MadeMotion, MakerFacts, MotionPlan, MotionWish

__all__ = ["GeneratorFace"]

_SECONDS, _EVENTS = 60.0, 20
"""The longest motion that is made over HTTP, and the most events in it."""


class GeneratorFace:
    """A :class:`MotionMaker` of a :class:`chronomotion.generation.generator.Generator`."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    @classmethod
    def open(cls, folder: Path) -> GeneratorFace:
        """The generator in a folder. Raises ModelError when there is none, or it cannot be read."""
        return cls(Generator.from_pretrained(folder))

    @cached_property
    def facts(self) -> MakerFacts:
        """The name of its folder, and what is made over HTTP: more than it makes in one go."""
        generator = self.generator
        return MakerFacts(
            generator.name, generator.fingerprint, _SECONDS, min(_EVENTS, MOST_EVENTS), generator.tokenizer.fps
        )

    def plan(self, wish: MotionWish) -> MotionPlan:
        """Events and seconds of a wish, checked."""
        return MotionPlan(*self.generator.planned(_request(wish)))

    def make(self, wishes: Sequence[MotionWish]) -> Iterator[MadeMotion]:
        """A motion for every wish. Those in a row that want the same settings are made together."""
        for (sampling, clean), group in groupby(wishes, lambda wish: (_sampling(wish), wish.clean)):
            for generated in self.generator.iterate([*map(_request, group)], sampling=sampling, clean=clean):
                yield MadeMotion(generated.motion, generated.spans, figures=generated.figures)


def _request(wish: MotionWish) -> GenerationRequest:
    return GenerationRequest(wish.text, wish.events, wish.seconds, wish.seed)


def _sampling(wish: MotionWish) -> Sampling:
    """The generator's own settings, but for those of the wish."""
    asked = {name: getattr(wish, name) for name in ("guidance", "temperature", "top_p")}
    return Sampling(**{name: value for name, value in asked.items() if value is not None})
