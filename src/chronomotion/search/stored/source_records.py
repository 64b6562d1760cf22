"""Which sources an indexing looks at, and under what names a library knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.reading import Reading
from chronomotion.errors import ConfigError, FormatError
from chronomotion.search.stored.folder import LibraryInfo, Place, SourceRecord, present_place

__all__ = ["chosen_sources", "named_sources", "reading_of"]


def chosen_sources(
    paths: Sequence[Path],
    folder: Path,
    info: LibraryInfo | None,
    reading: Reading | None,
    *,
    follow_links: bool = False,
) -> list[SourceRecord]:
    """Records of the sources at ``paths``, those that the library knows among them; of all that it knows without any.

    ``reading`` says how their files are read; without it, as before. ``follow_links``: into other folders, too.

    Raises FormatError for a path that is no folder.
    """
    known = [] if info is None else info.sources
    written_at = "" if info is None else info.place
    if not paths:
        return list(known)
    places = {present_place(each.place, folder, written_at).resolve(): each for each in known}
    taken = {each.name for each in known}
    records: dict[Path, SourceRecord] = {}
    for path in paths:
        absolute = path.resolve()
        if not path.is_dir():
            raise FormatError(
                "a file: index the folder that it lies in" if path.exists() else "no such folder", str(path)
            )
        record = places.get(absolute) or SourceRecord(
            name=_free_name(absolute.name or "root", taken),
            kind="corpus" if (path / "corpus.json").is_file() else "folder",
            place=Place.of(path, folder),
        )
        taken.add(record.name)
        update: dict[str, Any] = {"place": Place.of(path, folder)}
        if follow_links:
            update["follow_links"] = True
        if reading is not None:
            update["reading"] = _settings(reading)
        records[absolute] = record.model_copy(update=update)
    return list(records.values())


def named_sources(names: Sequence[str], folder: Path, info: LibraryInfo | None) -> set[str]:
    """Names of sources of a library that are given by name or path. Raises ConfigError for one that it has not."""
    known = [] if info is None else info.sources
    written_at = "" if info is None else info.place
    places = {present_place(each.place, folder, written_at).resolve(): each.name for each in known}
    chosen = set()
    for name in names:
        match = name if name in {each.name for each in known} else places.get(Path(name).resolve())
        if match is None:
            there = ", ".join(each.name for each in known) or "none"
            raise ConfigError(f"{folder} has no source {name!r}; it has {there}")
        chosen.add(match)
    return chosen


def reading_of(record: SourceRecord) -> Reading:
    """How the files of a source are read. Raises FormatError for settings that make no sense."""
    return Reading(**record.reading).checked()


def _settings(reading: Reading) -> dict[str, Any]:
    usual = asdict(Reading())
    settings = {key: value for key, value in asdict(reading.checked()).items() if value != usual[key]}
    if "body_model" in settings:
        settings["body_model"] = str(Path(settings["body_model"]).resolve())
    return settings


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
