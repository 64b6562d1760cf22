"""The metadata of BONES-SEED: one row a take, in any version and either format."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.seed.options import SeedOptions
from chronomotion.corpus.importers.seed.scripts import is_mirror_name, take_name
from chronomotion.errors import CorpusError, FormatError
from chronomotion.names import BAD_NAME, is_name
from chronomotion.text_files import text_of

__all__ = ["COLUMNS", "Metadata", "TakeRow", "read_metadata"]

NO_COLUMN = "column that these metadata do not have"
TWICE = "second row of a take in the metadata, left out"
_SENTENCES = ("natural_1", "natural_2", "natural_3", "natural_4", "technical", "short_1", "short_2")
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("filename", "file_name", "move_name", "name"),
    "mirror": ("is_mirror", "is_mirrored", "move_is_mirror", "mirror"),
    "frames": ("move_duration_frames", "duration_frames", "num_frames", "frames"),
    "package": ("package", "content_package", "move_package"),
    "content": ("content_name", "move_content_name"),
    "uniform": ("move_soma_uniform_path", "soma_uniform_path", "move_soma_uniform_bvh_path"),
    "proportional": ("move_soma_proportional_path", "soma_proportional_path", "move_soma_proportional_bvh_path"),
    **{
        f"natural_{place}": tuple(
            f"{before}natural_{what}_{place}" for before in ("content_", "") for what in ("desc", "description")
        )
        for place in (1, 2, 3, 4)
    },
    "technical": ("content_technical_description", "content_technical_desc", "technical_description"),
    "short_1": (
        "content_short_description", "content_short_description_1", "content_short_desc", "short_description",
        "short_description_1",
    ),
    "short_2": ("content_short_description_2", "content_short_desc_2", "short_description_2"),
}  # fmt: skip
"""What we call a column -> the names that it has in the versions, the usual one first; capitals do not count."""
_TRUE = frozenset({"true", "1", "1.0", "yes", "t"})
_BLOCK = 1024
"""TakeRows that are turned into objects at a time: a table of all takes stays small as columns."""
_EMPTY = frozenset({"", "nan", "none", "null", "n/a"})
"""What an empty cell becomes on its way through other programs."""


@dataclass(frozen=True)
class TakeRow:
    """What the metadata say of a take; "" and None where they say nothing."""

    name: str
    package: str
    content: str
    paths: dict[str, str]
    """Skeleton -> path of the file in the data set."""
    mirrored: bool
    frames: int | None
    sentences: tuple[str, ...]
    """People's sentences first, then the technical one and the short ones; none twice."""


@dataclass(frozen=True, eq=False)
class Metadata:
    """TakeRows of the metadata, each take once, in the order of the file."""

    file: str
    table: pa.Table
    notes: list[Remark] = field(default_factory=list)
    skipped: list[Remark] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def names(self) -> list[str]:
        """File names of all takes."""
        return list(self.table.column("name").to_pylist())

    def takes(self) -> Iterator[tuple[str, str]]:
        """(file name, content) of all takes."""
        columns = (self.table.column(name).to_pylist() for name in ("name", "content"))
        for name, content in zip(*columns, strict=True):
            yield name, _text(content)

    def selected(self, options: SeedOptions) -> TakeRows:
        """The rows that the options ask for, sorted by name.

        Raises CorpusError, with the packages that there are, for a package that is none of them.
        """
        wanted = {name.casefold() for name in options.packages}
        if wanted:
            there = Counter(_text(value) for value in self.table.column("package").to_pylist())
            unknown = [name for name in options.packages if name.casefold() not in map(str.casefold, there)]
            if unknown:
                known = ", ".join(f"{name} ({count})" for name, count in sorted(there.items()) if name) or "none"
                raise CorpusError(f"{self.file}: there is no package {unknown[0]!r}; there are {known}")
        picked: list[tuple[str, int]] = []
        columns = (self.table.column(name).to_pylist() for name in ("name", "package", "mirror"))
        for place, (name, package, mirror) in enumerate(zip(*columns, strict=True)):
            if wanted and _text(package).casefold() not in wanted:
                continue
            if not options.mirror and _is_mirrored(name, mirror):
                continue
            picked.append((name, place))
            if options.limit is not None and len(picked) == options.limit:
                break
        return TakeRows(self.table.take([place for _, place in sorted(picked)]))


