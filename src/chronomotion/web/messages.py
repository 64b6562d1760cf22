"""What travels as JSON: the records of :mod:`chronomotion.search.records`, and ids that lead back to this server.

A test holds the fields against those of the records. Numbers that are none (NaN) travel as null.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chronomotion.search.asking.captions import CaptionMatch
from chronomotion.search.records import EventMatch, Hit, LibraryClip, MotionReference, OrderScore, Query, Sort
from chronomotion.web.additions import Addition
from chronomotion.web.collection import Collection, MergedResult
from chronomotion.web.searchable import Searchable

__all__ = [
    "AdditionMessage",
    "CaptionMessage",
    "ClipMessage",
    "EventMessage",
    "HitMessage",
    "LibraryMessage",
    "LikeMessage",
    "OrderMessage",
    "QueryMessage",
    "ReadingMessage",
    "ResultMessage",
    "UploadMessage",
]


def _plain(text: str) -> str:
    """Raises ValueError for control characters, and for halves of characters that no text in UTF-8 has."""
    if any((ord(letter) < 32 and letter not in "\t\n\r") or 0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise ValueError("holds a control character")
    return text


Text = Annotated[str, Field(max_length=1000), AfterValidator(_plain)]
EventText = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
ClipId = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]

_QUERY: dict[str, Any] = {
    "text": "a person walks, turns around, then sits",
    "order": 1.0,
    "where": "duration < 20",
    "top": 10,
}
_CLIP: dict[str, Any] = {
    "id": "17", "number": 17, "name": "walk_turn_01", "source": "takes", "file": "walk_turn_01.bvh", "frames": 146,
    "fps": 20.0, "duration": 7.3, "date": 1767225600.0, "captions": ["a person walks and turns"], "labels": ["walk"],
}  # fmt: skip
_EVENT: dict[str, Any] = {
    "text": "a person turns around",
    "span": [2.1, 3.6],
    "score": 0.61,
    "presence": 0.99,
    "found": True,
}


class LikeMessage(BaseModel):
    """A motion to search with: a clip, or a motion that was sent to `/api/motions`."""

    model_config = ConfigDict(extra="forbid")
    path: ClipId = Field(description="Id of a clip or of a sent motion; never a path of this server.")
    start: Seconds | None = Field(None, description="Seconds; null: from its start.")
    end: Seconds | None = Field(None, description="Seconds; null: to its end.")


class QueryMessage(BaseModel):
    """What is searched: `text`, or `events` told in order, or `like`; none of them lists what `where` leaves."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_QUERY]})
    text: Text = Field("", description="A sentence; it is split into events.")
    events: list[EventText] = Field([], max_length=12, description="Events, in the order in which they happen.")
    like: LikeMessage | None = None
    order: float = Field(1.0, ge=0, le=2, description="0: any order; 1: as the model has it; 2: stricter.")
    where: Annotated[str, Field(max_length=500), AfterValidator(_plain)] = Field(
        "", description='A filter: `duration < 8 and label = "walk"`.'
    )
    sort: Sort = Field("score", description="What results are ordered by.")
    without: list[EventText] = Field([], max_length=5, description="What the motions should not show.")
    rerank: int = Field(100, ge=0, le=500, description="How many are ranked again by when the events happen.")
    top: int = Field(10, ge=1, le=100, description="How many clips are listed.")
    offset: int = Field(0, ge=0, le=1000, description="From which place on.")
    fold: bool = Field(True, description="Clips with nearly the same motion are one result, the best of them.")

    @model_validator(mode="after")
    def _asks_one_thing(self) -> QueryMessage:
        kinds = [bool(self.text.strip()), bool(self.events), self.like is not None]
        if sum(kinds) > 1:
            raise ValueError("give one of a sentence (q, text), events, and like")
        return self

    def query(self) -> Query:
        """The query of the search."""
        like = None if self.like is None else MotionReference(self.like.path, self.like.start, self.like.end)
        fields = self.model_dump(exclude={"like", "events", "without"})
        return Query(**fields, like=like, events=tuple(self.events), without=tuple(self.without))


