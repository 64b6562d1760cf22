"""What has changed in the sources of a library since they were indexed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from chronomotion.corpus.importers.reading import ReadMotion
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption
from chronomotion.search.records import LibraryClip
from chronomotion.search.stored.clip_names import ClipNames
from chronomotion.search.stored.folder import UnreadableFile
from chronomotion.search.stored.segments import StoredClip
from chronomotion.search.stored.sources import CorpusSource, FolderSource, SourceItem

__all__ = ["LibraryChanges", "NewItem", "Source", "find_changes", "texts_and_labels"]

Source: TypeAlias = FolderSource | CorpusSource


@dataclass(frozen=True, eq=False)
class NewItem:
    """A motion that has to be encoded; ``replaces``: the clip that its file gave before, with another content."""

    source: Source
    item: SourceItem
    digest: str
    replaces: int | None = None


@dataclass(eq=False)
class LibraryChanges:
    """What an indexing has to do.

    - ``new``: to be encoded, in order; ``removed``: numbers of clips that are gone, without those that a new one
      replaces; ``changed``: clips that stay with another record, by number;
    - ``kept`` clips stay, ``moved`` of them under another path;
    - ``unreadable``: files that give no clip, ``refused`` of them seen for the first time;
    - ``names``: names that are taken.
    """

    names: ClipNames
    new: list[NewItem] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    changed: dict[int, StoredClip] = field(default_factory=dict)
    unreadable: list[UnreadableFile] = field(default_factory=list)
    refused: int = 0
    kept: int = 0
    moved: int = 0


def find_changes(
    sources: Sequence[Source],
    stored: Mapping[int, StoredClip],
    unreadable: Iterable[UnreadableFile],
    read: Callable[[StoredClip], ReadMotion],
) -> LibraryChanges:
    """Compare what sources have now with what a library knows of them; other sources of the library are left alone.

    A file of another size or time is hashed: with the same content it stays the same clip, under whatever path.
    ``read`` gives the features of a clip of the library, for captions that have changed.
    """
    scanned = {source.record.name for source in sources}
    finder = _Finder(
        {(each.clip.source, each.clip.file): each for each in stored.values() if each.clip.source in scanned},
        {(each.source, each.file): each for each in unreadable},
    )
    for source in sources:
        for item in source.items:
            finder.look(source, item)
    finder.find_moved()
    others = [each.clip.name for each in stored.values() if each.clip.source not in scanned]
    changes = LibraryChanges(ClipNames(others), finder.new, finder.removed, unreadable=finder.unreadable)
    changes.unreadable += [each for each in unreadable if each.source not in scanned]
    changes.refused = finder.refused
    changes.kept = len(finder.staying) + len(others)
    changes.moved = sum((stays.source.record.name, stays.item.file) != _path(stays.stored) for stays in finder.staying)
    for record in _records(finder.staying, changes.names, read):
        if record != stored[record.clip.number]:
            changes.changed[record.clip.number] = record
    return changes


def texts_and_labels(captions: Sequence[Caption]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a clip's captions say, and the labels of their events, each once."""
    labels = [label for caption in captions if caption.events is not None for label in caption.events.labels or ()]
    return tuple(dict.fromkeys(caption.text for caption in captions)), tuple(dict.fromkeys(labels))


@dataclass(frozen=True, eq=False)
class _Staying:
    """A clip of the library whose motion a source still has."""

    stored: StoredClip
    source: Source
    item: SourceItem


class _Finder:
    """Sorts the items of sources by what is known of them."""

    def __init__(
        self, known: dict[tuple[str, str], StoredClip], unreadable: dict[tuple[str, str], UnreadableFile]
    ) -> None:
        self._known, self._bad = known, unreadable
        self._displaced: list[StoredClip] = []
        self.staying: list[_Staying] = []
        self.new: list[NewItem] = []
        self.unreadable: list[UnreadableFile] = []
        self.removed: list[int] = []
        self.refused = 0

    def look(self, source: Source, item: SourceItem) -> None:
        """Decide what is known of an item; what is new may still turn out to have been moved."""
        path = source.record.name, item.file
        known, bad = self._known.pop(path, None), self._bad.get(path)
        if known is not None and known.stamp == item.stamp:
            self.staying.append(_Staying(known, source, item))
            return
        if bad is not None and bad.stamp == item.stamp:
            self.unreadable.append(bad)
            return
        try:
            digest = source.digest(item)
        except FormatError as error:
            self.unreadable.append(UnreadableFile.of(source.record.name, item.file, item.stamp, "", str(error)))
            self._displaced += [known] if known is not None else []
            self.refused += 1
            return
        if known is not None and known.digest == digest:
            self.staying.append(_Staying(known, source, item))
        elif bad is not None and bad.digest == digest:
            self.unreadable.append(bad.model_copy(update={"stamp": item.stamp}))
        else:
            self.new.append(NewItem(source, item, digest, None if known is None else known.clip.number))
            self._displaced += [known] if known is not None else []

    def find_moved(self) -> None:
        """Give new items the clips with their content whose own file has gone; what is left of these is removed."""
        homeless: dict[str, list[StoredClip]] = defaultdict(list)
        for stored in (*self._displaced, *self._known.values()):
            homeless[stored.digest].append(stored)
        new, self.new = self.new, []
        for each in new:
            if homeless[each.digest]:
                self.staying.append(_Staying(homeless[each.digest].pop(0), each.source, each.item))
            else:
                self.new.append(each)
        gone = {stored.clip.number for clips in homeless.values() for stored in clips}
        self.new = [each if each.replaces in gone else replace(each, replaces=None) for each in self.new]
        self.removed = sorted(gone - {each.replaces for each in self.new})


def _records(
    staying: Sequence[_Staying], names: ClipNames, read: Callable[[StoredClip], ReadMotion]
) -> Iterable[StoredClip]:
    """The records that clips are to have. Names that fit are kept before any new one is given."""
    fitting = [names.keep(each.stored.clip.name, each.item.name, each.source.record.name) for each in staying]
    for each, fits in zip(staying, fitting, strict=True):
        stored, source, item = each.stored, each.source, each.item
        name = stored.clip.name if fits else names.give(item.name, source.record.name)
        clip = replace(stored.clip, name=name, source=source.record.name, file=item.file, date=item.date)
        if stored.told != item.told:
            captions, labels = texts_and_labels(source.captions(item, read(stored)))
            clip = replace(clip, captions=captions, labels=labels)
        yield replace(stored, clip=clip, stamp=item.stamp, told=item.told)


def _path(stored: StoredClip) -> tuple[str, str]:
    clip: LibraryClip = stored.clip
    return clip.source, clip.file
