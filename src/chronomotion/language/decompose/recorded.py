"""Events as somebody recorded them: published ``event_texts`` folders, JSON lines, or with the captions themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

from chronomotion.errors import FormatError
from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposer, Decomposition, Described
from chronomotion.language.decompose.event_lines import CaptionOfClip, event_texts_in, read_event_lines
from chronomotion.names import is_name, path_below
from chronomotion.text_files import read_json

__all__ = ["EVENT_TEXTS", "EventFolder", "EventLines", "RecordedDecomposer", "Records", "read_records"]

EVENT_TEXTS = "event_texts"
RECORDED_VERSION = "1"
_LONGEST_EVENTS = 2**24
"""Bytes of the events of one caption."""


@runtime_checkable
class Records(Protocol):
    """Where recorded events are looked up."""

    def find(self, caption: CaptionOfClip) -> Decomposition | None:
        """The events of a caption; None where there are none. Raises FormatError for a record that cannot be read."""


class EventFolder:
    """The published layout: ``ID_INDEX.json`` with {"events": [...]}, INDEX the caption's number in the annotations.

    INDEX counts ALL captions of an id, from 0. Published code looks it up with the number among those captions that it
    kept, and so gives captions the events of others wherever one was left out. Captions that do not say their number
    (those of a corpus) are found by their text in ``texts``: id -> all captions of the annotations.

    Links that lead out of the folder are refused, unless ``follow_links`` is set.
    Raises FormatError when there is no such folder.
    """

    def __init__(
        self, folder: Path, texts: Mapping[str, Sequence[str]] | None = None, *, follow_links: bool = False
    ) -> None:
        if not folder.is_dir():
            raise FormatError("no such folder of events", str(folder))
        self.folder = folder.resolve()
        self._texts = texts or {}
        self._follow_links = follow_links

    def find(self, caption: CaptionOfClip) -> Decomposition | None:
        """The events of a caption that says whose it is."""
        number = caption.number if caption.number is not None else self._number(caption)
        if caption.clip is None or number is None:
            return None
        texts = self.events(caption.clip, number)
        return None if texts is None else Decomposition(caption.text, Events(texts, source=EVENT_TEXTS))

    def events(self, clip: str, number: int) -> tuple[str, ...] | None:
        """Events of an id's caption by its number among all of them; None where there is no such file.

        Raises FormatError when the id is no plain name, or the file cannot be read.
        """
        if not is_name(clip) or number < 0:
            raise FormatError(f"{clip[:80]!r} is not a name that is allowed", str(self.folder))
        name = f"{clip}_{number}.json"
        if not (self.folder / name).is_file():
            return None
        path = path_below(self.folder, name, str(self.folder / name), follow_links=self._follow_links)
        content = read_json(path, _LONGEST_EVENTS)
        if not isinstance(content, dict):
            raise FormatError(f'expected {{"events": [...]}}, found {type(content).__name__}', str(path))
        return event_texts_in(content.get("events"), f"{path}: events")

    def _number(self, caption: CaptionOfClip) -> int | None:
        texts = self._texts.get(caption.clip or "", ())
        return next((number for number, text in enumerate(texts) if _key(text) == _key(caption.text)), None)


class EventLines:
    """JSON lines of captions with events (:mod:`chronomotion.language.decompose.event_lines`).

    A caption is looked up by id and number, by id and text, by number alone where neither has an id, then by text
    alone; where several lines would do, the first one counts. Raises FormatError with file, line and field.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = [line for line in read_event_lines(path) if line.recorded is not None]

    def find(self, caption: CaptionOfClip) -> Decomposition | None:
        """The events of a caption.

        Raises FormatError where id and number agree and the texts do not: then the captions are numbered otherwise.
        """
        record = self._by_number.get((caption.clip, caption.number)) if caption.number is not None else None
        text = _key(caption.text)
        if record is not None and record.text not in ("", text):
            raise FormatError(
                f"caption {caption.number} of {caption.clip or 'the file'} is {record.text[:60]!r} there but "
                f"{caption.text[:60]!r} here: are captions counted otherwise?",
                str(self.path),
            )
        record = record or self._by_text.get((caption.clip, text)) or self._by_text.get((None, text))
        return None if record is None or record.recorded is None else replace(record.recorded, caption=caption.text)

    @cached_property
    def _by_number(self) -> dict[tuple[str | None, int], CaptionOfClip]:
        table: dict[tuple[str | None, int], CaptionOfClip] = {}
        for line in self._lines:
            if line.number is not None:
                table.setdefault((line.clip, line.number), line)
        return table

    @cached_property
    def _by_text(self) -> dict[tuple[str | None, str], CaptionOfClip]:
        table: dict[tuple[str | None, str], CaptionOfClip] = {}
        for line in self._lines:
            if line.text:
                table.setdefault((line.clip, line.text), line)
                table.setdefault((None, line.text), line)
        return table


def _key(text: str) -> str:
    return " ".join(text.split())


def read_records(path: Path, texts: Mapping[str, Sequence[str]] | None = None) -> Records:
    """Recorded events at a path: a folder of ``ID_INDEX.json`` files, or JSON lines.

    A folder that holds ``event_texts`` stands for that one. ``texts`` goes to :class:`EventFolder`. Raises FormatError
    when they cannot be read.
    """
    if path.is_dir():
        return EventFolder(path / EVENT_TEXTS if (path / EVENT_TEXTS).is_dir() else path, texts)
    return EventLines(path)


class RecordedDecomposer:
    """Gives captions the events that were recorded for them: in ``records``, else with the caption itself.

    A caption without any goes to ``fallback``, with a mark; without a fallback it stays one event, as it is written.
    """

    def __init__(self, records: Records | None = None, fallback: Decomposer | None = None) -> None:
        self._records, self._fallback = records, fallback

    @property
    def source(self) -> str:
        """Who looked; each list of events says who made it."""
        return f"recorded/{RECORDED_VERSION}"

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """A decomposition for every caption, in order. Raises FormatError for a record that cannot be read."""
        for caption in captions:
            whose = caption if isinstance(caption, CaptionOfClip) else CaptionOfClip(caption.text, caption.tags)
            recorded = None if self._records is None else self._records.find(whose)
            yield recorded or whose.recorded or self._unrecorded(caption)

    def _unrecorded(self, caption: Described) -> Decomposition:
        if self._fallback is None:
            whole = Events((caption.text.strip() or "a person.",), source=self.source)
            return Decomposition(caption.text, whole, mark="no events recorded, left in one piece")
        made = next(iter(self._fallback.decompose([caption])))
        return replace(made, mark=f"fell back to {self._fallback.source}: no events recorded")