class ClipMessage(BaseModel):
    """A motion in a library."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLIP]})
    id: str = Field(description="NUMBER, or LIBRARY.NUMBER where several libraries are served.")
    number: int
    name: str
    source: str = Field(description="Name of the folder or corpus that it came from.")
    file: str = Field(description="Path in its source.")
    frames: int
    fps: float
    duration: float = Field(description="Seconds.")
    date: float = Field(description="When its file was changed last, in seconds since 1970.")
    captions: list[str]
    labels: list[str]

    @classmethod
    def of(cls, clip: LibraryClip, clip_id: str) -> ClipMessage:
        """The message of a record. Of the folder it came from the name alone: where it lies is nobody's business."""
        fields = {name: getattr(clip, name) for name in ("number", "name", "file", "frames", "fps", "duration", "date")}
        source = PurePath(clip.source).name or clip.source
        return cls(id=clip_id, source=source, captions=list(clip.captions), labels=list(clip.labels), **fields)


class EventMessage(BaseModel):
    """When an event of the query happens in a motion, and how sure that is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVENT]})
    text: str
    span: tuple[float, float] | None = Field(description="(start, end) in seconds; null: there is no room for it.")
    score: float | None
    presence: float | None = Field(description="Share of sentences about other things that score lower there.")
    found: bool

    @classmethod
    def of(cls, match: EventMatch) -> EventMessage:
        """The message of a record."""
        return cls(
            text=match.text,
            span=match.span,
            score=_number(match.score),
            presence=_number(match.presence),
            found=match.found,
        )


class HitMessage(BaseModel):
    """A clip in the results."""

    clip: ClipMessage
    score: float | None = Field(description="Comparable within one list of results only.")
    best: tuple[float, float] = Field(description="(start, end) in seconds of its best moment.")
    events: list[EventMessage]
    order_margin: float | None = Field(description="How much better the asked order fits than the best other one.")
    good: bool = Field(description="false: probably not what was searched.")
    duplicates: list[ClipMessage] = Field(description="Clips with nearly the same motion.")

    @classmethod
    def of(cls, library: Searchable, hit: Hit, collection: Collection) -> HitMessage:
        """The message of a record."""
        return cls(
            clip=ClipMessage.of(hit.clip, collection.id_of(library, hit.clip.number)),
            score=_number(hit.score),
            best=hit.best,
            events=[EventMessage.of(match) for match in hit.events],
            order_margin=_number(hit.order_margin),
            good=hit.good,
            duplicates=[ClipMessage.of(clip, collection.id_of(library, clip.number)) for clip in hit.duplicates],
        )


class ResultMessage(BaseModel):
    """Hits, best first."""

    events: list[str] = Field(description="The query, split.")
    hits: list[HitMessage]
    total: int = Field(description="Clips that the filter leaves.")
    good: int = Field(description="How many hits, from the first one on, are good matches.")
    notes: list[str]

    @classmethod
    def of(cls, result: MergedResult, collection: Collection) -> ResultMessage:
        """The message of a result."""
        hits = [HitMessage.of(library, hit, collection) for library, hit in result.hits]
        good = next((place for place, hit in enumerate(hits) if not hit.good), len(hits))
        return cls(events=list(result.events), hits=hits, total=result.total, good=good, notes=list(result.notes))


class LibraryMessage(BaseModel):
    """What is served."""

    name: str = Field(examples=["takes"])
    clips: int = Field(examples=[541])
    hours: float = Field(examples=[1.9])
    windows: int = Field(examples=[61234])
    model: str = Field(examples=["starter"])
    examples: list[str] = Field(description="Queries to try.", examples=[["a person walks, then sits down"]])
    version: str = Field(description="Of the program.")
    libraries: list[str] = Field(description="Names of the libraries, as in the ids of clips.")
    extensible: list[str] = Field(description="Names of those to which motion files can be added.")
    generator: str | None = Field(
        description="Name of the generator that makes motions from text; null: there is none."
    )

    @classmethod
    def of(cls, libraries: list[Searchable], version: str, extensible: list[str], maker: str | None) -> LibraryMessage:
        """The message of the libraries that are served."""
        names = [library.name for library in libraries]
        seconds = sum(clip.duration for library in libraries for clip in library.clips.values())
        return cls(
            name=", ".join(names),
            clips=sum(len(library.clips) for library in libraries),
            hours=round(seconds / 3600, 3),
            windows=sum(library.facts.windows for library in libraries),
            model=libraries[0].facts.model if libraries else "",
            examples=list(dict.fromkeys(text for library in libraries for text in library.facts.examples))[:12],
            version=version,
            libraries=names,
            extensible=extensible,
            generator=maker,
        )


class OrderMessage(BaseModel):
    """An order of the events, and how well a clip fits it."""

    events: list[str] = Field(examples=[["a person walks", "a person sits down"]])
    score: float = Field(description="Cosine of the order, in neutral wording, with the clip.", examples=[0.61])
    blind: float = Field(description="That with the library's mean motion: what the words alone say.", examples=[0.21])
    asked: bool = Field(description="Whether it is the order that was asked.")

    @classmethod
    def of(cls, order: OrderScore) -> OrderMessage:
        """The message of a record."""
        return cls(events=list(order.events), score=order.score, blind=order.blind, asked=order.asked)


class CaptionMessage(BaseModel):
    """A sentence that fits a motion, or a part of a long one."""

    text: str = Field(examples=["a person walks and turns around"])
    source: str = Field(description="library: a caption of a clip; phrases: of the bundled ones.", examples=["phrases"])
    span: tuple[float, float] = Field(description="(start, end) in seconds of what it is about.")
    score: float | None = Field(description="By which sentences are ranked.", examples=[2.4])
    presence: float | None = Field(description="How sure it is that the motion shows it.", examples=[0.97])
    found: bool

    @classmethod
    def of(cls, match: CaptionMatch, span: tuple[float, float]) -> CaptionMessage:
        """The message of a record."""
        return cls(
            text=match.text,
            source=match.source,
            span=span,
            score=_number(match.score),
            presence=_number(match.presence),
            found=match.found,
        )


class ReadingMessage(BaseModel):
    """How the reader understood a file; `..._from` says whether the file says so or the reader concluded it."""

    format: str = Field(examples=["bvh"])
    rig: str = Field(description="Family of the skeleton.", examples=["mixamo"])
    frames: int = Field(description="In the file, after a T-pose at its start was cut.", examples=[438])
    fps: float = Field(description="Of the file.", examples=[60.0])
    fps_from: str = Field(description="file, format (its usual rate), or caller.", examples=["file"])
    unit: str = Field(examples=["cm"])
    unit_from: str = Field(description="file, or skeleton (its height).", examples=["skeleton"])
    up: str = Field(description="The axis that points up.", examples=["y"])
    up_from: str = Field(description="file, or body (how it stands).", examples=["body"])


class UploadMessage(BaseModel):
    """A motion that was sent: its id stands in the place of a clip's until it expires."""

    id: str = Field(examples=["sent-3q2hYxkD0mB4tXJr8m1s1A"])
    name: str = Field(examples=["take.bvh"])
    frames: int = Field(description="At 20 frames a second.", examples=[146])
    fps: float = Field(examples=[20.0])
    duration: float = Field(description="Seconds.", examples=[7.3])
    expires: float = Field(description="In how many seconds the id is forgotten.", examples=[3600.0])
    reading: ReadingMessage
    notes: list[str] = Field(description="What is in doubt about the file.")


