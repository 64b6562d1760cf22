"""Which layout a folder has."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from chronomotion.corpus.importers.annotations import MOTIONS
from chronomotion.corpus.importers.folder import takes_in
from chronomotion.corpus.importers.published import motions_of
from chronomotion.errors import CorpusError, FormatError
from chronomotion.motion.formats import SUFFIXES
from chronomotion.motion.formats.archives import read_npy
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, Layout
from chronomotion.names import files_below

__all__ = ["LAYOUTS", "detect_layout", "features_in_folder", "motions_folder"]

LAYOUTS = ("humanml3d", "kitml", "annotations", "folder")
_PROBED = 20
"""Files that are tried before the width of features is guessed."""
_LOOKED_FOR = {
    "annotations": "annotations.json",
    "humanml3d": "texts/ beside new_joint_vecs/ or new_joints/",
    "kitml": "texts/ beside new_joint_vecs/ or new_joints/",
    "folder": f"motion files ({', '.join(SUFFIXES)})",
}


def detect_layout(src: Path, wanted: str = "auto") -> str:
    """One of ``LAYOUTS``: the wanted one when the folder has what it needs, with "auto" the first that fits.

    Raises CorpusError when there is no such folder or layout, or nothing that the layout needs; it says what was looked
    for.
    """
    if wanted not in ("auto", *LAYOUTS):
        raise CorpusError(f"there is no layout {wanted!r}: choose auto, {', '.join(LAYOUTS)}")
    if not src.is_dir():
        raise CorpusError(f"{src}: no such folder to import")
    if wanted != "auto":
        if not _has(src, wanted):
            raise CorpusError(f"{src} has not the layout {wanted!r}: looked for {_LOOKED_FOR[wanted]}")
        return wanted
    if _has(src, "annotations"):
        return "annotations"
    if _has(src, "humanml3d"):
        return _features_in(motion.path for motion in motions_of(src).values()).skeleton.name
    if _has(src, "folder"):
        return "folder"
    looked = "; ".join(f"{_LOOKED_FOR[name]} ({name})" for name in ("annotations", "humanml3d", "folder"))
    raise CorpusError(f"{src}: nothing to import, looked for {looked}")


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


def _has(src: Path, layout: str) -> bool:
    """True when the folder has what a layout cannot do without."""
    if layout == "annotations":
        return (src / "annotations.json").is_file()
    if layout == "folder":
        return bool(takes_in(src))
    return (src / "texts").is_dir() and any((src / name).is_dir() for name in ("new_joint_vecs", "new_joints"))


def motions_folder(src: Path, motions: Path | None) -> Path:
    """Where feature files of the annotations layout are. Raises CorpusError when a named folder is not there."""
    if motions is not None and not motions.is_dir():
        raise CorpusError(f"{motions}: no such folder of motions")
    return motions or src / MOTIONS


def features_in_folder(folder: Path) -> Layout:
    """The features that the files of a folder, or of its subfolders, hold."""
    return _features_in(files_below(folder, (".npy",), deep=True).values())
