"""conversion.json in a folder of converted files: which work made it, and whether that came to its end.

Another call knows by it whether it would do the same work. Paths in it are relative, so that the same work has the same
bytes on every machine.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus.conversion_result import Conversion, Converted, Failure
from chronomotion.corpus.importers import Reading
from chronomotion.corpus.importers.same_work import differences
from chronomotion.errors import ConfigError

__all__ = ["ConversionRecord", "recorded_targets", "work_of"]

log = logging.getLogger(__name__)

_NAME = "conversion.json"
_FORMAT = {"format": "chronomotion conversion", "format_version": 1}


def work_of(src: Path, written: Mapping[str, Any], sources: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """What decides on the files that a call writes: the source's name and files, their form, how they are read."""
    settings = {key: str(value) for key, value in asdict(reading).items() if value is not None}
    return {"source": src.resolve().name, "written": dict(written), "reading": settings, **sources}


def recorded_targets(folder: Path) -> set[str]:
    """Relative paths of the files that the conversion recorded in a folder writes there; none without a record.

    Raises ConfigError when the file with the record's name is none.
    """
    record = _read(folder)
    return set() if record is None else set(record["targets"])


class ConversionRecord:
    """The record of one call's work on the files of ``src``, for the folder ``dest``."""

    def __init__(self, src: Path, dest: Path, work: Mapping[str, Any], targets: list[str]) -> None:
        self._root, self._dest = src.resolve() if src.is_dir() else src.resolve().parent, dest
        self._content = {**_FORMAT, "work": json.loads(json.dumps(work)), "targets": sorted(targets)}

    def is_there(self) -> bool:
        """Whether the folder has a record of this work, finished or not.

        Raises ConfigError, with the difference, when it has one of other work.
        """
        record = _read(self._dest)
        if record is None:
            return False
        other = differences(record["work"], self._content["work"])
        if other:
            raise ConfigError(
                f"{self._dest} holds another conversion ({other}): choose another folder, or overwrite with --force"
            )
        return True

    def finished(self) -> Conversion | None:
        """What an earlier call has made, where it was this work, came to its end, and all of it is still there.

        Raises ConfigError as :meth:`is_there` does.
        """
        record = _read(self._dest) if self.is_there() else None
        if record is None or not record["finished"]:
            return None
        converted = tuple(
            Converted(
                self._root / row["source"], self._dest / row["path"], row["frames"], row["fps"], tuple(row["notes"])
            )
            for row in record["converted"]
        )
        if not all(done.path.is_file() for done in converted):
            return None
        log.info("%s is converted already", self._dest)
        failed = tuple(Failure(self._root / row["source"], row["reason"]) for row in record["failed"])
        return Conversion(converted, failed, there_already=True)

    def begin(self) -> None:
        """Say in the folder that this work is going on there. Raises WriteError."""
        self._write(self._dest, {"finished": False})

    def finish(self, conversion: Conversion, folder: Path | None = None) -> None:
        """Say in ``folder`` (the destination, unless given) that the work is done. Raises WriteError."""
        converted = [
            {
                "source": self._relative(done.source),
                "path": done.path.relative_to(self._dest).as_posix(),
                "frames": done.frames,
                "fps": done.fps,
                "notes": list(done.notes),
            }
            for done in conversion.converted
        ]
        failed = [{"source": self._relative(failure.source), "reason": failure.reason} for failure in conversion.failed]
        self._write(folder or self._dest, {"finished": True, "converted": converted, "failed": failed})

    def drop(self) -> None:
        """Remove the record: nothing was written."""
        (self._dest / _NAME).unlink(missing_ok=True)

    def _write(self, folder: Path, state: Mapping[str, Any]) -> None:
        with atomic_write(folder / _NAME) as part:
            part.write_text(json.dumps({**self._content, **state}, indent=1) + "\n", encoding="utf-8")

    def _relative(self, source: Path) -> str:
        whole = source.absolute()
        return whole.relative_to(self._root).as_posix() if whole.is_relative_to(self._root) else str(source)


def _read(folder: Path) -> dict[str, Any] | None:
    """The record in a folder, or None. Raises ConfigError for a file of its name that is no such record."""
    path = folder / _NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as the record of a conversion: choose another folder") from error
    if not isinstance(record, dict) or not record.items() >= _FORMAT.items() or not _is_whole(record):
        raise ConfigError(f"{path} is no record of a conversion that this program knows: choose another folder")
    return record


def _is_whole(record: Mapping[str, Any]) -> bool:
    lists = ("targets", "converted", "failed") if record.get("finished") else ("targets",)
    return (
        isinstance(record.get("work"), dict)
        and isinstance(record.get("finished"), bool)
        and all(isinstance(record.get(name), list) for name in lists)
    )
