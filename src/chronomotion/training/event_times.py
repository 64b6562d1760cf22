"""Event times of a corpus that has none, estimated by a first model."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.timeline import timelines
from chronomotion.progress import progress

__all__ = ["Tally", "tally", "with_event_times"]

SOURCE = "times estimated by a model"


class Found(NamedTuple):
    """Where a model finds a caption's events: the caption's span in parts, (start, end) in seconds of the clip, and by
    how much the told order fits better than the best other order of the same events (mean cosine; not a number without
    any other order).
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
    best (:func:`~chronomotion.model.timeline.cut_in_order`). Where the told order does not fit better than every other
    order (of more than four different events: than 23 drawn ones) by ``least_gap`` (mean cosine), the model does not
    recognise what is told: the caption stays without times. Without any other order the gap counts as 0.
    Trained on counterfactual twins of the copy, a second model learns order from captions in which nobody has marked
    when anything happens.

    ``kept`` is a file in which what the model finds is kept, a clip a line: an interrupted run goes on from there, and
    another ``least_gap`` asks the model nothing. It has to be another one for each corpus and model.

    Raises CorpusError when the folder is taken, TrainingError when there is nothing to time.
    """
    if not tally(corpus).untimed:
        raise TrainingError(
            f"{corpus.folder}: no caption has two events or more without times; captions that are not split yet "
            "are split by: chronomotion decompose CORPUS --to NEW"
        )
    captions = (
        [_timed(caption, found.get(i), least_gap) for i, caption in enumerate(clip.captions)]
        for clip, found in _searched(corpus, model, kept)
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
    """Every clip, and what the model finds in it for its captions' numbers."""
    there = {} if kept is None else _read(kept)
    for name in progress(corpus.names, "estimating event times", unit="clip"):
        clip = corpus.clip(name)
        found = there.get(name)
        if found is None:
            found = _find(clip, corpus.fps, model)
            if kept is not None and found:
                _keep(kept, name, found)
        yield clip, found


def _keep(kept: Path, name: str, found: dict[int, Found]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("a", encoding="utf-8") as lines:  # the line break first: the line before may have been cut
        lines.write("\n" + json.dumps({"clip": name, "found": found}))


def _read(kept: Path) -> dict[str, dict[int, Found]]:
    """What a file of earlier findings holds; a line that was cut is as if it were not there."""
    there = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.exists() else ():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        there[said["clip"]] = {
            int(number): Found(tuple((a, b) for a, b in parts), gap) for number, (parts, gap) in said["found"].items()
        }
    return there


def _find(clip: Clip, fps: float, model: MotionTextEncoder) -> dict[int, Found]:
    """What the model finds for the captions that have events without times, by their numbers."""
    numbers, starts, parts, told, keys = [], [], [], [], []
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
            told.append([neutral(text) for text in events])
            keys.append(events.keys)
    if not numbers:
        return {}
    lines = timelines(model, parts, told, fps, keys=keys)
    return {
        number: Found(tuple((start + a, start + b) for a, b in line.parts), line.gap)
        for number, start, line in zip(numbers, starts, lines, strict=True)
    }


def _timed(caption: Caption, found: Found | None, least_gap: float) -> Caption:
    """The caption with the times that were found, if they are good enough."""
    events: Events | None = caption.events
    if events is None or found is None or (0.0 if math.isnan(found.gap) else found.gap) < least_gap:
        return caption
    source = f"{events.source}; {SOURCE}" if events.source else SOURCE
    return replace(caption, events=replace(events, spans=found.parts, source=source))
