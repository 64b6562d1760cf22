"""A million rows like the windows of a library, queries like sentences and like motions, and the spectrum of both.

Windows of a library are clustered twice: those of a take follow one another closely, and takes show the same few
actions. What decides how hard they are to search is told by two figures, which :class:`Spectrum` measures of real
windows and of made ones: in how many directions they spread, and how near neighbours in a take are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chronomotion.seeding import generator

CLIPS, WINDOWS, DIM = 20_000, 50, 256
_CLIPS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Shape:
    """How made windows spread.

    - ``directions``: variance falls by e every so many directions; what is left of it in all others is ``rest``;
    - ``actions``: how many different ones takes show, ``shown`` in each;
    - ``take`` and ``walk``: standard deviation, beside that of actions, of what is a take's own, and of what changes;
    - ``step``: the share of the latter that is new from window to window;
    - ``mean``: the length of the mean of all rows, beside their spread.
    """

    directions: float = 6.0
    rest: float = 0.01
    actions: int = 300
    shown: int = 4
    take: float = 0.2
    walk: float = 0.5
    step: float = 0.5
    mean: float = 0.2


@dataclass(frozen=True)
class Spectrum:
    """Of windows, several in a row from each take: the participation ratio of their covariance, (sum of variances)^2
    over the sum of their squares; the median cosine of neighbours, and of a window with the nearest one of another take
    (of as many takes as are looked at); the length of the mean of all."""

    participation: float
    neighbours: float
    elsewhere: float
    mean: float

    @classmethod
    def of(cls, takes: list[np.ndarray]) -> Spectrum:
        """The spectrum of unit rows, take by take."""
        rows = np.concatenate(takes)
        variances = np.linalg.eigvalsh(np.cov(rows.T.astype(np.float64)))
        near = np.concatenate([(take[1:] * take[:-1]).sum(axis=1) for take in takes if len(take) > 1])
        numbers = np.repeat(np.arange(len(takes)), [len(take) for take in takes])
        some = slice(None, None, max(1, len(rows) // 2000))
        elsewhere = np.where(numbers[some, None] == numbers, -1, rows[some] @ rows.T).max(axis=1)
        return cls(
            float(variances.sum() ** 2 / (variances**2).sum()),
            float(np.median(near)),
            float(np.median(elsewhere)),
            float(np.linalg.norm(rows.mean(axis=0))),
        )

    def __str__(self) -> str:
        return (
            f"participation ratio {self.participation:.1f}, cosine of neighbours {self.neighbours:.3f}, with the "
            f"nearest of another take {self.elsewhere:.3f}, length of the mean {self.mean:.2f}"
        )


class MadeWindows:
    """Rows of takes: each goes from action to action, in its own way."""

    def __init__(self, shape: Shape = Shape(), dim: int = DIM, seed: int = 0) -> None:
        self.shape, self.dim, self.seed = shape, dim, seed
        draw = generator("directions of made windows", seed)
        self.directions = np.linalg.qr(draw.standard_normal((dim, dim)))[0].astype(np.float32)
        spread = np.exp(-np.arange(dim, dtype=np.float32) / (2 * shape.directions)) + shape.rest
        self.spread = spread / np.linalg.norm(spread)
        self.actions = draw.standard_normal((shape.actions, dim), np.float32)
        self.mean = shape.mean * np.eye(dim, dtype=np.float32)[0]

    def takes(self, first: int, count: int, windows: int = WINDOWS) -> np.ndarray:
        """Unit rows (count * windows, dim) of the takes from ``first`` on."""
        draw, shape = generator("made windows", self.seed, first), self.shape
        shown = self.actions[draw.integers(len(self.actions), size=(count, shape.shown + 1))]
        place = np.linspace(0, shape.shown, windows, endpoint=False)
        number, share = np.divmod(place, 1)
        turn = (np.clip(4 * share - 3, 0, 1)[:, None]).astype(np.float32)  # the last quarter leads to the next action
        number = number.astype(int)
        rows = (1 - turn) * shown[:, number] + turn * shown[:, number + 1]
        rows += shape.take * draw.standard_normal((count, 1, self.dim), np.float32)
        walk = draw.standard_normal((count, windows, self.dim), np.float32)
        keep = np.float32(np.sqrt(1 - shape.step**2))
        for window in range(1, windows):
            walk[:, window] = keep * walk[:, window - 1] + np.float32(shape.step) * walk[:, window]
        rows += np.float32(shape.walk) * walk
        return _unit((rows.reshape(-1, self.dim) * self.spread + self.mean) @ self.directions.T)

    def all_takes(self, count: int, windows: int = WINDOWS) -> np.ndarray:
        """The rows of the first takes."""
        rows = np.empty((count * windows, self.dim), np.float32)
        for first in range(0, count, _CLIPS_AT_A_TIME):
            some = min(_CLIPS_AT_A_TIME, count - first)
            rows[first * windows : (first + some) * windows] = self.takes(first, some, windows)
        return rows

    def motions(self, rows: np.ndarray, count: int, noise: float = 0.25) -> np.ndarray:
        """Queries like motions: windows of other recordings of what some rows show."""
        draw = generator("queries like motions", self.seed)
        drawn = draw.standard_normal((count, self.dim), np.float32) * self.spread
        return _unit(_unit(rows[draw.choice(len(rows), count, replace=False)]) + noise * drawn @ self.directions.T)

    def sentences(self, rows: np.ndarray, count: int, noise: float = 0.6, gap: float = 0.4) -> np.ndarray:
        """Queries like sentences: farther from the rows, in all directions alike, and beside them as a whole, as texts
        lie in another part of the space than motions do.
        """
        draw = generator("queries like sentences", self.seed)
        aside = gap * self.directions[:, self.dim // 4]
        drawn = draw.standard_normal((count, self.dim), np.float32) / np.sqrt(self.dim)
        return _unit(_unit(rows[draw.choice(len(rows), count, replace=False)]) + noise * drawn + aside)


def real_takes(place: str) -> list[np.ndarray]:
    """Unit windows of takes: of an .npy (takes, windows, dim) or a folder of .npy files, one a take; ``starter``: what
    the packaged model makes of procedural takes, windows of 2 s each .25 s."""
    if place == "starter":
        return starter_takes()
    path = Path(place)
    if path.is_dir():
        return [_unit(np.load(file).astype(np.float32)) for file in sorted(path.glob("*.npy"))]
    return [_unit(take.astype(np.float32)) for take in np.load(path)]


def starter_takes(count: int = 150) -> list[np.ndarray]:
    """Windows of composed takes by the packaged model."""
    from chronomotion.cli.options import source_of
    from chronomotion.corpus.compose.compose import compose
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.model.motion_windows import MotionWindows

    with tempfile.TemporaryDirectory() as folder:
        corpus = compose(source_of(None, None, 0), Path(folder) / "corpus", {"test": count}, order="uniform", seed=0)
        motions = [corpus.features(name) for name in corpus.names]
        model = MotionTextModel.from_pretrained("starter")
        windows = MotionWindows.encode(model, motions, corpus.fps, seconds=(2.0,))
    return [_unit(part) for part in np.split(windows.vectors, np.cumsum(windows.counts)[:-1])]


def _unit(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
