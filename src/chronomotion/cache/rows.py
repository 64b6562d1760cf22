"""Rows of JSON that are appended as they are made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from chronomotion.atomic_write import atomic_write, disk_errors, sweep_once
from chronomotion.errors import FormatError

__all__ = ["RowCache"]


class RowCache:
    """A file of JSON lines whose first one says what it holds.

    Lines rather than a data base: nothing but appending is needed, the file can be read and joined by hand, and an
    interrupt can only cut the last line, which costs one row. Several threads, and on one machine several processes,
    may append.
    """

    def __init__(self, path: Path, format_name: str, format_version: int = 1) -> None:
        """Read what is there, or begin a file. Raises FormatError when the file is another kind of file."""
        self.path = path
        self._lock = Lock()
        self._cut = False
        header = {"format": format_name, "format_version": format_version}
        if not path.exists() or not path.stat().st_size:
            with atomic_write(path) as part:
                part.write_bytes(_line(header))
        sweep_once(path.parent)
        self.rows = self._read(header)

    def append(self, row: Mapping[str, Any]) -> None:
        """Keep a row. It is on its way to the disk when this returns: nothing is lost by a kill.

        Raises WriteError when the file cannot be written to.
        """
        line = _line(row)
        with self._lock, disk_errors(self.path):
            # One write of one line: what other processes append cannot come between.
            with self.path.open("ab", buffering=0) as file:
                rest = b"\n" + line if self._cut else line
                self._cut = True
                while rest:  # a disk that gets full takes a part of it, and refuses the next
                    rest = rest[file.write(rest) :]
                self._cut = False
            self.rows.append(dict(row))

    def _read(self, expected: Mapping[str, Any]) -> list[dict[str, Any]]:
        first, *lines = self.path.read_bytes().split(b"\n")
        header = _row(first)
        if header is None or header.get("format") != expected["format"]:
            raise FormatError(f"not a file of {expected['format']}; give another name, or remove it", str(self.path))
        version, known = header.get("format_version"), expected["format_version"]
        if version != known:
            raise FormatError(
                f"format_version {version}, but this program knows {known}; update chronomotion or give another name",
                str(self.path),
            )
        if lines and lines[-1]:  # a line that a kill has cut: end it, or the next row would be lost with it
            with self.path.open("ab", buffering=0) as file:
                file.write(b"\n")
        return [row for row in map(_row, lines) if row is not None]


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row).encode("ascii") + b"\n"


def _row(line: bytes) -> dict[str, Any] | None:
    """What a line says, or None when it was cut."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
