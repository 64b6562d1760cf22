"""The layout of TMR and ChronAccRet: ``annotations.json``, ``splits``, ``motions/guoh3dfeats`` and ``event_texts``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import NO_CAPTIONS, NO_MOTION, ImportPlan, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.published import BAD_CAPTION, recorded_events, refuse_missing
from chronomotion.corpus.importers.spans import UNKNOWN_TIMES, seconds, span
from chronomotion.corpus.importers.splits import read_splits
from chronomotion.corpus.mirror_ids import plain_id
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption
from chronomotion.language.decompose.recorded import EventFolder
from chronomotion.motion.layout import Layout
from chronomotion.names import BAD_NAME, is_name, path_below
from chronomotion.text_files import clean_text, read_json

__all__ = ["MOTIONS", "plan_annotations", "read_annotations"]

MOTIONS = "motions/guoh3dfeats"


def read_annotations(path: Path) -> dict[str, Any]:
    """Id -> what an annotations.json says of it, unchecked. Raises FormatError when the file is no such table."""
    table = read_json(path)
    if not isinstance(table, dict):
        raise FormatError(f"expected an object of ids, found {type(table).__name__}", str(path))
    return table


def plan_annotations(
    scan: FolderScan, layout: Layout, motions: FolderScan, events: EventFolder | None = None
) -> ImportPlan:
    """Clips of a folder with ``annotations.json``; ``motions`` holds the feature files, ``events`` recorded events.

    The feature file of an id is often longer than what is said about it: the clip is the part that its captions speak
    of. Raises FormatError when the annotations or a list of ids cannot be read.
    """
    reader = _Annotations(scan.folder / "annotations.json", motions, events)
    table = read_annotations(reader.file)
    splits = read_splits(scan, reader.skipped, reader.notes)
    clips = [clip for name in sorted(table) if (clip := reader.clip(name, table)) is not None]
    refuse_missing(splits, table, reader.skipped, "annotations.json")
    return ImportPlan(layout, clips, splits, reader.skipped, reader.notes)


class _Annotations:
    """Reads entries of annotations.json one by one, and remembers what was left out."""

    def __init__(self, file: Path, motions: FolderScan, events: EventFolder | None) -> None:
        self.file, self.events = file, events
        self.motions, self._scan = motions.root, motions
        self._has_motions = self.motions.is_dir()
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
            path_below(self.motions, f"{relative}.npy", f"{where}: path", follow_links=True)
            file = self._scan.file(f"{relative}.npy") if self._has_motions else None
            if file is not None:
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
        return Caption(text, start, stop, recorded_events(self.events, name, index, self.notes))

    def _unknown(self, name: str, where: str) -> tuple[float, None]:
        self.notes.append(Remark(name, UNKNOWN_TIMES, where))
        return 0.0, None


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
