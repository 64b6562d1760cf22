"""Writing a corpus: to a temporary folder first, in its place only when it is whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
from safetensors.numpy import save_file

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus.corpus import FORMAT_VERSION, HALF, Clip, Corpus
from chronomotion.corpus.moments import Moments, StoredMoments
from chronomotion.corpus.records import caption_to_record
from chronomotion.corpus.same_captions import recaptioned_already
from chronomotion.corpus.verify import FingerprintHash
from chronomotion.errors import CorpusError
from chronomotion.folder_lock import FolderLock
from chronomotion.language.caption import Caption

__all__ = ["CorpusWriter", "recaptioned"]

_STD_FLOOR = 1e-3
"""A feature that hardly moves in the training split is divided by this at least, so that noise is not blown up."""


def _schema(number: pa.DataType) -> pa.Schema:
    return pa.schema([("name", pa.string()), ("frames", pa.int32()), ("features", pa.large_list(number))])


_SCHEMA, _HALF_SCHEMA = _schema(pa.float32()), _schema(pa.float16())


class CorpusWriter:
    """Write clips one by one, then :meth:`finish` with the splits.

    Use as a context manager: whatever goes wrong, no half-written corpus stays behind. What a killed process left is
    removed by the next writer of the same folder. ``description`` goes into corpus.json (skeleton, fps, licence, source
    ...). With ``motions_of`` the new corpus has the same clips as that one and other captions: it shares the file of
    the motions (a hard link, or a copy where the file system has none) and its statistics. With ``half`` features are
    rounded to float16, and half as long on disk.

    Raises CorpusError when the folder exists and is not empty or cannot be written to, BusyError when another process
    writes it now.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        dim: int,
        fps: float,
        description: Mapping[str, Any],
        motions_of: Corpus | None = None,
        half: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.dim = dim
        self._half = motions_of.is_half if motions_of is not None else half
        self._motions_of = motions_of
        self._info: dict[str, Any] = {"format_version": FORMAT_VERSION, **description, "fps": fps, "dim": dim}
        if self._half:
            self._info["dtype"] = HALF
        self._refuse_taken()
        self._partial = self.folder.with_name(f".{self.folder.name}.partial")
        self._lock = FolderLock(self._partial)
        with self._writing():
            self._lock.acquire()
            self._refuse_taken()  # its last writer may have finished since
            self._lock.clear()
            (self._partial / "splits").mkdir()
            self._captions: TextIO = (self._partial / "captions.jsonl").open("w", encoding="utf-8", newline="\n")
            self._moments = StoredMoments(self._partial / "moments.bin", dim) if motions_of is None else None
            path = str(self._partial / "motions.arrow")
            self._motions = (
                pa.ipc.new_file(path, _HALF_SCHEMA if self._half else _SCHEMA) if motions_of is None else None
            )
        self._names: dict[str, int] = {}
        self._hash = FingerprintHash(half=self._half)
        self._caption_count = 0

    def _refuse_taken(self) -> None:
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise CorpusError(f"{self.folder} exists and is not empty: choose another folder or remove it")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Errors of the disk say which corpus they stopped, and what became of it."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise CorpusError(
                f"{self.folder}: cannot be written ({reason}): the unfinished corpus was removed"
            ) from error

    def __enter__(self) -> CorpusWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._partial.exists():
            self._close(quietly=True)
            self._lock.clear()
            self._lock.release()
            shutil.rmtree(self._partial, ignore_errors=True)

    def _close(self, *, quietly: bool = False) -> None:
        for stream in (self._captions, self._motions, self._moments):
            try:
                if stream is not None:
                    stream.close()
            except OSError:  # what is buffered cannot be written either
                if not quietly:
                    raise

    def add(self, clip: Clip) -> None:
        """Add a clip. Raises CorpusError for a name used twice, the wrong width, numbers that are not finite, or a full
        disk.
        """
        features = np.ascontiguousarray(clip.features, dtype=np.float32)
        if clip.name in self._names:
            raise CorpusError(f"{self.folder}: two clips are named {clip.name!r}")
        if features.ndim != 2 or features.shape[1] != self.dim or len(features) == 0:
            raise CorpusError(f"clip {clip.name!r}: features of shape {features.shape}, expected (frames, {self.dim})")
        if self._half:
            with np.errstate(over="ignore"):
                rounded = features.astype(np.float16)
            features = rounded.astype(np.float32)
        lines = [
            json.dumps(caption_to_record(clip.name, caption), ensure_ascii=False) + "\n" for caption in clip.captions
        ]
        with self._writing():
            if self._motions is not None and self._moments is not None:
                if not np.isfinite(features).all():
                    too_large = " or too large for float16" if self._half else ""
                    raise CorpusError(f"clip {clip.name!r}: features hold numbers that are not finite{too_large}")
                self._motions.write_batch(_record(clip.name, rounded if self._half else features))
                self._moments.add(clip.name, Moments.of(features))
            self._captions.writelines(lines)
        self._hash.add_clip(clip.name, features, lines)
        self._caption_count += len(lines)
        self._names[clip.name] = len(features)

    def finish(self, splits: Mapping[str, Sequence[str]]) -> Corpus:
        """Write splits, statistics (over ``train``, or over everything without one) and description; put the folder in
        place. Raises CorpusError when the disk is full or another process has taken the folder.
        """
        with self._writing():
            for name, clips in sorted(splits.items()):
                text = "".join(f"{clip}\n" for clip in clips)
                (self._partial / "splits" / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
                self._hash.add_split(name, text)
            if self._moments is not None:
                self._write_stats(self._moments.total(splits.get("train", ())))
            self._close()
            if self._motions_of is not None:
                self._share_motions(self._motions_of)
            self._info |= {
                "clips": len(self._names),
                "captions": self._caption_count,
                "hours": round(sum(self._names.values()) / self._info["fps"] / 3600, 3),
                "splits": {name: len(clips) for name, clips in sorted(splits.items())},
                "fingerprint": self._hash.hexdigest(),
            }
            (self._partial / "corpus.json").write_text(json.dumps(self._info, indent=1) + "\n", encoding="utf-8")
        self._refuse_taken()
        self._lock.release()
        if self.folder.exists():
            self.folder.rmdir()
        self._partial.rename(self.folder)
        return Corpus(self.folder)

    def _share_motions(self, corpus: Corpus) -> None:
        if list(self._names) != corpus.names:
            raise ValueError(
                f"{self.folder} shares the motions of {corpus.folder}, but has other clips or another order"
            )
        for name in ("motions.arrow", "stats.safetensors"):
            _link_or_copy(corpus.folder / name, self._partial / name)

    def _write_stats(self, moments: Moments) -> None:
        mean, std = moments.mean_and_std()
        tensors = {"mean": mean.astype(np.float32), "std": np.maximum(std, _STD_FLOOR).astype(np.float32)}
        with atomic_write(self._partial / "stats.safetensors") as part:
            save_file(tensors, part)


def _record(name: str, features: np.ndarray) -> pa.RecordBatch:
    column = pa.LargeListArray.from_arrays(pa.array([0, features.size], pa.int64()), pa.array(features.reshape(-1)))
    schema = _HALF_SCHEMA if features.dtype == np.float16 else _SCHEMA
    return pa.record_batch([pa.array([name]), pa.array([len(features)], pa.int32()), column], schema=schema)


def _link_or_copy(source: Path, dest: Path) -> None:
    """Corpora are never changed, so two of them may share a file."""
    try:
        os.link(source.resolve(), dest)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, dest)


