"""Bringing a folder from the wild into a corpus.

The layouts of such folders:

- ``humanml3d`` and ``kitml``: ``new_joint_vecs`` (else ``new_joints``), ``texts`` and train.txt, val.txt, test.txt.
- ``annotations``: annotations.json, ``splits``, ``event_texts`` and the features in ``motions/guoh3dfeats``. A clip is
  the part of its file that its captions speak of.
- ``folder``: motion files of any format that is read, in subfolders too, with captions.csv (file,start,end,caption) or
  labels.csv (file,label).
- ``seed``: BONES-SEED, a folder or one of its archives; see
  :func:`chronomotion.corpus.importers.seed.importing.import_seed`.
"""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.folder_scan import FolderScan, shown
from chronomotion.corpus.importers.annotations import plan_annotations
from chronomotion.corpus.importers.detect import LAYOUTS, detect_layout, features_in_folder, motions_folder
from chronomotion.corpus.importers.folder import plan_folder
from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import ImportPlan, Remark
from chronomotion.corpus.importers.published import plan_published
from chronomotion.corpus.importers.reading import Reading
from chronomotion.corpus.importers.result import ImportResult
from chronomotion.corpus.importers.same_work import finished_import, record_of_sources
from chronomotion.corpus.importers.seed.importing import import_seed
from chronomotion.corpus.importers.seed.options import SeedOptions
from chronomotion.corpus.importers.splits import splits_of
from chronomotion.corpus.importers.workers import ClipMaker
from chronomotion.corpus.importers.writing import work_folder, work_kept, write_clips
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.errors import CorpusError
from chronomotion.language.decompose.recorded import EVENT_TEXTS, EventFolder
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.threads import cores

__all__ = ["LAYOUTS", "import_corpus", "work_folder"]

log = logging.getLogger(__name__)


def import_corpus(
    src: str | Path,
    dest: str | Path,
    *,
    layout: str = "auto",
    motions: str | Path | None = None,
    table: str | Path | None = None,
    events: str | Path | None = None,
    reading: Reading | None = None,
    licence: str = "that of the source",
    follow_links: bool = False,
    workers: int | None = None,
    half: bool = False,
    seed: SeedOptions | None = None,
) -> ImportResult:
    """Import a data set or a folder of motion files: its ``layout``, of those at the top of this module, is told apart.

    The features of ``annotations`` may be in the folder ``motions``. The table of a ``folder`` may be the file
    ``table``, and ``reading`` says how its files are read; ``seed`` says what of BONES-SEED is wanted.

    Events of captions that somebody recorded come from the folder ``events`` (``ID_INDEX.json``, INDEX the number of a
    caption among all captions of the id), else from ``event_texts`` in the source.

    Links are followed where they end inside the source, or in the files of the hub's repository whose snapshot the
    source is; with ``follow_links`` wherever they end. What is passed over is listed in the result.

    Splits are the source's own; without any, 80 / 5 / 15 % by a hash of the name. A mirrored id (M in front) whose
    motion is missing is made from its original. What cannot be read is skipped and listed in the result. The corpus is
    the same whatever the number of ``workers`` (as many as there are cores). Features that took time to make are kept
    beside ``dest`` until the corpus is whole, so that the same call goes on where another one was interrupted. A corpus
    that the same call has made of the same files is opened, not made again. With ``half`` the corpus keeps features as
    float16.

    Raises CorpusError when nothing is there that fits a layout, or ``dest`` is taken, with the difference where it is
    the corpus of another call; FormatError, with file and line,
    when a table cannot be read or a setting of ``reading`` makes no sense.
    """
    began = time.perf_counter()
    src, dest = Path(src), Path(dest)
    odd: list[Remark] = []
    layout, scan = detect_layout(FolderScan(src, follow_links=follow_links), layout, odd)
    if layout == "seed":
        _refuse_for_seed(src, motions=motions, table=table, events=events, reading=reading)
        data = src if src.is_file() else scan.folder
        return import_seed(
            data, dest, seed or SeedOptions(), licence=licence, follow_links=follow_links, workers=workers, half=half
        )
    if seed is not None:
        raise CorpusError(f"{src}: choosing takes and skeletons goes with the layout seed, but this one is {layout}")
    reading = (reading or Reading()).checked()
    described = _described(src, dest, layout, licence, reading, follow_links=follow_links)
    if half:
        described["imported"]["half"] = True
    described["imported"] |= record_of_sources(
        scan, dest, motions=_path(motions), table=_path(table), events=_path(events)
    )
    there = finished_import(dest, described)
    if there is not None:
        shutil.rmtree(work_folder(dest), ignore_errors=True)
        return ImportResult(dest, layout, there, (), (), time.perf_counter() - began, there_already=True)
    plan = _plan(scan, layout, motions, table, events)
    plan.notes[:0] = odd
    with _writer(dest, plan, described, half=half) as writer:
        corpus, skipped, notes = _written(plan, reading, writer, cores() if workers is None else workers)
    passed = tuple(Remark(shown(path), reason, scan.target(path)) for path, reason in scan.passed.items())
    for remark in passed:
        log.info("%s: passed over, %s", remark.clip, remark.reason)
    return ImportResult(dest, layout, corpus, tuple(skipped), tuple(notes), time.perf_counter() - began, passed)


