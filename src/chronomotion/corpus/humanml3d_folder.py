"""A folder as HumanML3D and KIT-ML publish theirs, from any folder of motion files.

``new_joint_vecs`` (features), ``new_joints`` (what they give back), ``texts`` (a caption a line), ``Mean.npy`` and
``Std.npy``, ``all.txt`` and the splits. Programs made for the data sets train on it, and our own import takes it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from chronomotion.atomic_write import write_npy
from chronomotion.corpus.conversion import read_take, resampled
from chronomotion.corpus.conversion_record import ConversionRecord, work_of
from chronomotion.corpus.conversion_result import Conversion, Converted, Failure
from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers import Reading
from chronomotion.corpus.importers.folder import plan_folder
from chronomotion.corpus.importers.plan import NO_MOTION, ImportPlan, MotionFile, PlannedClip
from chronomotion.corpus.importers.reading import MadeClip, ReadMotion, captioned
from chronomotion.corpus.importers.same_work import record_of_sources, summary_of
from chronomotion.corpus.importers.splits import splits_of
from chronomotion.corpus.moments import Moments
from chronomotion.errors import ConfigError, FormatError
from chronomotion.folder_lock import partial_folder
from chronomotion.language.caption import Caption
from chronomotion.language.decompose.grammar.tagging import tagged_words
from chronomotion.motion.exchange import on_skeleton
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import Layout
from chronomotion.progress import progress

__all__ = ["write_published"]

log = logging.getLogger(__name__)

_UNIVERSAL = {
    "third": "VERB", "gerund": "VERB", "past": "VERB", "base": "VERB", "person": "NOUN", "noun": "NOUN",
    "determiner": "DET", "possessive": "DET", "number": "NUM", "adjective": "ADJ", "adverb": "ADV", "extent": "ADV",
    "preposition": "ADP", "pronoun": "PRON", "relative": "PRON", "auxiliary": "AUX", "to": "PART", "and": "CCONJ",
    "sub": "SCONJ",
}  # fmt: skip
"""Our tags -> the universal parts of speech that the published captions have."""
_SHOWN = 5
_OWN = ("new_joint_vecs", "new_joints", "texts")


def write_published(
    src: Path, dest: Path, layout: Layout, reading: Reading, *, table: Path | None = None, force: bool = False
) -> Conversion:
    """Write the motion files of a folder (or one file) as a data set in the layout of HumanML3D or KIT-ML.

    Captions come from ``captions.csv`` or ``labels.csv`` in the folder, or from ``table``. A clip without one gets no
    text: our import, like most programs, takes clips with texts only. Splits are the folder's own, else 80 / 5 / 15 %
    by a hash of the name. Files that cannot be read are logged and listed. The folder appears whole or not at all;
    ``conversion.json`` in it says what it was made of, and the same call on a finished one only says so.
    Raises ConfigError when ``dest`` is taken, with the difference where it is of other work (``force`` replaces a
    folder of this layout); BusyError when another process writes it; FormatError when a table cannot be read or nothing
    can.
    """
    _refuse_place(dest, src)
    reading = reading.checked()
    record = _record(src, dest, layout, reading, table)
    if not _replaced(dest).exists():  # else a kill has left it: that is settled below, under the lock
        there = _there(record, dest, force=force)
        if there is not None:
            return there
    plan = _plan(src, layout, table)
    for remark in plan.notes:
        log.warning("%s: %s (%s)", remark.clip, remark.reason, remark.detail)
    try:
        with partial_folder(dest.with_name(f".{dest.name}.partial")) as lock:
            _end_replacement(dest)
            there = _there(record, dest, force=force)  # its last writer may have finished since
            if there is not None:
                return there
            for name in _OWN:
                (lock.folder / name).mkdir()
            conversion = _write(lock.folder, dest, plan, reading)
            if conversion.converted:
                record.finish(conversion, lock.folder)
                lock.release()
                _put(lock.folder, dest)
            return conversion
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror or error}", str(dest)) from error


def _record(src: Path, dest: Path, layout: Layout, reading: Reading, table: Path | None) -> ConversionRecord:
    if src.is_dir():
        sources = record_of_sources(FolderScan(src), dest, motions=None, table=table, events=None)
    else:
        sources = {"sources": summary_of({src.name: src})}
    return ConversionRecord(src, dest, work_of(src, {"layout": layout.skeleton.name}, sources, reading), [])


def _plan(src: Path, layout: Layout, table: Path | None) -> ImportPlan:
    if src.is_dir():
        plan = plan_folder(FolderScan(src), layout, table)
        if not plan.clips:
            raise FormatError("no motion files that could become clips", str(src))
        return plan
    if table is not None:
        raise ConfigError("--table goes with a folder of motion files: name its folder")
    return ImportPlan(layout, [PlannedClip(src.stem, MotionFile(src, "take"), ())])


def _write(part: Path, dest: Path, plan: ImportPlan, reading: Reading) -> Conversion:
    """Write every clip, then what speaks of all of them."""
    layout, moments = plan.features, Moments.none(plan.features.width)
    done: list[Converted] = []
    failed = _refused(plan)
    silent = 0
    for planned in progress(plan.clips, f"converting into {dest.name}", total=len(plan.clips), unit="clip"):
        source = planned.motion.path
        try:
            clip = captioned(planned, _read(source, layout, reading), layout)
        except FormatError as error:
            failed.append(Failure(source, str(error).removeprefix(f"{source}: ")))
            failed[-1].log()
            continue
        _write_clip(part, clip, layout)
        moments += Moments.of(clip.features)
        silent += not clip.captions
        notes = tuple(f"{note.reason}: {note.detail}" for note in clip.notes)
        done.append(
            Converted(source, dest / "new_joint_vecs" / f"{clip.name}.npy", len(clip.features), layout.fps, notes)
        )
    if done:
        names = [converted.path.stem for converted in done]
        splits = splits_of(names, plan.splits)
        _lines(part / "all.txt", names)
        for split in {"train", "val", "test", *splits}:
            _lines(part / f"{split}.txt", splits.get(split, []))
        _save_stats(moments, part, layout)
    if silent:
        log.warning("%d of %d clips have no caption and no text: give a table with --table", silent, len(done))
    return Conversion(tuple(done), tuple(failed))


def _refused(plan: ImportPlan) -> list[Failure]:
    """Files that the plan leaves out, logged; what tables speak of without a file is only counted."""
    missing = [remark.clip for remark in plan.skipped if remark.reason == NO_MOTION]
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        log.warning("%d files that the tables name are not there: %s", len(missing), shown)
    failed = [
        Failure(Path(remark.clip), f"{remark.reason}: {remark.detail}")
        for remark in plan.skipped
        if remark.reason != NO_MOTION
    ]
    for failure in failed:
        failure.log()
    return failed


def _read(source: Path, layout: Layout, reading: Reading) -> ReadMotion:
    """Features of a motion file, on the skeleton of the layout."""
    recording = read_take(source, reading)
    motion = resampled(on_skeleton(recording.motion, layout.skeleton), layout.fps, str(source))
    notes = tuple(("in doubt", warning) for warning in recording.report.warnings)
    return ReadMotion(features_of(motion), recording.report.trimmed / recording.report.fps, notes)


def _write_clip(part: Path, clip: MadeClip, layout: Layout) -> None:
    write_npy(part / "new_joint_vecs" / f"{clip.name}.npy", clip.features)
    joints = layout.to_units(motion_of(clip.features, name=clip.name).positions.astype(np.float64))
    write_npy(part / "new_joints" / f"{clip.name}.npy", joints.astype(np.float32))
    if clip.captions:
        seconds = len(clip.features) / layout.fps
        _lines(part / "texts" / f"{clip.name}.txt", [_line(caption, seconds) for caption in clip.captions])


def _line(caption: Caption, seconds: float) -> str:
    """A caption as the published files have it: caption#word/TAG word/TAG#start#end, 0.0#0.0 for the whole clip."""
    words = caption.tags or tuple(
        (word.text, _UNIVERSAL.get(word.tag, "X")) for word in tagged_words(caption.text) if word.text[0].isalnum()
    )
    tags = " ".join(f"{word}/{tag}" for word, tag in words)
    # An end is written out where there is a start, for 0.0 would stand before it.
    end = caption.end if caption.end is not None else (seconds if caption.start else 0.0)
    return f"{caption.text}#{tags}#{round(float(caption.start), 3)}#{round(float(end), 3)}"


