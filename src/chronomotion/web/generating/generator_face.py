"""A generator in a folder, as the service asks it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

from chronomotion.errors import ModelError
from chronomotion.generation.events_seen import EventEye
from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.requests import MOST_EVENTS, GenerationRequest
from chronomotion.generation.reranking import check_reader
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.web.generating.maker import MadeMotion, MakerFacts, MotionPlan, MotionWish

__all__ = ["GeneratorFace"]

log = logging.getLogger(__name__)

_SECONDS, _EVENTS = 60.0, 20
"""The longest motion that is made over HTTP, and the most events in it."""


class GeneratorFace:
    """A :class:`MotionMaker` of a :class:`chronomotion.generation.generator.Generator`; ``eye`` looks for the events in
    what was made.
    """

    def __init__(self, generator: Generator, eye: EventEye | None = None) -> None:
        self.generator, self.eye = generator, eye

    @classmethod
    def open(cls, folder: Path, reader: tuple[MotionTextModel, str | Path] | None = None) -> GeneratorFace:
        """The generator in a folder. Its events are looked for by the model in its folder ``judge``, else by
        ``reader``, a motion-text model and where it is from, where that reads what the generator makes.

        Raises ModelError when there is no generator, or it cannot be read.
        """
        generator = Generator.from_pretrained(folder)
        judge = folder / "judge"
        if (judge / "config.json").is_file():
            reader = MotionTextModel.from_pretrained(judge), judge
        return cls(generator, None if reader is None else _eye(generator, *reader))

    @cached_property
    def facts(self) -> MakerFacts:
        """The name of its folder, and what is made over HTTP: more than it makes in one go."""
        generator, tokenizer, sampling = self.generator, self.generator.tokenizer, Sampling()
        return MakerFacts(
            name=generator.name,
            fingerprint=generator.fingerprint,
            seconds_limit=_SECONDS,
            events_limit=min(_EVENTS, MOST_EVENTS),
            fps=tokenizer.fps,
            stretch=generator.seconds_limit,
            step=tokenizer.frames_per_token / tokenizer.fps,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
        )

    def plan(self, wish: MotionWish) -> MotionPlan:
        """Events and seconds of a wish, checked."""
        return MotionPlan(*self.generator.planned(_request(wish)))

    def make(self, wishes: Sequence[MotionWish]) -> Iterator[MadeMotion]:
        """A motion for every wish. Those in a row that want the same settings are made together."""
        for (sampling, clean), group in groupby(wishes, lambda wish: (_sampling(wish), wish.clean)):
            for generated in self.generator.iterate([*map(_request, group)], sampling=sampling, clean=clean):
                found = None if self.eye is None else self.eye.look(generated.motion, generated.events).found
                yield MadeMotion(generated.motion, generated.spans, found, generated.figures)


def _eye(generator: Generator, model: MotionTextModel, source: str | Path) -> EventEye | None:
    """What looks at the motions; nothing where the model reads other features."""
    try:
        check_reader(model, generator.tokenizer.dim, generator.tokenizer.fps, generator.name)
    except ModelError as error:
        log.info("nobody looks for the events in what is made: %s", error)
        return None
    return EventEye(model, source)


def _request(wish: MotionWish) -> GenerationRequest:
    return GenerationRequest(wish.text, wish.events, wish.seconds, wish.seed)


def _sampling(wish: MotionWish) -> Sampling:
    """The generator's own settings, but for those of the wish."""
    asked = {name: getattr(wish, name) for name in ("guidance", "temperature", "top_p")}
    return Sampling(**{name: value for name, value in asked.items() if value is not None})
