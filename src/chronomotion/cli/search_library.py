"""A search in a library, printed: rank, score, name, when each event happens, and where results stop being good."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from chronomotion.cli.options import LoadingOptions, UsageError
from chronomotion.cli.search_options import ResultOptions

if TYPE_CHECKING:
    from chronomotion.motion.render import EventSpan
    from chronomotion.search.records import EventMatch, Hit, MotionReference, Query, SearchResult
    from chronomotion.search.stored.library import Library

__all__ = ["search"]

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_LIMIT = "below: probably not in this library"
_LIMIT_LIKE = "below: no more alike than other clips of this library"
_WIDEST_NAME = 60


def search(
    folder: Path, query: Query, output: ResultOptions, strips: Path | None, loading: LoadingOptions, as_json: bool
) -> None:
    """Search a library and print what it answers; draw and copy what is wanted of it."""
    from chronomotion.errors import require
    from chronomotion.search.stored.library import Library

    if output.captions and query.like is None:
        raise UsageError("--captions describes a motion: give one with --like, a file or a clip of the library")
    if strips is not None or output.strip is not None:
        require("PIL", "render")
    if output.strip is not None and output.strip.suffix.lower() != ".png":
        raise UsageError(f"--strip {output.strip}: a film strip is a .png, not {output.strip.suffix!r}")
    library = Library.open(folder, **loading.arguments())
    if output.captions and query.like is not None:
        _describe(library, query.like, query.top, as_json)
        return
    result = library.search(query)
    if as_json:
        print(json_of(result))
    else:
        for line in lines_of(result, query, coloured=_is_coloured()):
            print(line)
        for note in result.notes:
            print(f"note: {note}", file=sys.stderr)
    _draw(library, result, output.strip, strips)
    if output.copy_to is not None:
        _copy(library, result, output.copy_to)


def _describe(library: Library, like: MotionReference, top: int, as_json: bool) -> None:
    """Print sentences for a motion, a line each; of a long motion with the part that they are about."""
    from pydantic import TypeAdapter

    from chronomotion.search.asking.captions import MotionCaptions
    from chronomotion.search.asking.searching import Searcher

    parts = Searcher(library).describe(like, top)
    if as_json:
        print(TypeAdapter(tuple[MotionCaptions, ...]).dump_json(parts, indent=1).decode())
        return
    for part in parts:
        for caption in part.captions:
            line = (
                f"{part.span[0]:6.1f}-{part.span[1]:<6.1f} {caption.presence:4.2f}  {caption.text}  ({caption.source})"
            )
            print(line if caption.found else _dimmed(line, _is_coloured()))


def json_of(result: SearchResult) -> str:
    """The result as JSON: the records as they are; what is not a number is null."""
    from pydantic import TypeAdapter

    from chronomotion.search.records import SearchResult as Record

    return TypeAdapter(Record).dump_json(result, indent=1).decode()


def lines_of(result: SearchResult, query: Query, *, coloured: bool) -> Iterator[str]:
    """The result as lines of a table; behind the good matches a line that says so. Dim where ``coloured``."""
    width = min(max((_cells(hit.clip.name) for hit in result.hits), default=0), _WIDEST_NAME)
    asked = bool(result.events) or query.like is not None or bool(query.text.strip())
    good = True
    for rank, hit in enumerate(result.hits, start=query.offset + 1):
        if good and not hit.good:
            good = False
            yield _dimmed(f"     {_LIMIT if query.like is None else _LIMIT_LIKE}", coloured)
        score = f"{hit.score:6.3f}  " if asked else ""
        name = _padded(hit.clip.name, width)
        line = f"{rank:>3}  {score}{name}  {hit.clip.duration:6.2f} s  {_about(hit, query)}".rstrip()
        yield line if hit.good else _dimmed(line, coloured)


def _cells(text: str) -> int:
    """Columns of a terminal that a text takes: two for Chinese and Japanese, none for a mark on a letter."""
    return sum(0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in text)


def _padded(name: str, width: int) -> str:
    return name + " " * max(0, width - _cells(name))


def _about(hit: Hit, query: Query) -> str:
    """When each event happens, or the best moment; labels, or a caption; clips that are folded under it."""
    parts = []
    if hit.events:
        parts.append("  ".join(_event_text(match) for match in hit.events))
    elif query.like is not None:
        parts.append(f"{hit.best[0]:.1f}-{hit.best[1]:.1f}")
    else:
        parts.append(", ".join(hit.clip.labels) or next(iter(hit.clip.captions), ""))
    if hit.good and not all(match.found for match in hit.events):
        parts.append("(by its name or captions)")
    if hit.duplicates:
        parts.append(f"(+{len(hit.duplicates)} alike)")
    return "  ".join(part for part in parts if part)


def _event_text(match: EventMatch) -> str:
    from chronomotion.language.wording import predicate

    if match.span is None or not match.found:
        return f"{predicate(match.text)}: not found"
    return f"{predicate(match.text)} {match.span[0]:.1f}-{match.span[1]:.1f}"


def _is_coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _dimmed(line: str, coloured: bool) -> str:
    return f"{_DIM}{line}{_PLAIN}" if coloured else line


def _draw(library: Library, result: SearchResult, together: Path | None, each: Path | None) -> None:
    """Film strips of all hits in one picture, and of each in a folder."""
    if not result.hits or (together is None and each is None):
        return
    from chronomotion.motion.render import film_strip, film_strips

    motions = [library.motion(hit.clip.number) for hit in result.hits]
    events = [_event_spans(hit) for hit in result.hits]
    titles = [f"{rank}  {hit.clip.name}" for rank, hit in enumerate(result.hits, start=1)]
    if together is not None:
        together.parent.mkdir(parents=True, exist_ok=True)
        print(film_strips(motions, together, events=events, titles=titles), file=sys.stderr)
    if each is not None:
        each.mkdir(parents=True, exist_ok=True)
        for rank, (hit, motion, spans, title) in enumerate(
            zip(result.hits, motions, events, titles, strict=True), start=1
        ):
            film_strip(motion, each / f"{rank:02d}-{_file_name(hit.clip.name)}.png", events=spans, title=title)
        print(f"{len(motions)} film strips in {each}", file=sys.stderr)


def _event_spans(hit: Hit) -> Sequence[EventSpan]:
    """The events that were found, coloured in the order of their times."""
    from chronomotion.language.wording import predicate

    return sorted(
        (*match.span, predicate(match.text)) for match in hit.events if match.found and match.span is not None
    )


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_. " else "_" for character in name)


def _copy(library: Library, result: SearchResult, folder: Path) -> None:
    from chronomotion.search.asking.copying import copy_files

    copies, gone = copy_files(library, [hit.clip for hit in result.hits], folder)
    print(f"{len(copies)} files in {folder}", file=sys.stderr)
    for clip in gone:
        print(f"note: {clip.name} was not copied: {clip.file} of {clip.source} is not there", file=sys.stderr)