def _lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _save_stats(moments: Moments, folder: Path, layout: Layout) -> None:
    """Write Mean.npy and Std.npy; as published, all numbers of one part share one deviation, the mean of theirs."""
    mean, deviation = moments.mean_and_std()
    for part in layout.columns:
        deviation[part] = deviation[part].mean()
    write_npy(folder / "Mean.npy", mean.astype(np.float32))
    write_npy(folder / "Std.npy", deviation.astype(np.float32))


def _refuse_place(dest: Path, src: Path) -> None:
    """Raise ConfigError when the new folder would hold the source, or lie in it."""
    here, there = dest.resolve(), src.resolve()
    if dest.name in ("", "..") or there.is_relative_to(here) or here.is_relative_to(there):
        raise ConfigError(f"{dest} cannot become a data set: name a new folder outside {src}")


def _there(record: ConversionRecord, dest: Path, *, force: bool) -> Conversion | None:
    """What is there of the same work, finished; raises ConfigError where anything else is in the way."""
    there = None if force else record.finished()
    if there is None:
        _refuse_taken(dest, force=force)
    return there


def _refuse_taken(dest: Path, *, force: bool) -> None:
    """Raise ConfigError when something is in the place of the new folder that may not go."""
    if not dest.exists() or (dest.is_dir() and not any(dest.iterdir())):
        return
    ours = dest.is_dir() and all((dest / folder).is_dir() for folder in _OWN)
    if not force:
        raise ConfigError(f"{dest} exists and is not empty: choose another folder{', or --force' if ours else ''}")
    if not ours:
        raise ConfigError(f"{dest} is no folder of {', '.join(_OWN)}, so --force does not replace it")


def _put(part: Path, dest: Path) -> None:
    """Put the finished folder in its place; what was there goes only when the new one is whole."""
    if not dest.exists():
        part.rename(dest)
        return
    old = _replaced(dest)
    dest.rename(old)
    part.rename(dest)
    shutil.rmtree(old)


def _end_replacement(dest: Path) -> None:
    """Where a kill came between, the folder that was to be replaced is put back, or removed beside its successor."""
    old = _replaced(dest)
    if old.exists() and not dest.exists():
        old.rename(dest)
    shutil.rmtree(old, ignore_errors=True)


def _replaced(dest: Path) -> Path:
    return dest.with_name(f".{dest.name}.old")
