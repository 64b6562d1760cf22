"""Bringing a folder from the wild into a corpus."""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chronomotion.corpus.corpus import Clip
from chronomotion.corpus.importers.annotations import plan_annotations
from chronomotion.corpus.importers.detect import LAYOUTS, detect_layout, features_in_folder, motions_folder
from chronomotion.corpus.importers.folder import plan_folder
from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import ImportPlan, Remark
from chronomotion.corpus.importers.published import plan_published
from chronomotion.corpus.importers.reading import MadeClip, Reading
from chronomotion.corpus.importers.result import ImportResult
from chronomotion.corpus.importers.splits import splits_of
from chronomotion.corpus.importers.workers import ClipMaker, made
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.errors import CorpusError
from chronomotion.language.decompose.recorded import EVENT_TEXTS, EventFolder
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.progress import progress
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
    workers: int | None = None,
) -> ImportResult:
    """Import a data set or a folder of motion files.

    - ``humanml3d`` and ``kitml``: ``new_joint_vecs`` (else ``new_joints``), ``texts`` and train.txt, val.txt, test.txt.
    - ``annotations``: annotations.json, ``splits``, ``event_texts`` and the features in ``motions/guoh3dfeats``, or in
      the folder ``motions``. A clip is the part of its file that its captions speak of.
    - ``folder``: motion files of any format that is read, in subfolders too, with captions.csv (file,start,end,caption)
      or labels.csv (file,label), or the file ``table``. ``reading`` says how they are read.

    Events of captions that somebody recorded come from the folder ``events`` (``ID_INDEX.json``, INDEX the number of a
    caption among all captions of the id), else from ``event_texts`` in the source.

    Splits are the source's own; without any, 80 / 5 / 15 % by a hash of the name. A mirrored id (M in front) whose
    motion is missing is made from its original. What cannot be read is skipped and listed in the result. The corpus is
    the same whatever the number of ``workers`` (as many as there are cores). Features that took time to make are kept
    beside ``dest`` until the corpus is whole, so that the same call goes on where another one was interrupted.

    Raises CorpusError when nothing is there that fits a layout, or ``dest`` is taken; FormatError, with file and line,
    when a table cannot be read or a setting of ``reading`` makes no sense.
    """
    began = time.perf_counter()
    src, dest = Path(src), Path(dest)
    found = detect_layout(src, layout)
    reading = (reading or Reading()).checked()
    plan = _plan(src, found, motions, table, events)
    with _writer(src, dest, found, plan, licence, reading) as writer:
        work = work_folder(dest)
        maker = ClipMaker(plan.features, reading, KeptFeatures(work, plan.features, reading))
        work.mkdir(parents=True, exist_ok=True)
        try:
            names, skipped, notes = _write(plan, maker, writer, cores() if workers is None else workers)
        except KeyboardInterrupt:
            log.warning("finished motions are kept in %s: the same command goes on from there", work)
            raise
        corpus = writer.finish(splits_of(names, plan.splits)) if names else None
    shutil.rmtree(work)
    return ImportResult(dest, found, corpus, tuple(skipped), tuple(notes), time.perf_counter() - began)


def work_folder(dest: Path) -> Path:
    """Where finished features are kept until the corpus at ``dest`` is whole: hidden, beside it."""
    return dest.with_name(f".{dest.name}.import")


def _plan(
    src: Path, layout: str, motions: str | Path | None, table: str | Path | None, events: str | Path | None
) -> ImportPlan:
    if motions is not None and layout != "annotations":
        raise CorpusError(f"{src}: a folder of motions goes with the layout annotations, but this one is {layout}")
    if table is not None and layout != "folder":
        raise CorpusError(f"{src}: a table of captions goes with the layout folder, but this one is {layout}")
    if events is not None and layout == "folder":
        raise CorpusError(f"{src}: recorded events go with published layouts, but this one is {layout}")
    recorded = _recorded(src, events)
    if layout == "annotations":
        files = motions_folder(src, None if motions is None else Path(motions))
        return plan_annotations(src, features_in_folder(files), files, recorded)
    if layout == "folder":
        return plan_folder(src, HUMANML3D_LAYOUT, None if table is None else Path(table))
    return plan_published(src, KITML_LAYOUT if layout == "kitml" else HUMANML3D_LAYOUT, recorded)


def _recorded(src: Path, events: str | Path | None) -> EventFolder | None:
    """The folder of recorded events that was named, else the one in the source, if any."""
    if events is not None:
        return EventFolder(Path(events))
    return EventFolder(src / EVENT_TEXTS) if (src / EVENT_TEXTS).is_dir() else None


def _writer(src: Path, dest: Path, layout: str, plan: ImportPlan, licence: str, reading: Reading) -> CorpusWriter:
    if dest.name in ("", ".."):
        raise CorpusError(f"{dest} cannot become a corpus: name a new folder")
    imported: dict[str, Any] = {"layout": layout}
    if layout == "folder":
        imported |= {"reading": {key: str(value) for key, value in asdict(reading).items() if value is not None}}
    description = {
        "skeleton": plan.features.skeleton.name,
        "licence": licence,
        "source": f"{src.resolve().name}, imported",
        "imported": imported,
    }
    return CorpusWriter(dest, dim=plan.features.width, fps=plan.features.fps, description=description)


def _write(
    plan: ImportPlan, maker: ClipMaker, writer: CorpusWriter, workers: int
) -> tuple[list[str], list[Remark], list[Remark]]:
    """Names of the clips that were written, remarks on those that were not, and notes on those that were."""
    names, skipped, notes = [], list(plan.skipped), list(plan.notes)
    clips = made(plan.clips, maker, workers)
    for clip in progress(clips, f"importing {writer.folder.name}", total=len(plan.clips), unit="clip"):
        if isinstance(clip, MadeClip):
            writer.add(Clip(clip.name, clip.features, clip.captions))
            names.append(clip.name)
            notes += clip.notes
        else:
            skipped.append(clip)
    for remark in (*skipped, *notes):
        log.info("%s: %s (%s)", remark.clip, remark.reason, remark.detail)
    return names, skipped, notes
