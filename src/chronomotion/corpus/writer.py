"""Writing a corpus: to a temporary folder first, in its place only when it is whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
from safetensors.numpy import save_file

from chronomotion.corpus.corpus import FORMAT_VERSION, Clip, Corpus
from chronomotion.corpus.records import caption_to_record
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption
from chronomotion.whole_file import whole_file

__all__ = ["CorpusWriter", "recaptioned"]

_STD_FLOOR = 1e-3
"""A feature that hardly moves in the training split is divided by this at least, so that noise is not blown up."""


class CorpusWriter:
    """Write clips one by one, then :meth:`finish` with the splits.

    Use as a context manager: whatever goes wrong, no half-written corpus stays behind. ``description`` goes into
    corpus.json (skeleton, fps, licence, source ...). Raises CorpusError when the folder exists and is not empty.
    """

    def __init__(self, folder: str | Path, *, dim: int, fps: float, description: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.dim = dim
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise CorpusError(f"{self.folder} exists and is not empty: choose another folder or remove it")
        self._info: dict[str, Any] = {"format_version": FORMAT_VERSION, **description, "fps": fps, "dim": dim}
        self._partial = self.folder.with_name(f".{self.folder.name}.partial")
        shutil.rmtree(self._partial, ignore_errors=True)
        (self._partial / "splits").mkdir(parents=True)
        self._schema = pa.schema(
            [("name", pa.string()), ("frames", pa.int32()), ("features", pa.large_list(pa.float32()))]
        )
        self._motions = pa.ipc.new_file(str(self._partial / "motions.arrow"), self._schema)
        self._captions: TextIO = (self._partial / "captions.jsonl").open("w", encoding="utf-8", newline="\n")
        self._sums: dict[str, _Moments] = {}
        self._hash = hashlib.blake2b(digest_size=16)
        self._caption_count = 0
        self._frames = 0

    def __enter__(self) -> CorpusWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._captions.close()
        self._motions.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def add(self, clip: Clip) -> None:
        """Add a clip. Raises CorpusError for a name used twice, the wrong width or numbers that are not finite."""
        features = np.ascontiguousarray(clip.features, dtype=np.float32)
        if clip.name in self._sums:
            raise CorpusError(f"{self.folder}: two clips are named {clip.name!r}")
        if features.ndim != 2 or features.shape[1] != self.dim or len(features) == 0:
            raise CorpusError(f"clip {clip.name!r}: features of shape {features.shape}, expected (frames, {self.dim})")
        if not np.isfinite(features).all():
            raise CorpusError(f"clip {clip.name!r}: features hold numbers that are not finite")
        flat = pa.array(features.reshape(-1))
        column = pa.LargeListArray.from_arrays(pa.array([0, features.size], pa.int64()), flat)
        self._motions.write_batch(
            pa.record_batch([pa.array([clip.name]), pa.array([len(features)], pa.int32()), column], schema=self._schema)
        )
        self._hash.update(clip.name.encode() + b"\0" + features.tobytes())
        for caption in clip.captions:
            line = json.dumps(caption_to_record(clip.name, caption), ensure_ascii=False) + "\n"
            self._captions.write(line)
            self._hash.update(line.encode())
        self._caption_count += len(clip.captions)
        self._frames += len(features)
        self._sums[clip.name] = _Moments.of(features)

    def finish(self, splits: Mapping[str, Sequence[str]]) -> Corpus:
        """Write splits, statistics (over ``train``, or over everything without one) and description; put the folder in
        place.
        """
        for name, clips in sorted(splits.items()):
            text = "".join(f"{clip}\n" for clip in clips)
            (self._partial / "splits" / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
            self._hash.update(f"{name}\0{text}".encode())
        self._write_stats(splits.get("train") or list(self._sums))
        self._captions.close()
        self._motions.close()
        self._info |= {
            "clips": len(self._sums),
            "captions": self._caption_count,
            "hours": round(self._frames / self._info["fps"] / 3600, 3),
            "splits": {name: len(clips) for name, clips in sorted(splits.items())},
            "fingerprint": self._hash.hexdigest(),
        }
        (self._partial / "corpus.json").write_text(json.dumps(self._info, indent=1) + "\n", encoding="utf-8")
        if self.folder.exists():
            self.folder.rmdir()
        self._partial.rename(self.folder)
        return Corpus(self.folder)

    def _write_stats(self, names: Sequence[str]) -> None:
        total = _Moments.merged([self._sums[name] for name in names], self.dim)
        mean = total.sums / max(total.count, 1)
        std = np.sqrt(np.maximum(total.squares / max(total.count, 1) - mean**2, 0.0))
        tensors = {"mean": mean.astype(np.float32), "std": np.maximum(std, _STD_FLOOR).astype(np.float32)}
        with whole_file(self._partial / "stats.safetensors") as part:
            save_file(tensors, part)


def recaptioned(
    corpus: Corpus, folder: str | Path, captions: Iterable[Sequence[Caption]], **description: Any
) -> Corpus:
    """A copy of a corpus with other captions: those of every clip, in the order of its names.

    ``description`` is added to what the corpus says of itself. Nothing is written unless everything is there: what
    ``captions`` raises, also when asked for more than there are names, leaves no folder. Raises CorpusError when the
    folder is taken.
    """
    described = {key: value for key, value in corpus.info.items() if key not in _COUNTED} | description
    with CorpusWriter(folder, dim=corpus.dim, fps=corpus.fps, description=described) as writer:
        for name, told in zip(corpus.names, captions, strict=True):
            writer.add(Clip(name, corpus.features(name), tuple(told)))
        return writer.finish({split: corpus.split(split) for split in corpus.splits})


_COUNTED = frozenset({"format_version", "fps", "dim", "clips", "captions", "hours", "splits", "fingerprint"})
"""What a writer finds out itself."""


class _Moments:
    """Count, sums and sums of squares of features, in float64."""

    def __init__(self, count: int, sums: np.ndarray, squares: np.ndarray) -> None:
        self.count, self.sums, self.squares = count, sums, squares

    @classmethod
    def of(cls, features: np.ndarray) -> _Moments:
        wide = features.astype(np.float64)
        return cls(len(wide), wide.sum(0), (wide**2).sum(0))

    @classmethod
    def merged(cls, parts: Sequence[_Moments], dim: int) -> _Moments:
        zero = np.zeros(dim)
        return cls(
            sum(p.count for p in parts), sum((p.sums for p in parts), zero), sum((p.squares for p in parts), zero)
        )
