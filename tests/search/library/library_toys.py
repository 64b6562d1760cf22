"""Folders of toy motions, and a model of a few lines of numpy, quick and with a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from chronomotion.motion.formats import write_motion
from chronomotion.seeding import generator
from toys import MOVES, move


class NumpyModel:
    """Motions as means and spreads of a random projection of their velocities, texts as sums of random word vectors."""

    name = "numpy"

    def __init__(self, seed: int = 0, dim: int = 16) -> None:
        self.fingerprint = f"numpy-{seed}"
        self._seed, self._dim = seed, dim
        self._projection = generator("toy model", seed).normal(size=(66, dim // 2)).astype(np.float32)
        self.encoded = 0

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        words = [
            [generator("word", self._seed, word).normal(size=self._dim) for word in text.split()] for text in texts
        ]
        return np.array([np.sum(rows, axis=0) for rows in words], dtype=np.float32)

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        self.encoded += len(motions)
        projected = [np.abs(motion[:, 193:259]) @ self._projection for motion in motions]
        return np.array([np.concatenate([rows.mean(axis=0), rows.std(axis=0)]) for rows in projected])


model = NumpyModel()
"""As ``library_toys:model``."""
other_model = NumpyModel(seed=1)


def write_take(path: Path, *identity: str | int, frames: int = 30) -> Path:
    """A motion file that depends on the identity alone."""
    actions = sorted(MOVES)
    rng = generator("take", *identity)
    motion = move(actions[int(rng.integers(len(actions)))], rng, frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_motion(replace(motion, name=path.stem), path)
    return path


def write_takes(folder: Path, count: int = 4, frames: int = 30) -> Path:
    """take0.npz, take1.npz ... and captions.csv."""
    for number in range(count):
        write_take(folder / f"take{number}.npz", number, frames=frames)
    write_captions(folder, {f"take{number}.npz": f"a person moves {number}" for number in range(count)})
    return folder


def write_captions(folder: Path, captions: dict[str, str]) -> None:
    lines = [f"{file},{text}\n" for file, text in captions.items()]
    (folder / "captions.csv").write_text("file,caption\n" + "".join(lines), encoding="utf-8")
