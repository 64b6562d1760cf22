"""The layout of TMR and ChronAccRet: ``annotations.json``, ``splits``, ``motions/guoh3dfeats`` and ``event_texts``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.plan import NO_CAPTIONS, NO_MOTION, ImportPlan, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.published import BAD_CAPTION, refuse_missing
from chronomotion.corpus.importers.spans import UNKNOWN_TIMES, seconds, span
from chronomotion.corpus.importers.splits import plain_id, read_splits
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.layout import Layout
from chronomotion.names import BAD_NAME, is_name, path_below
from chronomotion.text_files import clean_text, read_json

__all__ = ["MOTIONS", "plan_annotations", "read_annotations"]

MOTIONS = "motions/guoh3dfeats"
_MAX_EVENTS = 1000
_LONGEST_EVENTS = 2**24
"""Bytes of the events of one caption."""


def read_annotations(path: Path) -> dict[str, Any]:
    """Id -> what an annotations.json says of it, unchecked. Raises FormatError when the file is no such table."""
    table = read_json(path)
    if not isinstance(table, dict):
        raise FormatError(f"expected an object of ids, found {type(table).__name__}", str(path))
    return table


def plan_annotations(src: Path, layout: Layout, motions: Path) -> ImportPlan:
    """Clips of a folder with ``annotations.json``; ``motions`` holds the feature files.

    The feature file of an id is often longer than what is said about it: the clip is the part that its captions speak
    of. Raises FormatError when the annotations or a list of ids cannot be read.
    """
    reader = _Annotations(src, motions)
    table = read_annotations(src / "annotations.json")
    splits = read_splits(src, reader.skipped)
    clips = [clip for name in sorted(table) if (clip := reader.clip(name, table)) is not None]
    refuse_missing(splits, table, reader.skipped, "annotations.json")
    return ImportPlan(layout, clips, splits, reader.skipped, reader.notes)


class _Annotations:
    """Reads entries of annotations.json one by one, and remembers what was left out."""

    def __init__(self, src: Path, motions: Path) -> None:
        self.file = src / "annotations.json"
        self.motions = motions.resolve()
        self.events = (src / "event_texts").resolve()
        self._has_events, self._has_motions = self.events.is_dir(), self.motions.is_dir()
        self.skipped: list[Remark] = []
        self.notes: list[Remark] = []

    def clip(self, name: str, table: dict[str, Any]) -> PlannedClip | None:
        """The clip of an id, or None (and a remark) where something is missing."""
        where = f"{self.file}: {name[:80]!r}"
        if not is_name(name):
            self.skipped.append(Remark(repr(name[:80]), BAD_NAME, where))
            return None
        try:
            path, annotations = _entry(table[name], where)
            motion = self._motion(path, plain_id(name, table) != name, where)
        except FormatError as error:
            self.skipped.append(Remark(name, "entry that cannot be read", str(error)))
            return None
        if motion is None:
            self.skipped.append(Remark(name, NO_MOTION, f"{path}.npy is not in {self.motions}"))
            return None
        captions = [
            caption
            for index, found in enumerate(annotations)
            if (caption := self._caption(name, index, found, where)) is not None
        ]
        if not captions:
            self.skipped.append(Remark(name, NO_CAPTIONS, f"{where}: no caption that can be read"))
            return None
        return PlannedClip(name, motion, tuple(captions), crop=True)

    def _motion(self, path: str, mirrored: bool, where: str) -> MotionFile | None:
        """The feature file at ``path``; for a mirrored id the one under ``M/``, else the plain one to be mirrored."""
        plain = path.removeprefix("M/") if mirrored else path
        candidates = [(f"M/{plain}", False), (plain, True)] if mirrored else [(path, False)]
        for relative, turned in candidates:
            file = path_below(self.motions, f"{relative}.npy", f"{where}: path")
            if self._has_motions and file.is_file():
                return MotionFile(file, "features", turned)
        return None

    def _caption(self, name: str, index: int, found: object, where: str) -> Caption | None:
        where = f"{where}: annotations[{index}]"
        try:
            if not isinstance(found, dict):
                raise FormatError(f"expected an object, found {type(found).__name__}", where)
            text = clean_text(found.get("text"), f"{where}: text")
            start = seconds(found.get("start"), f"{where}: start")
            end = seconds(found.get("end"), f"{where}: end")
            start, stop = span(start, end, where) if not math.isnan(start + end) else self._unknown(name, where)
        except FormatError as error:
            self.notes.append(Remark(name, BAD_CAPTION, str(error)))
            return None
        return Caption(text, start, stop, self._events(name, index))

    def _unknown(self, name: str, where: str) -> tuple[float, None]:
        self.notes.append(Remark(name, UNKNOWN_TIMES, where))
        return 0.0, None

    def _events(self, name: str, index: int) -> Events | None:
        """Events of a caption. ``index`` counts ALL captions of the id, also those that are left out."""
        path = self.events / f"{name}_{index}.json"
        if not self._has_events or not path.is_file():
            return None
        try:
            path = path_below(self.events, path.name, str(path))
            found = read_json(path, _LONGEST_EVENTS)
            texts = found.get("events") if isinstance(found, dict) else None
            if not isinstance(texts, list) or not 0 < len(texts) <= _MAX_EVENTS:
                raise FormatError(f'expected {{"events": [...]}} with 1 to {_MAX_EVENTS} events', str(path))
            return Events(
                tuple(clean_text(text, f"{path}: events[{i}]") for i, text in enumerate(texts)), source="event_texts"
            )
        except FormatError as error:
            self.notes.append(Remark(name, "events that cannot be read, left out", str(error)))
            return None


def _entry(entry: object, where: str) -> tuple[str, list[Any]]:
    """(path, annotations) of an id; raises FormatError at ``where`` when they are not there."""
    if not isinstance(entry, dict):
        raise FormatError(f"expected an object, found {type(entry).__name__}", where)
    path, annotations = entry.get("path"), entry.get("annotations")
    if not isinstance(path, str) or not path:
        raise FormatError("needs a path, as text", where)
    if not isinstance(annotations, list):
        raise FormatError("needs a list of annotations", where)
    return path, annotations
