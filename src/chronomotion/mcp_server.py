"""A library for language models that call tools: the Model Context Protocol over standard input and output."""

from __future__ import annotations

import inspect
import math
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations
from pydantic import Field, ValidationError

from chronomotion.atomic_write import disk_errors
from chronomotion.errors import ChronomotionError, CorpusError
from chronomotion.motion.formats import write_motion
from chronomotion.motion.motion import Motion
from chronomotion.search.records import EventMatch, Hit, LibraryClip, MotionReference, Query, SearchResult
from chronomotion.settings import complaint
from chronomotion.version import __version__

__all__ = ["MotionLibrary", "mcp_server", "serve"]

_CAPTIONS = 3
"""Captions of a clip that are told: a clip may have dozens, and all of them are read and paid for."""
_INSTRUCTIONS = (
    "Search a library of human motion capture by what happens, in which order. search_motions finds clips, "
    "locate_events says when each event of a sentence happens in one clip, similar_motions finds clips like another, "
    "get_motion gives the path of a clip's file. Times are seconds from the start of the clip. Clips are named by "
    "their name or number in the library. Where `good` is false, the clip is probably not what was asked for: say so."
)


@runtime_checkable
class MotionLibrary(Protocol):
    """What is needed of a library; :class:`chronomotion.search.stored.library.Library` has it."""

    @property
    def name(self) -> str:
        """What it is called."""

    def clip(self, name_or_number: str | int) -> LibraryClip:
        """A clip; CorpusError when there is none."""

    def search(self, query: Query) -> SearchResult:
        """Clips that show what is asked."""

    def locate(self, query: Query | str, clip: str | int) -> tuple[EventMatch, ...]:
        """When each event of a sentence happens in a clip."""

    def motion(self, number: int) -> Motion:
        """A clip as a motion."""

    def file(self, number: int) -> Path | None:
        """The file it was read from, when it is still there."""

    def offset(self, number: int) -> float:
        """Seconds of that file before the clip begins."""


@dataclass(frozen=True)
class FoundEvent:
    """An event of the query in a motion. ``confidence`` (0 to 1) is calibrated."""

    event: str
    found: bool
    confidence: float
    start: float | None
    end: float | None


@dataclass(frozen=True)
class FoundMotion:
    """A clip that was found, best first. ``start`` and ``end`` are its best moment, in seconds; ``order_margin`` how
    much better the asked order of events fits than the best other one, null where there is only one order."""

    number: int
    name: str
    score: float
    good: bool
    start: float
    end: float
    duration: float
    events: list[FoundEvent]
    order_margin: float | None
    captions: list[str]
    labels: list[str]
    nearly_the_same: list[str]


@dataclass(frozen=True)
class FoundMotions:
    """``events`` as the query was split; ``good`` clips from the first on are good matches; ``searched`` clips were
    searched; ``notes`` are for the user."""

    events: list[str]
    motions: list[FoundMotion]
    good: int
    searched: int
    notes: list[str]


@dataclass(frozen=True)
class FetchedMotion:
    """A motion file on this machine: its path, and what it holds.

    Times of events count from ``offset``, in seconds from the start of the file.
    """

    path: str
    written: bool
    number: int
    name: str
    frames: int
    fps: float
    duration: float
    offset: float


Text = Annotated[str, Field(min_length=1, description="A sentence of what happens, in order: 'walks, then sits down'.")]
Named = Annotated[int | str, Field(description="Name or number of a clip of the library, as search_motions gives it.")]
Top = Annotated[int, Field(ge=1, le=100, description="How many clips to list.")]
Order = Annotated[
    float, Field(ge=0, le=2, description="0: the order of events does not matter; 1: it does; up to 2: stricter.")
]
Where = Annotated[str, Field(description='A filter: duration < 8 and label = "walk". Empty: all clips.')]


