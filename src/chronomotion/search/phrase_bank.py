"""A bank of sentences of what people do, with which everything that a motion could show is compared."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from chronomotion.atomic_write import atomic_write
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_texts

__all__ = ["PhraseBank", "phrases"]

_TEMPERATURE = 0.1
_ALIKE = 0.2
"""How fast phrases stop saying the same with the distance of their vectors (1 - cosine)."""
_BESIDE = 0.05
"""The same where an event is compared with phrases: only the nearest few count."""


@cache
def phrases() -> tuple[str, ...]:
    """The bundled phrases as sentences in neutral wording, one event each."""
    table: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
    return tuple(neutral(f"a person {phrase}.") for kind in table.values() for phrase in kind)


@dataclass(frozen=True, eq=False)
class PhraseBank:
    """The phrases as unit vectors of a model, as exact as float16.

    ``model`` is the model's fingerprint and ``phrases`` a hash of the sentences; each is empty where it is not known.
    """

    vectors: Float[np.ndarray, "phrases dim"]
    model: str = ""
    phrases: str = ""

    @classmethod
    def encode(cls, model: MotionTextEncoder, sentences: Sequence[str] = ()) -> PhraseBank:
        """The bundled phrases, or other sentences. Raises ModelError when the model's answer cannot be used."""
        texts = tuple(sentences) or phrases()
        rows = encode_texts(model, texts)
        vectors = np.stack([rows[text] for text in texts]).astype(np.float16).astype(np.float32)
        return cls(vectors, _fingerprint(model), _digest(texts))

    @classmethod
    def kept(cls, model: MotionTextEncoder, file: Path) -> PhraseBank:
        """The bundled phrases from a file, which is written, or written anew, where it does not hold them as this
        model and this version have them. Raises WriteError when it cannot be written.
        """
        digest = _digest(phrases(), _fingerprint(model))
        try:
            with safe_open(file, framework="numpy") as kept:
                if (kept.metadata() or {}).get("digest") == digest:
                    vectors = kept.get_tensor("vectors").astype(np.float32)
                    return cls(vectors, _fingerprint(model), _digest(phrases()))
        except (OSError, SafetensorError):  # not there, or cut off
            pass
        bank = cls.encode(model)
        with atomic_write(file) as part:
            part.write_bytes(save({"vectors": bank.vectors.astype(np.float16)}, {"digest": digest}))
        return bank

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def weights(self) -> Float[np.ndarray, " phrases"]:
        """What each phrase counts: phrases that say much the same, to this model, share the weight of one."""
        alike = np.exp((self.vectors @ self.vectors.T - 1) / _ALIKE)
        return np.asarray(1 / alike.sum(axis=1))

    def background(self, moments: Float[np.ndarray, "moments dim"]) -> Float[np.ndarray, " moments"]:
        """How near each moment is to what people do, whatever it is: a soft maximum of its cosines with the phrases."""
        scores = moments @ self.vectors.T / _TEMPERATURE
        highest = scores.max(axis=1, initial=-np.inf)
        sums = np.exp(scores - highest[:, None]) @ self.weights
        return np.asarray(_TEMPERATURE * (np.log(sums) + highest))

    def between(
        self, events: Float[np.ndarray, "events dim"], values: Float[np.ndarray, " phrases"]
    ) -> Float[np.ndarray, " events"]:
        """Values that are known for the phrases, for other events: the mean over phrases near in meaning."""
        cosines = events @ self.vectors.T
        near = np.exp((cosines - cosines.max(axis=1, keepdims=True)) / _BESIDE)
        return np.asarray(near @ values / near.sum(axis=1))


def _fingerprint(model: MotionTextEncoder) -> str:
    return str(getattr(model, "fingerprint", "") or "")


def _digest(*texts: Sequence[str] | str) -> str:
    return hashlib.blake2b(repr(texts).encode(), digest_size=16).hexdigest()
