"""Models of any kind: how they are named, opened and run on the questions of an evaluation.

A model is an object with ``encode_text`` and ``encode_motion``, an object with ``similarity`` alone, or an object that
answers the questions itself (a file of embeddings, the oracle of :mod:`chronomotion.evaluation.reference`).
"""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ChronomotionError, ModelError, require
from chronomotion.evaluation.answers import Answers, Similarities, Vectors
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import BagOfEvents, RandomVectors
from chronomotion.evaluation.store import Store
from chronomotion.model.encoder import MotionTextEncoder, checked_rows, unit
from chronomotion.model.packaged import extra_of

__all__ = [
    "Answering",
    "Model",
    "SimilarityModel",
    "answers_of",
    "fingerprint_of",
    "is_ours",
    "open_model",
    "unit_vectors",
]

log = logging.getLogger(__name__)

_OBJECT = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<object>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_UNIT = 1e-3
"""Tolerance on the length of a unit vector, wide enough for half precision."""


@runtime_checkable
class SimilarityModel(Protocol):
    """A model without vectors, for example a cross-encoder, which reads text and motion together."""

    def similarity(
        self, texts: Sequence[str], motions: Sequence[Float[np.ndarray, "_ features"]]
    ) -> Float[np.ndarray, "texts motions"]:
        """A score for every text with every motion; higher means a better match."""


@runtime_checkable
class Answering(Protocol):
    """A model that answers the questions of an evaluation itself."""

    def answers(self, questions: Questions) -> Answers:
        """The answers of the model to these questions."""


Model: TypeAlias = MotionTextEncoder | SimilarityModel | Answering


def is_ours(name: str) -> bool:
    """Whether :func:`open_model` takes a name as the place of a model of ours (or of a published checkpoint)."""
    return name not in ("random", "bag-of-events") and _OBJECT.fullmatch(name) is None


def open_model(name: str, *, seed: int = 0, cache: str | Path | None = None, **loading: Any) -> Model:
    """The model of a name.

    - ``random`` and ``bag-of-events``: the reference models; ``seed`` draws their vectors.
    - ``package.module:object``: any object in Python. An instance with the methods is taken as it is, a class or a
      factory is called without arguments. Modules are looked for in the current folder too.
    - any other name: a folder or a hub id of a model of ours; ``cache`` keeps token states of texts, and ``loading`` is
      what else its ``from_pretrained`` takes.

    Raises ModelError, in one line, when there is no such model or it lacks the methods; MissingExtraError when a model
    of ours needs torch and torch is not installed.
    """
    if name == "random":
        return RandomVectors(seed)
    if name == "bag-of-events":
        return BagOfEvents(seed)
    match = _OBJECT.fullmatch(name)
    if match:
        return _checked(_imported(match["module"], match["object"], name), name)
    require("torch", extra_of(name))
    from chronomotion.model.motion_text import MotionTextModel

    return MotionTextModel.from_pretrained(name, cache=cache, **loading)


def fingerprint_of(model: Model) -> str | None:
    """The model's identity: its attribute (or method) ``fingerprint``, None where it has none."""
    fingerprint = getattr(model, "fingerprint", None)
    fingerprint = fingerprint() if callable(fingerprint) else fingerprint
    return None if fingerprint is None else str(fingerprint)


