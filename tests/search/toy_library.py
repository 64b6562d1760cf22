"""A library in memory: takes in which one known thing happens after the other, and a model that reads them rightly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from chronomotion.errors import CorpusError, FormatError
from chronomotion.search.calibration import ClipMomentRows, share_below
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.search.records import LibraryClip
from chronomotion.search.stored.window_scan import WindowScan
from chronomotion.search.windows import KINDS, WindowTable, ids_of, spans_of
from chronomotion.seeding import generator

ACTS = ("walk", "sit", "jump", "wave", "bow", "kneel", "fall", "turn")
FPS = 20.0
DIM = 2 * len(ACTS) + 1


class ToyModel:
    """Frames are one-hot: which act it is. A vector is how much of each act there is, and whether it comes early or
    late. It knows acts by their words, and counts what it is asked to encode.
    """

    fingerprint = "toy"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.motions = 0

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return np.stack([self._of([self._act(one) for one in text.split(".") if one.strip()]) for text in texts])

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        self.motions += len(motions)
        return np.stack([self._of(list(np.asarray(motion))) for motion in motions])

    @staticmethod
    def _act(text: str) -> np.ndarray:
        row = np.zeros(len(ACTS))
        for word in re.findall(r"[a-z]+", text.lower()):
            for number, act in enumerate(ACTS):
                row[number] += word.startswith(act)
        return row

    @staticmethod
    def _of(rows: list[np.ndarray]) -> np.ndarray:
        acts = np.array(rows, dtype=np.float64)
        late = np.linspace(-1, 1, len(acts)) if len(acts) > 1 else np.zeros(1)
        vector = np.concatenate([acts.mean(axis=0), 0.5 * late @ acts / len(acts), [0.2]])
        return vector / np.linalg.norm(vector)


class ToyScale:
    """An event is there where a window is nearly all of it: at a cosine of .8 nineteen of twenty times."""

    threshold = 0.95

    def __init__(self, model: ToyModel) -> None:
        self.bank = PhraseBank.encode(model, [f"a person {act}s." for act in ACTS])

    def z(self, events: np.ndarray, vectors: np.ndarray, spans: np.ndarray) -> np.ndarray:
        return ((events @ vectors.T).max(axis=1) - 0.8) / 0.1 + 1.65

    def moments(self, vectors: np.ndarray, spans: np.ndarray) -> ClipMomentRows:
        return ClipMomentRows(vectors, np.zeros(len(vectors)))

    def z_of(self, events: np.ndarray, clips: Sequence[ClipMomentRows]) -> np.ndarray:
        return np.stack([self.z(events, clip.vectors, np.empty((0, 2))) for clip in clips], axis=1)

    def library_presence(self, best: np.ndarray) -> np.ndarray:
        return share_below(best)


class ToyLibrary:
    """``takes``: name -> (act, seconds) one after the other."""

    def __init__(self, takes: dict[str, Sequence[tuple[str, float]]], *, groups=None, **about) -> None:
        self.model, self.fps = ToyModel(), FPS
        self.calibration = ToyScale(self.model)
        self._features, self.clips, self._files = {}, {}, {}
        for number, (name, acts) in enumerate(takes.items(), start=1):
            rows = np.concatenate([np.repeat([ToyModel._act(act)], round(s * FPS), axis=0) for act, s in acts])
            rows = rows + generator("toy library", name).normal(size=rows.shape) * 0.02
            self._features[number] = rows.astype(np.float32)
            self.clips[number] = LibraryClip(
                number, name, "takes", f"{name}.bvh", len(rows), FPS, 1e9 - 1e6 * number,
                tuple(about.get("captions", {}).get(name, ())), tuple(about.get("labels", {}).get(name, ())),
            )  # fmt: skip
        self._groups = {n: n for n in self.clips} | {
            self._number(a): self._number(b) for a, b in (groups or {}).items()
        }
        self.model.motions = 0

    def _number(self, name: str) -> int:
        return next(number for number, clip in self.clips.items() if clip.name == name)

    def clip(self, name_or_number):
        for number, clip in self.clips.items():
            if name_or_number in (number, clip.name):
                return clip
        raise CorpusError(f"no clip {name_or_number!r}")

    @cached_property
    def _tables(self) -> dict[str, WindowTable]:
        tables = {}
        for kind in KINDS:
            parts = []
            for number, features in self._features.items():
                spans = spans_of(kind, len(features), FPS)
                vectors = np.stack([ToyModel._of(list(features[start:end])) for start, end in spans])
                clips = np.full(len(spans), number, dtype=np.int32)
                parts.append(WindowTable(ids_of(number, len(spans)), clips, spans, (vectors.astype(np.float16),)))
            tables[kind] = WindowTable.joined(parts)
        return tables

    def windows(self, kind):
        return self._tables[kind]

    def index(self, kind):
        return WindowScan(self._tables[kind])

    def features(self, number):
        return self._features[number]

    def features_of_file(self, path):
        raise FormatError("a library in memory reads no files", str(path))

    def file(self, number):
        return self._files.get(number)

    def groups(self):
        return self._groups
