"""``chronomotion locate``: when the events of a sentence happen in a motion."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cyclopts import Parameter

from chronomotion.cli.options import Json, LoadingOptions, ReadingOptions, UsageError, existing

if TYPE_CHECKING:
    from chronomotion.model.locator import Locator
    from chronomotion.model.motion_windows import MotionWindows
    from chronomotion.model.timeline import EventPlace, Located
    from chronomotion.motion.motion import Motion

__all__ = ["run"]

_EVENTS = Annotated[
    list[str] | None,
    Parameter(
        negative="", consume_multiple=True, help="The events, in order, where the rules split the query in another way."
    ),
]


def run(
    query: str,
    motion: Path | None = None,
    /,
    *,
    model: str = "starter",
    clip: str | None = None,
    events: _EVENTS = None,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    strip: Annotated[Path | None, Parameter(name=["--strip", "--to", "-o"])] = None,
    loading: LoadingOptions | None = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Find when the events of a sentence happen in a motion, which may show other things too.

    Example: chronomotion locate "a person walks, turns around, then sits down" takes/long_take.bvh

    Example: chronomotion locate takes/long_take.bvh --events "walks" "turns around" "sits down" --strip found.png

    Example: chronomotion locate "a person waves" corpora/takes --clip take_0421 --all

    Parameters
    ----------
    query
        A sentence with one or more events. With --events it can be left out.
    motion
        A motion file, or the folder of a corpus (with --clip).
    model
        Name, folder or hub id of a model.
    clip
        Name of a clip of the corpus.
    every
        List every time that each event happens, in whatever order.
    strip
        PNG file for a film strip, coloured where the events are found.
    """
    if motion is None:
        if not events:
            raise UsageError(f'name the motion file behind the query: chronomotion locate "{query}" FILE')
        query, motion = "", Path(query)
    texts = _told(query, events)
    _check_strip(strip)
    take = _motion_of(motion, clip, reading or ReadingOptions())
    locator, windows = _prepared(model, take, loading or LoadingOptions())
    answer = _every(locator, windows, texts) if every else _in_order(locator, windows, texts)
    if not answer.rows:
        from chronomotion.errors import FormatError

        frames = windows.spans[:, 1].max()
        raise FormatError(f"{frames} frames hold no {len(texts)} events one after the other", where=str(motion))
    if strip is not None:
        _draw(take, strip, query or ", then ".join(texts), answer.rows)
    if as_json:
        print(json.dumps({"motion": str(motion), "clip": clip, **answer.summary, "events": answer.rows}, indent=1))
        return
    for row in answer.rows:
        print(_line(row))
    if answer.words:
        print(answer.words)


class _Answer(NamedTuple):
    """What is printed: a row for each event or occurrence, what is said of all, and the same in words."""

    rows: list[dict[str, Any]]
    summary: dict[str, Any]
    words: str


def _told(query: str, events: list[str] | None) -> list[str]:
    """The events that are asked about, in the order told."""
    from chronomotion.language.decompose import decompose
    from chronomotion.language.wording import neutral

    if events:
        if not all(text.strip() for text in events):
            raise UsageError("--events: one of the events is empty")
        return [neutral(text) for text in events]
    if not any(letter.isalnum() for letter in query):
        raise UsageError('the query is empty: give a sentence, for example "a person walks, then sits down"')
    return [neutral(text) for text in decompose(query).events.texts]


def _check_strip(strip: Path | None) -> None:
    """Before anything is computed: pictures are PNG, and Pillow is there."""
    if strip is None:
        return
    from chronomotion.errors import require

    if strip.suffix.lower() != ".png":
        raise UsageError(f"--strip {strip}: film strips are .png, not {strip.suffix or 'a name without suffix'!r}")
    require("PIL", "render")


def _motion_of(path: Path, clip: str | None, reading: ReadingOptions) -> Motion:
    """The motion of a file, or of a clip of a corpus."""
    if existing(path).is_dir():
        from chronomotion.corpus import Corpus
        from chronomotion.motion.features import motion_of

        corpus = Corpus(path)
        if clip is None:
            raise UsageError(f"{path} is a corpus: name a clip with --clip, for example --clip {corpus.names[0]}")
        return motion_of(corpus.features(clip), name=clip)
    if clip is not None:
        raise UsageError(f"--clip {clip}: {path} is a file; --clip names a clip of a corpus")
    from chronomotion.motion.formats import read_motion

    return read_motion(path, **reading.arguments())


