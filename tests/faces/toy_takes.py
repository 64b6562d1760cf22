"""A library of two clips whose answers are written down, and `chronomotion mcp` of it as a program."""

from __future__ import annotations

import sys
from pathlib import Path

from canned_service import CLIPS, EVENTS, MOTION, RESULT

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.motion.motion import Motion
from chronomotion.search.records import EventMatch, LibraryClip, Query, SearchResult


class ToyLibrary:
    """Answers as the canned service does. A clip's own file is there for the first one only."""

    name = "takes"

    def __init__(self, original: Path | None = None) -> None:
        self.original = original
        self.asked: list[Query] = []

    def clip(self, name_or_number: str | int) -> LibraryClip:
        for clip in CLIPS.values():
            if name_or_number in (clip.name, clip.number):
                return clip
        raise CorpusError(f"takes has no clip {name_or_number!r}")

    def search(self, query: Query) -> SearchResult:
        print("a stray line on standard output")  # noqa: T201
        self.asked.append(query)
        if "size" in query.where:
            raise ConfigError("where: there is no field 'size':\nname, date, duration, label")
        if query.text == "crash":
            raise ValueError("a secret of the server")
        return RESULT

    def locate(self, query: str, clip: str | int) -> tuple[EventMatch, ...]:
        assert self.clip(clip)
        return tuple(event for event in EVENTS if event.text in query)

    def motion(self, number: int) -> Motion:
        assert self.clip(number)
        return MOTION

    def file(self, number: int) -> Path | None:
        return self.original if number == 7 else None

    def offset(self, number: int) -> float:
        return 0.25


if __name__ == "__main__":
    from chronomotion.mcp_server import mcp_server, serve

    serve(mcp_server(ToyLibrary(Path(sys.argv[1])), Path(sys.argv[2])))
