"""What ``chronomotion generate`` writes and prints."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chronomotion.cli.options import UsageError
from chronomotion.errors import FormatError, require

if TYPE_CHECKING:
    from chronomotion.generation.events_seen import EventsSeen
    from chronomotion.generation.generator import Generator
    from chronomotion.generation.prior.config import Sampling
    from chronomotion.generation.result import Generated

__all__ = ["Files", "Rows"]

_FILMS, _STRIPS = (".mp4", ".gif"), (".png",)
_WIDEST_TEXT = 60


@dataclass(frozen=True)
class Files:
    """The place of each motion, or None where nothing is written."""

    places: tuple[Path | None, ...]

    @classmethod
    def of(cls, to: Path | None, kind: str | None, count: int, *, force: bool) -> Files:
        """The places, seen to before anything is made.

        Raises UsageError where it is not clear what to write, FormatError where it cannot be written.
        """
        if to is None:
            if kind is not None:
                raise UsageError(f"--format {kind}: where to? give a file or a folder with --to")
            return cls((None,) * count)
        suffix = _suffix(to, kind)
        folder = to.is_dir() or to.suffix.lower() != suffix
        home, stem = (to, "motion") if folder else (to.parent, to.stem)
        several = folder or count > 1
        width = max(2, len(str(count)))
        names = [f"{stem}-{number:0{width}d}{suffix}" if several else to.name for number in range(1, count + 1)]
        places = tuple(home / name for name in names)
        _check_place(home, may_be_made=folder)
        there = [place for place in places if place.exists()]
        if there and not force:
            more = f", and {len(there) - 1} others are" if len(there) > 1 else " is"
            raise FormatError(f"{there[0]}{more} there already: --force overwrites, another --to leaves them")
        return cls(places)

    @staticmethod
    def write(made: Generated, place: Path | None) -> None:
        """Write one motion, whole or not at all."""
        if place is None:
            return
        place.parent.mkdir(exist_ok=True)
        if place.suffix.lower() not in (*_FILMS, *_STRIPS):
            from chronomotion.motion.formats import write_motion

            write_motion(made.motion, place)
            return
        from chronomotion.language.wording import predicate
        from chronomotion.motion.render import film, film_strip

        spans = [(start, end, predicate(text)) for text, (start, end) in zip(made.events, made.spans, strict=False)]
        if place.suffix.lower() in _STRIPS:
            film_strip(made.motion, place, events=spans, title=made.motion.name)
        else:
            film(made.motion, place, events=spans, titles=made.motion.name)


def _suffix(to: Path, kind: str | None) -> str:
    """The suffix of what is written; what it takes to write it is there."""
    from chronomotion.motion.formats import WRITTEN_SUFFIXES

    known = (*WRITTEN_SUFFIXES, *_FILMS, *_STRIPS)
    suffix = to.suffix.lower()
    if kind is not None:
        if suffix in known and suffix != f".{kind}" and not to.is_dir():
            raise UsageError(f"--to {to} has the suffix {suffix}, but --format says {kind}: leave one of them out")
        suffix = f".{kind}"
    elif to.is_dir() or not suffix:
        raise UsageError(f"--to {to}: what is written into a folder? give --format, for example --format bvh")
    if suffix not in known:
        raise UsageError(f"--to {to}: cannot write {suffix}: known are {', '.join(known)}")
    if suffix in _FILMS[:1]:
        require("av", "video")
    elif suffix in (*_FILMS, *_STRIPS):
        require("PIL", "render")
    return suffix


def _check_place(home: Path, *, may_be_made: bool) -> None:
    """Raises FormatError where no file can be written into a folder."""
    if home.exists() and not home.is_dir():
        raise FormatError("is a file, not a folder: give another --to", str(home))
    there = home if home.is_dir() else home.parent
    if not home.is_dir() and not (may_be_made and there.is_dir()):
        raise FormatError("there is no such folder: make it, or give another --to", str(there if may_be_made else home))
    if not os.access(there, os.W_OK | os.X_OK):
        raise FormatError("no permission to write there: give another --to", str(there))


class Rows:
    """What was made, as a table or as JSON."""

    def __init__(self, generator: Generator, sampling: Sampling, *, raw: bool, judge: str | None) -> None:
        self._head = {
            "model": generator.name,
            "fingerprint": generator.fingerprint,
            "sampling": asdict(sampling),
            "raw": raw,
            "judge": judge,
        }
        self._limit = generator.seconds_limit
        self._made: list[tuple[Generated, Path | None, EventsSeen | None]] = []

    def add(self, made: Generated, place: Path | None, seen: EventsSeen | None) -> None:
        """One more motion."""
        self._made.append((made, place, seen))

    def show(self, *, as_json: bool, of: int) -> None:
        """Print all motions; ``of`` how many were asked for."""
        if as_json:
            rows = [_json_row(*each) for each in self._made]
            head = self._head if len(rows) == of else {**self._head, "stopped": True, "asked_for": of}
            print(json.dumps({**head, "motions": rows}, indent=1))
        else:
            for line in self._lines():
                print(line)
        for number, (made, _, _) in enumerate(self._made, start=1):
            if made.stretches > 1:
                print(
                    f"note: motion {number} was made in {made.stretches} parts, each from the last second of the one "
                    f"before: the generator makes {self._limit:g} s at a time",
                    file=sys.stderr,
                )
        if len(self._made) < of:
            places = [str(place) for _, place, _ in self._made if place is not None]
            kept = f", kept in {places[0]}{f' to {places[-1]}' if len(places) > 1 else ''}" if places else ""
            print(f"stopped: {len(self._made)} of {of} motions are made{kept}", file=sys.stderr)

    def _lines(self) -> list[str]:
        """A head, and a line for each motion."""
        names = [str(place) if place is not None else "-" for _, place, _ in self._made]
        width = max((len(name) for name in [*names, "file"]), default=4)
        lines = [f"{'file':{width}}  {'seconds':>7}  {'events in order':15}  {'skating':>7}  {'floor':>6}  text"]
        for name, (made, _, seen) in zip(names, self._made, strict=True):
            figures = f"{made.figures['skating']:5.1f} %  {made.figures['floor']:3.0f} mm"
            lines.append(
                f"{name:{width}}  {made.seconds:5.1f} s  {_in_words(seen):15}  {figures}  {_short(made.request.text)}"
            )
            if seen is not None and not all(seen.found):
                missing = "; ".join(text for text, found in zip(made.events, seen.found, strict=True) if not found)
                lines.append(f"{'':{width}}  not found: {missing}")
        return lines


def _in_words(seen: EventsSeen | None) -> str:
    if seen is None:
        return "not checked"
    count = f"{sum(seen.found)} of {len(seen.found)}"
    return count if seen.in_order or not all(seen.found) else f"{count}, mixed"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST_TEXT else f"{line[: _WIDEST_TEXT - 3]}..."


def _json_row(made: Generated, place: Path | None, seen: EventsSeen | None) -> dict[str, Any]:
    """A motion as plain values; times in seconds."""
    row: dict[str, Any] = {
        "file": None if place is None else str(place),
        "text": made.request.text,
        "seed": made.request.seed,
        "variant": made.request.variant,
        "seconds": round(made.seconds, 3),
        "frames": made.motion.frames,
        "events": [_event(made, seen, number) for number in range(len(made.events))],
        "in_order": None if seen is None else seen.in_order,
        "margin": None if seen is None or seen.margin is None else round(seen.margin, 4),
        "parts": made.stretches,
        **{name: round(value, 3) for name, value in made.figures.items()},
    }
    if made.choice is not None:
        row["choice"] = asdict(made.choice)
    return row


def _event(made: Generated, seen: EventsSeen | None, number: int) -> dict[str, Any]:
    """One event: when it was planned, and whether and when it was seen."""
    start, end = made.spans[number] if made.spans else (None, None)
    event: dict[str, Any] = {"text": made.events[number], "start": _rounded(start), "end": _rounded(end), "found": None}
    if seen is not None:
        span = seen.spans[number]
        event |= {"found": seen.found[number], "seen": None if span is None else [_rounded(time) for time in span]}
    return event


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
