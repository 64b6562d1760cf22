"""Reference models: what the figures are of something that knows nothing, and of something that knows all but order.

Neither has been trained. Their figures show what a benchmark gives away for free.
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
    """A unit vector for every text and every motion, drawn by what it is: it knows nothing.

    Its CAR is 50 % within the interval, its retrieval chance. Equal texts and equal motions have equal vectors,
    wherever they stand.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def fingerprint(self) -> str:
        """Its name and its seed: there is nothing else to it."""
        return f"random {self.seed}"

    def encode_text(self, texts: Sequence[str]) -> Float[np.ndarray, "texts dim"]:
        """A random unit vector for every text."""
        return np.stack([_direction("random", self.seed, "text", text) for text in texts])

    def encode_motion(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A random unit vector for every motion, by the bytes of its features."""
        digests = [hashlib.blake2b(np.ascontiguousarray(motion).tobytes(), digest_size=16) for motion in motions]
        return np.stack([_direction("random", self.seed, "motion", digest.hexdigest()) for digest in digests])


class BagOfEvents:
    """An oracle of WHAT happens that has no idea WHEN.

    It is given the events of each motion by the corpus, and never looks at a frame. Each event has a random direction;
    a text, and a motion, is the mean of its events' directions. The mean of the same events is the same in every order,
    so that right and wrong orders are tied, every one of them: no comparison of CAR is won. Retrieval is far above
    chance all the same, which is how much of it a model can have without any notion of order.

    A motion whose events nobody knows (the mean motion, a clip without events) is the mean of all events.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def fingerprint(self) -> str:
        """Its name and its seed: there is nothing else to it."""
        return f"bag-of-events {self.seed}"

    def answers(self, questions: Questions) -> Vectors:
        """Vectors for these questions. Raises ModelError when no clip of theirs has events."""
        spoken = [questions.corpus.captions(clip)[0].events for clip in questions.clips]
        events = {place: found.keys for place, found in enumerate(spoken) if found is not None}
        told = {questions.captions[place]: keys for place, keys in reversed(events.items())}
        if not events:
            raise ModelError(f"bag-of-events needs clips with events, {questions.corpus.folder} has none")
        everything = sorted({key for keys in events.values() for key in keys})
        for trial in questions.trials:
            for telling in trial.texts_by_wording.values():
                for text in (telling.right, *telling.shuffled, *telling.others):
                    told.setdefault(text, trial.events.keys)
            for motion in trial.swapped or ():
                events.setdefault(motion, trial.events.keys)
        return Vectors(
            np.stack([self._mean(told.get(text, everything)) for text in range(len(questions.texts))]),
            np.stack([self._mean(events.get(motion, everything)) for motion in range(len(questions.motions))]),
        )

    def _mean(self, keys: Sequence[str]) -> Float[np.ndarray, " dim"]:
        # Sorted first: a sum of floats depends on its order, and a tie has to be exact.
        total = np.sum([_direction("bag-of-events", self.seed, key) for key in sorted(keys)], axis=0, dtype=np.float64)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def _direction(*identity: str | int) -> Float[np.ndarray, " dim"]:
    vector = generator(*identity).normal(size=_DIM)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
