"""Any folder of motion files, with or without a table that says what they show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

from chronomotion.corpus.folder_scan import FolderScan, shown
from chronomotion.corpus.importers.plan import NO_MOTION, ImportPlan, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.splits import read_splits
from chronomotion.corpus.importers.tables import TableCaptions, TableReader
from chronomotion.corpus.take_names import TakeNames
from chronomotion.errors import FormatError
from chronomotion.motion.formats import SUFFIXES
from chronomotion.motion.layout import Layout
from chronomotion.names import BAD_NAME, is_name

__all__ = ["plan_folder", "takes_in"]

UNREAD = "table that is not read"
LETTERS = "table in other letters, read all the same"
NO_CAPTION = "no caption in the table"
_TABLES = ("captions.csv", "labels.csv", "captions.tsv", "labels.tsv")
"""Names of a table, the first one that is there counts."""
_SHEETS = (".xlsx", ".xls", ".ods")


def takes_in(scan: FolderScan) -> dict[str, Path]:
    """Motion files of a folder and its subfolders: relative path -> file."""
    return scan.files(SUFFIXES, deep=True)


def plan_folder(scan: FolderScan, layout: Layout, table: Path | None) -> ImportPlan:
    """Every motion file becomes a clip; ``captions.csv`` or ``labels.csv`` gives captions (``table`` names another).

    Raises FormatError, with file and line, when the table or a split cannot be read.
    """
    skipped: list[Remark] = []
    notes: list[Remark] = []
    takes = takes_in(scan)
    wanted = TakeNames(takes, SUFFIXES)
    table = _table(scan, table, notes)
    table_captions = TableCaptions() if table is None else TableReader(table, wanted).read()
    skipped += table_captions.skipped
    notes += table_captions.notes
    clips, names = [], _names(takes)
    for file, path in takes.items():
        if is_name(names[file]):
            captions = tuple(table_captions.captions.get(file, ()))
            clips.append(
                PlannedClip(names[file], MotionFile(path, "take"), captions, in_frames=table_captions.in_frames)
            )
        else:
            skipped.append(Remark(repr(names[file][:80]), BAD_NAME, str(path)))
    clips.sort(key=lambda clip: clip.name)
    if table is not None:
        notes += [Remark(clip.name, NO_CAPTION, str(clip.motion.path)) for clip in clips if not clip.captions]
    splits = read_splits(scan, skipped, notes, lambda line: _clip_of(line, names, wanted))
    present = {clip.name for clip in clips}
    listed = dict.fromkeys(name for split in splits.values() for name in split)
    skipped += [Remark(name, NO_MOTION, "in a split") for name in listed if name not in present]
    return ImportPlan(layout, clips, splits, skipped, notes)


def _table(scan: FolderScan, wanted: Path | None, notes: list[Remark]) -> Path | None:
    """The table that is read, if any; tables that nobody reads are added to ``notes``, with what to do about them."""
    there = scan.files((".csv", ".tsv", *_SHEETS), deep=True)
    table = wanted
    if table is None:
        alike = [file for name in _TABLES for file in sorted(there, key=name.__ne__) if file.lower() == name]
        chosen = next(iter(alike), None)
        table = None if chosen is None else scan.folder / chosen
        if chosen is not None and chosen not in _TABLES:
            notes.append(Remark(chosen, LETTERS, f"read as {chosen.lower()}"))
    read = None if table is None else table.resolve()
    for file, path in there.items():
        if path.resolve() != read:
            first = f"{table.name} is read; " if table is not None else ""
            fix = "save it as CSV" if file.lower().endswith(_SHEETS) else f"--table {shown(file)} reads it instead"
            notes.append(Remark(shown(file), UNREAD, first + fix))
    return table


def _clip_of(line: str, names: dict[str, str], wanted: TakeNames) -> str:
    """The clip that a line of a split means: its name, or that of a motion file; the line itself where neither is."""
    if line in names:
        return names[line]
    try:
        match = None if line in names.values() else wanted.find(line, "")
    except FormatError:
        match = None
    return line if match is None else names[match.take]


def _names(takes: dict[str, Path]) -> dict[str, str]:
    """File -> name of its clip: the path without the suffix, or with it where that tells two files apart."""
    plain = {file: "__".join(PurePosixPath(file).with_suffix("").parts) for file in takes}
    count = Counter(plain.values())
    return {file: name if count[name] == 1 else "__".join(PurePosixPath(file).parts) for file, name in plain.items()}
