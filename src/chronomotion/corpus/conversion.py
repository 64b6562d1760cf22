"""Motion files of any format that is read, written in another one: a file, or a folder with all below it."""

from __future__ import annotations

import errno
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from chronomotion.atomic_write import remove_left_parts
from chronomotion.corpus.conversion_record import ConversionRecord, recorded_targets, work_of
from chronomotion.corpus.conversion_result import Conversion, Converted, Failure
from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers import Reading
from chronomotion.corpus.importers.same_work import summary_of
from chronomotion.errors import ChronomotionError, ConfigError, FormatError, WriteError
from chronomotion.folder_lock import FolderLock
from chronomotion.motion.exchange import on_skeleton
from chronomotion.motion.formats import SUFFIXES, WRITTEN_SUFFIXES, Recording, read_recording, write_motion
from chronomotion.motion.formats.limits import MAX_NUMBERS, check_count
from chronomotion.motion.formats.refused import UNREADABLE
from chronomotion.motion.formats.writing import write_features
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import Skeleton
from chronomotion.progress import progress

__all__ = ["Form", "convert", "read_take", "resampled"]

log = logging.getLogger(__name__)

_RATE_OF_JOINTS = 20.0
"""Frames a second that a .npy of joints is taken to have when it is read."""


@dataclass(frozen=True)
class Form:
    """What is written: the suffix, features in place of joints, skeleton and frame rate (None: the file's own)."""

    suffix: str
    features: bool = False
    skeleton: Skeleton | None = None
    fps: float | None = None

    def __post_init__(self) -> None:
        if self.suffix not in WRITTEN_SUFFIXES:
            raise ConfigError(f"cannot write a motion file {self.suffix!r}: known are {', '.join(WRITTEN_SUFFIXES)}")
        if self.features and self.suffix != ".npy":
            raise ConfigError(f"features are written as .npy, not {self.suffix}")
        if self.features and self.fps is not None:
            raise ConfigError("features have their own frame rate (20, KIT-ML 12.5): leave the other out")
        if self.fps is not None and not (math.isfinite(self.fps) and self.fps > 0):
            raise ConfigError(f"a frame rate of {self.fps} is not possible: give a positive number")

    def described(self) -> dict[str, Any]:
        """The form in plain values."""
        skeleton = None if self.skeleton is None else self.skeleton.name
        return {"suffix": self.suffix, "features": self.features, "skeleton": skeleton, "fps": self.fps}


def convert(src: Path, dest: Path, form: Form, reading: Reading, *, force: bool = False) -> Conversion:
    """Write a motion file, or every motion file of a folder, in another form.

    A folder becomes a folder: subfolders stay, suffixes change, and a suffix stays in the name where two files would
    get the same. What cannot be read is logged and listed, and ends nothing; each file is written whole or not at all.
    ``conversion.json`` in the folder says what it was made of: the same call on a finished folder only says so, and
    on an unfinished one starts anew.
    Raises ConfigError when a file is in the way, or the folder is of other work, with the difference (``force``
    overwrites them, but never a source); BusyError when another process converts into the folder; ChronomotionError
    when the one file cannot be read.
    """
    reading = reading.checked()
    if src.is_dir():
        return _convert_folder(src, dest, form, reading, force=force)
    _refuse_sources([dest], [src])
    if dest.is_file() and not force:
        done = _made_already(src, dest, form, reading)
    else:
        done = Conversion((_converted(src, dest, form, reading),), ())
    for note in done.converted[0].notes:
        log.warning("%s: %s", src, note)
    return done


def _convert_folder(src: Path, dest: Path, form: Form, reading: Reading, *, force: bool) -> Conversion:
    if dest.exists() and not dest.is_dir():
        raise ConfigError(f"{dest} is a file: name a folder for what the files of {src} become")
    sources = _sources(src, dest)
    names = _names(sources, form.suffix)
    targets = [dest / name for name in names.values()]
    _refuse_sources(targets, list(sources.values()))
    digest = {"sources": summary_of(sources | _others(src))}
    record = ConversionRecord(src, dest, work_of(src, form.described(), digest, reading), list(names.values()))
    lock = FolderLock(dest)
    there = None if force or lock.path.exists() else _there(record, targets)  # a killed call's lock goes below
    if there is not None:
        return there
    missing = [folder for folder in (dest, *dest.parents) if not folder.exists()]
    try:
        with lock:
            there = None if force else _there(record, targets)  # its last writer may have finished since
            remove_left_parts(dest)
            return there or _write_all(
                src, {file: (path, dest / names[file]) for file, path in sources.items()}, form, reading, record
            )
    finally:
        for folder in missing:  # where nothing was written
            with suppress(OSError):
                folder.rmdir()


def _there(record: ConversionRecord, targets: list[Path]) -> Conversion | None:
    """What is there of the same work, finished; raises ConfigError where anything else is in the way."""
    if not record.is_there():
        _refuse_taken(targets)
    return record.finished()


