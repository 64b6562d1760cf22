"""What a search is asked, and what it answers: plain records, the same for Python, the command line and the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["EventMatch", "Hit", "LibraryClip", "MotionReference", "OrderScore", "Query", "SearchResult", "Sort"]

Sort = Literal["score", "name", "date", "duration"]


@dataclass(frozen=True)
class LibraryClip:
    """A motion in a library.

    - ``number``: its number in the library, which is never given to another clip;
    - ``name``: unique in the library; ``source`` and ``file`` say where it came from: the folder or corpus that was
      indexed, and the path in it (of a clip of a corpus, its name);
    - ``frames`` at ``fps`` frames a second, and ``duration`` in seconds;
    - ``date``: when its file was changed last, in seconds since 1970;
    - ``captions`` and ``labels``, where its source has some.
    """

    number: int
    name: str
    source: str
    file: str
    frames: int
    fps: float
    date: float
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Its length in seconds."""
        return self.frames / self.fps


@dataclass(frozen=True)
class MotionReference:
    """A motion to search with, in the place of words: a motion file or the name of a clip, whole or (start, end) in
    seconds of it."""

    path: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Query:
    """What is searched.

    - ``text``: a sentence, split into events by the rules of :mod:`chronomotion.language`; or ``events``, told in
      order; or ``like``, a motion;
    - ``order``: the order dial. 0: the order of events does not matter; 1: as the model has it; up to 2: stricter;
    - ``where``: a filter, ``duration < 8 and label = "walk"``;
    - ``without``: sentences that the motions should not show;
    - ``rerank``: how many of the best motions are ranked again by ordered late interaction;
    - ``fold``: clips that show nearly the same motion are one result, the best of them;
    - ``top`` clips from place ``offset`` on are listed.
    """

    text: str = ""
    events: tuple[str, ...] = ()
    like: MotionReference | None = None
    order: float = 1.0
    where: str = ""
    sort: Sort = "score"
    without: tuple[str, ...] = ()
    rerank: int = 100
    top: int = 10
    offset: int = 0
    fold: bool = True


@dataclass(frozen=True)
class EventMatch:
    """An event of the query in a motion: when, in seconds from its start, and how sure that is.

    ``presence`` is calibrated: the share of sentences that the library does not show which score lower there. ``found``
    says whether that is enough; ``span`` is where the event would be, found or not, and None where there is no room.
    """

    text: str
    span: tuple[float, float] | None
    score: float
    presence: float
    found: bool


@dataclass(frozen=True)
class Hit:
    """A clip in the results of a search.

    - ``score``: by which results are ranked; comparable within one result list only;
    - ``best``: (start, end) in seconds of its best moment;
    - ``events``: when each event of the query happens, in the order told;
    - ``order_margin``: how much better the asked order fits than the best other one; not a number where there is none;
    - ``good``: whether this is a good match; if not, it is probably not what was searched;
    - ``duplicates``: clips that show nearly the same motion, or its mirror image, folded under this one.
    """

    clip: LibraryClip
    score: float
    best: tuple[float, float]
    events: tuple[EventMatch, ...] = ()
    order_margin: float = float("nan")
    good: bool = True
    duplicates: tuple[LibraryClip, ...] = ()


@dataclass(frozen=True)
class OrderScore:
    """An order of the events of a query: its cosine with a clip; ``blind``, that with the library's mean motion, which
    is what the words alone say; and whether it is the order that was asked."""

    events: tuple[str, ...]
    score: float
    blind: float
    asked: bool


@dataclass(frozen=True)
class SearchResult:
    """Hits, best first; ``events`` as the query was split, ``total`` clips that the filter leaves, and ``notes`` to
    the reader: words that no motion can show, an event that is probably not in this library."""

    events: tuple[str, ...]
    hits: tuple[Hit, ...]
    total: int
    notes: tuple[str, ...] = field(default=())

    @property
    def good(self) -> int:
        """How many of the hits, from the first one on, are good matches: where the list stops being good."""
        return next((place for place, hit in enumerate(self.hits) if not hit.good), len(self.hits))