def recaptioned(
    corpus: Corpus, folder: str | Path, captions: Iterable[Sequence[Caption]], **description: Any
) -> Corpus:
    """A copy of a corpus with other captions: those of every clip, in the order of its names. Motions and statistics
    are shared with the original where the file system allows.

    ``description`` is added to what the corpus says of itself. Nothing is written unless everything is there: what
    ``captions`` raises, also when asked for more than there are names, leaves no folder. A folder that holds this very
    corpus is opened, not written again. Raises CorpusError when the folder is taken, with the difference where it holds
    another corpus.
    """
    folder = Path(folder)
    described = {key: value for key, value in corpus.info.items() if key not in _COUNTED} | description
    if (folder / "corpus.json").exists() and not folder.samefile(corpus.folder):
        return recaptioned_already(folder, corpus, captions, described)
    with CorpusWriter(folder, dim=corpus.dim, fps=corpus.fps, description=described, motions_of=corpus) as writer:
        for name, spoken in zip(corpus.names, captions, strict=True):
            writer.add(Clip(name, corpus.features(name), tuple(spoken)))
        return writer.finish({split: corpus.split(split) for split in corpus.splits})


_COUNTED = frozenset({"format_version", "fps", "dim", "clips", "captions", "hours", "splits", "fingerprint"})
"""What a writer finds out itself."""
