"""What each repeat of an evaluation draws: captions, crops and batches; a function of the seed and of names alone.

The published protocol draws one caption a clip, crops the clip to a multiple of four frames (with probability 1/3 to
four frames less) at a random start, and shuffles the clips into batches. So the figures of real motions move from
repeat to repeat, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chronomotion.corpus.corpus import Clip
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.records import RepeatDraw
from chronomotion.language.caption import Caption
from chronomotion.seeding import generator

__all__ = ["UNIT", "Crop", "draw", "drawn_captions", "drawn_crops"]

UNIT = 4
"""Frames of which the length of a crop is a multiple."""

_DROP_SHARE = 1 / 3
"""Probability of a crop that is one unit shorter than it could be."""


@dataclass(frozen=True)
class Crop:
    """Some frames on end of a clip of a set."""

    clip: int
    start: int
    length: int

    def of(self, motions: MotionSet) -> np.ndarray:
        """The features."""
        return motions.clips[self.clip].features[self.start : self.start + self.length]


def draw(motions: MotionSet, repeat: int, seed: int) -> RepeatDraw:
    """What the repeat with this number draws of a set."""
    order = generator("evaluation order", seed, repeat, len(motions)).permutation(len(motions)).tolist()
    drawn = [_of_clip(motions.clips[place], motions.fps, repeat, seed) for place in order]
    captions, starts, lengths = zip(*drawn, strict=True)
    return RepeatDraw(clips=tuple(order), captions=captions, starts=starts, lengths=lengths)


def drawn_captions(motions: MotionSet, drawn: RepeatDraw) -> list[Caption]:
    """The captions of a draw, in its order."""
    return [motions.clips[clip].captions[caption] for clip, caption in zip(drawn.clips, drawn.captions, strict=True)]


def drawn_crops(drawn: RepeatDraw) -> list[Crop]:
    """The crops of a draw, in its order."""
    return [Crop(*crop) for crop in zip(drawn.clips, drawn.starts, drawn.lengths, strict=True)]


def _of_clip(clip: Clip, fps: float, repeat: int, seed: int) -> tuple[int, int, int]:
    """(caption, start, length) of a clip in a repeat."""
    rng = generator("evaluation", seed, repeat, clip.name)
    number = int(rng.integers(len(clip.captions)))
    first, end = _described(clip.captions, number, len(clip.features), fps)
    frames = end - first
    units = frames // UNIT - int(rng.random() < _DROP_SHARE)
    length = max(units, 1) * UNIT if frames >= UNIT else frames
    return number, first + int(rng.integers(frames - length + 1)), length


def _described(captions: Sequence[Caption], number: int, frames: int, fps: float) -> tuple[int, int]:
    """The (first, end) frames that a caption describes; at least one."""
    caption = captions[number]
    end = frames if caption.end is None else min(max(round(caption.end * fps), 1), frames)
    return min(max(round(caption.start * fps), 0), end - 1), end
