"""What an import did: imported, skipped and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.importers.plan import Remark

__all__ = ["ImportResult", "counts"]

_EXAMPLES = 5
_WIDEST = 30
"""Characters of an example."""


@dataclass(frozen=True, eq=False)
class ImportResult:
    """The corpus that was made (None when nothing came in), and what was left out or is worth knowing."""

    folder: Path
    layout: str
    corpus: Corpus | None
    skipped: tuple[Remark, ...]
    """Clips that did not come in."""
    notes: tuple[Remark, ...]
    """What was mended or left out of clips that did."""
    seconds: float
    passed: tuple[Remark, ...] = ()
    """Files and folders of the source that were never read."""
    there_already: bool = False
    """The same call had made the corpus before: nothing was read again, so there are no remarks."""

    @property
    def imported(self) -> int:
        """Clips that came in."""
        return 0 if self.corpus is None else len(self.corpus)

    def table(self) -> str:
        """Imported, skipped and why, noted: counts with the first examples."""
        rows = [("imported", self.imported, self._made())]
        rows += [(f"skipped: {reason}", count, shown) for reason, count, shown in _grouped(self.skipped)]
        rows += [(f"noted: {reason}", count, shown) for reason, count, shown in _grouped(self.notes)]
        rows += [(f"passed over: {reason}", count, shown) for reason, count, shown in _grouped(self.passed)]
        wide = max(len(row[0]) for row in rows)
        return "\n".join(f"{what:<{wide}}  {count:>7}  {more}".rstrip() for what, count, more in rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything, with all remarks, for JSON."""
        return {
            "folder": str(self.folder),
            "layout": self.layout,
            "imported": self.imported,
            "there_already": self.there_already,
            "seconds": round(self.seconds, 2),
            "corpus": None if self.corpus is None else self.corpus.info,
            "skipped": [asdict(remark) for remark in self.skipped],
            "notes": [asdict(remark) for remark in self.notes],
            "passed": [asdict(remark) for remark in self.passed],
        }

    def _made(self) -> str:
        if self.corpus is None:
            return "nothing was written"
        info = self.corpus.info
        splits = ", ".join(f"{name} {count}" for name, count in info["splits"].items())
        there = ", by the same command before: nothing to do" if self.there_already else ""
        return f"{info['captions']} captions, {info['hours']} hours ({splits}){there}"


def counts(remarks: Sequence[Remark]) -> dict[str, int]:
    """Reason -> how many clips it befell, most first."""
    befallen: dict[str, set[str]] = {}
    for remark in remarks:
        befallen.setdefault(remark.reason, set()).add(remark.clip)
    return {reason: len(clips) for reason, clips in sorted(befallen.items(), key=lambda item: (-len(item[1]), item[0]))}


def _grouped(remarks: Sequence[Remark]) -> list[tuple[str, int, str]]:
    """(reason, clips, examples), most first."""
    rows = []
    for reason, count in counts(remarks).items():
        first = dict.fromkeys(remark.clip for remark in remarks if remark.reason == reason)
        shown = [name if len(name) <= _WIDEST else f"{name[: _WIDEST - 3]}..." for name in list(first)[:_EXAMPLES]]
        more = f" and {len(first) - _EXAMPLES} more" if len(first) > _EXAMPLES else ""
        rows.append((reason, count, ", ".join(shown) + more))
    return rows
