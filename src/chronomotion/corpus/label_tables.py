"""Tables of labels (labels.csv): the action of each motion file."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from chronomotion.corpus.delimited import FILE_COLUMNS, LABEL_COLUMNS, Row, read_table
from chronomotion.corpus.take_names import TakeNames
from chronomotion.errors import CorpusError, FormatError

__all__ = ["NO_LABEL", "labelled_rows", "read_labels"]

log = logging.getLogger(__name__)

NO_LABEL = "row without a file or a label, left out"
_ROLES = {"file": FILE_COLUMNS, "label": LABEL_COLUMNS}


def read_labels(path: str | Path, takes: TakeNames | None = None) -> dict[str, list[str]]:
    """A table with the columns ``file`` and ``label`` (CSV, any further columns) as label -> files, in the table's
    order.

    With ``takes`` each name is resolved to its file (:class:`TakeNames`). A row without a file or a label
    is left out and logged as a warning.
    Raises CorpusError, with file and line, when it cannot be read, a column is missing, there is no row, or a name may
    mean several files.
    """
    try:
        table = read_table(Path(path), _ROLES, "file,label")
        left_out: list[str] = []
        rows = labelled_rows(table.rows, lambda row: left_out.append(table.where(row)))
        labels = {
            label: [_named(row["file"], takes, table.where(row)) for row in named] for label, named in rows.items()
        }
    except FormatError as error:
        raise CorpusError(str(error)) from error
    if left_out:
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        log.warning("%s: %s%s", NO_LABEL, left_out[0], more)
    return labels


def labelled_rows(rows: Iterable[Row], left_out: Callable[[Row], None]) -> dict[str, list[Row]]:
    """Label -> rows that have it, in the table's order; a row without a file or a label goes to ``left_out``."""
    labels: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["file"] and row["label"]:
            labels[row["label"]].append(row)
        else:
            left_out(row)
    return dict(labels)


def _named(name: str, takes: TakeNames | None, where: str) -> str:
    match = None if takes is None else takes.find(name, where)
    return name if match is None else match.take
