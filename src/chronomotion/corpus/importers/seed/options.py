"""What of BONES-SEED is brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chronomotion.errors import CorpusError

__all__ = ["SeedOptions", "Skeleton"]

Skeleton = Literal["uniform", "proportional"]


@dataclass(frozen=True)
class SeedOptions:
    """Which takes of BONES-SEED come in, and with what.

    - ``skeleton``: the takes on one skeleton for all, or on each actor's own.
    - ``split_files``: folder with the lists of an official split; without it, splits are drawn by script.
    - ``packages``: names of packages; all of them where there are none.
    - ``limit``: as many takes at most, the first ones of the metadata that the other options leave.
    - ``mirror``: mirror images, too.
    - ``propagated``: timelines, too, whose times were carried over from another take.
    - ``timeline``: timelines at all; without them no labels are looked for.
    """

    skeleton: Skeleton = "uniform"
    split_files: Path | None = None
    packages: tuple[str, ...] = ()
    limit: int | None = None
    mirror: bool = True
    propagated: bool = True
    timeline: bool = True

    def checked(self) -> SeedOptions:
        """The same options. Raises CorpusError for ones with which nothing could come in."""
        if self.limit is not None and self.limit < 1:
            raise CorpusError(f"--limit must be a whole number from 1 on, not {self.limit}")
        if self.split_files is not None and not self.split_files.is_dir():
            raise CorpusError(f"{self.split_files}: no such folder of split files")
        return self

    def record(self) -> Mapping[str, Any]:
        """What a corpus says of the options that are not as usual, for JSON."""
        said: dict[str, Any] = {"skeleton": self.skeleton}
        if self.packages:
            said["packages"] = sorted(set(self.packages))
        if self.limit is not None:
            said["limit"] = self.limit
        for name in ("mirror", "propagated", "timeline"):
            if not getattr(self, name):
                said[name] = False
        return said
