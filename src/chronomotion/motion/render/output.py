"""Checks that all pictures share: a known suffix, lists of matching length, and files that appear whole or not at
all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from chronomotion.atomic_write import atomic_write as whole_file_at
from chronomotion.errors import FormatError
from chronomotion.motion.motion import Motion

__all__ = ["atomic_write", "checked_suffix", "one_for_each"]

T = TypeVar("T")


def checked_suffix(path: Path, known: Sequence[str]) -> str:
    """The suffix of a path in small letters; raises FormatError when it is not one of ``known``."""
    suffix = path.suffix.lower()
    if suffix not in known:
        has = f"the suffix {path.suffix!r} is" if suffix else "a name without suffix is"
        raise FormatError(f"{has} no picture that can be drawn here: use {' or '.join(known)}", where=str(path))
    return suffix


def one_for_each(motions: Sequence[Motion], what: str, values: Sequence[T], default: T) -> Sequence[T]:
    """``values``, or ``default`` for each motion when it is empty; raises ValueError when the counts differ."""
    if not motions:
        raise ValueError("there is no motion to draw")
    if values and len(values) != len(motions):
        raise ValueError(f"{len(motions)} motions but {len(values)} {what}: give one for each motion, or none")
    return values or [default] * len(motions)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """:func:`chronomotion.atomic_write.atomic_write`, but raises FormatError when ``path`` cannot be written to."""
    try:
        with whole_file_at(path) as part:
            yield part
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
