"""Takes that lie in folders: ``soma_uniform/bvh/DATE/NAME.bvh``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.plan import MotionFile, Remark
from chronomotion.corpus.importers.same_work import summary_of
from chronomotion.corpus.importers.seed.metadata import TakeRow
from chronomotion.corpus.importers.seed.options import Skeleton
from chronomotion.corpus.importers.seed.scripts import take_name
from chronomotion.corpus.importers.seed.sources import skeleton_folder
from chronomotion.errors import CorpusError

__all__ = ["TakeFiles"]

STRAY = "take that the metadata do not have, not imported"


class TakeFiles:
    """The files of the takes on a skeleton, found by the path in the metadata, else by name."""

    def __init__(self, scan: FolderScan, skeleton: Skeleton) -> None:
        self._scan, self._skeleton = scan, skeleton
        self._folder = skeleton_folder(skeleton)
        self._paths: dict[str, list[str]] = {}
        for path in scan.files((".bvh",), deep=True):
            self._paths.setdefault(take_name(path), []).append(path)

    def __call__(self, row: TakeRow) -> MotionFile | str:
        """The file of a take, or where it should be."""
        path = row.paths[self._skeleton].replace("\\", "/").removeprefix("./").removeprefix(f"{self._folder}/")
        paths = self._paths.get(row.name)
        if not paths:
            return f"{self._folder}/{path or f'bvh/.../{row.name}.bvh'} is not there"
        return MotionFile(self._scan.root / (path if path in paths else paths[0]), "thinned")

    def refuse_none(self, names: Iterable[str]) -> None:
        """Raise CorpusError where no take of these names is there."""
        if self._paths.keys().isdisjoint(names):
            raise CorpusError(
                f"{self._scan.folder}: labels without takes: none of the takes that the metadata name is among its "
                f"{len(self._paths)} files"
            )

    def stray(self, known: set[str]) -> list[Remark]:
        """Remarks on files of takes that nobody knows."""
        return [Remark(name, STRAY, paths[0]) for name, paths in self._paths.items() if name not in known]

    def summary(self) -> dict[str, Any]:
        """How many files, their bytes and a digest of names and sizes."""
        return summary_of({path: self._scan.root / path for paths in self._paths.values() for path in paths})
