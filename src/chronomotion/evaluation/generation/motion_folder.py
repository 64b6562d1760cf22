"""A folder of motions that any model made, with a table of what was asked: file, caption, seconds, actions."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.corpus.delimited import FILE_COLUMNS, Row, Table, read_table
from chronomotion.corpus.importers.tables import ROLES
from chronomotion.corpus.take_names import TakeNames
from chronomotion.errors import CorpusError, FormatError
from chronomotion.evaluation.generation.motion_set import Lengths, MotionSet
from chronomotion.language.caption import Caption, Events
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.wording import neutral
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.formats import SUFFIXES, read_motion
from chronomotion.motion.formats.archives import Archive, read_npy
from chronomotion.motion.motion import Motion
from chronomotion.text_files import clean_text

__all__ = ["EXPECTED", "read_motion_folder"]

log = logging.getLogger(__name__)

EXPECTED = "file,caption (and, where known, seconds and actions)"
_ROLES = {
    "file": FILE_COLUMNS,
    "caption": ROLES["caption"],
    "seconds": ("seconds", "duration", "durations", "eventseconds"),
    "actions": ("actions", "labels", "events"),
}
_TABLES = (".csv", ".tsv")
_PREFERRED = ("captions.csv", "motions.csv", "prompts.csv")
_SHORTEST = 5
"""Frames of features that jerk and the round trip need."""


def read_motion_folder(
    folder: str | Path, reference: Corpus, *, table: str | Path | None = None, lengths: Lengths = "own", name: str = ""
) -> MotionSet:
    """The motions of a folder as a set, with the features of the reference corpus.

    Files are features as the corpus has them (.npy, or an .npz with ``features``), joints or any other motion file.
    Joints are resampled to the corpus's rate, and put on the reference body for the features; physical figures are
    those of the joints as they are. A caption that the corpus has keeps the corpus's events; others are split by rules,
    and their actions are known where the corpus has the same events with labels. A column ``actions`` ("walk; sit")
    says them outright; ``seconds`` are those of each event ("2, 3"), where the motions follow a plan.

    Raises FormatError, with file and line, for a table or motion that cannot be used, CorpusError for no folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CorpusError(f"{folder} is {'a file' if folder.exists() else 'not there'}: give the folder of the motions")
    read = read_table(_table_of(folder, table), _ROLES, EXPECTED)
    reader = _FolderReader(folder, reference, read)
    return reader.read(name or folder.resolve().name, lengths)


class _FolderReader:
    """Reads the rows of a table, and the motions that they name."""

    def __init__(self, folder: Path, reference: Corpus, table: Table) -> None:
        self._folder, self._corpus, self._table = folder, reference, table
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        takes = [path.relative_to(folder).as_posix() for path in files]
        self._takes = TakeNames(takes, tuple(SUFFIXES))
        self._count = len(takes)
        self._known = _known_captions(reference)
        self._labels = _known_labels(reference)
        self._rules = RuleDecomposer()

    def read(self, name: str, lengths: Lengths) -> MotionSet:
        captions: dict[str, list[Caption]] = {}
        for row in self._table.rows:
            captions.setdefault(self._file(row), []).append(self._caption(row))
        clips, joints, from_joints = [], [], False
        for take, asked in captions.items():
            features, motion = self._motion(take)
            from_joints |= motion is not None
            joints.append(motion or motion_of(features, name=take, fps=self._corpus.fps))
            clips.append(Clip(take, features, tuple(asked)))
        if len(captions) < self._count:
            log.warning("%s: %d motion files are in no row of the table", self._folder, self._count - len(captions))
        return MotionSet(name, tuple(clips), self._corpus.fps, lengths, tuple(joints) if from_joints else None)

    def _file(self, row: Row) -> str:
        where = self._table.where(row)
        if not row["file"]:
            raise FormatError("no file in this row", where)
        match = self._takes.find(row["file"], where)
        if match is None:
            raise FormatError(f"no motion file {row['file'][:80]!r} in {self._folder}", where)
        return match.take

    def _caption(self, row: Row) -> Caption:
        where = self._table.where(row)
        text = clean_text(row["caption"], where) if row["caption"] else ""
        if not text:
            raise FormatError("no caption in this row: say what was asked", where)
        caption = self._known.get(text) or Caption(text, events=self._split(text))
        events = caption.events
        assert events is not None  # both have events
        actions = tuple(action.strip() for action in re.split(r"[;,|]", row["actions"]) if action.strip())
        if actions:
            if len(actions) != len(events):
                events = Events(actions, labels=actions, source="table")
            events = replace(events, labels=actions)
        return replace(caption, events=replace(events, spans=_plan(row["seconds"], len(events), where)))

    def _split(self, text: str) -> Events:
        events = self._rules.split(text).events
        labels = [self._labels.get(neutral(event)) for event in events.texts]
        known = tuple(label for label in labels if label is not None)
        return replace(events, labels=known if len(known) == len(labels) else None)

    def _motion(self, take: str) -> tuple[np.ndarray, Motion | None]:
        """Features of a file, and its joints where it holds those."""
        path, dim = self._folder / take, self._corpus.dim
        features = _features_in(path)
        if features is not None:
            if features.shape[1] != dim:
                raise FormatError(
                    f"features of {features.shape[1]} numbers a frame, the reference has {dim}", str(path)
                )
            return _checked(features.astype(np.float32), path), None
        motion = read_motion(path)
        skeleton = str(self._corpus.info.get("skeleton", motion.skeleton.name))
        if motion.skeleton.name != skeleton:
            raise FormatError(f"a motion on skeleton {motion.skeleton.name}, the reference is on {skeleton}", str(path))
        motion = motion.resample(self._corpus.fps)
        if motion.frames <= _SHORTEST:
            raise FormatError(f"{motion.frames} frames, too few to measure", str(path))
        return _checked(features_of(motion), path), motion


