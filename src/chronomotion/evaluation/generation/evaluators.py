"""Evaluators: who embeds motions and texts in one space, so that distances mean something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.evaluation.models import fingerprint_of
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts

__all__ = ["Evaluator", "ModelEvaluator", "Tags"]

Tags = tuple[tuple[str, str], ...]
"""(lemma, universal part of speech) pairs of a caption."""


@runtime_checkable
class Evaluator(Protocol):
    """Embeds motions and texts. Figures hold for one evaluator, by its ``fingerprint``."""

    @property
    def name(self) -> str:
        """For tables."""

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints give equal embeddings."""

    @property
    def dim(self) -> int | None:
        """Width of the features that it takes; None where it takes any."""

    @property
    def frames(self) -> tuple[int, int | None]:
        """Fewest and most frames of a motion that it reads."""

    def embed_motions(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A row for every motion; features as a corpus holds them."""

    def embed_texts(
        self, texts: Sequence[str], tags: Sequence[Tags | None] | None = None
    ) -> Float[np.ndarray, "texts dim"]:
        """A row for every text; ``tags`` are those of the data set, where it has them."""


class ModelEvaluator:
    """Any motion-text model as evaluator: one that comes with the package, one trained on the same corpus, or yours.

    Its vectors have length 1, so that distances lie between 0 and 2.
    Raises ModelError for a model without a fingerprint, unless one is given.
    """

    def __init__(self, model: MotionTextEncoder, name: str, fingerprint: str | None = None) -> None:
        known = fingerprint or fingerprint_of(model)
        if known is None:
            raise ModelError(f"{name} has no fingerprint: give one, so that figures of two evaluators are not mixed")
        self.model, self.name, self.fingerprint = model, name, known

    @property
    def dim(self) -> int | None:
        """As the model's settings say."""
        dim = getattr(getattr(self.model, "config", None), "motion_dim", None)
        return None if dim is None else int(dim)

    @property
    def frames(self) -> tuple[int, int | None]:
        """Any number."""
        return 1, None

    def embed_motions(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """Unit vectors."""
        return encode_motions(self.model, motions)

    def embed_texts(
        self,
        texts: Sequence[str],
        tags: Sequence[Tags | None] | None = None,  # noqa: ARG002
    ) -> Float[np.ndarray, "texts dim"]:
        """Unit vectors, each text read once."""
        vectors = encode_texts(self.model, texts)
        return np.stack([vectors[text] for text in texts])
