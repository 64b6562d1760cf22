"""Measuring a model without Python code: a folder lists what to embed, and one file of embeddings answers it.

A request is a folder::

    README.md       the steps
    texts.jsonl     {"row": 0, "text": "..."}, a line for each text
    motions.jsonl   {"row": 0, "name": "...", "frames": 120, "file": "motions/00000.npy", ...}, a line for each motion
    motions/        features of each motion, float32 (frames, dim)
    request.json    format_version, fingerprint, counts, corpus; written last

The answer is a safetensors file: ``texts`` (number of texts, dim) and ``motions`` (number of motions, dim), float16, 32
or 64, rows in the order of the lists. Its metadata may name the ``request`` (its fingerprint; the
answer to another request is then refused) and the ``model``.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from chronomotion.atomic_write import atomic_write, write_npy
from chronomotion.errors import CorpusError, ModelError
from chronomotion.evaluation.answers import Vectors
from chronomotion.evaluation.models import unit_vectors
from chronomotion.evaluation.questions import Questions
from chronomotion.model.encoder import checked_rows
from chronomotion.progress import progress

__all__ = ["FORMAT_VERSION", "EmbeddingsFile", "write_request"]

log = logging.getLogger(__name__)

FORMAT_VERSION = 1


def write_request(questions: Questions, folder: str | Path, command: str, *, recorded: bool = True) -> Path:
    """Write the texts and motions that a model has to embed to answer these questions; returns the folder.

    ``command`` is the command that measures the answer; README.md shows it. ``recorded`` False leaves out the features
    of the corpus' motions, for models that read another form of them: the list then names clip and seconds. Motions
    that are made for the questions are always written. Raises CorpusError when the folder holds something else.
    """
    folder = Path(folder)
    _refuse_taken(folder, questions.fingerprint)
    _write_lines(folder / "texts.jsonl", [{"row": row, "text": text} for row, text in enumerate(questions.texts)])
    rows = progress(range(len(questions.motions)), "writing motions", unit="motion")
    _write_lines(folder / "motions.jsonl", [_motion(questions, row, folder, recorded) for row in rows])
    info = {
        "format_version": FORMAT_VERSION,
        "fingerprint": questions.fingerprint,
        "texts": len(questions.texts),
        "motions": len(questions.motions),
        "corpus": str(questions.corpus.folder.resolve()),
        "corpus_fingerprint": questions.corpus.fingerprint,
        "split": questions.split,
        "shuffles": questions.k,
        "seed": questions.seed,
        "fps": questions.corpus.fps,
        "dim": questions.corpus.dim,
    }
    _write(folder / "README.md", _STEPS.format(**info, command=command))
    _write(folder / "request.json", json.dumps(info, indent=1) + "\n")
    return folder


class EmbeddingsFile:
    """A model that is known by a file of its embeddings alone. Raises ModelError when the file cannot be read."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            with safe_open(self.path, "numpy") as stream:
                self.metadata: Mapping[str, str] = stream.metadata() or {}
                self.tensors = list(stream.keys())
        except (OSError, SafetensorError) as error:
            raise ModelError(
                f"{self.path} cannot be read as a safetensors file ({str(error).splitlines()[0]})"
            ) from error
        if not {"texts", "motions"} <= set(self.tensors):
            raise ModelError(
                f"{self.path} holds {', '.join(self.tensors) or 'nothing'}, expected the tensors texts and motions"
            )

    @property
    def name(self) -> str:
        """The model's name from the metadata, else the name of the file."""
        return self.metadata.get("model", self.path.stem)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the file."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()

    def answers(self, questions: Questions) -> Vectors:
        """The vectors of the file. Raises ModelError, with row and text or clip, when they answer other questions."""
        named = self.metadata.get("request")
        if named is None:
            log.warning(
                "%s does not say which request it answers: its rows are taken to be in the order of request %s",
                self.path,
                questions.fingerprint,
            )
        elif named != questions.fingerprint:
            raise ModelError(
                f"{self.path} answers request {named}, these questions are {questions.fingerprint}: evaluate with the "
                "corpus, split, shuffles and seed of the request (its README.md has the command)"
            )
        return unit_vectors(
            self._rows("texts", questions.texts), self._rows("motions", questions.motions), f"{self.path} holds"
        )

    def _rows(self, tensor: str, names: list[str]) -> np.ndarray:
        try:
            with safe_open(self.path, "numpy") as stream:
                rows = stream.get_tensor(tensor)
        except (OSError, SafetensorError, TypeError, AttributeError) as error:  # numpy has no bfloat16
            raise ModelError(
                f"{self.path}: tensor {tensor} cannot be read ({str(error).splitlines()[0]}); "
                "float16, float32 and float64 can"
            ) from error
        if rows.dtype.name == "bfloat16":  # read where some other package has taught numpy the type
            raise ModelError(
                f"{self.path}: tensor {tensor} cannot be read (bfloat16); float16, float32 and float64 can"
            )
        return checked_rows(rows, names, f"{self.path}: tensor {tensor} holds")


def _refuse_taken(folder: Path, fingerprint: str) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        existing = json.loads((folder / "request.json").read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        existing = (
            None if (folder / "texts.jsonl").is_file() else "something else"
        )  # None: a request that was interrupted
    if existing not in (None, fingerprint):
        raise CorpusError(f"{folder} is not empty and not this request: choose another folder or remove it")


def _motion(questions: Questions, row: int, folder: Path, recorded: bool) -> dict[str, Any]:
    """The line of a motion. Its features are written unless ``recorded`` is False and the motion is the corpus'."""
    name = questions.motions[row]
    features = questions.features(name)
    line: dict[str, Any] = {"row": row, "name": name, "frames": len(features), "file": None}
    if row < len(questions.clips):
        caption = questions.caption(name)
        line |= {"clip": name, "start": caption.start, "end": caption.end}
        if not recorded:
            return line
    line["file"] = f"motions/{row:05d}.npy"
    with atomic_write(folder / line["file"]) as part:
        write_npy(part, features)
    return line


def _write_lines(path: Path, lines: list[dict[str, Any]]) -> None:
    _write(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


_STEPS = """\
# What to embed

{texts} texts and {motions} motions of {corpus}, split {split}: all that it takes to measure chronology and retrieval.

1. Embed each line of `texts.jsonl` (field `text`), as it is, in the order of the file.
2. Embed each line of `motions.jsonl`, in their order. `file` is an array of features, float32 (frames, {dim}),
   not normalised, {fps:g} frames a second. Joint positions, in metres, y up: `chronomotion.motion_of(array).positions`.
   Where `file` is null, take the seconds `start` to `end` (null: to the end) of the corpus' clip `clip`.
3. Write both as one safetensors file, float32 or float16, in one space, a row for each line:

   ```python
   from safetensors.numpy import save_file

   save_file(
       {{"texts": texts, "motions": motions}},  # ({texts}, dim) and ({motions}, dim)
       "answers.safetensors",
       metadata={{"request": "{fingerprint}", "model": "my model"}},
   )
   ```

4. `{command} --embeddings answers.safetensors`

The similarity of a text and a motion is the cosine of their rows; rows need not be unit vectors. No row may be zero or
hold a number that is not finite. The metadata is optional; with `request` in it, an answer to other questions is
refused.
"""
