"""Event times of a corpus that has none, estimated by a first model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.corpus.writer import CorpusWriter
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.timeline import timelines
from chronomotion.progress import progress

__all__ = ["estimated_times", "with_event_times"]

SOURCE = "times estimated by a model"


def with_event_times(corpus: Corpus, folder: str | Path, model: MotionTextEncoder, *, least_gap: float = 0.0) -> Corpus:
    """A copy of the corpus in which events without times have estimated ones (:func:`estimated_times`).

    Trained on counterfactual twins of it, a second model learns order from captions in which nobody has marked when
    anything happens. Raises CorpusError when the folder is taken.
    """
    kept = {"format_version", "dim", "fps", "clips", "captions", "hours", "splits", "fingerprint"}
    description = {key: value for key, value in corpus.info.items() if key not in kept}
    description["event_times"] = f"estimated; from {corpus.fingerprint}"
    with CorpusWriter(folder, dim=corpus.dim, fps=corpus.fps, description=description) as writer:
        for name in progress(corpus.names, "estimating event times", unit="clip"):
            clip = corpus.clip(name)
            captions = estimated_times(clip, corpus.fps, model, least_gap=least_gap)
            writer.add(Clip(name, clip.features, tuple(captions)))
        return writer.finish({split: corpus.split(split) for split in corpus.splits})


def estimated_times(clip: Clip, fps: float, model: MotionTextEncoder, *, least_gap: float = 0.0) -> Iterable[Caption]:
    """The clip's captions; those with two events or more and no times get times.

    Windows of the caption's span are scored against its events in neutral wording, and the span is cut where that fits
    best (:func:`~chronomotion.model.timeline.cut_in_order`). Where the asked order does not fit better than every other
    order by ``least_gap`` (mean cosine), the model does not recognise what is told: the caption stays without times.
    """
    for caption in clip.captions:
        found = None
        if caption.events is not None and caption.events.spans is None and len(caption.events) > 1:
            found = _timed(clip, caption, caption.events, fps, model, least_gap)
        yield caption if found is None else replace(caption, events=found)


def _timed(
    clip: Clip, caption: Caption, events: Events, fps: float, model: MotionTextEncoder, least_gap: float
) -> Events | None:
    first = round(caption.start * fps)
    last = len(clip.features) if caption.end is None else min(len(clip.features), round(caption.end * fps))
    part = clip.features[first:last]
    if len(part) < 2 * len(events):
        return None
    (found,) = timelines(model, [part], [[neutral(text) for text in events]], fps)
    if found.gap < least_gap:
        return None
    spans = tuple((first / fps + a, first / fps + b) for a, b in found.parts)
    return replace(events, spans=spans, source=f"{events.source}; {SOURCE}" if events.source else SOURCE)