def answers_of(model: Model, questions: Questions, store: Store | None = None) -> Answers:
    """The answers of a model. Texts and motions are encoded once, a shard at a time, and kept in ``store``.

    Raises ModelError, with row number and text or clip, when the model's answer cannot be used or the model fails.
    """
    if isinstance(model, Answering):
        return model.answers(questions)
    if not isinstance(model, MotionTextEncoder):
        similarity = _with_model_errors(model.similarity, "similarity")
        return Similarities(
            similarity, questions.texts.__getitem__, lambda row: np.array(questions.features(questions.motions[row]))
        )
    rows = partial((store or Store()).rows, questions.fingerprint)
    texts, motions = questions.texts, questions.motions
    encode_text, encode_motion = (
        _with_model_errors(model.encode_text, "encode_text"),
        _with_model_errors(model.encode_motion, "encode_motion"),
    )

    def text_rows(numbers: Sequence[int]) -> np.ndarray:
        batch = [texts[i] for i in numbers]
        return checked_rows(encode_text(batch), batch, "encode_text gave", numbers=numbers)

    def motion_rows(numbers: Sequence[int]) -> np.ndarray:
        names = [motions[i] for i in numbers]
        batch = [np.array(questions.features(name)) for name in names]  # copies: a model may write into them
        return checked_rows(encode_motion(batch), names, "encode_motion gave", numbers=numbers)

    by_length = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
    return unit_vectors(
        rows("texts", by_length, text_rows),
        rows("motions", range(len(motions)), motion_rows),
        "the model gave",
    )


def unit_vectors(texts: np.ndarray, motions: np.ndarray, source: str) -> Vectors:
    """Checked rows of texts and motions as unit vectors; logs a warning where they had another length.

    ``source`` begins the messages ("the model gave"). Raises ModelError when texts and motions differ in width.
    """
    if texts.shape[1] != motions.shape[1]:
        raise ModelError(
            f"{source} vectors of {texts.shape[1]} numbers for texts and of {motions.shape[1]} for motions: "
            "they have to lie in one space"
        )
    every = np.concatenate([np.linalg.norm(rows.astype(np.float64), axis=1) for rows in (texts, motions)])
    if np.abs(every - 1).max() > _UNIT:
        log.warning(
            "%s vectors of length %.3g to %.3g: they are made unit vectors, so that scores are cosines",
            source,
            every.min(),
            every.max(),
        )
    return Vectors(unit(texts), unit(motions))


def _imported(module: str, path: str, name: str) -> Any:
    """The object at ``path`` in a module. The current folder stays importable, because the model may import later."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        target: Any = importlib.import_module(module)
    except Exception as error:  # a user's module may raise anything
        raise ModelError(f"model {name}: {module} cannot be imported from {here} ({_line(error)})") from error
    for part in path.split("."):
        if not hasattr(target, part):
            public = [attribute for attribute in vars(target) if not attribute.startswith("_")]
            raise ModelError(f"model {name}: {module} has no {path!r}; it has {', '.join(public[:12]) or 'nothing'}")
        target = getattr(target, part)
    return target


def _checked(candidate: Any, name: str) -> Model:
    """The model itself, or the instance that a class or a factory makes; its methods are checked."""
    if inspect.isclass(candidate) or (callable(candidate) and not isinstance(candidate, Model)):
        try:
            candidate = candidate()
        except Exception as error:
            raise ModelError(f"model {name}: calling it without arguments failed ({_line(error)})") from error
    if isinstance(candidate, MotionTextEncoder):
        _require_arguments(candidate, {"encode_text": "texts", "encode_motion": "motions"}, name)
    elif isinstance(candidate, SimilarityModel):
        _require_arguments(candidate, {"similarity": "texts, motions"}, name)
    elif not isinstance(candidate, Answering):
        raise ModelError(
            f"model {name}: a {type(candidate).__name__} has neither encode_text and encode_motion nor similarity"
        )
    model: Model = candidate
    return model


def _require_arguments(model: Any, methods: dict[str, str], name: str) -> None:
    for method, arguments in methods.items():
        bound = getattr(model, method)
        try:
            signature = inspect.signature(bound)
        except (TypeError, ValueError):  # compiled code has no signature
            continue
        try:
            signature.bind(*arguments.split(", "))
        except TypeError as error:
            raise ModelError(
                f"model {name}: {method}{signature} cannot be called as {method}({arguments}) ({error})"
            ) from error


def _with_model_errors(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The method of a model; any exception in it becomes a ModelError of one line."""

    def called(*arguments: Any) -> Any:
        try:
            return method(*arguments)
        except ChronomotionError:
            raise
        except Exception as error:
            raise ModelError(f"{name} failed ({_line(error)}); --debug shows where") from error

    return called


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
