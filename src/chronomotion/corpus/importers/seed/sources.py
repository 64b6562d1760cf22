"""Where the parts of BONES-SEED lie: metadata, labels, takes in folders or in archives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.seed.options import Skeleton
from chronomotion.errors import CorpusError

__all__ = [
    "ARCHIVES", "LABELS_NAME", "METADATA_NAME", "SeedSource", "has_seed", "is_labels", "is_metadata", "newest",
    "seed_source", "skeleton_folder",
]  # fmt: skip

ARCHIVES = (".tar.gz", ".tgz", ".tar")
METADATA_NAME = "metadata/seed_metadata_v00N.parquet (or .csv)"
LABELS_NAME = "metadata/seed_metadata_v00N_temporal_labels.jsonl (or timelines.jsonl)"
OTHER_TABLE = "metadata of another version, not read"
SAME_TABLE = "the same metadata in another format, not read"
NOT_UNPACKED = "archive beside the folder of its takes, not read"
_HOME = "metadata"
_METADATA = re.compile(r"seed_?metadata(?:_v(?P<version>\d+))?\.(?P<kind>parquet|csv)", re.IGNORECASE)
_LABELS = re.compile(r"(?:.*_v(?P<version>\d+)_)?(?:.*temporal_?labels?|(?:seed_?)?timelines?)\.jsonl", re.IGNORECASE)


def is_metadata(name: str) -> bool:
    """True for the file name of a table of metadata."""
    return _METADATA.fullmatch(name) is not None


def is_labels(name: str) -> bool:
    """True for the file name of a file of timelines."""
    return _LABELS.fullmatch(name) is not None


def newest(names: Iterable[str]) -> list[str]:
    """Names or paths of tables of metadata, the one that is read first: the newest version, as parquet."""

    def rank(path: str) -> tuple[int, bool]:
        match = _METADATA.fullmatch(path.replace("\\", "/").rpartition("/")[2])
        return (int(match["version"] or 0), match["kind"].lower() == "parquet") if match else (-1, False)

    return sorted(sorted(names), key=rank, reverse=True)


def skeleton_folder(skeleton: Skeleton) -> str:
    """The folder of the takes on a skeleton."""
    return f"soma_{skeleton}"


@dataclass(frozen=True)
class SeedSource:
    """What there is. Tables that are not beside the takes may lie within an archive."""

    scan: FolderScan
    """The folder of the data set, or that in which its archive lies."""
    metadata: Path | None
    labels: tuple[Path, ...]
    """All files of timelines."""
    takes: FolderScan | None
    """The folder of the takes, which goes before archives."""
    archives: tuple[Path, ...] = ()
    notes: list[Remark] = field(default_factory=list)


def has_seed(scan: FolderScan) -> bool:
    """True for a folder with metadata of BONES-SEED, an archive of its takes, or its takes and their timelines."""
    folders = tuple(map(skeleton_folder, get_args(Skeleton)))
    if _tables(scan, is_metadata) or any(name.lower().startswith(folders) for name in scan.files(ARCHIVES)):
        return True
    return any(scan.is_folder(scan.root / folder) for folder in folders) and bool(_tables(scan, is_labels))


def seed_source(src: Path, skeleton: Skeleton, *, follow_links: bool = False) -> SeedSource:
    """The parts in a folder, or beside an archive. Raises CorpusError where there are no takes of the skeleton."""
    if src.is_file():
        scan = FolderScan(src.parent, follow_links=follow_links)
        archives: tuple[Path, ...] = (src,)
        takes = None
    else:
        scan = FolderScan(src, follow_links=follow_links)
        folder = skeleton_folder(skeleton)
        takes = scan.below(folder) if scan.is_folder(scan.root / folder) else None
        archives = _archives(scan, folder)
    notes: list[Remark] = []
    if takes is not None and archives:
        notes += [Remark(archive.name, NOT_UNPACKED) for archive in archives]
        archives = ()
    tables = newest(_tables(scan, is_metadata))
    for other in tables[1:]:
        same = other.rpartition(".")[0] == tables[0].rpartition(".")[0]
        notes.append(Remark(other, SAME_TABLE if same else OTHER_TABLE, f"{tables[0]} is read"))
    labels = tuple(scan.root / name for name in _tables(scan, is_labels))
    if takes is None and not archives:
        raise CorpusError(_nothing(scan, skeleton))
    return SeedSource(scan, scan.root / tables[0] if tables else None, labels, takes, archives, notes)


def _tables(scan: FolderScan, wanted: Callable[[str], bool]) -> list[str]:
    """Paths of tables in the folder and in its folder of metadata."""
    suffixes = (".parquet", ".csv", ".jsonl")
    beside = [name for name in scan.files(suffixes) if wanted(name)]
    return beside + [f"{_HOME}/{name}" for name in scan.files(suffixes, scan.root / _HOME) if wanted(name)]


def _archives(scan: FolderScan, folder: str) -> tuple[Path, ...]:
    """Archives of the takes on a skeleton: by their names, else all whose names tell of no other part."""
    there = scan.files(ARCHIVES)
    named = [path for name, path in there.items() if name.lower().startswith(folder)]
    if named:
        return tuple(named)
    return tuple(path for name, path in there.items() if not name.lower().startswith(("soma_", "g1")))


def _nothing(scan: FolderScan, skeleton: Skeleton) -> str:
    other: Skeleton = "proportional" if skeleton == "uniform" else "uniform"
    there = scan.is_folder(scan.root / skeleton_folder(other)) or any(
        name.lower().startswith(skeleton_folder(other)) for name in scan.files(ARCHIVES)
    )
    hint = f"; those of --skeleton {other} are there" if there else ""
    folder = skeleton_folder(skeleton)
    return f"{scan.folder}: labels without takes: looked for {folder}/ and {folder}.tar.gz{hint}"
