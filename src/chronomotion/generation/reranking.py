"""The best of several attempts at one request, by a motion-text model: whether a motion shows the text, its events, and
these in their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.generation.result import Choice
from chronomotion.language.caption import Events
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.matching import Matcher, Weights
from chronomotion.model.motion_windows import MotionWindows

__all__ = ["best_of", "check_reader"]

_WEIGHTS = Weights(vector=1.0, events=1.0, order=1.0)


def best_of(
    model: MotionTextEncoder,
    text: str,
    events: Sequence[str],
    attempts: Sequence[Float[np.ndarray, "_ dim"]],
    fps: float,
) -> Choice:
    """Which attempt, as features, shows the text and its events in their order best; of equal ones the first.

    A score is the cosine of text and motion + how well its events are found, one behind the other + how much better
    than in any other order. A function of its arguments. Raises ModelError when the model cannot read the motions.
    """
    cosines = encode_motions(model, attempts) @ encode_texts(model, [text])[text]
    told = Events(tuple(events))
    windows = MotionWindows.encode(model, attempts, fps)
    terms = Matcher(windows, Matcher.event_vectors(model, [told])).terms([told])
    scores = _WEIGHTS.vector * cosines + _WEIGHTS.events * terms.events[0] + _WEIGHTS.order * terms.order[0]
    return Choice(
        int(np.argmax(np.round(scores, 6))),
        _rounded(scores),
        _rounded(cosines),
        _rounded(terms.events[0]),
        _rounded(terms.order[0]),
    )


def check_reader(model: MotionTextEncoder, dim: int, fps: float, name: str) -> None:
    """Raises ModelError when a model of ours reads other features than a generator of ``dim`` and ``fps`` makes."""
    config = getattr(model, "config", None)
    if config is None:
        return
    if config.motion_dim != dim or abs(config.fps - fps) > 1e-6:
        raise ModelError(
            f"the motion-text model reads {config.motion_dim} features a frame at {config.fps:g} frames a second, but "
            f"{name} makes {dim} at {fps:g}: give a model that was trained on the same skeleton"
        )


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(np.round(np.asarray(values, dtype=np.float64), 6).tolist())
