"""What an indexing has to do, found out before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.reading import Reading, ReadMotion
from chronomotion.errors import ConfigError, CorpusError, ModelError
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.stored.changes import LibraryChanges, Source, find_changes
from chronomotion.search.stored.folder import (
    MANIFEST,
    LibraryInfo,
    SourceRecord,
    open_segments,
    present_place,
    read_info,
)
from chronomotion.search.stored.library_model import ChosenModel
from chronomotion.search.stored.segments import Segment, StoredClip
from chronomotion.search.stored.source_records import chosen_sources, named_sources, reading_of
from chronomotion.search.stored.sources import open_source
from chronomotion.search.stored.writer import LibraryWriter

__all__ = ["IndexPlan", "IndexRequest", "StatisticsOf", "plan_index"]

StatisticsOf: TypeAlias = Literal["model", "own"]
"""By whose mean and standard deviation features are normalised: those that the model keeps, or the library's own."""


@dataclass(frozen=True)
class IndexRequest:
    """What :func:`chronomotion.search.stored.indexing.index` is asked for."""

    folder: Path
    paths: Sequence[Path]
    model: str | Path | MotionTextEncoder | None = None
    loading: dict[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    rebuild: bool = False
    reading: Reading | None = None
    follow_links: bool = False
    statistics: StatisticsOf | None = None


@dataclass(frozen=True, eq=False)
class IndexPlan:
    """The library as it is, and what has changed.

    - ``writer``: holds what counts now; of a library that is made anew, nothing;
    - ``sources``: all that the library is to have; ``changes``: what to encode, to remove, to say otherwise;
    - ``before``: the manifest on the disk, if any; ``is_new``: nothing of what is to be is there yet;
    - ``needs_statistics``: those of the library's own features are to be used, and are not known yet.
    """

    model: ChosenModel
    writer: LibraryWriter
    sources: list[SourceRecord]
    changes: LibraryChanges
    notes: list[Remark]
    before: LibraryInfo | None
    is_new: bool
    needs_statistics: bool = False


def plan_index(request: IndexRequest) -> IndexPlan:
    """Compare a library with its sources. Errors as :func:`chronomotion.search.stored.indexing.index` has them."""
    folder = request.folder
    info, segments = _as_it_is(folder, rebuild=request.rebuild)
    gone = named_sources(request.remove, folder, info)
    chosen = chosen_sources(request.paths, folder, info, request.reading, follow_links=request.follow_links)
    chosen = [record for record in chosen if record.name not in gone]
    if not chosen and not gone:
        raise ConfigError(f"nothing to index into {folder}: name a folder of motion files, or a corpus")
    known = [] if info is None else info.sources
    sources = list({each.name: each for each in (*known, *chosen) if each.name not in gone}.values())
    model, anew = _model(request, info)
    if info is None or anew:
        chosen = sources
        _check_all_there(info, sources, folder)
        writer = LibraryWriter(folder, _fresh(model, info), [])
    else:
        writer = LibraryWriter(folder, info, segments)
    notes: list[Remark] = []
    opened = _opened(chosen, writer, model, notes, {path.resolve() for path in request.paths})
    changes = _changes(opened, writer, gone)
    is_new = info is None or anew
    needs_statistics = is_new and (request.statistics or _statistics_of(info)) == "own"
    return IndexPlan(model, writer, sources, changes, notes, info, is_new, needs_statistics)


def _statistics_of(info: LibraryInfo | None) -> StatisticsOf:
    return "model" if info is None or info.model.statistics is None else "own"


def _as_it_is(folder: Path, *, rebuild: bool) -> tuple[LibraryInfo | None, list[Segment]]:
    """The library on the disk, if any. What ``rebuild`` makes anew may be damaged; then nothing of it is kept."""
    if not (folder / MANIFEST).exists():
        return None, []
    try:
        return open_segments(folder)
    except CorpusError:
        if not rebuild:
            raise
        return read_info(folder).model_copy(update={"rebuilding": False}), []


def _model(request: IndexRequest, info: LibraryInfo | None) -> tuple[ChosenModel, bool]:
    """The model, and whether all is encoded anew: not where an earlier ``rebuild`` was doing so and was stopped."""
    same = info is None or request.statistics in (None, _statistics_of(info))
    if not same and not request.rebuild:
        raise ConfigError(
            f"{request.folder} was indexed with --statistics {_statistics_of(info)}, not {request.statistics}: their "
            "vectors cannot be compared; --rebuild indexes anew"
        )
    if info is None or not request.rebuild:
        return ChosenModel(request.model, info, request.folder, request.loading), False
    given = request.model
    if given is None:
        place = info.model.place
        given = info.model.name if place is None else present_place(place, request.folder, info.place)
    if info.rebuilding and same:
        try:
            return ChosenModel(given, info, request.folder, request.loading), False
        except ModelError:
            pass  # it was another model's
    return ChosenModel(given, None, request.folder, request.loading), True


def _fresh(model: ChosenModel, before: LibraryInfo | None) -> LibraryInfo:
    """A library without clips; numbers of a former one are not given again."""
    if before is None:
        return LibraryInfo(model=model.record)
    return LibraryInfo(
        model=model.record, rebuilding=True, next_clip=before.next_clip, next_segment=before.next_segment
    )


def _check_all_there(info: LibraryInfo | None, sources: Sequence[SourceRecord], folder: Path) -> None:
    """Raises CorpusError where encoding everything anew would lose the clips of a source."""
    for record in [] if info is None else sources:
        place = present_place(record.place, folder, "" if info is None else info.place)
        if not place.is_dir():
            raise CorpusError(
                f"{place}: the source {record.name} is not there, and its clips cannot be encoded anew: "
                f"--remove-source {record.name} gives them up"
            )


def _opened(
    records: Sequence[SourceRecord],
    writer: LibraryWriter,
    model: ChosenModel,
    notes: list[Remark],
    named: set[Path],
) -> list[Source]:
    """The sources, listed. One that is not there and was not named is noted: its clips stay."""
    opened: list[Source] = []
    for record in records:
        path = present_place(record.place, writer.folder, writer.info.place)
        clips = sum(each.clip.source == record.name for each in writer.stored.values())
        if not path.is_dir() and path not in named:
            notes.append(Remark(record.name, "source that is not there, its clips stay", str(path)))
            continue
        try:
            source = open_source(path, record, model.layout, model.record.fps, reading_of(record), writer.folder)
        except CorpusError as error:
            if clips:
                raise CorpusError(
                    f"{error}; the library has {clips} clips of it: --remove-source {record.name} removes them"
                ) from error
            raise
        notes += source.notes
        opened.append(source)
    return opened


def _changes(opened: Sequence[Source], writer: LibraryWriter, gone: set[str]) -> LibraryChanges:
    homes = {number: segment for segment in writer.segments for number in segment.numbers}

    def read(stored: StoredClip) -> ReadMotion:
        return ReadMotion(homes[stored.clip.number].features(stored.clip.number), stored.offset, (), stored.rate)

    stored = {number: each for number, each in writer.stored.items() if each.clip.source not in gone}
    unreadable = [each for each in writer.info.unreadable if each.source not in gone]
    changes = find_changes(opened, stored, unreadable, read)
    changes.removed += [number for number in writer.stored if number not in stored]
    return changes
