"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; renamed to ``path`` at the end, removed when anything fails.

    Makes the folder. Raises OSError when ``path`` cannot be written to.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix.lower()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    finally:
        # Where the folder itself is the trouble, that error is the one to hear.
        with suppress(OSError):
            part.unlink(missing_ok=True)
