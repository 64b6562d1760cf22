"""A copy of a corpus whose captions carry other events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption
from chronomotion.language.decompose.decomposition import Decomposition

__all__ = ["with_events"]


def with_events(corpus: Corpus, dest: Path, decompositions: Iterable[Decomposition]) -> Corpus:
    """A copy of a corpus whose captions carry these events, one decomposition for every caption in its order.

    Times of events that are still the same ones stay. Nothing is written unless everything is there. Raises CorpusError
    when ``dest`` is taken, or the decompositions are not those of the corpus's captions.
    """
    return recaptioned(corpus, dest, _captions(corpus, decompositions))


def _captions(corpus: Corpus, decompositions: Iterable[Decomposition]) -> Iterator[list[Caption]]:
    """The captions of every clip with their decompositions."""
    following = iter(decompositions)
    for name in corpus.names:
        yield [_with(caption, next(following, None)) for caption in corpus.captions(name)]
    if next(following, None) is not None:
        raise CorpusError(f"{corpus.folder}: more decompositions than captions")


def _with(caption: Caption, decomposition: Decomposition | None) -> Caption:
    if decomposition is None or decomposition.caption != caption.text:
        other = "nothing" if decomposition is None else repr(decomposition.caption[:60])
        raise CorpusError(f"the decomposition of {caption.text[:60]!r} is missing: found {other}")
    events = decomposition.events
    if caption.events is not None and caption.events.texts == events.texts and events.spans is None:
        events = replace(events, spans=caption.events.spans, labels=caption.events.labels)
    return replace(caption, events=events)
