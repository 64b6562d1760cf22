"""Event times of a corpus that has none, estimated by a first model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from chronomotion.cache import RowCache
from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral
from chronomotion.model.cuts import cut_motions
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.progress import progress

__all__ = ["Tally", "tally", "with_event_times"]

SOURCE = "times estimated by a model"
_KEPT = "chronomotion event times"


class Found(NamedTuple):
    """Event times of a caption as a model estimates them: ``parts`` of the caption's span, (start, end) in seconds of
    the clip. ``gap`` says by how much the caption's order fits better than the best other order of the same events
    (mean cosine; not a number if there is no other order).
    """

    parts: tuple[tuple[float, float], ...]
    gap: float


def with_event_times(
    corpus: Corpus,
    folder: str | Path,
    model: MotionTextEncoder,
    *,
    least_gap: float = 0.0,
    kept: Path | None = None,
) -> Corpus:
    """A copy of the corpus in which captions with two events or more and no times have estimated ones.

    Windows of a caption's span are scored against its events in neutral wording, and the span is cut where that fits
    best (:func:`~chronomotion.model.cuts.cut_in_order`). Where the caption's order does not fit better than every
    other order (of more than four different events: than 23 drawn ones) by ``least_gap`` (mean cosine), the model does
    not recognise the events: the caption stays without times. Without any other order the gap counts as 0. Trained on
    counterfactual twins of the copy, a second model learns order from captions without annotated event times.

    ``kept`` is a file that keeps the estimates, one line per clip: an interrupted run resumes from it, and another
    ``least_gap`` needs no computation. Each corpus and model needs its own file.

    A folder that holds this very copy is opened, not written again.

    Raises CorpusError when the folder is taken, with the difference where it holds another corpus; FormatError when
    ``kept`` is another kind of file; TrainingError when there is nothing to time.
    """
    if not tally(corpus).untimed:
        raise TrainingError(
            f"{corpus.folder}: no caption has two events or more without times; captions that are not split yet "
            "are split by: chronomotion decompose CORPUS --to NEW"
        )
    captions = (
        [_timed(caption, times.get(i), least_gap) for i, caption in enumerate(clip.captions)]
        for clip, times in _searched(corpus, model, kept)
    )
    return recaptioned(corpus, folder, captions, event_times=f"estimated; from {corpus.fingerprint}")


@dataclass(frozen=True)
class Tally:
    """Captions with two events or more: with known times, with estimated ones, and without."""

    known: int
    estimated: int
    untimed: int


def tally(corpus: Corpus) -> Tally:
    """Count a corpus's captions with two events or more."""
    several = [c.events for name in corpus.names for c in corpus.captions(name) if c.events and len(c.events) > 1]
    timed = [events for events in several if events.spans is not None]
    estimated = sum(events.source.endswith(SOURCE) for events in timed)
    return Tally(len(timed) - estimated, estimated, len(several) - len(timed))


def _searched(corpus: Corpus, model: MotionTextEncoder, kept: Path | None) -> Iterator[tuple[Clip, dict[int, Found]]]:
    """Every clip, and the estimates for its captions by their numbers."""
    rows = None if kept is None else RowCache(kept, _KEPT)
    there = {} if rows is None else _estimates(rows)
    for name in progress(corpus.names, "estimating event times", unit="clip"):
        clip = corpus.clip(name)
        times = there.get(name)
        if times is None:
            times = _find(clip, corpus.fps, model)
            if rows is not None and times:
                rows.append({"clip": name, "found": times})
        yield clip, times


def _estimates(rows: RowCache) -> dict[str, dict[int, Found]]:
    """The estimates of earlier runs, by clip and caption's number."""
    return {
        row["clip"]: {
            int(number): Found(tuple((a, b) for a, b in parts), gap) for number, (parts, gap) in row["found"].items()
        }
        for row in rows.rows
    }


def _find(clip: Clip, fps: float, model: MotionTextEncoder) -> dict[int, Found]:
    """Estimates for the captions that have events without times, by their numbers."""
    numbers, starts, parts, texts, keys = [], [], [], [], []
    for number, caption in enumerate(clip.captions):
        events = caption.events
        if events is None or events.spans is not None or len(events) < 2:
            continue
        first = round(caption.start * fps)
        last = len(clip.features) if caption.end is None else min(len(clip.features), round(caption.end * fps))
        if last - first >= 2 * len(events):
            numbers.append(number)
            starts.append(first / fps)
            parts.append(clip.features[first:last])
            texts.append([neutral(text) for text in events])
            keys.append(events.keys)
    if not numbers:
        return {}
    lines = cut_motions(model, parts, texts, fps, keys=keys)
    return {
        number: Found(tuple((start + a, start + b) for a, b in line.parts), line.gap)
        for number, start, line in zip(numbers, starts, lines, strict=True)
    }


def _timed(caption: Caption, times: Found | None, least_gap: float) -> Caption:
    """The caption with the estimated times, if its order fits well enough."""
    events: Events | None = caption.events
    if events is None or times is None or (0.0 if math.isnan(times.gap) else times.gap) < least_gap:
        return caption
    source = f"{events.source}; {SOURCE}" if events.source else SOURCE
    return replace(caption, events=replace(events, spans=times.parts, source=source))
