"""A corpus on disk: features of motions, their captions, splits and statistics.

A corpus is a folder::

    corpus.json         format_version, skeleton, fps, feature width, licence, source, counts, fingerprint
    motions.arrow       one row a clip: name, frames, features (memory-mapped Arrow IPC file, float32 or float16)
    captions.jsonl      one line a caption: clip, text, start, end and, where known, events and tags
    splits/NAME.txt     names of clips, one a line
    stats.safetensors   mean and std of the features over the training split

It is written by :class:`chronomotion.corpus.writer.CorpusWriter` and never changed afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float
from safetensors.numpy import load_file

from chronomotion.corpus.records import caption_from_record
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption

__all__ = ["FORMAT_VERSION", "HALF", "Clip", "Corpus"]

FORMAT_VERSION = 1
HALF = "float16"
"""What a corpus says that keeps its features so; float32 goes without saying."""

_MOTION_SUFFIXES = frozenset({".bvh", ".amc", ".npz", ".npy", ".glb", ".vrma"})


def _next_step(folder: Path) -> str:
    """What to do with a folder that is no corpus."""
    if not folder.exists():
        return ", there is no such folder"
    if folder.is_file():
        return "; it is a file"
    if (folder / "model.safetensors").exists():
        return "; it is a model: the corpus goes in another place"
    if any(path.suffix.lower() in _MOTION_SUFFIXES for path in islice(folder.rglob("*"), 1000)):
        return f"; it holds motion files: `chronomotion import {folder} CORPUS` makes a corpus of them"
    return " (`chronomotion import` makes one of motion files, `chronomotion compose` of nothing)"


@dataclass(frozen=True, eq=False)
class Clip:
    """One motion of a corpus with its captions: features float32 (frames, dim)."""

    name: str
    features: Float[np.ndarray, "frames dim"]
    captions: tuple[Caption, ...]

    @property
    def caption(self) -> Caption:
        """The first caption; the field's protocols use this one."""
        return self.captions[0]


class Corpus:
    """An opened corpus. Features stay on disk, memory-mapped, until they are used.

    ``len(corpus)`` is the number of clips, ``corpus[name]`` a clip, ``name in corpus`` asks for one, and iteration
    gives all clips in the order in which they were written.

    Raises CorpusError when the folder is not a corpus, or one of a format that this version does not read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.info = self._read_info()
        self._rows = self._open_motions()
        self._captions = self._read_captions()

    def _read_info(self) -> dict[str, Any]:
        path = self.folder / "corpus.json"
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
            version = info["format_version"]
        except (FileNotFoundError, NotADirectoryError):
            raise CorpusError(
                f"{self.folder} is not a corpus: it has no corpus.json{_next_step(self.folder)}"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{path}: not a corpus description ({error})") from error
        if version != FORMAT_VERSION:
            raise CorpusError(
                f"{path}: format_version is {version}, this version of chronomotion reads {FORMAT_VERSION}"
            )
        return dict(info)

    def _open_motions(self) -> dict[str, tuple[Any, int]]:
        """Where each clip's row is: name -> (record batch, row)."""
        path = self.folder / "motions.arrow"
        try:
            reader = pa.ipc.open_file(pa.memory_map(str(path), "r"))
            batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        except (OSError, pa.ArrowInvalid) as error:
            raise CorpusError(f"{path}: cannot be read ({error})") from error
        rows: dict[str, tuple[Any, int]] = {}
        for batch in batches:
            for row, name in enumerate(batch.column("name").to_pylist()):
                rows[name] = (batch.column("features"), row)
        return rows

    def _read_captions(self) -> dict[str, tuple[Caption, ...]]:
        path = self.folder / "captions.jsonl"
        captions: dict[str, list[Caption]] = {name: [] for name in self._rows}
        try:
            lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # captions may hold other line separators
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                captions[record["clip"]].append(caption_from_record(record))
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(f"{path}:{number}: not a caption of this corpus ({error!r})") from error
        return {name: tuple(clip_captions) for name, clip_captions in captions.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[Clip]:
        return map(self.clip, self._rows)

    def __getitem__(self, name: str) -> Clip:
        return self.clip(name)

    def __repr__(self) -> str:
        splits = ", ".join(f"{name} {count}" for name, count in self.info.get("splits", {}).items())
        return f"Corpus({str(self.folder)!r}: {len(self)} clips, {self.dim} features at {self.fps:g} fps; {splits})"

    @property
    def names(self) -> list[str]:
        """Names of all clips, in the order in which they were written."""
        return list(self._rows)

    @property
    def fingerprint(self) -> str:
        """Hash of everything in the corpus: equal fingerprints are equal corpora."""
        return str(self.info["fingerprint"])

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.info["fps"])

    @property
    def dim(self) -> int:
        """Width of the features (263 for HumanML3D's)."""
        return int(self.info["dim"])

    @property
    def splits(self) -> list[str]:
        """Names of the splits."""
        return sorted(path.stem for path in (self.folder / "splits").glob("*.txt"))

    def split(self, name: str) -> list[str]:
        """Names of the clips in a split. Raises CorpusError when there is no such split or it names a clip that is not
        here.
        """
        path = self.folder / "splits" / f"{name}.txt"
        if name not in self.splits:
            raise CorpusError(f"{self.folder} has no split {name!r}; it has {', '.join(self.splits) or 'none'}")
        names = path.read_text(encoding="utf-8").split("\n")[:-1]
        for clip in names:
            if clip not in self._rows:
                raise CorpusError(f"{path}: names clip {clip!r}, which is not in the corpus")
        return names

    @property
    def is_half(self) -> bool:
        """True where features are kept as float16."""
        return bool(self.info.get("dtype") == HALF)

    def features(self, name: str) -> Float[np.ndarray, "frames dim"]:
        """Features of a clip, float32 and read-only: a view of the file, but a copy where they are kept as float16.

        Raises CorpusError for an unknown name.
        """
        try:
            column, row = self._rows[name]
        except KeyError:
            raise CorpusError(f"{self.folder} has no clip {name!r}") from None
        values: np.ndarray = column[row].values.to_numpy(zero_copy_only=True)
        if self.is_half:
            values = values.astype(np.float32)
            values.setflags(write=False)
        return values.reshape(-1, self.dim)

    def captions(self, name: str) -> tuple[Caption, ...]:
        """Captions of a clip. Raises CorpusError for an unknown name."""
        try:
            return self._captions[name]
        except KeyError:
            raise CorpusError(f"{self.folder} has no clip {name!r}") from None

    def clip(self, name: str) -> Clip:
        """A clip with its captions."""
        return Clip(name, self.features(name), self.captions(name))

    @cached_property
    def stats(self) -> tuple[Float[np.ndarray, " dim"], Float[np.ndarray, " dim"]]:
        """Mean and standard deviation of every feature over the training split."""
        try:
            tensors = load_file(self.folder / "stats.safetensors")
            return tensors["mean"], tensors["std"]
        except (OSError, KeyError) as error:
            raise CorpusError(f"{self.folder / 'stats.safetensors'}: cannot be read ({error})") from error
