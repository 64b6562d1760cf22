"""The takes of BONES-SEED that come in: where each lies, what is said of it, and how it becomes a clip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chronomotion.corpus.importers.kept import KeptFeatures
from chronomotion.corpus.importers.plan import NO_MOTION, MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.reading import READ_AS, MadeClip, Reading, ReadMotion
from chronomotion.corpus.importers.seed.labels import Label, Labels
from chronomotion.corpus.importers.seed.metadata import TakeRow, TakeRows
from chronomotion.corpus.importers.seed.timeline import RawTimeline, timeline_caption
from chronomotion.corpus.importers.workers import BAD_MOTION, ClipMaker
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption
from chronomotion.motion.layout import HUMANML3D_LAYOUT, Layout
from chronomotion.text_files import clean_text

__all__ = ["LAYOUT", "READING", "PlannedTake", "TakeMaker", "Takes"]

LAYOUT = HUMANML3D_LAYOUT
READING = Reading(unit="cm", up="y", trim=0)
"""How the takes are read: the rig is known, and times count from the first frame."""

BAD_SENTENCE = "sentence that cannot be read, left out"
NO_WORDS = "no sentence and no timeline"
OTHER_LENGTH = "another length than the metadata say"
_FRAMES_A_ROW = 6
"""Frames of a take, at 120 a second, in one of ours."""
_ROWS_OFF = 3


@dataclass(frozen=True)
class PlannedTake(PlannedClip):
    """A clip to be made of a take: its captions are sentences about the whole."""

    timeline: RawTimeline | None = None
    frames: int | None = None
    """Frames by the metadata."""
    missing: str = ""
    """Where the file should be, if it is not there."""


class Takes(Sequence[PlannedTake]):
    """The takes of some rows of the metadata, each planned when it is asked for: all at once need much memory."""

    def __init__(
        self, rows: TakeRows, labels: Labels | None, file_of: Callable[[TakeRow], MotionFile | str], *, propagated: bool
    ) -> None:
        self._rows, self._labels, self._file_of, self._propagated = rows, labels, file_of, propagated

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> PlannedTake:  # type: ignore[override]
        row = self._rows[place]
        label = None if self._labels is None else self._labels.of(row.name)
        file = self._file_of(row)
        missing = file if isinstance(file, str) else ""
        motion = MotionFile(Path(file), "thinned") if isinstance(file, str) else file
        captions = tuple(map(Caption, _sentences(row, label)))
        return PlannedTake(
            row.name, motion, captions, timeline=self._timeline(label), frames=row.frames, missing=missing
        )

    def _timeline(self, label: Label | None) -> RawTimeline | None:
        if label is None or (label.timeline.propagated and not self._propagated):
            return None
        return label.timeline


def _sentences(row: TakeRow, label: Label | None) -> tuple[str, ...]:
    overview = "" if label is None else label.overview
    return tuple(dict.fromkeys((*row.sentences, *((overview,) if overview else ()))))


class TakeMaker(ClipMaker):
    """Makes the clip of a take: features, sentences, and a caption with the events of the timeline.

    ``unread`` says, of an archive that has been read, why a take has no features; what is not in it was not there.
    """

    def __init__(self, kept: KeptFeatures, unread: Mapping[str, Remark] | None = None) -> None:
        super().__init__(LAYOUT, READING, kept)
        self._unread = unread

    def __call__(self, clip: PlannedClip) -> MadeClip | Remark:
        """The clip, or why there is none."""
        assert isinstance(clip, PlannedTake)
        if clip.missing:
            return Remark(clip.name, NO_MOTION, clip.missing)
        try:
            read = self._kept_only(clip) if self._unread is not None else self._read(clip)
        except FormatError as error:
            return Remark(clip.name, BAD_MOTION, str(error))
        return read if isinstance(read, Remark) else _take_clip(clip, read, LAYOUT)

    def _kept_only(self, clip: PlannedTake) -> ReadMotion | Remark:
        assert self._unread is not None
        read = self._kept.find(clip.motion)
        if read is not None:
            return read
        return self._unread.get(clip.name) or Remark(
            clip.name, NO_MOTION, f"{clip.motion.path.as_posix()} is not in {clip.motion.archive}"
        )


def _take_clip(clip: PlannedTake, read: ReadMotion, layout: Layout) -> MadeClip:
    rows = len(read.features)
    odd = [note for note in read.notes if not note[0].startswith(READ_AS)]
    if clip.frames is not None and abs(clip.frames / _FRAMES_A_ROW - (rows + 1)) > _ROWS_OFF:
        odd.append((OTHER_LENGTH, f"{clip.frames / 120:.2f} s there, {rows / layout.fps:.2f} s in the file"))
    captions = []
    for caption in clip.captions:
        try:
            captions.append(Caption(clean_text(caption.text, clip.name)))
        except FormatError as error:
            odd.append((BAD_SENTENCE, str(error)))
    if clip.timeline is not None:
        timeline, repairs = timeline_caption(clip.timeline, rows / layout.fps)
        captions += [] if timeline is None else [timeline]
        odd += repairs
    if not captions:
        odd.append((NO_WORDS, str(clip.motion.path)))
    return MadeClip(clip.name, read.features, tuple(captions), tuple(Remark(clip.name, *note) for note in odd))
