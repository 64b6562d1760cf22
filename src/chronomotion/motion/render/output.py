"""What every picture asks of its arguments and its file: a known suffix, matching lists, whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from chronomotion.errors import FormatError
from chronomotion.motion.motion import Motion

__all__ = ["checked_suffix", "one_for_each", "whole_file"]

T = TypeVar("T")


def checked_suffix(path: Path, known: Sequence[str]) -> str:
    """The suffix of a path in small letters; raises FormatError when it is not one of ``known``."""
    suffix = path.suffix.lower()
    if suffix not in known:
        has = f"the suffix {path.suffix!r} is" if suffix else "a name without suffix is"
        raise FormatError(f"{has} no picture that can be drawn here: use {' or '.join(known)}", where=str(path))
    return suffix


def one_for_each(motions: Sequence[Motion], what: str, given: Sequence[T], nothing: T) -> Sequence[T]:
    """``given``, or ``nothing`` for each motion when it is empty; raises ValueError when the counts differ."""
    if not motions:
        raise ValueError("there is no motion to draw")
    if given and len(given) != len(motions):
        raise ValueError(f"{len(motions)} motions but {len(given)} {what}: give one for each motion, or none")
    return given or [nothing] * len(motions)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; renamed to ``path`` at the end, removed when anything fails.

    Makes the folder. Raises FormatError when ``path`` cannot be written to.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix.lower()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    finally:
        # Where the folder itself is the trouble, that error is the one to hear.
        with suppress(OSError):
            part.unlink(missing_ok=True)
