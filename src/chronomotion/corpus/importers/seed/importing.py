"""BONES-SEED into a corpus: its folder, or one of its archives as it is."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import ImportPlan, MotionFile, Remark
from chronomotion.corpus.importers.result import ImportResult
from chronomotion.corpus.importers.same_work import RECORD, finished_import, summary_of
from chronomotion.corpus.importers.seed.metadata import TakeRow
from chronomotion.corpus.importers.seed.options import SeedOptions
from chronomotion.corpus.importers.seed.sources import SeedSource, seed_source
from chronomotion.corpus.importers.seed.streaming import Intake, stream_takes
from chronomotion.corpus.importers.seed.tables import Tables, names_within, tables_beside, tables_within
from chronomotion.corpus.importers.seed.take_files import TakeFiles
from chronomotion.corpus.importers.seed.takes import LAYOUT, READING, TakeMaker, Takes
from chronomotion.corpus.importers.splits import splits_of
from chronomotion.corpus.importers.writing import work_folder, work_kept, write_clips
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.errors import CorpusError
from chronomotion.threads import cores

__all__ = ["import_seed"]

log = logging.getLogger(__name__)

LICENCE = "BONES-SEED licence (gated: academic or small companies; its annotations CC BY 4.0)"
_UNSAID = "that of the source"


def import_seed(
    src: Path,
    dest: Path,
    options: SeedOptions,
    *,
    licence: str = _UNSAID,
    follow_links: bool = False,
    workers: int | None = None,
    half: bool = False,
) -> ImportResult:
    """Import BONES-SEED from its folder, or from a .tar.gz of it, which is read once and not unpacked.

    A take becomes a clip with the features of its motion at 20 frames a second, people's sentences about the whole, and
    one caption more whose events are those of its timeline, with times. Splits are the official ones where
    ``options.split_files`` names them, else drawn by script. Takes and tables that are not as they should be are
    repaired or left out, and listed in the result. The corpus is the same from a folder and from an archive, and
    whatever the number of ``workers``. Interrupted, the same call goes on.

    Raises CorpusError or FormatError, and writes nothing, when a part is missing or of other data, or an archive is
    cut off.
    """
    began = time.perf_counter()
    options, workers = options.checked(), cores() if workers is None else workers
    source = seed_source(src, options.skeleton, follow_links=follow_links)
    files = None if source.takes is None else TakeFiles(source.takes, options.skeleton)
    described = _described(src, dest, source, files, options, licence, half=half)
    there = finished_import(dest, described)
    if there is not None:
        shutil.rmtree(work_folder(dest), ignore_errors=True)
        return ImportResult(dest, "seed", there, (), (), time.perf_counter() - began, there_already=True)
    tables = tables_beside(source, options)
    if files is not None and tables is not None:
        files.refuse_none(tables.rows.names)
    described = {"skeleton": LAYOUT.skeleton.name, **described}
    with (
        CorpusWriter(dest, dim=LAYOUT.width, fps=LAYOUT.fps, description=described, half=half) as writer,
        work_kept(work_folder(dest)) as work,
    ):
        kept = KeptFeatures(work, LAYOUT, READING)
        if files is None:
            if tables is None:
                log.warning("%s: no metadata beside the archive: looked for in it as it is read", source.scan.folder)
            intake = stream_takes(source.archives, options.skeleton, kept, _wanted(tables, options), workers)
            tables = tables_within(source, intake.tables, options) if tables is None else tables
            plan, maker, workers = (
                _plan(source, tables, _met(intake, source), options),
                TakeMaker(kept, intake.unread),
                1,
            )
        else:
            assert tables is not None
            plan, maker = _plan(source, tables, files, options), TakeMaker(kept)
            plan.notes.extend(files.stray(set(tables.metadata.names)))
        names, skipped, notes = write_clips(plan, maker, writer, workers)
        corpus = writer.finish(splits_of(names, plan.splits, tables.groups.of)) if names else None
    passed = tuple(Remark(path, reason, source.scan.target(path)) for path, reason in source.scan.passed.items())
    return ImportResult(dest, "seed", corpus, tuple(skipped), tuple(notes), time.perf_counter() - began, passed)


def _described(
    src: Path,
    dest: Path,
    source: SeedSource,
    files: TakeFiles | None,
    options: SeedOptions,
    licence: str,
    *,
    half: bool,
) -> dict[str, Any]:
    """What corpus.json says of the call: everything that the corpus depends on."""
    if dest.name in ("", ".."):
        raise CorpusError(f"{dest} cannot become a corpus: name a new folder")
    parts = {"takes": files.summary() if files is not None else summary_of({a.name: a for a in source.archives})}
    if source.metadata is not None:
        parts["metadata"] = summary_of({source.metadata.name: source.metadata})
    if source.labels and options.timeline:
        parts["labels"] = summary_of({path.name: path for path in source.labels})
    if options.split_files is not None:
        lists = sorted(path for path in options.split_files.rglob("*_split_paths.txt") if path.is_file())
        parts["split_files"] = summary_of({path.relative_to(options.split_files).as_posix(): path for path in lists})
    imported = {"layout": "seed", **options.record(), RECORD: parts}
    if half:
        imported["half"] = True
    name = src.resolve().name
    return {
        "licence": LICENCE if licence == _UNSAID else licence,
        "source": f"BONES-SEED ({name}), imported",
        "imported": imported,
    }


def _wanted(tables: Tables | None, options: SeedOptions) -> Callable[[Intake], set[str] | None]:
    """Which takes of an archive come in: by the tables beside it, else by those that were met in it so far."""
    if tables is not None:
        names = set(tables.rows.names)
        return lambda _: names
    met: dict[int, set[str]] = {}

    def by_tables_met(intake: Intake) -> set[str] | None:
        count = len(intake.tables)
        if count and count not in met:
            met[count] = names_within(intake.tables, options)
        return met.get(count) or None

    return by_tables_met


def _plan(
    source: SeedSource, tables: Tables, file_of: Callable[[TakeRow], MotionFile | str], options: SeedOptions
) -> ImportPlan:
    takes = Takes(tables.rows, tables.labels, file_of, propagated=options.propagated)
    return ImportPlan(LAYOUT, takes, tables.splits, list(tables.metadata.skipped), [*source.notes, *tables.notes])


def _met(intake: Intake, source: SeedSource) -> Callable[[TakeRow], MotionFile | str]:
    """Where a take lies that was met in an archive."""
    archives = ", ".join(archive.name for archive in source.archives)

    def file_of(row: TakeRow) -> MotionFile | str:
        motion = intake.motions.get(row.name)
        return f"not in {archives}" if motion is None else motion

    return file_of
