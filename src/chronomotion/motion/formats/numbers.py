"""Numbers in text files: one number, and tables with one line a frame, with errors that name the line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError

__all__ = ["read_number", "read_numbers", "read_table"]


def read_number(text: str, where: str, *, whole: bool = False) -> float:
    """One finite number, ``whole`` without a fraction; raises FormatError at ``where`` for anything else."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a finite number"
        raise FormatError(f"expected {kind}, found {text.strip()[:40]!r}", where)
    return value


def read_numbers(words: list[str], count: int, where: str) -> list[float]:
    """Exactly ``count`` finite numbers; raises FormatError at ``where`` for more, fewer or others."""
    if len(words) != count:
        raise FormatError(f"expected {count} numbers, found {len(words)}", where)
    return [read_number(word, where) for word in words]


def read_table(
    lines: list[str],
    start: int,
    rows: int,
    columns: int,
    path: Path,
    *,
    every: int = 1,
    only: Sequence[int] | None = None,
) -> tuple[Float[np.ndarray, "read_rows read_columns"], int]:
    """``rows`` lines of ``columns`` numbers from line index ``start`` on, blank ones skipped; and how many more follow.

    Of the rows each ``every``-th is given, of the columns those of ``only``; the others are looked at, not converted.

    Raises FormatError with file and line when lines are missing, or one has too few or too many numbers, or one that is
    not finite.
    """
    kept = [at for at in range(start, len(lines)) if lines[at] and not lines[at].isspace()]
    if len(kept) < rows:
        last = kept[-1] + 1 if kept else start
        raise FormatError(
            f"the header announces {rows} frames, but only {len(kept)} follow: the file is cut", f"{path}:{last}"
        )
    extra = len(kept) - rows
    kept = kept[:rows]
    taken = kept[::every]
    if every > 1 or only is not None:
        _check_untaken(lines, kept, columns, path)
    try:
        values = np.loadtxt([lines[at] for at in taken], dtype=np.float64, comments=None, ndmin=2, usecols=only)
    except ValueError:
        values = np.empty((0, 0))
    if values.shape != (len(taken), columns if only is None else len(only)) or not np.isfinite(values).all():
        _explain(lines, kept, columns, path)
    return values, extra


def _check_untaken(lines: list[str], kept: list[int], columns: int, path: Path) -> None:
    """Raise FormatError for a line that is too short or too long or holds "nan" or "inf", without converting any.

    A line with as many blanks as the last one that was counted has as many numbers, unless somebody aligned columns;
    then the blanks differ, and it is counted.
    """
    blanks = -1
    for at in kept:
        line = lines[at]
        here = line.count(" ") + line.count("\t")
        if here != blanks:
            if len(line.split()) != columns:
                _explain(lines, [at], columns, path, first=kept.index(at))
            blanks = here
        if "n" in line or "N" in line:
            _explain(lines, [at], columns, path, first=kept.index(at))


def _explain(lines: list[str], kept: list[int], columns: int, path: Path, first: int = 0) -> None:
    """Find the line that spoils a table and raise FormatError for it; ``first`` is the frame of the first line."""
    for frame, at in enumerate(kept, start=first):
        words = lines[at].split()
        if len(words) != columns:
            raise FormatError(
                f"frame {frame} has {len(words)} numbers, but the skeleton has {columns} channels", f"{path}:{at + 1}"
            )
        for word in words:
            read_number(word, f"{path}:{at + 1}")
    raise FormatError("the lines of frames cannot be read as numbers", f"{path}:{kept[0] + 1}")
