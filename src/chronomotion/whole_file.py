"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; renamed to ``path`` at the end, removed when anything fails.

    Makes the folder. Whoever writes to the name, the file gets the mode that the umask gives to new files: safetensors,
    for one, would keep it from everybody else. Raises OSError when ``path`` cannot be written to.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix.lower()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode_of_new(part)
        yield part
        if S_IMODE(part.stat().st_mode) != mode:
            part.chmod(mode)
        part.replace(path)
    finally:
        # Where the folder itself is the trouble, that error is the one to hear.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _mode_of_new(path: Path) -> int:
    """The mode of a new file here. Asked of the disk: the umask can only be read by changing it, for all threads."""
    path.touch(exist_ok=False)
    mode = S_IMODE(path.stat().st_mode)
    path.unlink()
    return mode