def _prepared(model: str, take: Motion, loading: LoadingOptions) -> tuple[Locator, MotionWindows]:
    """A locator with the bundled phrases as other sentences, and the encoded windows of the motion.

    What scores mean is known for the model, or, where it is not, told by the motion itself.
    """
    from chronomotion.errors import require
    from chronomotion.model.packaged import extra_of

    require("torch", extra_of(model))
    from chronomotion.model.inputs import features_list
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.model.motion_windows import MotionWindows
    from chronomotion.search.locating import calibrated_locator

    loaded = MotionTextModel.from_pretrained(model, **loading.arguments())
    fps = loaded.config.fps
    (features,), _ = features_list(take, loaded.config.motion_dim, fps, [take.name])
    windows = MotionWindows.encode(loaded, [features], fps)
    return calibrated_locator(loaded, model, fps, windows), windows


def _in_order(locator: Locator, windows: MotionWindows, texts: list[str]) -> _Answer:
    """Each event once, in the order told."""
    located = locator.locate(windows, texts)
    if any(place.span is None for place in located.events):
        return _Answer([], {}, "")
    rows = [_row(text, place, locator.fps) for text, place in zip(texts, located.events, strict=True)]
    margin = None if math.isnan(located.margin) else round(located.margin, 4)
    best = [texts[number] for number in located.best_order]
    return _Answer(rows, {"margin": margin, "best_order": best, "orders": located.orders}, _margin(located, texts))


def _every(locator: Locator, windows: MotionWindows, texts: list[str]) -> _Answer:
    """Every occurrence of each event; an event that is not found has one row that says so."""
    rows = []
    for text in dict.fromkeys(texts):
        places = locator.occurrences(windows, text)
        rows += [_row(text, place, locator.fps) for place in places] or [_row(text, None, locator.fps)]
    return _Answer(rows, {}, "")


def _row(text: str, place: EventPlace | None, fps: float) -> dict[str, Any]:
    if place is None or place.span is None:
        return {"text": text, "start": None, "end": None, "score": None, "presence": None, "found": False}
    start, end = (round(frame / fps, 3) for frame in place.span)
    presence = None if math.isnan(place.presence) else round(place.presence, 4)
    score = round(place.score, 4)
    return {"text": text, "start": start, "end": end, "score": score, "presence": presence, "found": place.found}


def _line(row: dict[str, Any]) -> str:
    found = "found" if row["found"] else "not found"
    if row["start"] is None:
        return f"{'-':>15}  {'-':>6}  {found:9}  {row['text']}"
    return f"{row['start']:6.2f} -{row['end']:6.2f} s  {row['score']:6.3f}  {found:9}  {row['text']}"


def _margin(located: Located, texts: list[str]) -> str:
    """How well the asked order fits, in words; nothing where that says nothing."""
    if math.isnan(located.margin):
        return ""
    missing = sum(not place.found for place in located.events)
    if missing:
        return f"{missing} of {len(texts)} events not found, so the order says little"
    from chronomotion.language.order import count_orders

    others = "any other" if count_orders(texts) == located.orders else f"{located.orders - 1} others"
    if located.margin > 0:
        return f"the asked order fits better than {others} by {located.margin:.2f}"
    if located.margin == 0:
        return "another order fits as well as the asked one"
    from chronomotion.language.wording import predicate

    best = ", ".join(predicate(texts[number]) for number in located.best_order)
    return f"another order fits better by {-located.margin:.2f}: {best}"


def _draw(take: Motion, strip: Path, title: str, rows: list[dict[str, Any]]) -> None:
    """A film strip, coloured where events are found: the spans that are printed."""
    from chronomotion.language.wording import predicate
    from chronomotion.motion.render import film_strip

    strip.parent.mkdir(parents=True, exist_ok=True)
    spans = [(row["start"], row["end"], predicate(row["text"])) for row in rows if row["found"]]
    film_strip(take, strip, events=spans, title=title)
