"""A stranger's model in twenty lines of numpy: hashed words of a text against statistics of a motion, by regression.

TRAIN=corpora/mine chronomotion evaluate --model numpy_model:Ridge --suite procedural
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence

import numpy as np

from chronomotion import Corpus

PARTS, WORDS, STRENGTH = 4, 256, 0.3


class Ridge:
    """Text and motion are described part by part, and each motion's description is mapped to that of its text."""

    def __init__(self) -> None:
        corpus = Corpus(os.environ["TRAIN"])
        clips = [corpus.clip(name) for name in corpus.split("train")]
        texts = np.stack([words(" ".join(clip.caption.events or [clip.caption.text])) for clip in clips])
        motions = np.stack([statistics(clip.features) for clip in clips])
        self.usual = texts.mean(0)
        self.mean, self.std = motions.mean(0), motions.std(0) + 1e-3
        x = (motions - self.mean) / self.std
        self.map = np.linalg.solve(x.T @ x + STRENGTH * len(x) * np.eye(x.shape[1]), x.T @ (texts - self.usual))

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """What a text says more, or less, than texts usually do."""
        return np.stack([words(text) for text in texts]) - self.usual

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        """The same as it is foretold from a motion."""
        return (np.stack([statistics(motion) for motion in motions]) - self.mean) / self.std @ self.map


def words(text: str) -> np.ndarray:
    """How many of which (hashed) words stand in which part of a text."""
    counts, spoken = np.zeros((PARTS, WORDS)), text.lower().replace(".", " ").split()
    for i, word in enumerate(spoken):
        counts[i * PARTS // len(spoken), zlib.crc32(word.encode()) % WORDS] += 1
    return counts.ravel()


def statistics(motion: np.ndarray) -> np.ndarray:
    """Mean and deviation of the features in each part of a motion."""
    return np.concatenate([each(part, axis=0) for part in np.array_split(motion, PARTS) for each in (np.mean, np.std)])
