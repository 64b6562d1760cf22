"""Any folder of motion files, with or without a table that says what they show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

from chronomotion.corpus.importers.plan import NO_MOTION, ImportPlan, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.splits import read_splits
from chronomotion.corpus.importers.tables import CAPTIONS, LABELS, captions_in
from chronomotion.language.caption import Caption
from chronomotion.motion.formats import SUFFIXES
from chronomotion.motion.layout import Layout
from chronomotion.names import BAD_NAME, files_below, is_name

__all__ = ["plan_folder", "takes_in"]


def takes_in(src: Path) -> dict[str, Path]:
    """Motion files of a folder and its subfolders: relative path -> file."""
    return files_below(src, SUFFIXES, deep=True)


def plan_folder(src: Path, layout: Layout, table: Path | None) -> ImportPlan:
    """Every motion file becomes a clip; ``captions.csv`` or ``labels.csv`` gives captions (``table`` names another).

    Raises FormatError, with file and line, when the table or a split cannot be read.
    """
    skipped: list[Remark] = []
    notes: list[Remark] = []
    takes = takes_in(src)
    captions = _captions(src, table, notes)
    for file in captions:
        if file not in takes:
            allowed = all(is_name(part) for part in file.split("/"))
            skipped.append(Remark(repr(file[:80]), NO_MOTION if allowed else BAD_NAME, "named in the table"))
    clips, names = [], _names(takes)
    for file, path in takes.items():
        if is_name(names[file]):
            clips.append(PlannedClip(names[file], MotionFile(path, "take"), tuple(captions.get(file, ()))))
        else:
            skipped.append(Remark(repr(names[file][:80]), BAD_NAME, str(path)))
    splits = {split: [names.get(name, name) for name in listed] for split, listed in read_splits(src, skipped).items()}
    present = {clip.name for clip in clips}
    listed = dict.fromkeys(name for wanted in splits.values() for name in wanted)
    skipped += [Remark(name, NO_MOTION, "in a split") for name in listed if name not in present]
    return ImportPlan(layout, sorted(clips, key=lambda clip: clip.name), splits, skipped, notes)


def _captions(src: Path, table: Path | None, notes: list[Remark]) -> dict[str, list[Caption]]:
    found = [path for path in (src / CAPTIONS, src / LABELS) if path.is_file()]
    if table is None and not found:
        return {}
    return captions_in(table or found[0], notes)


def _names(takes: dict[str, Path]) -> dict[str, str]:
    """File -> name of its clip: the path without the suffix, or with it where that tells two files apart."""
    plain = {file: "__".join(PurePosixPath(file).with_suffix("").parts) for file in takes}
    count = Counter(plain.values())
    return {file: name if count[name] == 1 else "__".join(PurePosixPath(file).parts) for file, name in plain.items()}
