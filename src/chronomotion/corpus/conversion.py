"""Motion files of any format that is read, written in another one: a file, or a folder with all below it."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers import Reading
from chronomotion.errors import ChronomotionError, ConfigError, FormatError
from chronomotion.motion.exchange import on_skeleton
from chronomotion.motion.formats import SUFFIXES, WRITTEN_SUFFIXES, Recording, read_recording, write_motion
from chronomotion.motion.formats.limits import MAX_NUMBERS, check_count
from chronomotion.motion.formats.refused import UNREADABLE
from chronomotion.motion.formats.writing import write_features
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import Skeleton
from chronomotion.progress import progress

__all__ = ["Conversion", "Converted", "Failure", "Form", "convert", "read_take", "resampled"]

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


@dataclass(frozen=True)
class Converted:
    """A file that was written, with its size, its rate and notes for the user."""

    source: Path
    path: Path
    frames: int
    fps: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A file that was not converted, and why."""

    source: Path
    reason: str

    def log(self) -> None:
        """Log it at WARNING."""
        log.warning("%s: %s", self.source, self.reason)


@dataclass(frozen=True)
class Conversion:
    """The files that were converted and those that were not."""

    converted: tuple[Converted, ...]
    failed: tuple[Failure, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "converted": [
                {**vars(done), "source": str(done.source), "path": str(done.path), "notes": list(done.notes)}
                for done in self.converted
            ],
            "failed": [{"source": str(failure.source), "reason": failure.reason} for failure in self.failed],
        }


def convert(src: Path, dest: Path, form: Form, reading: Reading, *, force: bool = False) -> Conversion:
    """Write a motion file, or every motion file of a folder, in another form.

    A folder becomes a folder: subfolders stay, suffixes change, and a suffix stays in the name where two files would
    get the same. What cannot be read is logged and listed, and ends nothing; each file is written whole or not at all.
    Raises ConfigError when a file is in the way (``force`` overwrites it, but never a source), ChronomotionError when
    the one file cannot be read.
    """
    reading = reading.checked()
    if not src.is_dir():
        _refuse_taken([dest], [src], force=force)
        done = _converted(src, dest, form, reading)
        for note in done.notes:
            log.warning("%s: %s", src, note)
        return Conversion((done,), ())
    if dest.exists() and not dest.is_dir():
        raise ConfigError(f"{dest} is a file: name a folder for what the files of {src} become")
    sources = _sources(src, dest)
    targets = {file: dest / name for file, name in _names(sources, form.suffix).items()}
    _refuse_taken(list(targets.values()), list(sources.values()), force=force)
    converted: list[Converted] = []
    failed = [Failure(path, f"not read: {UNREADABLE[path.suffix.lower()]}") for path in _others(src)]
    for file, path in progress(sources.items(), f"converting {src.name}", total=len(sources), unit="file"):
        try:
            converted.append(_converted(path, targets[file], form, reading))
            for note in converted[-1].notes:
                log.info("%s: %s", path, note)
        except ChronomotionError as error:
            failed.append(Failure(path, str(error).removeprefix(f"{path}: ")))
    for failure in failed:
        failure.log()
    return Conversion(tuple(converted), tuple(failed))


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
        raise FormatError(f"cannot be made a folder: {error.strerror or error}", str(folder)) from error


def _sources(src: Path, dest: Path) -> dict[str, Path]:
    """Motion files of a folder by their relative paths, those of an earlier run below ``dest`` left out.

    Raises FormatError when there are none of any kind.
    """
    files = FolderScan(src).files(SUFFIXES, deep=True)
    inside = dest.resolve()
    if inside != src.resolve():
        files = {file: path for file, path in files.items() if not path.resolve().is_relative_to(inside)}
    if not files and not _others(src):
        raise FormatError(f"no motion files ({', '.join(SUFFIXES)})", str(src))
    return files


def _others(src: Path) -> list[Path]:
    """Motion files of kinds that are not read."""
    return list(FolderScan(src).files(tuple(UNREADABLE), deep=True).values())


def _names(files: Sequence[str] | dict[str, Path], suffix: str) -> dict[str, str]:
    """File -> relative path with another suffix; the old one stays in it where two files would get the same."""
    plain = {file: str(PurePosixPath(file).with_suffix(suffix)) for file in files}
    count = Counter(name.lower() for name in plain.values())
    return {file: name if count[name.lower()] == 1 else file + suffix for file, name in plain.items()}


def _refuse_taken(targets: list[Path], sources: list[Path], *, force: bool) -> None:
    """Raise ConfigError when a target is a source, or is there already and may not be overwritten."""
    known = {source.resolve() for source in sources}
    for target in targets:
        if target.resolve() in known:
            raise ConfigError(f"{target} is a file that is read: choose another place or kind")
    taken = [target for target in targets if target.exists()]
    folders = [target for target in taken if target.is_dir()]
    if folders:
        raise ConfigError(f"{folders[0]} is a folder: name a file")
    if taken and not force:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ConfigError(f"{taken[0]}{more} exist already: choose another place, or overwrite with --force")
