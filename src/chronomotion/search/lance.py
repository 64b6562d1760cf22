"""LanceDB: the one place that imports it, and its errors in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chronomotion.errors import ChronomotionError, FormatError, require

__all__ = ["connect", "lance_errors"]


def connect(where: str, options: Mapping[str, str] | None) -> Any:
    """A database at a path or URL; ``options`` are those of an object store, as LanceDB takes them."""
    return require("lancedb", "lancedb").connect(where, storage_options=dict(options) if options else None)


@contextmanager
def lance_errors(where: str) -> Iterator[None]:
    """LanceDB's errors, of several lines and many types, as FormatError in one line."""
    try:
        yield
    except ChronomotionError:
        raise
    except (RuntimeError, ValueError, OSError) as error:
        raise FormatError(f"LanceDB says: {(str(error).splitlines() or [repr(error)])[0]}", where) from error
