"""Timelines of BONES-SEED: a line of JSON a take, with the events that somebody saw and when."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.seed.scripts import take_name
from chronomotion.corpus.importers.seed.timeline import RawEvent, RawTimeline
from chronomotion.errors import CorpusError, FormatError
from chronomotion.text_files import MAX_TEXT

__all__ = ["UNKNOWN_TAKE", "Label", "Labels", "chosen_labels", "read_labels"]

UNKNOWN_TAKE = "labels of a take that the metadata do not have"
NO_LABEL = "no timeline in the labels"
OTHER_LABELS = "labels that are not read"
TWICE = "second line of a take in the labels, left out"
NOT_AS_MANY = "another number of events than num_events says"
_LONGEST_LINE = 2**20


@dataclass(frozen=True)
class Label:
    """What is told of a take: its timeline, and a sentence about the whole ("" where there is none)."""

    timeline: RawTimeline
    overview: str = ""


@dataclass(frozen=True, eq=False)
class Labels:
    """Lines by file name, each taken apart when it is asked for."""

    file: str
    lines: Mapping[str, bytes]
    notes: list[Remark] = field(default_factory=list)

    def __contains__(self, name: object) -> bool:
        return name in self.lines

    def of(self, name: str) -> Label | None:
        """What is told of a take, if anything."""
        line = self.lines.get(name)
        return None if line is None else _label(json.loads(line))

    def unknown(self, known: set[str]) -> list[Remark]:
        """Remarks on labels of takes that nobody knows."""
        return [Remark(name, UNKNOWN_TAKE, self.file) for name in self.lines if name not in known]

    def missing(self, wanted: Iterable[str]) -> list[Remark]:
        """Remarks on takes of which nothing is told."""
        return [Remark(name, NO_LABEL, self.file) for name in wanted if name not in self.lines]


def chosen_labels(candidates: Iterable[tuple[str, Path | bytes]], notes: list[Remark]) -> Labels | None:
    """Of several files of timelines the one that also says what was carried over from another take; None without any.

    Raises CorpusError when two of them say as much, FormatError with file and line when one cannot be read.
    """
    files = [read_labels(file, source) for file, source in candidates]
    if not files:
        return None
    richer = [labels for labels in files if _tells_more(labels)] or files
    if len(richer) > 1:
        names = " and ".join(labels.file for labels in richer)
        raise CorpusError(f"two files of timelines, {names}: keep the one to be read in the folder")
    notes += [
        Remark(labels.file, OTHER_LABELS, f"{richer[0].file} is read") for labels in files if labels not in richer
    ]
    notes += richer[0].notes
    return richer[0]


def read_labels(file: str, source: Path | bytes) -> Labels:
    """The lines of a file called ``file``. Raises FormatError, with file and line, for what is no label of a take."""
    lines: dict[str, bytes] = {}
    notes: list[Remark] = []
    for number, line in enumerate(_lines(file, source), start=1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"not a line of JSON: is the file cut? ({str(error)[:80]})", where) from error
        name = record.get("filename") if isinstance(record, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise FormatError("expected an object with a filename", where)
        name = take_name(name)
        if name in lines:
            notes.append(Remark(name, TWICE, where))
            continue
        lines[name] = line.strip()
        events, count = record.get("events"), record.get("num_events")
        if isinstance(events, list) and isinstance(count, int) and count != len(events):
            notes.append(Remark(name, NOT_AS_MANY, f"{where}: {count} announced, {len(events)} there"))
    return Labels(file, lines, notes)


def _lines(file: str, source: Path | bytes) -> Iterator[bytes]:
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
            total = 0
            while line := stream.readline(_LONGEST_LINE):
                total += len(line)
                if total > MAX_TEXT:
                    raise FormatError(
                        f"more than {MAX_TEXT} bytes, which is the most that is read of such a file", file
                    )
                yield line.removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", file) from error


def _tells_more(labels: Labels) -> bool:
    return any(b'"propagated_from_filename"' in line for line in labels.lines.values())


def _label(record: dict[str, Any]) -> Label:
    events = record.get("events")
    raw = tuple(_event(event) for event in events) if isinstance(events, list) else ()
    overview = record.get("overview_description")
    timeline = RawTimeline(raw, propagated=bool(record.get("propagated_from_filename")))
    return Label(timeline, " ".join(overview.split()) if isinstance(overview, str) else "")


def _event(event: object) -> RawEvent:
    """As it is written; who repairs the timeline says what is wrong with it."""
    if not isinstance(event, dict):
        return RawEvent(None, None, None)
    return RawEvent(event.get("start_time"), event.get("end_time"), event.get("description"))
