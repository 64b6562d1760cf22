"""Synthetic BONES-SEED for tests, made once."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from chronomotion.corpus.importers import ImportResult, import_corpus
from chronomotion.corpus.importers.seed.options import SeedOptions
from synthetic_seed import Take, pack, write_seed

__all__ = ["imported", "packed", "reasons", "seed_folder", "seed_takes"]


@cache
def _made(arguments: tuple[tuple[str, object], ...]) -> tuple[Path, list[Take]]:
    folder = Path(mkdtemp(prefix="seed-")) / "seed"
    return folder, write_seed(folder, **{"seconds": 1.0, **dict(arguments)})  # type: ignore[arg-type]


def seed_folder(folder: Path, **arguments: object) -> Path:
    """A copy of a data set of one-second takes: 4 scripts, 3 actors, mirror images, unless the arguments say so."""
    made, _ = _made(tuple(sorted(arguments.items())))
    shutil.copytree(made, folder)
    return folder


def seed_takes(**arguments: object) -> list[Take]:
    """Its takes."""
    return _made(tuple(sorted(arguments.items())))[1]


def packed(folder: Path, *, tables: bool = False, tables_last: bool = False, name: str = "soma_uniform.tar.gz") -> Path:
    """The folder with its takes, and with ``tables`` metadata and labels, in an archive; gives the archive."""
    return pack(folder, folder / name, tables=tables, tables_last=tables_last)


def imported(src: Path, dest: Path, workers: int = 1, *, half: bool = False, **options: object) -> ImportResult:
    """Import with options of the seed layout."""
    return import_corpus(src, dest, workers=workers, half=half, seed=SeedOptions(**options))  # type: ignore[arg-type]


def reasons(result: ImportResult) -> dict[str, list[str]]:
    """Reason -> clips, of what was skipped or noted."""
    told: dict[str, list[str]] = {}
    for remark in (*result.skipped, *result.notes):
        told.setdefault(remark.reason, []).append(remark.clip)
    return told
