"""Which caption of a clip describes it, and which gives its events.

In most corpora one caption does both: the first, as in the published protocols. A take of BONES-SEED has sentences by
people, without events, and one caption whose events are the timeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.importers.seed.timeline import PROPAGATED, TIMELINE
from chronomotion.language.caption import Caption

__all__ = ["ALL_TIMELINES", "FIRST_CAPTION", "TIMELINES", "CaptionRoles", "has_timelines", "roles_for"]


@dataclass(frozen=True)
class CaptionRoles:
    """How the captions of a clip are used. ``name`` stands in reports; reports of different roles are not compared."""

    name: str
    sources: tuple[str, ...] | None = None
    """Sources (:attr:`Events.source`) of the timelines whose events are used; None: events of the first caption."""

    def description(self, captions: Sequence[Caption]) -> Caption:
        """The sentence about the clip: the first caption that is no timeline, else the first caption. At least one
        caption is needed."""
        sentences = (caption for caption in captions if self.describes(caption))
        return next(sentences, captions[0])

    def describes(self, caption: Caption) -> bool:
        """Whether a caption is a sentence about the motion, and not the list of its events."""
        return self.sources is None or not _is_timeline(caption)

    def event_caption(self, captions: Sequence[Caption]) -> Caption | None:
        """The caption that has the events of the clip, None where there is none. A timeline counts where it is about
        the same part of the clip as the description, so that both are compared with one motion."""
        if not captions:
            return None
        if self.sources is None:
            return captions[0] if captions[0].events is not None else None
        described = self.description(captions)
        for caption in captions:
            same_part = (caption.start, caption.end) == (described.start, described.end)
            if caption.events is not None and caption.events.source in self.sources and same_part:
                return caption
        return None


FIRST_CAPTION = CaptionRoles("first caption")
TIMELINES = CaptionRoles("timeline", (TIMELINE,))
ALL_TIMELINES = CaptionRoles("timeline, propagated ones too", (TIMELINE, PROPAGATED))


def has_timelines(corpus: Corpus) -> bool:
    """Whether a corpus was imported from BONES-SEED."""
    imported = corpus.info.get("imported")
    return isinstance(imported, dict) and imported.get("layout") == "seed"


def roles_for(corpus: Corpus) -> CaptionRoles:
    """The roles of captions in a corpus: timelines that are not propagated for BONES-SEED, else the first caption."""
    return TIMELINES if has_timelines(corpus) else FIRST_CAPTION


def _is_timeline(caption: Caption) -> bool:
    return caption.events is not None and caption.events.source in (TIMELINE, PROPAGATED)
