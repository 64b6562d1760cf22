"""Progress on standard error, and only when a person is watching a terminal.

The environment variable TQDM_DISABLE (which ``chronomotion --quiet`` sets) turns it off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TypeVar

__all__ = ["progress"]

Item = TypeVar("Item")


def progress(items: Iterable[Item], label: str, total: int | None = None, unit: str = "it") -> Iterable[Item]:
    """The same items; a bar with ``label`` moves while they are taken."""
    from tqdm import tqdm

    silent = True if os.environ.get("TQDM_DISABLE") else None  # None: silent unless standard error is a terminal
    bar: Iterable[Item] = tqdm(items, desc=label, total=total, unit=unit, file=sys.stderr, disable=silent, leave=False)
    return bar
