"""Changing the folder of a library, a commit at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chronomotion.search.stored.folder import (
    LibraryInfo,
    SegmentRecord,
    segment_folder,
    sweep,
    write_info,
)
from chronomotion.search.stored.segments import (
    EncodedClip,
    Segment,
    StoredClip,
    live_windows,
    merged_segment,
    write_segment,
)
from chronomotion.search.windows import KINDS, WindowTable

__all__ = ["LibraryWriter", "merges_of"]

_MOST_CLIPS = 20_000
"""A segment with as many clips is not made any larger: writing it again would take long."""
_WASTE = 0.25
"""Share of removed clips from which a segment is written again without them."""


class LibraryWriter:
    """Writes to a library whose lock the caller holds. ``info`` is what counts now; None of it is lost by a kill."""

    def __init__(self, folder: Path, info: LibraryInfo, segments: Sequence[Segment]) -> None:
        self.folder, self.info, self.segments = folder, info, list(segments)
        self.stored: dict[int, StoredClip] = info.stored(self.segments)

    def commit(
        self,
        clips: Sequence[EncodedClip] = (),
        *,
        removed: Iterable[int] = (),
        changed: Mapping[int, StoredClip] | None = None,
        **fields: Any,
    ) -> None:
        """Add encoded clips (ascending numbers, beyond all others), remove others, change records, and set ``fields``
        of the manifest. All of it happens at once, when the manifest is replaced. Raises WriteError.
        """
        update: dict[str, Any] = {"finished": False, "place": str(self.folder.resolve()), **fields}
        added = self._add(clips) if clips else None
        if added is not None:
            update["segments"] = [*self.info.segments, added]
            update["next_segment"] = added.number + 1
            update["next_clip"] = clips[-1].stored.clip.number + 1
            update["model"] = self.info.model.model_copy(update={"dim": clips[0].mirrored.shape[1]})
        gone = set(self.info.removed) | set(removed)
        records = {each.clip.number: each for each in self.info.changed} | dict(changed or {})
        update["removed"] = sorted(gone)
        update["changed"] = [records[number] for number in sorted(records) if number not in gone]
        self._write(update)
        if added is not None:
            self.segments.append(Segment(segment_folder(self.folder, added.number)))
        self.stored = self.info.stored(self.segments)

    def tables(self) -> dict[str, WindowTable]:
        """The windows of all clips by kind, and ``mirrored``, the mirror images of the whole ones."""
        pick: dict[str, Callable[[Segment], WindowTable]] = {"mirrored": lambda segment: segment.mirrored}
        pick |= {kind: lambda segment, kind=kind: segment.tables[kind] for kind in KINDS}  # type: ignore[misc]
        dim = self.info.model.dim
        return {name: live_windows(self.segments, self.stored, table, dim) for name, table in pick.items()}

    def finish(self, **fields: Any) -> None:
        """The last commit: small segments become larger ones, and what no longer counts is removed from the disk."""
        records, removed, changed = [], set(self.info.removed), {each.clip.number: each for each in self.info.changed}
        number = self._free_segment()
        record_of = dict(zip(self.segments, self.info.segments, strict=True))
        for first, last in merges_of([self._live(segment) for segment in self.segments]):
            group = self.segments[first:last]
            if len(group) == 1 and not self._is_wasteful(group[0]):
                records.append(record_of[group[0]])
                continue
            written_again = {number for segment in group for number in segment.numbers}
            removed -= written_again
            changed = {key: each for key, each in changed.items() if key not in written_again}
            clips = sum(self._live(segment) for segment in group)
            if clips:
                target = segment_folder(self.folder, number)
                fingerprint = merged_segment(target, group, self.stored)
                records.append(SegmentRecord(number=number, clips=clips, fingerprint=fingerprint))
                number = self._free_segment(number + 1)
        update = {"segments": records, "removed": sorted(removed), "changed": list(changed.values())}
        self._write({"finished": True, "rebuilding": False, "next_segment": number, **update, **fields})
        sweep(self.folder, self.info)

    def _write(self, update: dict[str, Any]) -> None:
        info = self.info.model_copy(update=update)
        write_info(self.folder, info)
        self.info = info

    def _add(self, clips: Sequence[EncodedClip]) -> SegmentRecord:
        number = self._free_segment()
        target = segment_folder(self.folder, number)
        return SegmentRecord(number=number, clips=len(clips), fingerprint=write_segment(target, clips))

    def _free_segment(self, number: int = 0) -> int:
        """The number of the next segment. One that a full disk or Ctrl-C stopped stays until it is swept."""
        number = max(number, self.info.next_segment)
        while segment_folder(self.folder, number).exists():
            number += 1
        return number

    def _live(self, segment: Segment) -> int:
        return sum(number in self.stored for number in segment.numbers)

    def _is_wasteful(self, segment: Segment) -> bool:
        return self._live(segment) < (1 - _WASTE) * len(segment)


def merges_of(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """(first, end) of the neighbours that become one segment each, of segments with so many clips: those of which the
    later ones together are half as large as the one before, so that a clip is written again a few times only, however
    often clips are added.
    """
    groups: list[tuple[int, int, int]] = []
    for place, size in enumerate(sizes):
        groups.append((place, place + 1, size))
        while len(groups) > 1 and groups[-2][2] <= 2 * groups[-1][2] and groups[-2][2] + groups[-1][2] <= _MOST_CLIPS:
            before, last = groups[-2:]
            groups[-2:] = [(before[0], last[1], before[2] + last[2])]
    return [(first, end) for first, end, _ in groups]
