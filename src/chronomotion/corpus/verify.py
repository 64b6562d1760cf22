"""Whether the files of a corpus are still what was written: its fingerprint, computed again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import CorpusError
from chronomotion.progress import progress

__all__ = ["FingerprintHash", "verify", "verify_once"]


class FingerprintHash:
    """The hash of a corpus: of every clip its name, its features and the lines of its captions, then the splits.

    A corpus that keeps features as float16 has another one than the same numbers kept as float32.
    """

    def __init__(self, *, half: bool = False) -> None:
        self._hash = hashlib.blake2b(b"float16\0" if half else b"", digest_size=16)

    def add_clip(self, name: str, features: np.ndarray, caption_lines: list[str]) -> None:
        """``features`` float32, C-contiguous (frames, dim); lines as in captions.jsonl, with their line breaks."""
        self._hash.update(name.encode() + b"\0")
        self._hash.update(features.data)
        for line in caption_lines:
            self._hash.update(line.encode())

    def add_split(self, name: str, text: str) -> None:
        """``text`` is that of the split's file."""
        self._hash.update(f"{name}\0{text}".encode())

    def hexdigest(self) -> str:
        """The fingerprint of what was added."""
        return self._hash.hexdigest()


def verify(corpus: Corpus) -> None:
    """Read the whole corpus and compare its fingerprint.

    Raises CorpusError with both fingerprints when a file was changed or damaged after the corpus was written.
    """
    lines: dict[str, list[str]] = {name: [] for name in corpus.names}
    for line in (corpus.folder / "captions.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        lines[json.loads(line)["clip"]].append(line + "\n")
    digest = FingerprintHash(half=corpus.is_half)
    for name in progress(corpus.names, f"verifying {corpus.folder.name}", unit="clip"):
        digest.add_clip(name, np.ascontiguousarray(corpus.features(name)), lines[name])
    for split in corpus.splits:
        digest.add_split(split, (corpus.folder / "splits" / f"{split}.txt").read_text(encoding="utf-8"))
    if digest.hexdigest() != corpus.fingerprint:
        raise CorpusError(
            f"{corpus.folder}: its fingerprint is {corpus.fingerprint}, but its files give {digest.hexdigest()}: "
            "a file was changed or damaged; make the corpus again, or copy it again"
        )


def verify_once(corpus: Corpus, memory: Path) -> None:
    """:func:`verify`, unless ``memory`` says that these very files passed before.

    ``memory`` is a folder. What passed is remembered by path, size and time of change of every file. Raises CorpusError
    as :func:`verify` does.
    """
    stamp = _stamp(corpus)
    path = memory / f"{hashlib.blake2b(stamp.encode(), digest_size=16).hexdigest()}.txt"
    if path.exists():
        return
    verify(corpus)
    with atomic_write(path) as part:
        part.write_text(stamp, encoding="utf-8")


def _stamp(corpus: Corpus) -> str:
    splits = [corpus.folder / "splits" / f"{split}.txt" for split in corpus.splits]
    files = [corpus.folder / name for name in ("corpus.json", "motions.arrow", "captions.jsonl")]
    about = [(path, path.stat()) for path in [*files, *splits]]
    return "".join(f"{path.resolve()}\t{seen.st_size}\t{seen.st_mtime_ns}\n" for path, seen in about)
