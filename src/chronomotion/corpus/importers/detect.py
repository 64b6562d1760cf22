"""Which layout a folder has."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.importers.annotations import MOTIONS
from chronomotion.corpus.importers.folder import takes_in
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.published import motions_of
from chronomotion.corpus.importers.seed.sources import ARCHIVES, METADATA_NAME, has_seed
from chronomotion.corpus.importers.unpacked import JOINTS, TEXTS, VECTORS, home, is_published, refuse_packed
from chronomotion.errors import CorpusError, FormatError
from chronomotion.motion.formats import SUFFIXES
from chronomotion.motion.formats.archives import read_npy
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, Layout

__all__ = ["LAYOUTS", "NothingToImportError", "detect_layout", "features_in_folder", "motions_folder"]

LAYOUTS = ("humanml3d", "kitml", "annotations", "seed", "folder")
NO_TEXTS = "features without texts/, read as motion files without captions"
_PROBED = 20
"""Files that are tried before the width of features is guessed."""
_LOOKED_FOR = {
    "annotations": "annotations.json",
    "humanml3d": "texts/ beside new_joint_vecs/ or new_joints/",
    "kitml": "texts/ beside new_joint_vecs/ or new_joints/",
    "seed": f"{METADATA_NAME} or an archive of its takes",
    "folder": f"motion files ({', '.join(SUFFIXES)})",
}


class NothingToImportError(CorpusError):
    """A folder has nothing that any layout needs; ``passed`` is what was passed over, to be added to a message."""

    def __init__(self, folder: Path, looked_for: str, passed: str) -> None:
        super().__init__(f"{folder}: nothing to import, looked for {looked_for}{passed}")
        self.passed = passed


def detect_layout(scan: FolderScan, wanted: str, notes: list[Remark]) -> tuple[str, FolderScan]:
    """(layout, folder in which it lies): the wanted one of ``LAYOUTS``, with "auto" the first that fits.

    A data set in the only subfolder that holds one is found there. What is unusual is added to ``notes``.
    Raises CorpusError when there is no such folder or layout, nothing that the layout needs (it says what was looked
    for), or a part that nobody has unpacked.
    """
    src = scan.folder
    if wanted not in ("auto", *LAYOUTS):
        raise CorpusError(f"there is no layout {wanted!r}: choose auto, {', '.join(LAYOUTS)}")
    if src.is_file() and wanted in ("auto", "seed") and src.name.lower().endswith(ARCHIVES):
        return "seed", scan
    if not src.is_dir():
        raise CorpusError(f"{src}: no such folder to import")
    if wanted != "folder":
        scan = home(scan, notes)
    if wanted != "auto":
        if wanted != "seed" and not _has(scan, wanted, notes):
            raise CorpusError(f"{src} has not the layout {wanted!r}: looked for {_LOOKED_FOR[wanted]}{_passed(scan)}")
        return wanted, scan
    if _has(scan, "annotations", notes):
        return "annotations", scan
    if has_seed(scan):
        return "seed", scan
    if _has(scan, "humanml3d", notes):
        return _features_in(motion.path for motion in motions_of(scan).values()).skeleton.name, scan
    if _has(scan, "folder", notes):
        if scan.is_folder(scan.root / VECTORS):
            notes.append(Remark(VECTORS, NO_TEXTS))
        return "folder", scan
    looked = "; ".join(f"{_LOOKED_FOR[name]} ({name})" for name in ("annotations", "humanml3d", "seed", "folder"))
    raise NothingToImportError(src, looked, _passed(scan))


def _passed(scan: FolderScan) -> str:
    """What was passed over, for an error that says that nothing is there."""
    passed = list(scan.passed.items())
    if not passed:
        return ""
    path, reason = passed[0]
    more = f" and {len(passed) - 1} more" if len(passed) > 1 else ""
    return f"; passed over {path!r}{more} ({reason})"


def _features_in(files: Iterable[Path]) -> Layout:
    """KIT-ML's features where one of the first readable files has their width or joints, else HumanML3D's."""
    for path in islice(files, _PROBED):
        try:
            shape = read_npy(path).shape
        except FormatError:
            continue
        for layout in (HUMANML3D_LAYOUT, KITML_LAYOUT):
            if shape[1:] in ((layout.width,), (len(layout.skeleton), 3)):
                return layout
    return HUMANML3D_LAYOUT


def _has(scan: FolderScan, layout: str, notes: list[Remark]) -> bool:
    """True when the folder has what a layout cannot do without; raises CorpusError where that is packed."""
    if layout == "annotations":
        return scan.file("annotations.json") is not None
    if layout == "folder":
        return bool(takes_in(scan))
    if is_published(scan):
        refuse_packed(scan, (VECTORS, JOINTS), notes)
        return True
    refuse_packed(scan, (TEXTS,), notes)
    refuse_packed(scan, (VECTORS, JOINTS), notes)
    return False


def motions_folder(scan: FolderScan, motions: Path | None) -> FolderScan:
    """Where feature files of the annotations layout are. Raises CorpusError when a named folder is not there."""
    if motions is None:
        if not scan.is_folder(scan.root / MOTIONS):
            refuse_packed(scan, ("motions",), [])
        return scan.below(MOTIONS)
    if not motions.is_dir():
        raise CorpusError(f"{motions}: no such folder of motions")
    return FolderScan(motions, follow_links=scan.follow_links)


def features_in_folder(scan: FolderScan) -> Layout:
    """The features that the files of a folder, or of its subfolders, hold."""
    return _features_in(scan.files((".npy",), deep=True).values())
