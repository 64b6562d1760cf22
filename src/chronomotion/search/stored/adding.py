"""Adding one motion file to a library: for programs that have the library open, and were sent the file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus.importers.reading import ReadMotion
from chronomotion.errors import CorpusError, FormatError
from chronomotion.folder_lock import FolderLock
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.records import LibraryClip
from chronomotion.search.stored.changes import NewItem
from chronomotion.search.stored.folder import (
    LibraryInfo,
    check_is_library,
    open_segments,
    present_place,
    read_info,
    write_info,
)
from chronomotion.search.stored.index_plan import IndexPlan, IndexRequest, plan_index
from chronomotion.search.stored.indexing import carry_out
from chronomotion.search.stored.library_model import check_model
from chronomotion.search.stored.sources import FolderSource, SourceItem, digest_of

__all__ = ["ADDED", "AddedClip", "add_file"]

ADDED = "added"
"""The folder in a library in which added files lie; it is one of its sources."""
_COMMIT_SECONDS = 30.0


@dataclass(frozen=True)
class AddedClip:
    """The clip of a file that was added; ``is_new`` is False where the library had its content already."""

    clip: LibraryClip
    is_new: bool


def add_file(folder: Path, file: Path, read: ReadMotion, model: MotionTextEncoder | None = None) -> AddedClip:
    """Copy a motion file into the library and index it. ``read`` is its motion: the file is not read here.

    Its name stays, with a number behind it where there is one already. Whoever stops this at any point, the library
    stays one that can be read, with the clip or without it; an indexing that is stopped leaves the file, and the next
    one finishes it. Where anything fails, neither the file nor a trace of it in the library stays.

    Raises CorpusError when the folder is no library; ModelError when ``model`` is another one; BusyError while another
    process writes; FormatError for a motion that cannot be encoded; WriteError.
    """
    check_is_library(folder)
    with FolderLock(folder):
        before = read_info(folder)
        if model is not None:
            check_model(folder, before.model, model)
        digest = digest_of([file], {})
        known = _clip_with(folder, digest)
        if known is not None:
            return AddedClip(known, is_new=False)
        target = _left_behind(folder / ADDED, file, digest)
        if target is None:
            target = _free_path(folder / ADDED, file.name)
            with atomic_write(target) as part:
                shutil.copyfile(file, part)
        try:
            return AddedClip(_indexed(folder, target, read, model), is_new=True)
        except BaseException:
            _withdraw(folder, target, before)
            raise


@dataclass(frozen=True, eq=False)
class _ReadElsewhere(FolderSource):
    """A folder of which one file, ``known``, has been read already."""

    known: Path
    motion: ReadMotion

    def read(self, items: Sequence[SourceItem], workers: int) -> Iterator[ReadMotion | str]:
        for item in items:
            if item.planned.motion.path.name == self.known.name:
                yield self.motion
            else:
                yield from super().read([item], workers)


def _indexed(folder: Path, target: Path, read: ReadMotion, model: MotionTextEncoder | None) -> LibraryClip:
    """The clip of the file, once it is in the library."""
    plan = plan_index(IndexRequest(folder, [target.parent], model))
    plan.changes.new = [_with_motion(new, target, read) for new in plan.changes.new]
    encoding, _ = carry_out(plan, 1, _COMMIT_SECONDS)
    for refused in encoding.refused:
        if refused.file == target.name:
            raise FormatError(refused.reason)
    return _clip_of(plan, target)


def _with_motion(new: NewItem, target: Path, read: ReadMotion) -> NewItem:
    source = new.source
    if not isinstance(source, FolderSource) or new.item.file != target.name:
        return new
    known = _ReadElsewhere(source.record, source.items, source.notes, source.layout, source.reading, target, read)
    return replace(new, source=known)


def _clip_of(plan: IndexPlan, target: Path) -> LibraryClip:
    """Raises CorpusError where the file became no clip: the scan of its folder passed it over."""
    names = {each.name for each in plan.sources if Path(each.place.path) == target.parent.resolve()}
    for each in plan.writer.stored.values():
        if each.clip.source in names and each.clip.file == target.name:
            return each.clip
    raise CorpusError(f"{target}: the library took no motion from it")


def _clip_with(folder: Path, digest: str) -> LibraryClip | None:
    """The clip that was made of a file with this content."""
    info, segments = open_segments(folder)
    return next((each.clip for each in info.stored(segments).values() if each.digest == digest), None)


def _left_behind(home: Path, file: Path, digest: str) -> Path | None:
    """A file with the same content that lies there and is no clip: whoever added it was killed."""
    size, there = file.stat().st_size, sorted(home.iterdir()) if home.is_dir() else []
    files = [path for path in there if path.is_file() and path.stat().st_size == size]
    return next((path for path in files if digest_of([path], {}) == digest), None)


def _free_path(home: Path, name: str) -> Path:
    """A path whose stem no other file there has, in small letters or large: two of one stem could be one clip's."""
    taken = {path.stem.casefold() for path in home.iterdir()} if home.is_dir() else set[str]()
    stem, suffix = Path(name).stem, Path(name).suffix
    free, number = stem, 2
    while free.casefold() in taken:
        free, number = f"{stem}-{number}", number + 1
    return home / f"{free}{suffix}"


def _withdraw(folder: Path, target: Path, before: LibraryInfo) -> None:
    """Remove a file that became no clip, and what the library says of it."""
    info, segments = open_segments(folder)
    places = {each.name: present_place(each.place, folder, info.place).resolve() for each in info.sources}
    mine = {name for name, place in places.items() if place == target.parent.resolve()}
    there = [each.clip for each in info.stored(segments).values() if each.clip.source in mine]
    if any(clip.file == target.name for clip in there):
        return  # it was committed before the trouble: it is a clip as any other
    target.unlink(missing_ok=True)
    if not any(path.is_file() for path in target.parent.iterdir()):
        shutil.rmtree(target.parent, ignore_errors=True)
    unreadable = [each for each in info.unreadable if each.source not in mine or each.file != target.name]
    sources = [each for each in info.sources if each.name not in mine or there or target.parent.exists()]
    is_as_before = all(
        getattr(info, part) == getattr(before, part) for part in ("segments", "removed", "changed", "index")
    )
    finished = info.finished or (before.finished and is_as_before)
    restored = info.model_copy(update={"unreadable": unreadable, "sources": sources, "finished": finished})
    if restored != info:
        write_info(folder, restored)
