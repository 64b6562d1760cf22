"""What lies in a folder."""

from __future__ import annotations

import re
from pathlib import Path

_CLOCK = re.compile(rb'"seconds": [0-9.e-]+|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+00:00)?')


def everything(folder: Path) -> dict[str, bytes]:
    """Path below a folder -> content without the times of the clock. The cache is left out: a
    command that goes on fills it in other portions.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(folder)): _CLOCK.sub(b"", path.read_bytes())
        for path in files
        if folder / "cache" not in path.parents
    }


def hidden(folder: Path) -> list[str]:
    """What is no result: parts, locks, unfinished folders."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.name.startswith(".")]
