"""Where the numbers of a text come from: a language model, CLIP, or a motion-text model. Frozen, and read once.

Every text is read by itself. In a batch its last digits would depend on the texts beside it, and the same seed would
not give the same motion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.generation.prior.clip_vectors import ClipModel
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates

__all__ = ["ClipTexts", "LanguageTexts", "ModelTexts", "TextSource", "texts_of"]

CLIP = "clip:"

Value = TypeVar("Value")


@runtime_checkable
class TextSource(Protocol):
    """Numbers of texts, the same for a text whatever it is asked with.

    ``vector_dim`` is the width of vectors, one a text; ``state_dim`` that of states, one a token.
    """

    name: str

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints give equal numbers."""

    @property
    def vector_dim(self) -> int:
        """Width of the vectors."""

    @property
    def state_dim(self) -> int:
        """Width of the states."""

    def prepare(self, texts: Iterable[str]) -> None:
        """Read texts in advance."""

    def vectors(self, texts: Sequence[str]) -> Float[np.ndarray, "texts vector_dim"]:
        """A vector for each text, float32."""

    def states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens state_dim"]]:
        """The states of each text, float32."""

    def save(self, folder: Path) -> None:
        """Keep with a prior in ``folder`` what cannot be had elsewhere."""


class _Alone(TextBackbone):
    """A language model that reads every text by itself."""

    @cached_property
    def fingerprint(self) -> str:
        """That of the language model; its states may differ in the last digit."""
        return f"{super().fingerprint}-alone"

    def token_states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens dim"]]:
        """As ever, but one text at a time."""
        return [super(_Alone, self).token_states([text])[0] for text in texts]


class LanguageTexts:
    """Token states of a frozen language model; the vector of a text is their mean. ``cache`` keeps them on disk."""

    def __init__(self, name: str, *, device: str = "cpu", cache: str | Path | None = None) -> None:
        self.name = name
        self._states = TextStates(_Alone(name, device), cache)

    @property
    def fingerprint(self) -> str:
        """That of the language model."""
        return self._states.backbone.fingerprint

    @property
    def vector_dim(self) -> int:
        """Width of the states."""
        return self._states.backbone.dim

    @property
    def state_dim(self) -> int:
        """Width of the states."""
        return self._states.backbone.dim

    def prepare(self, texts: Iterable[str]) -> None:
        """Read texts in advance."""
        self._states.prepare(texts)

    def vectors(self, texts: Sequence[str]) -> Float[np.ndarray, "texts vector_dim"]:
        """The mean of the states of each text."""
        return np.stack([states.mean(axis=0) for states in self.states(texts)])

    def states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens state_dim"]]:
        """The states of each text, special tokens included."""
        return [np.asarray(states, dtype=np.float32) for states in self._states.get(texts)]

    def save(self, folder: Path) -> None:
        """Nothing: the name is enough."""


class ModelTexts:
    """A motion-text model: vectors are its embeddings of texts, states those of its language model, tuned or frozen."""

    def __init__(self, model: MotionTextModel, name: str = "") -> None:
        self.model, self.name = model.eval(), name
        self._vectors = _Memory(lambda text: np.asarray(model.encode_text(text)))
        self._read = _Memory(self._states_of)

    @cached_property
    def fingerprint(self) -> str:
        """That of the model."""
        return self.model.fingerprint

    @property
    def vector_dim(self) -> int:
        """Width of the embeddings."""
        return self.model.config.latent_dim

    @property
    def state_dim(self) -> int:
        """Width of the language model's states."""
        return self.model.config.text_dim

    def prepare(self, texts: Iterable[str]) -> None:
        """Nothing: texts are read when they are asked for, and then kept."""

    def vectors(self, texts: Sequence[str]) -> Float[np.ndarray, "texts vector_dim"]:
        """The embedding of each text."""
        return np.stack([self._vectors(text) for text in texts])

    def states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens state_dim"]]:
        """The states of each text, special tokens included."""
        return [self._read(text) for text in texts]

    def save(self, folder: Path) -> None:
        """The model, in the folder ``text`` beside the prior."""
        self.model.save_pretrained(folder / "text")

    def _states_of(self, text: str) -> np.ndarray:
        import torch

        language_model = self.model.language_model
        if language_model is None:
            return np.asarray(self.model.states.backbone.token_states([text])[0], dtype=np.float32)
        ids, lengths = language_model.pad(language_model.tokenise([text]), self.model.device)
        with torch.inference_mode():
            states: np.ndarray = language_model(ids, lengths)[0].float().cpu().numpy()
        return states


class ClipTexts:
    """CLIP's pooled and projected vector of a text, as T2M-GPT reads it; states are the token states."""

    def __init__(self, name: str, *, device: str = "cpu") -> None:
        self.name = name
        self._model = ClipModel(name.removeprefix(CLIP), device)
        self._read = _Memory(self._model.read)

    @property
    def fingerprint(self) -> str:
        """That of the model's files."""
        return self._model.fingerprint

    @property
    def vector_dim(self) -> int:
        """Width of the projection."""
        return self._model.vector_dim

    @property
    def state_dim(self) -> int:
        """Width of the states."""
        return self._model.state_dim

    def prepare(self, texts: Iterable[str]) -> None:
        """Nothing: texts are read when they are asked for, and then kept."""

    def vectors(self, texts: Sequence[str]) -> Float[np.ndarray, "texts vector_dim"]:
        """The projected vector of each text."""
        return np.stack([self._read(text)[0] for text in texts])

    def states(self, texts: Sequence[str]) -> list[Float[np.ndarray, "tokens state_dim"]]:
        """The states of each text, special tokens included."""
        return [self._read(text)[1] for text in texts]

    def save(self, folder: Path) -> None:
        """Nothing: the name is enough."""


class _Memory(Generic[Value]):
    """What was read of each text, read once."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        self._read, self._known = read, dict[str, Value]()

    def __call__(self, text: str) -> Value:
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]


def texts_of(
    name: str, *, device: str = "cpu", cache: str | Path | None = None, beside: Path | None = None
) -> TextSource:
    """The source that a name means: ``clip:`` and a CLIP model, a model of ours (a folder, ``starter``), or a language
    model. ``beside`` is the folder of a prior, which may hold its text model itself.

    Raises ModelError when there is no such model.
    """
    if beside is not None and (beside / "text" / "config.json").is_file():
        return ModelTexts(MotionTextModel.from_pretrained(beside / "text", cache=cache, device=device), name)
    if name.startswith(CLIP):
        return ClipTexts(name, device=device)
    if name == "starter" or _is_ours(Path(name)):
        return ModelTexts(MotionTextModel.from_pretrained(name, cache=cache, device=device), name)
    return LanguageTexts(name, device=device, cache=cache)


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds a motion-text model of ours."""
    try:
        info = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return any((folder / name).exists() for name in ("best_model_mt.pt", "motion_encoder.pt", "last_weights"))
    return isinstance(info, dict) and "format_version" in info and "model" in info
