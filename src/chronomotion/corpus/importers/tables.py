"""Tables that come with a folder of motion files: captions, or labels of single actions."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from pathlib import Path, PurePosixPath

from chronomotion.corpus.compose.labelled import read_labels
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.spans import UNKNOWN_TIMES, seconds, span
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption, Events
from chronomotion.text_files import clean_text, read_text

__all__ = ["CAPTIONS", "LABELS", "captions_in"]

CAPTIONS, LABELS = "captions.csv", "labels.csv"


def captions_in(table: Path, notes: list[Remark]) -> dict[str, list[Caption]]:
    """File -> captions, from a CSV table with the columns ``file,start,end,caption`` or ``file,label``.

    ``start`` and ``end`` are seconds of the file, or empty. A label becomes a sentence of one event. Further columns
    are passed over. Times that are NaN are added to ``notes``.
    Raises FormatError, with file and line, when the table cannot be read or a row makes no sense.
    """
    rows = _rows(table)
    columns = rows[0][1].keys()
    if {"file", "caption"} <= columns:
        return _sentences(table, rows, notes)
    if {"file", "label"} <= columns:
        return _labels(table)
    found = " ".join(", ".join(map(str, columns)).split())[:100]
    raise FormatError(f"expected the columns file,start,end,caption or file,label; found {found}", f"{table}:1")


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of a CSV table."""
    reader = csv.DictReader(io.StringIO(read_text(table), newline=""), restval="")
    try:
        # Fields beyond the named columns stand under None, as a list.
        rows = [(reader.line_num, {key: row[key] for key in row if isinstance(key, str)}) for row in reader]
    except csv.Error as error:
        raise FormatError(f"not a CSV table: {error}", f"{table}:{reader.line_num}") from error
    if not rows:
        raise FormatError("no rows; expected file,start,end,caption or file,label", str(table))
    return rows


def _sentences(table: Path, rows: list[tuple[int, dict[str, str]]], notes: list[Remark]) -> dict[str, list[Caption]]:
    captions: dict[str, list[Caption]] = defaultdict(list)
    for line, row in rows:
        where = f"{table}:{line}"
        file = row["file"].strip()
        if not file:
            raise FormatError("names no file", where)
        start, end = (row.get(column, "").strip() for column in ("start", "end"))
        spoken = _spoken(start, end, where)
        if math.isnan(spoken[0]):
            notes.append(Remark(PurePosixPath(file).stem, UNKNOWN_TIMES, where))
            spoken = (0.0, None)
        captions[file].append(Caption(clean_text(row["caption"], where), *spoken))
    return captions


def _spoken(start: str, end: str, where: str) -> tuple[float, float | None]:
    """(start, end) of a row, an empty field being the start or the end of the file; nan where one of them says so."""
    begin = seconds(start or 0.0, where)
    stop = seconds(end, where) if end else None
    if math.isnan(begin) or (stop is not None and math.isnan(stop)):
        return math.nan, None
    return (begin, None) if stop is None else span(begin, stop, where)


def _labels(table: Path) -> dict[str, list[Caption]]:
    captions: dict[str, list[Caption]] = defaultdict(list)
    for label, files in read_labels(table).items():
        name = clean_text(label, str(table))
        if not any(character.isalpha() for character in name):
            raise FormatError(f"a label needs letters, found {name[:40]!r}", str(table))
        text = clean_text(f"a person {wordings(name)[0]}.", str(table))
        for file in files:
            captions[file].append(Caption(text, events=Events((text,), labels=(name,), source="labels")))
    return captions
