"""Answers of language models, kept on disk."""

from __future__ import annotations

from pathlib import Path

from chronomotion.cache import RowCache

__all__ = ["AnswerCache"]

_FORMAT = "chronomotion answers of language models"
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
        self._rows = RowCache(path, _FORMAT)
        self._answers = {
            (row["caption"], row["fault"]): row["answer"]
            for row in self._rows.rows
            if row.items() >= self._made_by.items() and all(isinstance(row.get(name), str) for name in _FIELDS)
        }

    def get(self, caption: str, fault: str = "") -> str | None:
        """The answer, or None when it has not been given yet."""
        return self._answers.get((caption, fault))

    def add(self, caption: str, fault: str, answer: str) -> None:
        """Keep an answer; nothing is lost by an interrupt. Raises WriteError when the file cannot be written to."""
        self._rows.append({**self._made_by, "caption": caption, "fault": fault, "answer": answer})
        self._answers[caption, fault] = answer
