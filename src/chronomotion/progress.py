"""Progress on standard error, and only when a person is watching a terminal.

The environment variable TQDM_DISABLE (which ``chronomotion --quiet`` sets) turns it off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["phase", "progress"]

Item = TypeVar("Item")


def progress(items: Iterable[Item], label: str, total: int | None = None, unit: str = "it") -> Iterable[Item]:
    """The same items; a bar with ``label`` moves while they are taken."""
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(items, desc=label, total=total, unit=unit, **_shown())
    return bar


@contextmanager
def phase(label: str) -> Iterator[None]:
    """While work lasts of which nobody knows how much is left, ``label`` is shown."""
    from tqdm import tqdm

    with tqdm(desc=label, bar_format="{desc} ...", **_shown()):
        yield


def _shown() -> dict[str, Any]:
    """Where bars are shown, and whether: by default only where standard error is a terminal."""
    return {"file": sys.stderr, "disable": True if os.environ.get("TQDM_DISABLE") else None, "leave": False}
