"""Tables as spreadsheets and scripts write them: commas, tabs or semicolons, and nothing cut off silently."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.errors import FormatError
from chronomotion.text_files import read_text

__all__ = ["FILE_COLUMNS", "LABEL_COLUMNS", "Row", "Table", "read_table"]

FILE_COLUMNS = ("file", "filename", "filepath", "path", "motion", "motionfile", "clip", "take", "bvh")
LABEL_COLUMNS = ("label", "labels", "action", "class", "category")
"""Names that a column may have, the best one first."""
DELIMITERS = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
DOUBLE_HEADER = "header that stands there again, passed over"
COMMENT = "comment in the table, passed over"
_SEPARATOR = re.compile(r"sep=(.)\Z", re.IGNORECASE)
"""A first line that names the delimiter, for spreadsheets."""
_MOTION = re.compile(r"\.(bvh|amc|npy|npz)\Z", re.IGNORECASE)

Roles = Mapping[str, tuple[str, ...]]
"""What a column is for -> names that it may have, in small letters without spaces, dashes and brackets."""


@dataclass(frozen=True)
class Row:
    """A row: the line where it begins, and its cells, stripped, by what their columns are for."""

    line: int
    cells: Mapping[str, str]
    raw: tuple[str, ...]

    def __getitem__(self, role: str) -> str:
        return self.cells.get(role, "")


@dataclass(frozen=True)
class Table:
    """A table that was read. ``remarks`` are (line, reason, detail) of what was passed over in it."""

    path: Path
    delimiter: str
    roles: Mapping[str, int]
    header: str
    """File and line of the header."""
    rows: list[Row] = field(default_factory=list)
    remarks: list[tuple[int, str, str]] = field(default_factory=list)

    def where(self, row: Row) -> str:
        """File and line."""
        return f"{self.path}:{row.line}"


def read_table(path: Path, roles: Roles, expected: str, names_file: Callable[[str], bool] | None = None) -> Table:
    """A table with a header; ``roles`` says which columns matter, ``expected`` how the header should be.

    It needs the column ``file`` and one of ``caption`` and ``label``, as far as ``roles`` has them.

    The delimiter is the one that makes most sense of the header. Blank rows, repeated headers and comments (``#``) are
    passed over. ``names_file`` tells a row that a quotation mark has swallowed (a motion file's suffix unless given).
    Raises FormatError, with file and line, when the file cannot be read, a quotation mark never closes, a row has more
    fields than the header, or two columns may be meant.
    """
    lines = _Lines(path, read_text(path))
    header, names_file = lines.header(roles), names_file or (lambda name: bool(_MOTION.search(name)))
    if not header:
        raise FormatError(f"no rows; expected {expected}", str(path))
    where = f"{path}:{lines.first}"
    table = Table(path, lines.delimiter, _columns(header, roles, where), where)
    if "file" not in table.roles or not {"caption", "label"} & table.roles.keys():
        shown = " ".join(", ".join(header).split())[:100]
        fix = ": put a line with the names of the columns above it" if any(map(names_file, header)) else ""
        raise FormatError(f"expected the columns {expected}; found {shown}{fix}", where)
    plain = [_squashed(cell) for cell in header]
    reader = _RowReader(table, header, names_file)
    for line, cells in lines.rows():
        first = cells[0].strip() if cells else ""
        if not any(cell.strip() for cell in cells):
            continue
        if [_squashed(cell) for cell in cells] == plain:
            table.remarks.append((line, DOUBLE_HEADER, ""))
        elif first.startswith("#") and not reader.names_file(reader.file(cells)):
            table.remarks.append((line, COMMENT, first[:60]))
        else:
            table.rows.append(reader.row(line, cells))
    if not table.rows:
        raise FormatError(f"no rows; expected {expected}", str(path))
    return table


class _Lines:
    """The text of a table, cut into cells."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.delimiter, self.first = path, ",", 1
        self._text = text
        self._skipped = 0

    def header(self, roles: Roles) -> list[str]:
        """Cells of the first line that says anything, cut where that gives most columns that are known."""
        lines = io.StringIO(self._text, newline=None).read().split("\n")
        forced = ""
        for at, line in enumerate(lines):
            if not line.strip():
                continue
            if at == 0 and (match := _SEPARATOR.match(line.strip('\r\n "'))):
                forced = match[1]
                continue
            cut = {
                mark: _cells(line.lstrip("# \t") if line.startswith("#") else line, mark)
                for mark in forced or DELIMITERS
            }
            known = {mark: _known(cells, roles) for mark, cells in cut.items()}
            self.delimiter = max(known, key=lambda mark: known[mark])
            if line.startswith("#") and known[self.delimiter] < 2:
                continue
            self._skipped, self.first = at + 1, at + 1
            cells = [cell.strip() for cell in cut[self.delimiter]]
            while cells and not cells[-1]:
                cells.pop()
            return cells
        return []

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line where it begins, cells) of each row below the header."""
        # Spaces behind a quotation mark, at the end of a field, say nothing, and the strict reader refuses them.
        stream = io.StringIO(re.sub(rf"\" +(?=[{re.escape(self.delimiter)}\r\n])", '"', self._text), newline="")
        skipped = 0
        while skipped < self._skipped:
            stream.readline()
            skipped += 1
        # A space before a quotation mark would make the mark a part of the text.
        spaced = re.search(rf"{re.escape(self.delimiter)} +\"", self._text) is not None and self.delimiter != "\t"
        reader = csv.reader(stream, delimiter=self.delimiter, strict=True, skipinitialspace=spaced)
        line = 1
        try:
            for cells in reader:
                yield line + self._skipped, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise FormatError(_explained(error), f"{self.path}:{line + self._skipped}") from error


class _RowReader:
    """Checks rows against the header."""

    def __init__(self, table: Table, header: list[str], names_file: Callable[[str], bool]) -> None:
        self._table, self._header, self.names_file = table, header, names_file

    def file(self, cells: list[str]) -> str:
        """The cell that names a file."""
        at = self._table.roles.get("file", 0)
        return cells[at].strip() if at < len(cells) else ""

    def row(self, line: int, cells: list[str]) -> Row:
        """The row; raises FormatError where a text was cut at a delimiter, or a quotation mark took in other rows."""
        where = f"{self._table.path}:{line}"
        mark = self._table.delimiter
        if any(cell.strip() for cell in cells[len(self._header) :]):
            raise FormatError(
                f"{len(cells)} fields, but the header has {len(self._header)}: {self._quoting(cells)}", where
            )
        other = next((other for other in DELIMITERS if other != mark and other in cells[0]), "")
        if len(cells) == 1 and len(self._header) > 1 and other and not self.names_file(self.file(cells)):
            raise FormatError(
                f"fields with {DELIMITERS[other]} between them, but the header has {DELIMITERS.get(mark, mark)}: "
                f"use one of them everywhere",
                where,
            )
        self._check_cut(cells, where)
        for cell in cells:
            for at, inner in enumerate(cell.split("\n")[1:], start=1):
                if mark in inner and self.names_file(self.file(_cells(inner, mark))):
                    raise FormatError(
                        f'a quotation mark is open up to line {line + at}, which looks like a row: close it with "',
                        where,
                    )
        roles = self._table.roles
        return Row(line, {role: cells[at].strip() for role, at in roles.items() if at < len(cells)}, tuple(cells))

    def _check_cut(self, cells: list[str], where: str) -> None:
        """A text that goes on in the next column, one that nobody reads, would be cut short and never missed."""
        mark, roles = self._table.delimiter, self._table.roles
        at = roles.get("caption", roles.get("label", len(cells)))
        if mark == "\t" or at + 1 >= len(cells) or at + 1 == roles.get("file"):
            return
        begins = r" +(?!nan\b|null\b)[^\W\d]" if at + 1 in roles.values() else r" +\S"
        # Where fields have spaces before them anyway, or the text was quoted, a space says nothing.
        if mark not in cells[at] and not cells[at].startswith(" ") and re.match(begins, cells[at + 1], re.I):
            raise FormatError(
                f"the text goes on in the column {self._header[at + 1]!r} ({cells[at + 1][:40]!r}): "
                f"{self._quoting(cells)}; where it does not, take the space away",
                where,
            )

    def _quoting(self, cells: list[str]) -> str:
        mark, roles = self._table.delimiter, self._table.roles
        at = roles.get("caption", roles.get("label", len(self._header) - 1))
        end = at + 1 + max(1, len(cells) - len(self._header))
        text = mark.join(cells[at:end]).strip().replace('"', '""')[:60]
        return f'a text with {DELIMITERS.get(mark, mark)} in it stands between double quotes: "{text}"'


def _columns(header: list[str], roles: Roles, where: str) -> dict[str, int]:
    """Role -> column: of its first name, or of the only other name. Raises FormatError where several would do."""
    plain = [_squashed(cell) for cell in header]
    columns = {}
    for role, names in _wanted(plain, roles).items():
        exact = [at for at, name in enumerate(plain) if name == names[0]]
        places = exact or [at for at, name in enumerate(plain) if name in names]
        if len(places) > 1:
            shown = ", ".join(repr(header[at]) for at in places)
            raise FormatError(
                f"the columns {shown} may all be the {role}: name one {role!r}, and rename the others", where
            )
        if places:
            columns[role] = places[0]
    return columns


def _wanted(plain: list[str], roles: Roles) -> Roles:
    """The roles without that of the labels where there are captions, or the other way round: a table has one of them.

    A column that has a role's first name counts before one that has another of its names.
    """
    texts = [role for role in ("caption", "label") if role in roles]
    first = [role for role in texts if roles[role][0] in plain]
    any_name = [role for role in texts if set(roles[role]) & set(plain)]
    chosen = next(iter(first + any_name), None)
    return {role: names for role, names in roles.items() if role not in texts or role == chosen}


def _known(cells: list[str], roles: Roles) -> int:
    names = {name for names in roles.values() for name in names}
    return sum(_squashed(cell) in names for cell in cells)


def _squashed(cell: str) -> str:
    return re.sub(r"[\s_\-.()\[\]]+", "", cell).casefold()


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split(delimiter)


def _explained(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return 'a quotation mark that never closes: close it with ", or double it ("") where it is part of the text'
    if "expected after" in str(error):
        return (
            'text behind a closing quotation mark: double it ("") where it is part of the text, or close one left open'
        )
    return f"not a CSV table: {error}"
