"""What became of the files that were converted."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Conversion", "Converted", "Failure"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Converted:
    """A file that was written, with its size, its rate and notes for the user."""

    source: Path
    path: Path
    frames: int
    fps: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A file that was not converted, and why."""

    source: Path
    reason: str

    def log(self) -> None:
        """Log it at WARNING."""
        log.warning("%s: %s", self.source, self.reason)


@dataclass(frozen=True)
class Conversion:
    """The files that were converted and those that were not."""

    converted: tuple[Converted, ...]
    failed: tuple[Failure, ...]
    there_already: bool = False
    """An earlier call has done the same work: nothing was written now."""

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "converted": [
                {**vars(done), "source": str(done.source), "path": str(done.path), "notes": list(done.notes)}
                for done in self.converted
            ],
            "failed": [{"source": str(failure.source), "reason": failure.reason} for failure in self.failed],
            "there_already": self.there_already,
        }