class AdditionMessage(BaseModel):
    """A motion file on its way into a library."""

    id: str = Field(examples=["3q2hYxkD0mB4tXJr8m1s1A"])
    name: str = Field(description="Of the file.", examples=["take"])
    library: str = Field(examples=["takes"])
    state: Literal["waiting", "working", "done", "failed"]
    duration: float = Field(description="Seconds.", examples=[7.3])
    reading: ReadingMessage
    notes: list[str] = Field(description="What is in doubt about the file.")
    clip: str | None = Field(description="Id of its clip, once it is in the library.", examples=["17"])
    clip_name: str | None = Field(description="What the clip is called there.", examples=["take-2"])
    is_new: bool = Field(description="false: the library had the same file already.")
    problem: str | None = Field(description="Why it could not be added, in one line.")

    @classmethod
    def of(cls, addition: Addition) -> AdditionMessage:
        """The message of a record."""
        sent = addition.sent
        return cls(
            id=addition.id,
            name=sent.motion.name,
            library=addition.library,
            state=addition.state,
            duration=sent.motion.duration,
            reading=ReadingMessage(**asdict(sent.reading)),
            notes=list(sent.doubts),
            clip=addition.clip,
            clip_name=addition.clip_name,
            is_new=addition.is_new,
            problem=addition.problem,
        )


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
