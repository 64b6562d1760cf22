"""Making a library of motions, and keeping it in step with what it was made of."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.reading import Reading
from chronomotion.errors import CorpusError
from chronomotion.folder_lock import FolderLock
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.progress import phase
from chronomotion.search.phrase_bank import phrases
from chronomotion.search.stored.calibrating import fit_calibration
from chronomotion.search.stored.clip_encoding import ClipEncoding
from chronomotion.search.stored.duplicates import near_duplicates
from chronomotion.search.stored.examples import example_queries
from chronomotion.search.stored.folder import check_is_library, is_unfinished, sweep
from chronomotion.search.stored.index_plan import IndexPlan, IndexRequest, StatisticsOf, plan_index
from chronomotion.search.stored.index_report import IndexReport
from chronomotion.search.stored.indexes import can_be_read, updated_indexes
from chronomotion.search.stored.library_model import ChosenModel
from chronomotion.search.stored.own_statistics import own_statistics
from chronomotion.search.stored.writer import LibraryWriter
from chronomotion.search.windows import KINDS
from chronomotion.threads import cores

__all__ = ["carry_out", "index"]

log = logging.getLogger(__name__)


def index(
    sources: str | Path | Sequence[str | Path],
    folder: str | Path,
    model: str | Path | MotionTextEncoder | None = None,
    *,
    remove: Sequence[str] = (),
    rebuild: bool = False,
    reading: Reading | None = None,
    follow_links: bool = False,
    workers: int | None = None,
    dry_run: bool = False,
    commit_seconds: float = 30.0,
    statistics: StatisticsOf | None = None,
    **loading: Any,
) -> IndexReport:
    """Make the library in ``folder`` of folders of motion files and of corpora, or bring it up to date with them.

    Only what is new or changed is encoded, and what has gone is removed; a file that was only renamed stays the clip
    that it is. Sources that the library has and that are not named are left alone; without any name, all it has are
    looked at. ``remove`` names sources whose clips are removed. Captions and labels are read as
    :func:`chronomotion.corpus.importers.import_corpus` reads them, and so are motion files, by ``workers`` processes.
    Files that cannot be read are listed with the reason and tried again when they change. ``reading`` and
    ``follow_links`` are remembered for the sources that are named.

    ``model`` is a name as :func:`chronomotion.evaluation.models.open_model` takes it, with ``loading`` (``device``, for
    one, which may be ``auto``), or a model with a ``fingerprint``; without it, that of the library, or ``starter``. It
    is loaded only when there is something to encode. ``rebuild`` encodes everything anew.

    ``statistics``: features are normalised by the mean and standard deviation that the ``model`` keeps, or by those of
    what is indexed first, the library's ``own``, which then stay. Without it, as the library has it, or ``model``.

    What was encoded is committed every ``commit_seconds``: whatever stops an indexing, the same call goes on from
    there. With ``dry_run`` nothing is written.

    Raises ConfigError without anything to index, and for other ``statistics`` than the library's; FormatError for a
    source or a table that cannot be read; CorpusError for a source that is no folder of motions, for a folder that is
    no library, and where no motion can be read; ModelError for another model than the library's; BusyError while
    another process writes; WriteError.
    """
    began = time.perf_counter()
    folder = Path(folder)
    paths = [Path(path) for path in ([sources] if isinstance(sources, str | Path) else sources)]
    request = IndexRequest(folder, paths, model, loading, remove, rebuild, reading, follow_links, statistics)
    if not is_unfinished(folder):
        check_is_library(folder)
    if dry_run:
        return _report(plan_index(request), None, began, dry_run=True)
    is_there = folder.exists()
    try:
        with FolderLock(folder):
            plan = plan_index(request)
            encoding, finishing = carry_out(plan, cores() if workers is None else workers, commit_seconds)
            return _report(plan, encoding, began, finishing)
    finally:
        if not is_there:
            with suppress(OSError):  # what was encoded stays
                folder.rmdir()


def carry_out(plan: IndexPlan, workers: int, commit_seconds: float) -> tuple[ClipEncoding, float]:
    """Do everything that the plan says, and what an earlier run has left to do at the end, which takes the seconds.

    The caller holds the lock of the folder. Errors as :func:`index` has them.
    """
    writer, changes = plan.writer, plan.changes
    sweep(writer.folder, plan.before)
    says: dict[str, Any] = {"sources": plan.sources, "unreadable": changes.unreadable}
    says = {name: value for name, value in says.items() if getattr(writer.info, name) != value}
    if not plan.is_new and (changes.removed or changes.changed or says):
        writer.commit(removed=changes.removed, changed=changes.changed, **says)
    if plan.needs_statistics and (statistics := own_statistics(plan, workers)) is not None:
        plan.model.use(statistics)
        writer.info = writer.info.model_copy(update={"model": plan.model.record})
    encoding = ClipEncoding(plan, commit_seconds)
    try:
        encoding.run(workers)
        return encoding, _finished(plan, encoding)
    except KeyboardInterrupt:
        there, left = len(writer.stored), len(changes.new) - encoding.done
        what = f"{left} are left" if left else "the end of the work is left"
        log.warning("%s: %d clips are indexed, %s: the same command goes on", writer.folder, there, what)
        raise


def _finished(plan: IndexPlan, encoding: ClipEncoding) -> float:
    """Do what is left when everything is encoded; returns the seconds that it took."""
    writer, changes = plan.writer, plan.changes
    if plan.is_new and not writer.stored:
        reasons = [each.reason for each in (*changes.unreadable, *encoding.refused)]
        first = f": {reasons[0]}" if reasons else ""
        raise CorpusError(f"{writer.folder}: no motion could be read, so no library was made{first}")
    indexes = writer.info.index
    if writer.info.finished and indexes is not None and can_be_read(writer.folder, indexes):
        return 0.0
    began = time.perf_counter()
    _finish(writer, plan.model)
    return time.perf_counter() - began


def _finish(writer: LibraryWriter, model: ChosenModel) -> None:
    """Groups, indexes, calibration and examples of the clips as they are now."""
    info, tables = writer.info, writer.tables()
    ranges = [] if info.index is None else info.index.clips
    settled = (number for first, last in ranges for number in range(first, last + 1))
    with _phase(writer, "looking for near-duplicates"):
        groups = near_duplicates(tables["whole"], tables["mirrored"], info.groups, settled)
    with _phase(writer, "making the indexes"):
        indexes = updated_indexes(writer.folder, info, writer.segments, tables)
    clips = {number: each.clip for number, each in writer.stored.items()}
    calibration, examples = None, list[str]()
    if clips:
        encoder = model.loaded()
        with _phase(writer, "calibrating scores"):
            fitted = fit_calibration(writer.folder, encoder, tables["short"], info.model.fps)
            calibration = fitted.model_dump(mode="json")
        with _phase(writer, "choosing examples"):
            examples = example_queries(encoder, clips, tables["short"], phrases())
    counts: dict[str, float] = {"clips": len(clips), **{kind: len(tables[kind]) for kind in KINDS}}
    counts["hours"] = round(sum(clip.duration for clip in clips.values()) / 3600, 4)
    with _phase(writer, "writing the library"):
        writer.finish(groups=groups, index=indexes, calibration=calibration, examples=examples, counts=counts)


@contextmanager
def _phase(writer: LibraryWriter, what: str) -> Iterator[None]:
    """Say what is done while it is done, on a terminal, and with ``--verbose`` anywhere."""
    log.info("%s: %s", writer.folder, what)
    with phase(f"{writer.folder}: {what}"):
        yield


def _report(
    plan: IndexPlan, encoding: ClipEncoding | None, began: float, finishing: float = 0.0, *, dry_run: bool = False
) -> IndexReport:
    writer, changes = plan.writer, plan.changes
    refused = [] if encoding is None else list(encoding.refused)
    bad = {(each.source, each.file) for each in refused}
    tried = [new for new in changes.new if (new.source.record.name, new.item.file) not in bad]
    changed = sum(new.replaces is not None for new in tried)
    clips = [each.clip for each in writer.stored.values()]
    return IndexReport(
        folder=writer.folder,
        model=writer.info.model.name,
        added=len(tried) - changed,
        changed=changed,
        moved=changes.moved,
        removed=len(changes.removed),
        kept=changes.kept,
        unreadable=(*changes.unreadable, *refused),
        refused=len(refused) + changes.refused,
        notes=tuple(plan.notes),
        windows=0 if encoding is None else encoding.windows,
        encoding=0.0 if encoding is None else encoding.seconds,
        finishing=finishing,
        seconds=time.perf_counter() - began,
        clips=len(clips),
        hours=sum(clip.duration for clip in clips) / 3600,
        examples=tuple(writer.info.examples),
        dry_run=dry_run,
    )
