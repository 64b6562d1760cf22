"""Writing the clips of an import, with the folder in which finished features wait until the corpus is whole."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chronomotion.atomic_write import disk_errors
from chronomotion.corpus.corpus import Clip
from chronomotion.corpus.importers.plan import ImportPlan, Remark
from chronomotion.corpus.importers.reading import MadeClip, telling
from chronomotion.corpus.importers.workers import ClipMaker, made
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.progress import progress

__all__ = ["work_folder", "work_kept", "write_clips"]

log = logging.getLogger(__name__)


@contextmanager
def work_kept(folder: Path) -> Iterator[Path]:
    """The folder of finished features: gone when all is done, kept for the next call when anything stops this one."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    except BaseException:
        if any(folder.iterdir()):
            log.warning("finished motions are kept in %s: the same command goes on from there", folder)
        else:
            folder.rmdir()
        raise
    shutil.rmtree(folder)


def work_folder(dest: Path) -> Path:
    """Where finished features are kept until the corpus at ``dest`` is whole: hidden, beside it."""
    return dest.with_name(f".{dest.name}.import")


def write_clips(
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
    notes = telling(notes)
    for remark in (*skipped, *notes):
        log.info("%s: %s (%s)", remark.clip, remark.reason, remark.detail)
    return names, skipped, notes
