"""What the tables of BONES-SEED say together: which takes come in, with which labels, into which splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.seed.labels import Labels, chosen_labels
from chronomotion.corpus.importers.seed.metadata import Metadata, TakeRows, read_metadata
from chronomotion.corpus.importers.seed.official_splits import official_splits
from chronomotion.corpus.importers.seed.options import SeedOptions
from chronomotion.corpus.importers.seed.scripts import ScriptGroups
from chronomotion.corpus.importers.seed.sources import (
    LABELS_NAME,
    METADATA_NAME,
    OTHER_TABLE,
    SeedSource,
    is_labels,
    is_metadata,
    newest,
)
from chronomotion.errors import CorpusError

__all__ = ["Tables", "names_within", "tables_beside", "tables_within"]


@dataclass(frozen=True, eq=False)
class Tables:
    """The takes that come in, and what is said of them."""

    metadata: Metadata
    labels: Labels | None
    rows: TakeRows
    groups: ScriptGroups
    splits: Mapping[str, list[str]]
    notes: list[Remark] = field(default_factory=list)


def tables_beside(source: SeedSource, options: SeedOptions) -> Tables | None:
    """The tables that lie beside the takes; None where the metadata can only be within an archive.

    Raises CorpusError or FormatError when one is missing or cannot be used.
    """
    if source.metadata is None:
        if not source.archives:
            raise CorpusError(f"{source.scan.folder}: takes without metadata: looked for {METADATA_NAME}")
        return None
    metadata = read_metadata(str(source.metadata), source.metadata)
    return _together(metadata, {str(path): path for path in source.labels}, options, str(source.scan.folder))


def tables_within(source: SeedSource, tables: Mapping[str, bytes], options: SeedOptions) -> Tables:
    """The tables that were met within archives, with labels that lie beside them. Errors as above."""
    names = newest(name for name in tables if is_metadata(_file_name(name)))
    if not names:
        archives = ", ".join(path.name for path in source.archives)
        raise CorpusError(
            f"{source.scan.folder}: takes without metadata: looked for {METADATA_NAME} beside {archives} and within"
        )
    labels: dict[str, Path | bytes] = {str(path): path for path in source.labels}
    labels |= {name: content for name, content in tables.items() if is_labels(_file_name(name))}
    whole = _together(read_metadata(names[0], tables[names[0]]), labels, options, str(source.scan.folder))
    whole.notes[:0] = [Remark(name, OTHER_TABLE, f"{names[0]} is read") for name in names[1:]]
    return whole


def names_within(tables: Mapping[str, bytes], options: SeedOptions) -> set[str]:
    """Takes that the options ask for, by the metadata that were met within archives; none without metadata."""
    names = newest(name for name in tables if is_metadata(_file_name(name)))
    return set(read_metadata(names[0], tables[names[0]]).selected(options).names) if names else set()


def _together(metadata: Metadata, candidates: Mapping[str, Path | bytes], options: SeedOptions, where: str) -> Tables:
    notes: list[Remark] = []
    labels = chosen_labels(candidates.items(), notes) if options.timeline else None
    if labels is None and options.timeline:
        raise CorpusError(
            f"{where}: metadata without labels: looked for {LABELS_NAME}; --no-timeline imports the sentences alone"
        )
    rows = metadata.selected(options)
    if not len(rows):
        raise CorpusError(f"{metadata.file}: of {len(metadata)} takes none is left by the options")
    known = set(metadata.names)
    groups = ScriptGroups(metadata.takes())
    splits: Mapping[str, list[str]] = {}
    if options.split_files is not None:
        splits = official_splits(options.split_files, known, groups.of, notes)
    if labels is not None:
        notes += labels.unknown(known) + labels.missing(rows.names)
        if known.isdisjoint(labels.lines):
            raise CorpusError(
                f"{labels.file}: none of its {len(labels.lines)} takes is in {metadata.file}: labels of other data"
            )
    return Tables(metadata, labels, rows, groups, splits, [*metadata.notes, *notes])


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]
