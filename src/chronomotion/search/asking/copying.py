"""Copies of the original files of clips: nothing that is there already is overwritten."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from pathlib import Path

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import WriteError
from chronomotion.motion.formats.acclaim import find_skeleton
from chronomotion.search.asking.searchable import SearchableLibrary
from chronomotion.search.records import LibraryClip

__all__ = ["copy_files"]


def copy_files(
    library: SearchableLibrary, clips: Sequence[LibraryClip], folder: Path
) -> tuple[list[Path], list[LibraryClip]]:
    """Copy the files that clips were made of into a folder; returns the copies and the clips whose file is gone.

    A file of another content keeps its name, and the copy gets a number: walk.bvh, walk-2.bvh. What has been copied
    before is not copied again. A skeleton (.asf) goes with its motion. Raises WriteError when the disk refuses.
    """
    if folder.exists() and not folder.is_dir():
        raise WriteError(0, "it is a file, and no folder to copy to", str(folder))
    copies: list[Path] = []
    gone: list[LibraryClip] = []
    for clip in clips:
        file = library.file(clip.number)
        if file is None:
            gone.append(clip)
            continue
        copies.append(_copied(file, folder))
        if file.suffix.lower() == ".amc":
            _copied(find_skeleton(file), folder)
    return copies, gone


def _copied(file: Path, folder: Path) -> Path:
    number, place = 1, folder / file.name
    while place.exists() or place.is_symlink():
        if place.is_file() and filecmp.cmp(file, place, shallow=False):
            return place
        number += 1
        place = folder / f"{file.stem}-{number}{file.suffix}"
    with atomic_write(place) as part:
        shutil.copyfile(file, part)
    return place
