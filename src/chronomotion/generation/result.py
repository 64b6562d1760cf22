"""What a generator gives back: a motion, what was asked for, and how good a motion it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.generation.physical import physical_figures
from chronomotion.generation.requests import GenerationRequest
from chronomotion.motion.motion import Motion

__all__ = ["Choice", "Generated", "figures_of"]


@dataclass(frozen=True)
class Choice:
    """Which of several attempts was taken: ``number`` counts from 0; ``scores`` are those of all attempts, and
    ``vector``, ``events`` and ``order`` what they are made of (:mod:`chronomotion.model.matching`)."""

    number: int
    scores: tuple[float, ...]
    vector: tuple[float, ...]
    events: tuple[float, ...]
    order: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Generated:
    """A generated motion.

    - ``motion``: as the request wants it: cleaned, in the place where the request's ``after`` ends;
    - ``raw``: what the generator said, at that place too; ``features`` are its rows as they were decoded;
    - ``events``: what was asked for, in order; ``spans``: (start, end) in seconds as planned, none where the generator
      has no plan;
    - ``stretches``: in how many parts it was made;
    - ``figures``: of ``motion`` (:func:`figures_of`);
    - ``choice``: which of several attempts this is.
    """

    request: GenerationRequest
    motion: Motion
    features: Float[np.ndarray, "frames dim"]
    raw: Motion
    events: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]
    stretches: int = 1
    figures: dict[str, float] = field(default_factory=dict)
    choice: Choice | None = None

    @property
    def seconds(self) -> float:
        """Length of the motion."""
        return self.motion.duration


def figures_of(motion: Motion, floor: float = 0.0) -> dict[str, float]:
    """Of one motion above a floor at this height: ``skating``, the share of frames in per cent in which a foot skates;
    ``floor``, how far the lowest joint is off the floor, and ``bone``, how much the worst bone changes its length, both
    in millimetres. Real motions are not at 0 either (:mod:`chronomotion.evaluation.generation.physical`)."""
    lowered = replace(motion, positions=motion.positions - np.array([0, floor, 0], dtype=np.float32))
    figures = physical_figures([lowered])
    return {
        "skating": figures.skating,
        "floor": figures.penetration + figures.floating,
        "bone": figures.bones_worst,
    }
