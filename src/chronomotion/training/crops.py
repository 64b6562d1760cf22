"""Random crops of motions, with captions that still fit: a caption describes what the crop shows and nothing else."""

from __future__ import annotations

from dataclasses import replace

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.caption import Caption, Events
from chronomotion.seeding import Part, integer, share
from chronomotion.training.config import TrainingConfig
from chronomotion.training.spans import Piece, duration, seconds_of

__all__ = ["cropped"]


def cropped(
    corpus: Corpus, piece: Piece, caption: Caption, config: TrainingConfig, identity: tuple[Part, ...]
) -> tuple[Piece, Events | None]:
    """Another part of the clip, and the events that it shows.

    With event times: two or more consecutive events, drawn uniformly; with fewer than three events the piece stays.
    Without event times: the whole span of the caption and some of the motion around it, up to ``max_seconds``.
    """
    events = caption.events
    if events is not None and events.spans is not None:
        return _consecutive(piece, events, identity)
    room = config.max_seconds - seconds_of(corpus, piece) if config.max_seconds else float("inf")
    before = min(piece.start, room) * share("crop start", *identity)
    end = piece.end
    if end is not None:
        end += min(duration(corpus, piece.clip) - end, room - before) * share("crop end", *identity)
    return replace(piece, start=piece.start - before, end=end), events


def _consecutive(piece: Piece, events: Events, identity: tuple[Part, ...]) -> tuple[Piece, Events]:
    spans = events.spans or ()
    in_order = all(spans[i][1] <= spans[i + 1][0] for i in range(len(spans) - 1))
    runs = [(i, j) for i in range(len(spans)) for j in range(i + 2, len(spans) + 1) if j - i < len(spans)]
    if not runs or not in_order:
        return piece, events
    first, last = runs[integer("run of events", *identity) % len(runs)]
    labels = None if events.labels is None else events.labels[first:last]
    shown = Events(events.texts[first:last], spans[first:last], labels, events.source)
    return Piece(piece.clip, spans[first][0], spans[last - 1][1]), shown
