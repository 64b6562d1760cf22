"""Folders as HumanML3D and KIT-ML publish them: ``new_joint_vecs``, ``new_joints``, ``texts`` and lists of ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import NO_CAPTIONS, NO_MOTION, ImportPlan, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.spans import UNKNOWN_TIMES, seconds, span
from chronomotion.corpus.importers.splits import read_splits
from chronomotion.corpus.importers.unpacked import JOINTS, TEXTS, VECTORS, part
from chronomotion.corpus.mirror_ids import plain_id
from chronomotion.corpus.records import tags_from_text
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.language.decompose.recorded import EVENT_TEXTS, EventFolder
from chronomotion.motion.layout import Layout
from chronomotion.names import BAD_NAME, is_name
from chronomotion.text_files import MAX_CAPTION, clean_text, read_lines

__all__ = [
    "BAD_CAPTION", "motions_of", "parse_caption", "plan_published", "read_captions", "recorded_events",
    "refuse_missing",
]  # fmt: skip

NO_TEXT = "motion without a file of captions, not imported"
BAD_CAPTION = "caption that cannot be read, left out"
Tags = tuple[tuple[str, str], ...]
_LONGEST_TEXTS = 2**24
"""Bytes of the captions of one clip."""


def plan_published(scan: FolderScan, layout: Layout, events: EventFolder | None = None) -> ImportPlan:
    """Clips of a HumanML3D or KIT-ML folder; ``events`` are recorded events, by the number of a caption's line.

    Raises FormatError when a list of ids cannot be read.
    """
    skipped: list[Remark] = []
    notes: list[Remark] = []
    splits = read_splits(scan, skipped, notes)
    motions = motions_of(scan, notes)
    texts = _ids(scan, TEXTS, ".txt", notes)
    clips = []
    for name, path in texts.items():
        if not is_name(name):
            skipped.append(Remark(repr(name), BAD_NAME, str(path)))
            continue
        try:
            captions = read_captions(name, path, notes, events)
        except FormatError as error:
            skipped.append(Remark(name, NO_CAPTIONS, str(error)))
            continue
        motion = motions.get(name) or _mirrored(name, motions)
        if motion is None:
            skipped.append(Remark(name, NO_MOTION, f"neither new_joint_vecs/{name}.npy nor new_joints/{name}.npy"))
        elif not captions:
            skipped.append(Remark(name, NO_CAPTIONS, f"{path}: no caption that can be read"))
        else:
            clips.append(PlannedClip(name, motion, tuple(captions)))
    silent = [name for name in motions if is_name(name) and name not in texts]
    notes += [Remark(name, NO_TEXT, f"a motion, but no texts/{name}.txt") for name in silent]
    refuse_missing(splits, texts, skipped, "texts")
    return ImportPlan(layout, clips, splits, skipped, notes)


def motions_of(scan: FolderScan, notes: list[Remark] | None = None) -> dict[str, MotionFile]:
    """Id -> its features, or its joints where there are no features; what is unusual is added to ``notes``."""
    joints = {name: MotionFile(path, "joints") for name, path in _ids(scan, JOINTS, ".npy", notes).items()}
    features = {name: MotionFile(path, "features") for name, path in _ids(scan, VECTORS, ".npy", notes).items()}
    return joints | features


def _ids(scan: FolderScan, name: str, suffix: str, notes: list[Remark] | None) -> dict[str, Path]:
    """Id -> file of a part of the data set."""
    folder = part(scan, name, suffix, notes)
    return {} if folder is None else {Path(file).stem: path for file, path in scan.files((suffix,), folder).items()}


def refuse_missing(splits: Mapping[str, list[str]], known: Iterable[str], skipped: list[Remark], where: str) -> None:
    """Add the ids that splits name and nobody says anything about to ``skipped``."""
    known = set(known)
    listed = dict.fromkeys(name for names in splits.values() for name in names)
    skipped += [Remark(name, NO_CAPTIONS, f"in a split, but not in {where}") for name in listed if name not in known]


def read_captions(name: str, path: Path, notes: list[Remark], events: EventFolder | None = None) -> list[Caption]:
    """Captions of a ``texts`` file, one a line; what is odd is added to ``notes``.

    Raises FormatError when the file cannot be read at all.
    """
    captions: list[Caption] = []
    told = [(number, line) for number, line in enumerate(read_lines(path, _LONGEST_TEXTS), start=1) if line]
    for index, (number, line) in enumerate(told):
        where = f"{path}:{number}"
        try:
            text, tags, start, end = parse_caption(line, where)
            spoken = span(start, end, where)
            captions.append(Caption(text, *spoken, recorded_events(events, name, index, notes), tags))
        except FormatError as error:
            notes.append(Remark(name, BAD_CAPTION, str(error)))
            continue
        if start != start or end != end:  # nan
            notes.append(Remark(name, UNKNOWN_TIMES, where))
    return captions


def recorded_events(folder: EventFolder | None, name: str, index: int, notes: list[Remark]) -> Events | None:
    """Recorded events of a caption. ``index`` counts ALL captions of the id, also those that are left out."""
    try:
        texts = None if folder is None else folder.events(name, index)
    except FormatError as error:
        notes.append(Remark(name, "events that cannot be read, left out", str(error)))
        return None
    return None if texts is None else Events(texts, source=EVENT_TEXTS)


def parse_caption(line: str, where: str) -> tuple[str, Tags | None, float, float]:
    """(caption, tags, start, end) of a line ``caption#word/TAG word/TAG#start#end``; times may be nan, tags missing.

    A line without any ``#`` is a caption of the whole clip. A caption may hold ``#`` itself: what follows it is the
    longest part that consists of tagged words only. Raises FormatError at ``where`` for any other line.
    """
    if "#" not in line:
        return clean_text(line, where), None, 0.0, 0.0
    parts = line.split("#")
    if len(parts) < 4:
        raise FormatError(f"expected caption#words#start#end, found {len(parts) - 1} '#' in {line[:60]!r}", where)
    start, end = (seconds(part, where) for part in parts[-2:])
    spoken = parts[:-2]
    # With more than a hundred '#' nobody means a caption; looking at each place for the tags would take long.
    cuts = range(1, len(spoken)) if len(spoken) < 100 else range(0)
    cut = next((at for at in cuts if _are_tagged("#".join(spoken[at:]))), len(spoken) - 1)
    return clean_text("#".join(spoken[:cut]), where), _tags("#".join(spoken[cut:])), start, end


def _tags(words: str) -> Tags | None:
    """The tags of a caption; None where there are none, or they cannot be read: captions do without."""
    if len(words) > 10 * MAX_CAPTION:
        return None
    try:
        return tags_from_text(" ".join(words.split())) or None
    except ValueError:
        return None


def _are_tagged(words: str) -> bool:
    # Taggers cut a # off the word that it leads; one inside a word is the mark between caption and words.
    return all("/" in word and "#" not in word.lstrip("#") for word in words.split())


def _mirrored(name: str, motions: Mapping[str, MotionFile]) -> MotionFile | None:
    """The mirror image of the motion whose id stands after the M."""
    plain = motions.get(plain_id(name, motions)) if name not in motions else None
    return None if plain is None else MotionFile(plain.path, plain.kind, mirrored=True)
