"""Tables that come with a folder of motion files: captions, or labels of single actions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.delimited import FILE_COLUMNS, LABEL_COLUMNS, Row, Table, read_table
from chronomotion.corpus.importers.plan import NO_MOTION, Remark
from chronomotion.corpus.importers.published import BAD_CAPTION
from chronomotion.corpus.importers.spans import UNKNOWN_TIMES, Unit, seconds, span
from chronomotion.corpus.label_tables import NO_LABEL, labelled_rows
from chronomotion.corpus.take_names import TakeNames
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.names import BAD_NAME, is_name
from chronomotion.text_files import clean_text

__all__ = ["EXPECTED", "ROLES", "TableCaptions", "TableReader"]

ROLES = {
    "file": FILE_COLUMNS,
    "caption": ("caption", "captions", "text", "description", "sentence", "annotation", "prompt"),
    "label": LABEL_COLUMNS,
    "start": ("start", "starttime", "starts", "startsec", "startseconds", "begin", "from"),
    "end": ("end", "endtime", "ends", "endsec", "endseconds", "stop", "to"),
    "start_frame": ("startframe", "firstframe", "framestart", "beginframe", "fromframe", "startframes"),
    "end_frame": ("endframe", "lastframe", "frameend", "stopframe", "toframe", "endframes"),
}
EXPECTED = "file,start,end,caption or file,label"
OTHERWISE = "file named otherwise in the table, matched"
TWICE = "row that stands there twice, taken once"


@dataclass
class TableCaptions:
    """Captions of a table by file. With ``in_frames`` their times are frames of the file, else seconds."""

    captions: dict[str, list[Caption]] = field(default_factory=lambda: defaultdict(list))
    in_frames: bool = False
    skipped: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


class TableReader:
    """Reads a table of captions or labels, and finds the motion files that it speaks of."""

    def __init__(self, path: Path, takes: TakeNames) -> None:
        self.path, self._takes, self._result = path, takes, TableCaptions()
        self._longer: dict[str, str] = {}
        self._missing: set[str] = set()

    def read(self) -> TableCaptions:
        """Captions of the files that a CSV table with ``file,start,end,caption`` or ``file,label`` speaks of.

        ``start`` and ``end`` are seconds of the file (or ``m:ss``), or empty; ``start_frame`` and ``end_frame`` are
        frames, counted from 0. A label becomes a sentence of one event. Further columns are passed over. Rows whose
        file is not there are skipped; rows without a file or a text, and times that are NaN, are noted.
        Raises FormatError, with file and line, when the table cannot be read or a row makes no sense.
        """
        table = read_table(self.path, ROLES, EXPECTED, self._names_file)
        self._result.notes += [
            Remark(f"{self.path.name}:{line}", reason, detail) for line, reason, detail in table.remarks
        ]
        self._result.in_frames = self._are_frames(table)
        rows = self._once(table)
        if "caption" in table.roles:
            self._sentences(table, rows)
        else:
            self._labels(table, rows)
        return self._result

    def _names_file(self, name: str) -> bool:
        try:
            return self._takes.find(name, "") is not None
        except FormatError:
            return True

    def _are_frames(self, table: Table) -> bool:
        frames, times = {"start_frame", "end_frame"} & table.roles.keys(), {"start", "end"} & table.roles.keys()
        if frames and times and len(times) < 2:
            raise FormatError(
                "one time in seconds and one in frames: give start,end or start_frame,end_frame",
                table.header,
            )
        return bool(frames) and not times

    def _once(self, table: Table) -> Iterable[Row]:
        """Rows that are no copy of another one."""
        seen: dict[tuple[str, ...], int] = {}
        for row in table.rows:
            first = seen.setdefault(tuple(cell.strip() for cell in row.raw), row.line)
            if first == row.line:
                yield row
            else:
                self._note(row, TWICE, f"{table.where(row)}: as in line {first}")

    def _take(self, name: str, where: str) -> str | None:
        """The file that a row speaks of; a remark where there is none, or it has another name."""
        match = self._takes.find(name, where)
        if match is None:
            if name not in self._missing:
                self._missing.add(name)
                allowed = all(is_name(part) for part in name.split("/"))
                reason = NO_MOTION if allowed else BAD_NAME
                self._result.skipped.append(Remark(repr(name[:80]), reason, "named in the table"))
            return None
        if match.how:
            remark = Remark(_stem(match.take), f"{OTHERWISE} {match.how}", f"{name[:80]!r} is {match.take}")
            self._result.notes += [remark] if remark not in self._result.notes[-1:] else []
        if match.longer and self._longer.setdefault(match.take, match.longer) != match.longer:
            raise FormatError(
                f"both {name[:80]!r} and another path end as {match.take} does: give paths in the folder",
                where,
            )
        return match.take

    def _note(self, row: Row, reason: str, detail: str) -> None:
        file = row["file"][:80]
        clip = file if file and file.isprintable() else f"{self.path.name}:{row.line}"
        self._result.notes.append(Remark(clip, reason, detail))

    def _sentences(self, table: Table, rows: Iterable[Row]) -> None:
        for row in rows:
            where = table.where(row)
            if not row["file"] or not row["caption"]:
                self._note(row, BAD_CAPTION, f"{where}: {'an empty text' if row['file'] else 'names no file'}")
                continue
            start, end = self._span(table, row)
            text = clean_text(row["caption"], where)
            if (take := self._take(row["file"], where)) is None:
                continue
            if math.isnan(start):
                self._result.notes.append(Remark(_stem(take), UNKNOWN_TIMES, where))
                start, end = 0.0, None
            self._result.captions[take].append(Caption(text, start, end))

    def _span(self, table: Table, row: Row) -> tuple[float, float | None]:
        """(start, end) of a row; an empty field is the start or the end of the file, and nan where one of them is."""
        where, unit = table.where(row), _unit(self._result.in_frames)
        names = ("start_frame", "end_frame") if self._result.in_frames else ("start", "end")
        # Where commas are no delimiters, they are what a decimal point is elsewhere.
        start, end = (row[name] if table.delimiter == "," else row[name].replace(",", ".") for name in names)
        begin = seconds(start or 0.0, where, unit)
        stop = seconds(end, where, unit) if end else None
        if math.isnan(begin) or (stop is not None and math.isnan(stop)):
            return math.nan, None
        return (begin, None) if stop is None else span(begin, stop, where, unit)

    def _labels(self, table: Table, rows: Iterable[Row]) -> None:
        for label, named in labelled_rows(rows, lambda row: self._note(row, NO_LABEL, table.where(row))).items():
            where = table.where(named[0])
            name = clean_text(label, where)
            if not any(character.isalpha() for character in name):
                raise FormatError(f"a label needs letters, found {name[:40]!r}", where)
            text = clean_text(f"a person {wordings(name)[0]}.", where)
            caption = Caption(text, events=Events((text,), labels=(name,), source="labels"))
            for row in named:
                if (take := self._take(row["file"], table.where(row))) is not None:
                    self._result.captions[take].append(caption)


def _unit(in_frames: bool) -> Unit:
    return "frames" if in_frames else "seconds"


def _stem(take: str) -> str:
    return take.rpartition("/")[2].rpartition(".")[0]
