"""What an indexing did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.plan import Remark
from chronomotion.search.stored.folder import UnreadableFile

__all__ = ["IndexReport"]

_SHOWN = 5


@dataclass(frozen=True)
class IndexReport:
    """What an indexing did, or, of a dry run, would do.

    - ``added``, ``changed``, ``moved``, ``removed``: clips, by what became of their files; ``kept``: clips that were
      there and stay, moved ones among them;
    - ``unreadable``: all files that give no clip, ``refused`` of them found out now;
    - ``windows``: how many were encoded, in ``encoding`` seconds; groups, indexes and calibration took ``finishing``
      seconds, and everything ``seconds``;
    - ``clips``, ``hours``, ``model``, ``examples``: the library as it is now.
    """

    folder: Path
    model: str
    added: int
    changed: int
    moved: int
    removed: int
    kept: int
    unreadable: tuple[UnreadableFile, ...]
    refused: int
    notes: tuple[Remark, ...]
    windows: int
    encoding: float
    finishing: float
    seconds: float
    clips: int
    hours: float
    examples: tuple[str, ...]
    dry_run: bool = False

    @property
    def is_nothing_new(self) -> bool:
        """Whether the library was as its sources are."""
        return not (self.added or self.changed or self.moved or self.removed or self.refused)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        plain = asdict(self)
        plain["folder"] = str(self.folder)
        plain["unreadable"] = [each.model_dump() for each in self.unreadable]
        plain["nothing_new"] = self.is_nothing_new
        return plain

    def table(self) -> str:
        """The same in lines to read."""
        lines = [self._headline()]
        parts = {"added": self.added, "changed": self.changed, "moved": self.moved, "removed": self.removed}
        lines += [f"{name:<10}  {count:>7}" for name, count in parts.items() if count]
        if self.windows and not self.dry_run:
            rate = self.windows / max(self.encoding, 1e-9)
            lines.append(f"{'windows':<10}  {self.windows:>7}  {rate:,.0f} encoded a second")
        if self.unreadable:
            lines.append(f"{'unreadable':<10}  {len(self.unreadable):>7}  tried again when they change:")
            lines += [f"    {_refusal(each)}" for each in self.unreadable[:_SHOWN]]
            if len(self.unreadable) > _SHOWN:
                lines.append(f"    and {len(self.unreadable) - _SHOWN} more (--json lists all)")
        lines += _noted(self.notes)
        if self.examples and not self.dry_run:
            lines.append("try:")
            lines += [f'    chronomotion search {self.folder} "{text}"' for text in self.examples]
        return "\n".join(lines)

    def _headline(self) -> str:
        there = f"{self.folder}: {self.clips} clips, {self.hours:.2f} hours, model {self.model}"
        if self.dry_run:
            return f"{there} (dry run: nothing is written)"
        if self.is_nothing_new and self.finishing:
            return f"{there}; nothing is new, and what an earlier run had left is finished"
        return f"{there}; nothing is new" if self.is_nothing_new else there


def _refusal(unreadable: UnreadableFile) -> str:
    """The file in its source and the reason, which may begin with the file's whole path: said once."""
    before, file, after = unreadable.reason.partition(unreadable.file)
    if file and after.startswith(":") and before.endswith(("/", "\\")) and ": " not in before:
        return f"{unreadable.source}/{file}{after}"
    return f"{unreadable.source}/{unreadable.file}: {unreadable.reason}"


def _noted(notes: Sequence[Remark]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for note in notes:
        reasons.setdefault(note.reason, []).append(note.clip)
    return [
        f"noted: {reason}: {', '.join(clips[:_SHOWN])}" + (f" and {len(clips) - _SHOWN} more" if clips[_SHOWN:] else "")
        for reason, clips in reasons.items()
    ]