def _written(
    plan: ImportPlan, reading: Reading, writer: CorpusWriter, workers: int
) -> tuple[Corpus | None, list[Remark], list[Remark]]:
    """The corpus of a plan, what was skipped, and notes; no corpus where no clip could be read."""
    folder = work_folder(writer.folder)
    with work_kept(folder) as work:
        maker = ClipMaker(plan.features, reading, KeptFeatures(work, plan.features, reading))
        names, skipped, notes = write_clips(plan, maker, writer, workers)
        return writer.finish(splits_of(names, plan.splits)) if names else None, skipped, notes


def _refuse_for_seed(src: Path, *, reading: Reading | None, **others: str | Path | None) -> None:
    """Raise CorpusError for arguments that mean nothing to BONES-SEED: its rig and its files are known."""
    given = [name for name, value in others.items() if value is not None]
    if reading is not None and reading != Reading():
        given.append("a way of reading motion files")
    if given:
        raise CorpusError(f"{src}: {given[0]} goes with other layouts, but this one is seed")


def _plan(
    scan: FolderScan, layout: str, motions: str | Path | None, table: str | Path | None, events: str | Path | None
) -> ImportPlan:
    src = scan.folder
    if motions is not None and layout != "annotations":
        raise CorpusError(f"{src}: a folder of motions goes with the layout annotations, but this one is {layout}")
    if table is not None and layout != "folder":
        raise CorpusError(f"{src}: a table of captions goes with the layout folder, but this one is {layout}")
    if events is not None and layout == "folder":
        raise CorpusError(f"{src}: recorded events go with published layouts, but this one is {layout}")
    recorded = _recorded(scan, events)
    if layout == "annotations":
        files = motions_folder(scan, None if motions is None else Path(motions))
        return plan_annotations(scan, features_in_folder(files), files, recorded)
    if layout == "folder":
        return plan_folder(scan, HUMANML3D_LAYOUT, None if table is None else Path(table))
    return plan_published(scan, KITML_LAYOUT if layout == "kitml" else HUMANML3D_LAYOUT, recorded)


def _recorded(scan: FolderScan, events: str | Path | None) -> EventFolder | None:
    """The folder of recorded events that was named, else the one in the source, if any."""
    if events is not None:
        return EventFolder(Path(events), follow_links=scan.follow_links)
    folder = scan.root / EVENT_TEXTS
    return EventFolder(folder, follow_links=scan.follow_links) if scan.is_folder(folder) else None


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _described(
    src: Path, dest: Path, layout: str, licence: str, reading: Reading, *, follow_links: bool
) -> dict[str, Any]:
    """What corpus.json says of the call."""
    if dest.name in ("", ".."):
        raise CorpusError(f"{dest} cannot become a corpus: name a new folder")
    imported: dict[str, Any] = {"layout": layout}
    if layout == "folder":
        imported |= {"reading": {key: str(value) for key, value in asdict(reading).items() if value is not None}}
    if follow_links:
        imported["follow_links"] = True
    return {"licence": licence, "source": f"{src.resolve().name}, imported", "imported": imported}


def _writer(dest: Path, plan: ImportPlan, described: dict[str, Any], *, half: bool) -> CorpusWriter:
    description = {"skeleton": plan.features.skeleton.name, **described}
    return CorpusWriter(dest, dim=plan.features.width, fps=plan.features.fps, description=description, half=half)
