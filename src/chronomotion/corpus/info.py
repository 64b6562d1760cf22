"""What is in a corpus: counts, hours, lengths, captions, events, splits, where it comes from."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chronomotion.corpus.corpus import HALF, Corpus

__all__ = ["CorpusInfo", "describe_corpus"]

NO_EVENTS = "none"


@dataclass(frozen=True)
class CorpusInfo:
    """A corpus in figures."""

    clips: int
    captions: int
    hours: float
    seconds: tuple[float, float, float]
    """Length of the clips: 5 % are shorter, the median, 5 % are longer."""
    captions_a_clip: dict[int, int]
    """Number of captions -> clips that have as many."""
    events_a_caption: dict[str, int]
    """Number of events -> captions that have as many; "none" where nobody has split the caption."""
    events_by: dict[str, int]
    """Who made the events -> captions that have events by them."""
    part_captions: int
    """Captions that speak of a part of their clip."""
    splits: dict[str, int]
    skeleton: str
    fps: float
    dim: int
    kept_as: str
    """The numbers that features are kept as: float32 or float16."""
    licence: str
    source: str
    fingerprint: str

    def to_dict(self) -> dict[str, Any]:
        """The figures for JSON."""
        return asdict(self)

    def table(self) -> str:
        """The figures as lines of two columns."""
        low, middle, high = self.seconds
        rows = {
            "clips": f"{self.clips}",
            "captions": f"{self.captions}, {self.part_captions} of them of a part of the clip",
            "hours": f"{self.hours:.2f}",
            "lengths": f"median {middle:.2f} s, 5 to 95 %: {low:.2f} to {high:.2f} s",
            "captions a clip": _histogram(self.captions_a_clip),
            "events a caption": _histogram(self.events_a_caption),
            "events by": _histogram(self.events_by),
            "splits": _histogram(self.splits, between=" "),
            "features": f"{self.skeleton}, {self.dim} numbers, {self.fps:g} frames a second"
            + (f", kept as {self.kept_as}" if self.kept_as == HALF else ""),
            "licence": self.licence,
            "source": self.source,
            "fingerprint": self.fingerprint,
        }
        return "\n".join(f"{name:<16}  {value}" for name, value in rows.items())


def describe_corpus(corpus: Corpus) -> CorpusInfo:
    """The figures of a corpus, counted afresh. Raises CorpusError where a part cannot be read."""
    captions = {name: corpus.captions(name) for name in corpus.names}
    all_captions = [caption for clip_captions in captions.values() for caption in clip_captions]
    seconds = np.array([len(corpus.features(name)) for name in corpus.names]) / corpus.fps
    events = Counter(-1 if caption.events is None else len(caption.events) for caption in all_captions)
    low, middle, high = np.percentile(seconds, [5, 50, 95]).tolist() if len(seconds) else (0.0, 0.0, 0.0)
    return CorpusInfo(
        clips=len(corpus),
        captions=len(all_captions),
        hours=float(seconds.sum()) / 3600,
        seconds=(low, middle, high),
        captions_a_clip=dict(sorted(Counter(map(len, captions.values())).items())),
        events_a_caption={NO_EVENTS if count < 0 else str(count): events[count] for count in sorted(events)},
        events_by=dict(
            Counter(caption.events.source for caption in all_captions if caption.events is not None).most_common()
        ),
        part_captions=sum(caption.start > 0 or caption.end is not None for caption in all_captions),
        splits={split: len(corpus.split(split)) for split in corpus.splits},
        skeleton=str(corpus.info.get("skeleton", "unknown")),
        fps=corpus.fps,
        dim=corpus.dim,
        kept_as=HALF if corpus.is_half else "float32",
        licence=str(corpus.info.get("licence", "unknown")),
        source=str(corpus.info.get("source", "unknown")),
        fingerprint=corpus.fingerprint,
    )


def _histogram(counts: dict[Any, int], between: str = ": ") -> str:
    return ", ".join(f"{key}{between}{count}" for key, count in counts.items()) or "none"