def _write_all(
    src: Path, files: Mapping[str, tuple[Path, Path]], form: Form, reading: Reading, record: ConversionRecord
) -> Conversion:
    """Convert each (source, target), and record it. What the disk refuses leaves the work unfinished."""
    converted: list[Converted] = []
    failed = [Failure(path, f"not read: {UNREADABLE[path.suffix.lower()]}") for path in _others(src).values()]
    written_down = True
    record.begin()
    try:
        for path, target in progress(files.values(), f"converting {src.name}", total=len(files), unit="file"):
            try:
                converted.append(_converted(path, target, form, reading))
                for note in converted[-1].notes:
                    log.info("%s: %s", path, note)
            except ChronomotionError as error:
                failed.append(Failure(path, str(error).removeprefix(f"{path}: ")))
                written_down &= not isinstance(error.__cause__, WriteError)
    finally:
        if not converted:
            record.drop()
    for failure in failed:
        failure.log()
    conversion = Conversion(tuple(converted), tuple(failed))
    if converted and written_down:
        record.finish(conversion)
    return conversion


def _made_already(source: Path, dest: Path, form: Form, reading: Reading) -> Conversion:
    """The file that is there, where it is what would be written. Raises ConfigError where it is another one."""
    remove_left_parts(dest.parent)
    with TemporaryDirectory() as folder:
        made = _converted(source, Path(folder) / dest.name, form, reading)
        if made.path.read_bytes() != dest.read_bytes():
            _refuse_taken([dest])
    return Conversion((replace(made, path=dest),), (), there_already=True)


def read_take(path: Path, reading: Reading) -> Recording:
    """A motion file with the settings of an import; raises FormatError for whatever is wrong with it."""
    return read_recording(
        path,
        joint_map=reading.joint_map,
        unit=reading.unit,
        up=reading.up,
        trim=reading.trim,
        fps=reading.fps,
        body_model=None if reading.body_model is None else Path(reading.body_model),
    )


def resampled(motion: Motion, fps: float, where: str) -> Motion:
    """The motion at another rate; raises FormatError when that would be more frames than are read."""
    check_count(int(motion.duration * fps) * len(motion.skeleton) * 12, MAX_NUMBERS, "numbers at that rate", where)
    return motion.resample(fps)


def _converted(source: Path, dest: Path, form: Form, reading: Reading) -> Converted:
    """Read one file and write it in the form that is wanted."""
    recording = read_take(source, reading)
    motion, notes = recording.motion, list(recording.report.warnings)
    if recording.report.trimmed:
        notes.append(f"{recording.report.trimmed} frames cut from the start")
    if form.skeleton is not None:
        motion = on_skeleton(replace(motion, name=str(source)), form.skeleton)
    rate = layout_of(motion.skeleton).fps if form.features else form.fps
    if rate is not None:
        motion = resampled(motion, rate, str(source))
    _make_folder(dest.parent)
    if form.features:
        write_features(replace(motion, name=str(source)), dest)
    else:
        write_motion(motion, dest)
        if form.suffix == ".npy" and motion.fps != _RATE_OF_JOINTS:
            notes.append(f"a .npy does not hold its rate: read it with --fps {motion.fps:g}")
    return Converted(source, dest, motion.frames, motion.fps, tuple(notes))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refused = WriteError(error.errno or errno.EIO, error.strerror or str(error), str(folder))
        raise FormatError(f"cannot be made a folder: {error.strerror or error}", str(folder)) from refused


def _sources(src: Path, dest: Path) -> dict[str, Path]:
    """Motion files of a folder by their relative paths, those that an earlier run wrote below ``dest`` left out.

    Raises FormatError when there are none of any kind.
    """
    files = FolderScan(src).files(SUFFIXES, deep=True)
    inside = dest.resolve()
    if inside == src.resolve():
        made = recorded_targets(dest)
        files = {file: path for file, path in files.items() if file not in made}
    else:
        files = {file: path for file, path in files.items() if not path.resolve().is_relative_to(inside)}
    if not files and not _others(src):
        raise FormatError(f"no motion files ({', '.join(SUFFIXES)})", str(src))
    return files


def _others(src: Path) -> dict[str, Path]:
    """Motion files of kinds that are not read."""
    return FolderScan(src).files(tuple(UNREADABLE), deep=True)


def _names(files: Sequence[str] | dict[str, Path], suffix: str) -> dict[str, str]:
    """File -> relative path with another suffix; the old one stays in it where two files would get the same."""
    plain = {file: str(PurePosixPath(file).with_suffix(suffix)) for file in files}
    count = Counter(name.lower() for name in plain.values())
    return {file: name if count[name.lower()] == 1 else file + suffix for file, name in plain.items()}


def _refuse_sources(targets: Sequence[Path], sources: Sequence[Path]) -> None:
    """Raise ConfigError when a target is a source, or a folder."""
    known = {source.resolve() for source in sources}
    for target in targets:
        if target.resolve() in known:
            raise ConfigError(f"{target} is a file that is read: choose another place or kind")
        if target.is_dir():
            raise ConfigError(f"{target} is a folder: name a file")


def _refuse_taken(targets: Sequence[Path]) -> None:
    """Raise ConfigError when a target is there already."""
    taken = [target for target in targets if target.exists()]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ConfigError(f"{taken[0]}{more} exist already: choose another place, or overwrite with --force")
