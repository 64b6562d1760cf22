"""Film strips of clips in a corpus, their events coloured."""

from __future__ import annotations

from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.wording import predicate
from chronomotion.motion.features import motion_of
from chronomotion.motion.render import film_strip

__all__ = ["clip_strip"]


def clip_strip(corpus: Corpus, name: str, path: str | Path, *, title: str | None = None) -> Path:
    """Draw a clip as a film strip PNG, with its first caption as title and its events, where their times are known, in
    colours.

    Raises CorpusError for an unknown clip.
    """
    captions = corpus.captions(name)
    caption = captions[0] if captions else None
    events = caption.events if caption else None
    spans = [] if events is None or events.spans is None else list(zip(events.spans, events.texts, strict=True))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return film_strip(
        motion_of(corpus.features(name), name=name),
        path,
        events=[(start, end, predicate(text)) for (start, end), text in spans],
        title=title if title is not None else caption.text if caption else name,
    )
