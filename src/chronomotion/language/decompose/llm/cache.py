"""Answers of language models, kept on disk.

JSON lines, appended to one at a time, rather than one sqlite file: nothing but appending is needed, the file can be
read, searched and joined with another by hand, an interrupt can only cut the last line, and a cut line costs one
request. Only its first line is written through :func:`chronomotion.whole_file.whole_file`: writing the file anew for
every answer would take longer with every answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

from chronomotion.errors import FormatError
from chronomotion.whole_file import whole_file

__all__ = ["AnswerCache"]

_HEADER = {"format": "chronomotion answers of language models", "format_version": 1}
_FIELDS = ("caption", "fault", "answer")


class AnswerCache:
    """Answers by caption, model and version of the prompt, as the model gave them, whether they turned out good or not.

    An answer to a request for repair is kept under the ``fault`` that was complained of ("" for the first answer). Any
    number of models can share a file; several threads, and on one machine several processes, may write to it.
    """

    def __init__(self, path: Path, model: str, prompt: str) -> None:
        """Read what is there, or begin a file. Raises FormatError when the file is another kind of file."""
        self.path = path
        self._made_by = {"model": model, "prompt": prompt}
        self._lock = Lock()
        self._answers: dict[tuple[str, str], str] = {}
        if not path.exists() or not path.stat().st_size:
            with whole_file(path) as part:
                part.write_bytes(_line(_HEADER))
        self._read()

    def get(self, caption: str, fault: str = "") -> str | None:
        """The answer, or None when it has not been given yet."""
        return self._answers.get((caption, fault))

    def add(self, caption: str, fault: str, answer: str) -> None:
        """Keep an answer. It is on its way to the disk when this returns: nothing is lost by an interrupt.

        Raises OSError when the file cannot be written to.
        """
        row = _line({**self._made_by, "caption": caption, "fault": fault, "answer": answer})
        with self._lock:
            # One write of one line: what other processes append cannot come between.
            with self.path.open("ab", buffering=0) as file:
                file.write(row)
            self._answers[caption, fault] = answer

    def _read(self) -> None:
        lines = self.path.read_bytes().split(b"\n")
        header = _row(lines[0])
        if header is None or header.get("format") != _HEADER["format"]:
            raise FormatError("not a file of cached answers; give another name, or remove it", str(self.path))
        if header.get("format_version") != _HEADER["format_version"]:
            versions = (
                f"format_version {header.get('format_version')}, but this program knows {_HEADER['format_version']}"
            )
            raise FormatError(f"{versions}; update chronomotion or give another name", str(self.path))
        for line in lines[1:]:
            row = _row(line)
            if row and row.items() >= self._made_by.items() and all(isinstance(row.get(name), str) for name in _FIELDS):
                self._answers[str(row["caption"]), str(row["fault"])] = str(row["answer"])
        if lines[-1]:  # a line that was cut by an interrupt: end it, or the next row would be lost with it
            with self.path.open("ab", buffering=0) as file:
                file.write(b"\n")


def _line(row: dict[str, object] | dict[str, str]) -> bytes:
    return json.dumps(row).encode("ascii") + b"\n"


def _row(line: bytes) -> dict[str, object] | None:
    """What a line says, or None when it was cut."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