class TakeRows(Sequence[TakeRow]):
    """TakeRows of a table, each made when it is asked for."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._block: Callable[[int], list[TakeRow]] = lru_cache(maxsize=2)(
            lambda number: list(_rows(table.slice(number * _BLOCK, _BLOCK)))
        )

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, place: int) -> TakeRow:  # type: ignore[override]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._block(place // _BLOCK)[place % _BLOCK]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return list(self._table.column("name").to_pylist())


def read_metadata(file: str, source: Path | bytes) -> Metadata:
    """The metadata in a file called ``file``: parquet, or csv by its suffix.

    Raises FormatError when it is neither, or has no column with the names of the takes.
    """
    try:
        table = _csv(source, file) if file.lower().endswith(".csv") else _parquet(source)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise FormatError(f"metadata that cannot be read: {' '.join(str(error).split())[:200]}", file) from error
    there = {name.strip().casefold(): name for name in table.column_names}
    columns, notes = {}, []
    for ours, names in COLUMNS.items():
        column = next((there[name] for name in names if name in there), None)
        if column is None:
            notes.append(Remark(names[0], NO_COLUMN, file))
        columns[ours] = pa.nulls(len(table), pa.string()) if column is None else _strings(table.column(column))
    if all(value is None for value in columns["name"].to_pylist()):
        shown = ", ".join(table.column_names[:8])
        raise FormatError(f"no column {COLUMNS['name'][0]!r} with names of takes; it has {shown}", file)
    return _once(file, pa.table(columns), notes)


def _parquet(source: Path | bytes) -> pa.Table:
    known = {name for names in COLUMNS.values() for name in names}
    with pa.parquet.ParquetFile(pa.BufferReader(source) if isinstance(source, bytes) else source) as parquet:
        wanted = [name for name in parquet.schema_arrow.names if name.strip().casefold() in known]
        return parquet.read(columns=wanted or None)


def _csv(source: Path | bytes, file: str) -> pa.Table:
    raw = source if isinstance(source, bytes) else source.read_bytes()
    text = text_of(raw, file)
    header = next(csv.reader(io.StringIO(text[: 1 << 16])), [])
    # As text: what looks like a number in the first rows is none in the last ones.
    types = dict.fromkeys(header, pa.string())
    return pa.csv.read_csv(
        pa.BufferReader(text.encode()),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    )


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string(), safe=False)


def _once(file: str, table: pa.Table, notes: list[Remark]) -> Metadata:
    """Each take once, by a name that is allowed."""
    seen: set[str] = set()
    kept, names, skipped = [], [], []
    for place, value in enumerate(table.column("name").to_pylist()):
        name = take_name(_text(value))
        if not is_name(name):
            skipped.append(Remark(repr(name[:80]), BAD_NAME, f"{file}: row {place + 1}"))
        elif name in seen:
            notes.append(Remark(name, TWICE, f"{file}: row {place + 1}"))
        else:
            seen.add(name)
            kept.append(place)
            names.append(name)
    table = table.take(kept) if len(kept) < len(table) else table
    table = table.set_column(table.column_names.index("name"), "name", pa.array(names, pa.string()))
    return Metadata(file, table, notes, skipped)


def _rows(table: pa.Table) -> Iterator[TakeRow]:
    for record in table.to_pylist():
        texts = (_text(record[name]) for name in _SENTENCES)
        yield TakeRow(
            record["name"],
            _text(record["package"]),
            _text(record["content"]),
            {skeleton: _text(record[skeleton]) for skeleton in ("uniform", "proportional")},
            _is_mirrored(record["name"], record["mirror"]),
            _whole(record["frames"]),
            tuple(dict.fromkeys(text for text in texts if text)),
        )


def _text(value: str | None) -> str:
    text = "" if value is None else " ".join(value.split())
    return "" if text.casefold() in _EMPTY else text


def _whole(value: str | None) -> int | None:
    try:
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None


def _is_mirrored(name: str, value: str | None) -> bool:
    text = _text(value)
    return text.casefold() in _TRUE if text else is_mirror_name(name)