class _Tools:
    """The tools of one library."""

    def __init__(self, library: MotionLibrary, folder: Path | None) -> None:
        self._library, self._folder = library, folder

    def search_motions(
        self,
        query: Text,
        order: Order = 1.0,
        where: Where = "",
        without: Annotated[list[str], Field(description="What the clips should not show: ['falls'].")] = [],  # noqa: B006
        top: Top = 10,
        offset: Annotated[int, Field(ge=0, description="Clips to skip, to go on with a list.")] = 0,
    ) -> FoundMotions:
        """Find motion clips that show the events of a sentence in its order; each with when every event happens.

        Words also match captions, labels and file names. `good` says down to where the matches are good.
        """
        asked = Query(text=query, order=order, where=where, without=tuple(without), top=top, offset=offset)
        return _found(self._library.search(asked))

    def locate_events(self, motion: Named, query: Text) -> list[FoundEvent]:
        """Say when each event of a sentence happens in one clip, in seconds, or that it is not there."""
        return [_event(match) for match in self._library.locate(query, self._clip(motion).name)]

    def similar_motions(
        self,
        motion: Annotated[
            int | str, Field(description="Name or number of a clip of the library, or the path of a motion file.")
        ],
        start: Annotated[float | None, Field(ge=0, description="Seconds; with end: compare this part only.")] = None,
        end: Annotated[float | None, Field(gt=0, description="Seconds.")] = None,
        where: Where = "",
        top: Top = 10,
    ) -> FoundMotions:
        """Find clips that move like a given clip, or a part of it: variants of a motion, or more of its kind."""
        path = motion if isinstance(motion, str) and Path(motion).suffix and Path(motion).is_file() else None
        like = MotionReference(path or self._clip(motion).name, start, end)
        return _found(self._library.search(Query(like=like, where=where, top=top)))

    def get_motion(
        self,
        motion: Named,
        file_format: Annotated[
            Literal["original", "bvh"],
            Field(description="original: the file that was indexed, else BVH; bvh: always BVH, in centimetres, y up."),
        ] = "original",
    ) -> FetchedMotion:
        """Give the path of a clip's motion file on this machine, to open or import it; the file itself is not sent."""
        clip = self._clip(motion)
        file = self._library.file(clip.number) if file_format == "original" else None
        path, moves, offset = file, None, 0.0 if file is None else self._library.offset(clip.number)
        if path is None:
            path, moves = self._home / f"{clip.number}.bvh", self._library.motion(clip.number)
            write_motion(moves, path)
        frames, fps = (clip.frames, clip.fps) if moves is None else (moves.frames, moves.fps)
        seconds = _rounded(frames / fps)
        return FetchedMotion(
            str(path), moves is not None, clip.number, clip.name, frames, fps, seconds, _rounded(offset)
        )

    @cached_property
    def _home(self) -> Path:
        """Where files are written. What a tool has named stays when the server ends: the path is in a conversation."""
        if self._folder is None:
            return Path(tempfile.mkdtemp(prefix="chronomotion-"))
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def _clip(self, named: int | str) -> LibraryClip:
        """By name, else by a number, which models also send as text."""
        try:
            return self._library.clip(named)
        except CorpusError:
            if isinstance(named, str) and named.isdecimal():
                return self._library.clip(int(named))
            raise


class _OneLineTool(Tool):
    """A tool whose errors are one line without a prefix; arguments that it does not have are errors too."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run it. Raises ToolError for whatever the caller or the user can mend."""
        there = self.parameters["properties"]
        unknown = sorted(set(arguments) - set(there))
        if unknown:
            raise ToolError(f"{self.name} has no argument {unknown[0]!r}; there are {', '.join(there)}")
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                raise ToolError(complaint(cause)) from cause
            if isinstance(cause, ChronomotionError | OSError):
                raise ToolError(" ".join(str(cause).split())) from cause
            raise


def mcp_server(library: MotionLibrary, folder: Path | None = None) -> MCPServer[Any]:
    """A server with four tools; :func:`serve` runs it.

    Files of clips whose original is gone, or that came from a corpus, are written to ``folder``; without it to a new
    folder where temporary files are.
    """
    tools = _Tools(library, folder)
    return MCPServer(
        "chronomotion",
        title=f"Chronomotion: {library.name}",
        instructions=_INSTRUCTIONS,
        version=__version__,
        tools=[
            _tool(tools.search_motions, "Search motions", writes=False),
            _tool(tools.locate_events, "Locate events", writes=False),
            _tool(tools.similar_motions, "Similar motions", writes=False),
            _tool(tools.get_motion, "Get a motion file", writes=True),
        ],
        lifespan=_prints_apart,
        log_level="WARNING",
    )


def serve(server: MCPServer[Any]) -> None:
    """Answer on standard output what comes on standard input, until that ends; or until a signal ends the process."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    server.run()


def _end(number: int, _: FrameType | None) -> None:
    """The end of the process, at once: a thread waits for standard input, and Python would wait for the thread."""
    reason = "interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
    os.write(sys.stderr.fileno(), f"chronomotion: {reason}\n".encode())
    os._exit(128 + number)


@asynccontextmanager
async def _prints_apart(_: MCPServer[None]) -> AsyncIterator[None]:
    """Whatever any package prints goes to standard error: a line on standard output would be taken for a message."""
    with redirect_stdout(sys.stderr):
        yield


def _tool(function: Callable[..., Any], title: str, *, writes: bool) -> Tool:
    hints = ToolAnnotations(
        read_only_hint=not writes, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    description = inspect.getdoc(function)
    tool = _OneLineTool.from_function(function, title=title, description=description, annotations=hints)
    tool.parameters["additionalProperties"] = False
    return tool


def _found(result: SearchResult) -> FoundMotions:
    motions = [_motion(hit) for hit in result.hits]
    return FoundMotions(list(result.events), motions, result.good, result.total, list(result.notes))


def _motion(hit: Hit) -> FoundMotion:
    clip = hit.clip
    return FoundMotion(
        number=clip.number,
        name=clip.name,
        score=_rounded(hit.score),
        good=hit.good,
        start=_rounded(hit.best[0]),
        end=_rounded(hit.best[1]),
        duration=_rounded(clip.duration),
        events=[_event(match) for match in hit.events],
        order_margin=_rounded(hit.order_margin) if math.isfinite(hit.order_margin) else None,
        captions=list(clip.captions[:_CAPTIONS]),
        labels=list(clip.labels),
        nearly_the_same=[other.name for other in hit.duplicates],
    )


def _event(match: EventMatch) -> FoundEvent:
    start, end = match.span or (None, None)
    return FoundEvent(
        match.text,
        match.found,
        _rounded(match.presence),
        None if start is None else _rounded(start),
        None if end is None else _rounded(end),
    )


def _rounded(value: float) -> float:
    """Three decimals: milliseconds. More are only read and paid for."""
    return round(float(value), 3)
