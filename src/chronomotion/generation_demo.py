"""The demonstration of generation: train a small generator, and film four stories and their reverse."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import Source
from chronomotion.errors import CorpusError
from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.requests import GenerationRequest
from chronomotion.generation.result import Generated
from chronomotion.generation.settings import GeneratorSettings, read_generator_recipe
from chronomotion.generation.train import train_generator
from chronomotion.language.narrate import narrate
from chronomotion.language.wording import predicate
from chronomotion.motion.render import film

__all__ = ["Film", "generate_films", "generation_settings"]

log = logging.getLogger(__name__)

FILMS = 8
_GUIDANCE = 1.75
_EVENTS = (1, 3)


@dataclass(frozen=True)
class Film:
    """A sentence, and the film of a motion that was made for it."""

    text: str
    path: Path
    seconds: float
    skating: float


def generation_settings(seed: int, epochs: int | None = None) -> GeneratorSettings:
    """The preset ``small``; ``epochs`` of both trainings, for a quicker one."""
    small = read_generator_recipe(preset="small", environment={}).settings
    tokenizer, prior = replace(small.tokenizer, seed=seed), replace(small.prior, seed=seed)
    if epochs is not None:
        tokenizer, prior = replace(tokenizer, epochs=epochs), replace(prior, epochs=epochs)
    return replace(small, tokenizer=tokenizer, prior=prior)


def generate_films(
    source: Source, folder: Path, *, train_motions: int = 2000, seed: int = 0, settings: GeneratorSettings | None = None
) -> list[Film]:
    """Compose a corpus in all orders, train a small generator on it, and film two events and their reverse, four times.

    What ``folder`` already holds is reused, so that an interrupted call goes on. Raises CorpusError when the folder
    holds the corpus of another demonstration, or the source has too few actions.
    """
    counts = {"train": train_motions, "val": max(20, train_motions // 10), "test": 4 * FILMS}
    corpus = compose(source, folder / "generation", counts, order="uniform", events=_EVENTS, seed=seed)
    log.info("training a generator: its tokenizer, then its prior")
    train_generator(corpus, folder / "generator", settings or generation_settings(seed), cache=folder / "text")
    generator = Generator.from_pretrained(folder / "generator")
    (folder / "films").mkdir(exist_ok=True)
    told = [order for events in _stories(corpus)[: FILMS // 2] for order in (events, events[::-1])]
    requests = [GenerationRequest(narrate(events, "then"), events, seed=seed) for events in told]
    made = generator.generate(requests, sampling=Sampling(guidance=_GUIDANCE))
    return [_filmed(motion, folder / "films" / f"{number:02d}.gif") for number, motion in enumerate(made, start=1)]


def _stories(corpus: Corpus) -> list[tuple[str, ...]]:
    """Pairs of different events of the test split, each pair in one order only. Raises CorpusError where there are too
    few."""
    stories: dict[frozenset[str], tuple[str, ...]] = {}
    for events in _events(corpus):
        if len(set(events)) == 2:
            stories.setdefault(frozenset(events), tuple(events))
    if len(stories) < FILMS // 2:
        raise CorpusError(f"{corpus.folder}: {len(stories)} pairs of different events, {FILMS // 2} are to be filmed")
    return list(stories.values())


def _events(corpus: Corpus) -> Iterator[Sequence[str]]:
    for name in corpus.split("test"):
        events = corpus.captions(name)[0].events
        if events is not None and len(events.texts) == 2:
            yield events.texts


def _filmed(made: Generated, path: Path) -> Film:
    spans = [(start, end, predicate(text)) for text, (start, end) in zip(made.events, made.spans, strict=False)]
    film(made.motion, path, events=spans, titles=made.request.text)
    return Film(made.request.text, path, made.seconds, made.figures["skating"])
