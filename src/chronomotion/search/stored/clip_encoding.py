"""Reading and encoding the motions of an indexing, with a commit every half a minute."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.importers.reading import ReadMotion
from chronomotion.errors import ChronomotionError
from chronomotion.progress import progress
from chronomotion.search.records import LibraryClip
from chronomotion.search.stored.changes import NewItem, texts_and_labels
from chronomotion.search.stored.encoding import encode_clips, window_count
from chronomotion.search.stored.folder import UnreadableFile
from chronomotion.search.stored.index_plan import IndexPlan
from chronomotion.search.stored.segments import EncodedClip, StoredClip

__all__ = ["ClipEncoding"]

_AT_ONCE = 4096
"""Windows that are gathered before they are encoded, of however many clips."""
_MOST_BYTES = 128 << 20
"""Of encoded clips that wait for a commit."""


@dataclass(frozen=True, eq=False)
class _Read:
    new: NewItem
    read: ReadMotion
    features: Float[np.ndarray, "frames width"]
    """float16, as they are stored."""


class ClipEncoding:
    """Encodes what is new in a plan.

    ``windows`` were encoded in ``seconds``; ``done`` motions are committed or refused.
    """

    def __init__(self, plan: IndexPlan, commit_seconds: float) -> None:
        self._writer, self._model, self._changes = plan.writer, plan.model, plan.changes
        self._sources, self._is_new, self._commit_seconds = plan.sources, plan.is_new, commit_seconds
        self._waiting: list[_Read] = []
        self._waiting_windows = 0
        self._encoded: list[EncodedClip] = []
        self._bytes = 0
        self._replaced: list[int] = []
        self._refused: list[UnreadableFile] = []
        self._last_commit = time.monotonic()
        self.windows, self.seconds, self.done = 0, 0.0, 0

    @property
    def refused(self) -> Sequence[UnreadableFile]:
        """Files that turned out to be unreadable."""
        return self._refused

    def run(self, workers: int) -> None:
        """Read, encode and commit everything. What was encoded when anything stops it is committed, too.

        Raises ModelError when the model's answer cannot be used, WriteError, CorpusError when a worker dies.
        """
        reads = progress(self._reads(workers), f"indexing {self._writer.folder}", len(self._changes.new), "clip")
        try:
            for new, read in reads:
                self._take(new, read)
                late = time.monotonic() - self._last_commit > self._commit_seconds
                if self._waiting_windows >= _AT_ONCE or late:
                    self._encode()
                if late or self._bytes > _MOST_BYTES:
                    self._commit()
            self._encode()
            self._commit()
        except BaseException:
            with suppress(ChronomotionError):
                self._commit()
            raise

    def _reads(self, workers: int) -> Iterator[tuple[NewItem, ReadMotion | str]]:
        for _, group in groupby(self._changes.new, key=lambda new: id(new.source)):
            items = list(group)
            yield from zip(items, items[0].source.read([new.item for new in items], workers), strict=True)

    def _take(self, new: NewItem, read: ReadMotion | str) -> None:
        if isinstance(read, str):
            self._refuse(new, read)
            return
        with np.errstate(over="ignore"):
            features = read.features.astype(np.float16)
        if not np.isfinite(features).all():
            self._refuse(new, f"{new.item.file}: features are too large for float16: is its unit right?")
            return
        self._waiting.append(_Read(new, read, features))
        self._waiting_windows += window_count(len(features), self._model.record.fps)

    def _refuse(self, new: NewItem, reason: str) -> None:
        source = new.source.record.name
        self._refused.append(UnreadableFile.of(source, new.item.file, new.item.stamp, new.digest, reason))
        self._replaced += [] if new.replaces is None else [new.replaces]
        self.done += 1

    def _encode(self) -> None:
        if not self._waiting:
            return
        model, fps, waiting = self._model.loaded(), self._model.record.fps, self._waiting
        began = time.perf_counter()
        # What is encoded is what is stored: whatever encodes it again gets the same vectors.
        features = [each.features.astype(np.float32) for each in waiting]
        vectors = encode_clips(model, features, [each.new.item.file for each in waiting], fps)
        self.seconds += time.perf_counter() - began
        self.windows += self._waiting_windows
        first = self._writer.info.next_clip + len(self._encoded)
        for number, (each, clip) in enumerate(zip(waiting, vectors, strict=True), start=first):
            stored = self._stored(number, each)
            self._encoded.append(EncodedClip(stored, each.features, clip.spans, clip.vectors, clip.mirrored))
            self._bytes += each.features.nbytes + sum(rows.nbytes for rows in clip.vectors.values())
            self._replaced += [] if each.new.replaces is None else [each.new.replaces]
        self._waiting, self._waiting_windows = [], 0

    def _stored(self, number: int, each: _Read) -> StoredClip:
        source, item = each.new.source, each.new.item
        captions, labels = texts_and_labels(source.captions(item, each.read))
        name = self._changes.names.give(item.name, source.record.name)
        frames, fps = len(each.features), self._model.record.fps
        clip = LibraryClip(number, name, source.record.name, item.file, frames, fps, item.date, captions, labels)
        return StoredClip(clip, item.stamp, each.new.digest, item.told, each.read.offset, each.read.fps)

    def _commit(self) -> None:
        self._last_commit = time.monotonic()
        there_is_one = self._encoded or not self._is_new or self._writer.stored
        if there_is_one and (self._encoded or self._refused):
            unreadable = [*self._changes.unreadable, *self._refused]
            self._writer.commit(self._encoded, removed=self._replaced, unreadable=unreadable, sources=self._sources)
        self.done += len(self._encoded)
        self._encoded, self._replaced, self._bytes = [], [], 0
