"""A set of motions to be measured: real clips of a corpus, or motions that a model made for captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from chronomotion.corpus.corpus import Clip, Corpus
from chronomotion.errors import CorpusError, FormatError
from chronomotion.evaluation.generation.physical import Spans
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.motion import Motion

__all__ = ["Lengths", "MotionSet"]

Lengths = Literal["own", "real"]
"""Whether a model chose the lengths of its motions itself (its end token), or was given those of real clips. Figures of
the two do not belong in one table without saying so."""


@dataclass(frozen=True, eq=False)
class MotionSet:
    """Motions as clips: name, features (frames, dim) and captions. Of a generated motion the caption is what was asked;
    where its events have spans, these are the plan.

    ``joints`` are the motions as they were given, where that was not as features.
    """

    name: str
    clips: tuple[Clip, ...]
    fps: float
    lengths: Lengths = "real"
    joints: tuple[Motion, ...] | None = None
    left_out: str = ""
    """What was left out of the set, in words."""

    def __post_init__(self) -> None:
        if not self.clips:
            raise CorpusError(f"{self.name}: no motion to measure{f' ({self.left_out})' if self.left_out else ''}")
        widths = {clip.features.shape[1] for clip in self.clips}
        if len(widths) > 1:
            raise CorpusError(f"{self.name}: motions of {' and of '.join(map(str, sorted(widths)))} features a frame")

    @classmethod
    def of_corpus(cls, corpus: Corpus, split: str, name: str = "") -> MotionSet:
        """The clips of a split that have a caption. Raises CorpusError when there is no such split or no such clip."""
        clips = [corpus.clip(clip) for clip in corpus.split(split)]
        return cls(name or f"real, {split}", tuple(clip for clip in clips if clip.captions), corpus.fps)

    @classmethod
    def generated(
        cls, name: str, asked: Sequence[Clip], features: Sequence[np.ndarray], *, lengths: Lengths,
        spans: Sequence[Spans | None] | None = None, fps: float = 20.0,
    ) -> MotionSet:  # fmt: skip
        """Motions that a model made for the captions of ``asked``, with the plan of each where there was one.

        Raises ValueError when there are not as many motions as clips.
        """
        plans = [None] * len(asked) if spans is None else spans
        clips = tuple(
            Clip(clip.name, motion, _with_plan(clip, plan))
            for clip, motion, plan in zip(asked, features, plans, strict=True)
        )
        return cls(name, clips, fps, lengths)

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def dim(self) -> int:
        """Width of the features."""
        return int(self.clips[0].features.shape[1])

    @property
    def features(self) -> list[np.ndarray]:
        """Features of every motion."""
        return [clip.features for clip in self.clips]

    @cached_property
    def motions(self) -> tuple[Motion, ...]:
        """Joints of every motion: as they were given, else recovered from the features."""
        if self.joints is not None:
            return self.joints
        return tuple(motion_of(clip.features, name=clip.name, fps=self.fps) for clip in self.clips)

    def labels(self) -> list[tuple[str, ...]] | None:
        """The actions asked of every motion; None where a motion's are not known."""
        events = [_labelled(clip) for clip in self.clips]
        return None if any(one is None or one.labels is None for one in events) else [one.labels for one in events]  # type: ignore[union-attr, misc]

    def events(self) -> list[tuple[str, ...]] | None:
        """The events asked of every motion, in their order; None where a motion's are not known."""
        known = [next((caption.events for caption in clip.captions if caption.events), None) for clip in self.clips]
        return None if None in known else [one.texts for one in known if one is not None]

    def spans(self) -> list[Spans | None]:
        """When the events of every motion happen, or were planned; None where that is not known."""
        events = [next((caption.events for caption in clip.captions if caption.events), None) for clip in self.clips]
        return [None if one is None else one.spans for one in events]

    @cached_property
    def clusters(self) -> list[int]:
        """The number of each motion's cluster: motions of the same events in any order are not independent."""
        numbers: dict[object, int] = {}
        keys = [_cluster_key(clip) for clip in self.clips]
        return [numbers.setdefault(key, len(numbers)) for key in keys]

    def round_trip(self) -> MotionSet:
        """The set after features -> joints -> features: what the joints show, without columns that they do not obey.

        The bones keep their lengths. A motion loses its last frame. Raises FormatError for a motion of fewer than 2
        frames or with numbers that are not finite.
        """
        clips = []
        for clip in self.clips:
            joints = motion_of(clip.features, name=clip.name, fps=self.fps)
            if joints.frames < 2:
                raise FormatError("1 frame: features need at least 2", f"{self.name}: {clip.name}")
            clips.append(replace(clip, features=features_of(joints, retarget=False)))
        return replace(self, clips=tuple(clips), joints=None)


def _with_plan(clip: Clip, plan: Spans | None) -> tuple[Caption, ...]:
    captions = clip.captions
    return tuple(
        caption
        if caption.events is None
        else replace(
            caption,
            events=replace(caption.events, spans=None if plan is None else tuple((start, end) for start, end in plan)),
        )
        for caption in captions
    )


def _labelled(clip: Clip) -> Events | None:
    """The first events of a clip that have labels."""
    known = (caption.events for caption in clip.captions if caption.events is not None)
    return next((events for events in known if events.labels is not None), None)


def _cluster_key(clip: Clip) -> object:
    """Composed twins tell the same events in another order."""
    events = next((caption.events for caption in clip.captions if caption.events is not None), None)
    return clip.name if events is None else tuple(sorted(events.texts))