def _table_of(folder: Path, table: str | Path | None) -> Path:
    """The table: the given one, else captions.csv, motions.csv or prompts.csv, else the only one of the folder."""
    if table is not None:
        return Path(table)
    for name in _PREFERRED:
        if (folder / name).is_file():
            return folder / name
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in _TABLES)
    if len(tables) != 1:
        what = ", ".join(path.name for path in tables[:3]) or "none"
        raise FormatError(
            f"expected one table with the columns {EXPECTED}, found {what}: name it with --table", str(folder)
        )
    return tables[0]


def _features_in(path: Path) -> np.ndarray | None:
    """Rows of features in a file; None of a file of joints, which has three axes, or of another format."""
    suffix = path.suffix.lower()
    if suffix == ".npy":
        array = read_npy(path)
    elif suffix == ".npz":
        archive = Archive(path)
        if "features" not in archive:
            return None
        array = archive.read("features")
    else:
        return None
    return array if array.ndim == 2 else None


def _checked(features: np.ndarray, path: Path) -> np.ndarray:
    if len(features) < _SHORTEST:
        raise FormatError(f"{len(features)} frames of features, too few to measure", str(path))
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        raise FormatError(f"frame {int(finite.argmin())} holds a number that is not finite", str(path))
    return features


def _plan(cell: str, events: int, where: str) -> tuple[tuple[float, float], ...] | None:
    """(start, end) of events that follow one another, of seconds for each of them; None of the seconds of all."""
    if not cell:
        return None
    try:
        seconds = [float(part) for part in re.split(r"[;,|\s]+", cell.strip()) if part]
    except ValueError:
        raise FormatError(f"seconds {cell[:40]!r} are no numbers", where) from None
    if not all(0 < one < math.inf for one in seconds):
        raise FormatError(f"seconds {cell[:40]!r}: each has to be above 0", where)
    if len(seconds) == 1 and events > 1:
        return None
    if len(seconds) != events:
        raise FormatError(f"{len(seconds)} numbers of seconds for {events} events: give one each, or the sum", where)
    ends = np.cumsum(seconds).tolist()
    return tuple(zip([0.0, *ends[:-1]], ends, strict=True))


def _known_captions(corpus: Corpus) -> Mapping[str, Caption]:
    """Caption -> itself, of those that have events."""
    captions = (caption for name in corpus.names for caption in corpus.captions(name))
    return {
        caption.text: Caption(caption.text, events=caption.events, tags=caption.tags)
        for caption in captions
        if caption.events
    }


def _known_labels(corpus: Corpus) -> Mapping[str, str]:
    """Neutral wording of an event -> its label, where all events in these words have that label."""
    labels: dict[str, set[str]] = {}
    for caption in (caption for name in corpus.names for caption in corpus.captions(name)):
        events = caption.events
        for text, label in zip(events.texts, events.labels or (), strict=False) if events else ():
            labels.setdefault(neutral(text), set()).add(label)
    return {text: next(iter(several)) for text, several in labels.items() if len(several) == 1}
