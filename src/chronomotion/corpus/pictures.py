"""Pictures of clips in a corpus: what they show, and film strips with the events coloured."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.wording import predicate
from chronomotion.motion.features import motion_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.render import EventSpan, film_strip

__all__ = ["ClipPicture", "clip_picture", "clip_strip"]


class ClipPicture(NamedTuple):
    """The motion, events and title in a picture of a clip."""

    motion: Motion
    events: list[EventSpan]
    title: str


def clip_picture(corpus: Corpus, name: str) -> ClipPicture:
    """A clip's motion, its first caption as title and its events, where their times are known.

    Raises CorpusError for an unknown clip.
    """
    captions = corpus.captions(name)
    caption = captions[0] if captions else None
    events = caption.events if caption else None
    spans = [] if events is None or events.spans is None else list(zip(events.spans, events.texts, strict=True))
    return ClipPicture(
        motion_of(corpus.features(name), name=name),
        [(start, end, predicate(text)) for (start, end), text in spans],
        caption.text if caption else name,
    )


def clip_strip(corpus: Corpus, name: str, path: str | Path) -> Path:
    """Draw a clip of a corpus as a film strip PNG. Raises CorpusError for an unknown clip."""
    picture = clip_picture(corpus, name)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return film_strip(picture.motion, path, events=picture.events, title=picture.title)
