"""Which part of a motion a caption tells, and which captions can be trained on."""

from __future__ import annotations

from dataclasses import dataclass

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption
from chronomotion.seeding import integer
from chronomotion.training.config import TrainingConfig

__all__ = ["Piece", "drawn_caption", "duration", "piece_of", "seconds_of", "usable_captions"]


@dataclass(frozen=True)
class Piece:
    """A part of a recorded clip, in seconds from its start; ``end`` None: to its end. ``mirrored``: left and right
    exchanged."""

    clip: str
    start: float = 0.0
    end: float | None = None
    mirrored: bool = False


def duration(corpus: Corpus, name: str) -> float:
    """Seconds of a clip."""
    return len(corpus.features(name)) / corpus.fps


def piece_of(corpus: Corpus, name: str, caption: Caption) -> Piece:
    """The span that the caption describes, cut at the end of the clip. The published code takes the span of the clip's
    first caption for all captions.
    """
    end = caption.end
    if end is not None and end >= duration(corpus, name) - 0.5 / corpus.fps:
        end = None
    return Piece(name, max(0.0, caption.start), end)


def seconds_of(corpus: Corpus, piece: Piece) -> float:
    """Length of a piece."""
    return (duration(corpus, piece.clip) if piece.end is None else piece.end) - piece.start


def usable_captions(corpus: Corpus, name: str, config: TrainingConfig) -> list[int]:
    """Numbers of the clip's captions whose spans are neither empty, nor longer or shorter than the settings say."""
    numbers = []
    for number, caption in enumerate(corpus.captions(name)):
        seconds = seconds_of(corpus, piece_of(corpus, name, caption))
        fits = seconds >= config.min_seconds and (seconds <= config.max_seconds or not config.max_seconds)
        if fits and seconds * corpus.fps >= 1:
            numbers.append(number)
    return numbers


def drawn_caption(corpus: Corpus, name: str, config: TrainingConfig, epoch: int) -> tuple[int, Caption]:
    """The caption that a clip has in an epoch, with its number. Raises TrainingError when none can be trained on."""
    numbers = usable_captions(corpus, name, config)
    if not numbers:
        raise TrainingError(f"clip {name!r} of {corpus.folder} has no caption to train on")
    number = numbers[integer("caption", config.seed, epoch, name) % len(numbers)]
    return number, corpus.captions(name)[number]
