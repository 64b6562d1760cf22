"""Reference models: one that knows nothing, and one that knows the events of each clip but not their order.

Neither is trained. Their figures are the baseline of a benchmark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.questions import Questions
from chronomotion.seeding import generator

__all__ = ["BagOfEvents", "RandomVectors"]

_DIM = 256


class RandomVectors:
    """A model that knows nothing: a random unit vector for every text and every motion, seeded by its content.

    Its CAR is 50 % within the interval, its retrieval is at chance. Equal texts and equal motions get equal vectors,
    whatever their row.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def fingerprint(self) -> str:
        """Name and seed, which determine every vector."""
        return f"random {self.seed}"

    def encode_text(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A random unit vector for every text."""
        return np.stack([_direction("random", self.seed, "text", text) for text in texts])

    def encode_motion(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A random unit vector for every motion, by the bytes of its features."""
        digests = [hashlib.blake2b(np.ascontiguousarray(motion).tobytes(), digest_size=16) for motion in motions]
        return np.stack([_direction("random", self.seed, "motion", digest.hexdigest()) for digest in digests])


class BagOfEvents:
    """An oracle of which events happen that does not know their order.

    It takes the events of each motion from the corpus, and never reads a frame. Each event has a random direction; the
    vector of a text or a motion is the mean of the directions of its events. The mean is the same in every order, so
    right and wrong orders always tie, and no comparison of CAR is won. Retrieval is still far above chance: this much
    of it needs no notion of order.

    A motion whose events are unknown (the mean motion, a clip without events) is the mean of all events.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def fingerprint(self) -> str:
        """Name and seed, which determine every vector."""
        return f"bag-of-events {self.seed}"

    def answers(self, questions: Questions) -> Vectors:
        """Vectors for these questions. Raises ModelError when none of their clips has events."""
        annotated = [questions.events(clip) for clip in questions.clips]
        events = {place: clip_events.keys for place, clip_events in enumerate(annotated) if clip_events is not None}
        text_keys = {questions.captions[place]: keys for place, keys in reversed(events.items())}
        if not events:
            raise ModelError(f"bag-of-events needs clips with events, {questions.corpus.folder} has none")
        everything = sorted({key for keys in events.values() for key in keys})
        for trial in questions.trials:
            for texts in trial.texts_by_wording.values():
                for text in (texts.right, *texts.shuffled, *texts.others):
                    text_keys.setdefault(text, trial.events.keys)
            for motion in trial.swapped or ():
                events.setdefault(motion, trial.events.keys)
        return Vectors(
            np.stack([self._mean(text_keys.get(text, everything)) for text in range(len(questions.texts))]),
            np.stack([self._mean(events.get(motion, everything)) for motion in range(len(questions.motions))]),
        )

    def _mean(self, keys: Sequence[str]) -> Float[np.ndarray, " dim"]:
        # Sorted first: a sum of floats depends on its order, and a tie has to be exact.
        total = np.sum([_direction("bag-of-events", self.seed, key) for key in sorted(keys)], axis=0, dtype=np.float64)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def _direction(*identity: str | int) -> Float[np.ndarray, " dim"]:
    vector = generator(*identity).normal(size=_DIM)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
