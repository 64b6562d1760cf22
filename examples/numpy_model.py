"""A model that Chronomotion does not know, in numpy: ridge regression from statistics of a motion to hashed words.

Train it on the corpus TRAIN and measure it on any other:

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
    """Describes texts and motions part by part, and maps the description of a motion to that of its text."""

    def __init__(self) -> None:
        corpus = Corpus(os.environ["TRAIN"])
        clips = [corpus.clip(name) for name in corpus.split("train")]
        texts = np.stack([words(" ".join(clip.caption.events or [clip.caption.text])) for clip in clips])
        motions = np.stack([statistics(clip.features) for clip in clips])
        self.text_mean = texts.mean(0)
        self.mean, self.std = motions.mean(0), motions.std(0) + 1e-3
        x = (motions - self.mean) / self.std
        self.map = np.linalg.solve(x.T @ x + STRENGTH * len(x) * np.eye(x.shape[1]), x.T @ (texts - self.text_mean))

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """Word counts of each text (texts, dim), minus those of the mean text."""
        return np.stack([words(text) for text in texts]) - self.text_mean

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        """The word counts that the regression predicts from each motion (motions, dim)."""
        return (np.stack([statistics(motion) for motion in motions]) - self.mean) / self.std @ self.map


def words(text: str) -> np.ndarray:
    """Counts of hashed words in each part of a text."""
    counts, tokens = np.zeros((PARTS, WORDS)), text.lower().replace(".", " ").split()
    for i, token in enumerate(tokens):
        counts[i * PARTS // len(tokens), zlib.crc32(token.encode()) % WORDS] += 1
    return counts.ravel()


def statistics(motion: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of the features in each part of a motion."""
    return np.concatenate([each(part, axis=0) for part in np.array_split(motion, PARTS) for each in (np.mean, np.std)])
