"""Bones that a decoder let shrink: where a limb goes from one pose to another through half its length.

A tokenizer's decoder mixes poses joint by joint. Halfway between an arm that is up and one that is down lies an arm of
no length, whose direction turns over from one frame to the next: bones of one length would make a blow of it. There,
and nowhere else, the direction goes the same way in more frames.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import normalise

__all__ = ["steadied"]

_SHRUNK, _LOST = 0.1, 0.3
"""A bone that lacks this share of its length is steadied a little; from the second on, wholly."""
_LEAST = 0.02
"""Metres that it lacks at least: what noise takes from a short bone is nothing."""
_AROUND = 0.2
"""Seconds to both sides that are steadied with it."""
_PASSES = 1.0
"""Seconds: so many frames times a direction is drawn to the mean of its neighbours. A spread of about three frames."""
_FARTHEST = 0.3
"""Metres by which the end of a bone moves at most, seen from where it begins."""


def steadied(motion: Motion) -> Motion:
    """The motion with steady directions of the bones that shrink for a moment; lengths, root and all else stay.

    A motion whose bones keep nine tenths of their median lengths, or all but 2 cm, is returned as it is. Raises
    FormatError when there is no layout for the skeleton.
    """
    layout = layout_of(motion.skeleton)
    positions = motion.positions.astype(np.float64)
    bones = positions[:, 1:] - positions[:, layout.parents]
    lengths = np.linalg.norm(bones, axis=-1)
    usual = np.median(lengths, axis=0)
    lacks = usual - lengths - np.maximum(_SHRUNK * usual, _LEAST)
    shrinks = np.clip(lacks / np.maximum((_LOST - _SHRUNK) * usual, 1e-9), 0.0, 1.0)
    if not shrinks.any():
        return motion
    directions = normalise(bones)
    turned = _turned(directions, _widened(shrinks, max(1, round(_AROUND * motion.fps))), round(_PASSES * motion.fps))
    steady = normalise(directions + _near(directions, turned, lengths))
    joints = layout.path_to @ (steady * lengths[..., None])
    return replace(motion, positions=joints + positions[:, :1])


def _widened(shrinks: Float[np.ndarray, "frames bones"], around: int) -> Float[np.ndarray, "frames bones"]:
    """The highest value of the frames around, coming and going smoothly."""
    padded = np.pad(shrinks, ((2 * around, 2 * around), (0, 0)), mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1, axis=0).max(axis=-1)
    weights = np.bartlett(2 * around + 3)[1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(highest, 2 * around + 1, axis=0)
    return np.asarray(windows @ (weights / weights.sum()))


def _turned(
    directions: Float[np.ndarray, "frames bones 3"], shares: Float[np.ndarray, "frames bones"], passes: int
) -> Float[np.ndarray, "frames bones 3"]:
    """Directions drawn to the mean of their neighbours again and again: on the sphere, so that none shrinks."""
    turned = directions
    for _ in range(passes):
        padded = np.concatenate([turned[:1], turned, turned[-1:]])
        turned = normalise(turned + 0.5 * shares[..., None] * ((padded[:-2] + padded[2:]) / 2 - turned))
    return turned


def _near(
    directions: Float[np.ndarray, "frames bones 3"],
    turned: Float[np.ndarray, "frames bones 3"],
    lengths: Float[np.ndarray, "frames bones"],
) -> Float[np.ndarray, "frames bones 3"]:
    """What to add to directions so that they are the turned ones, or as near to them as bones may move."""
    change = turned - directions
    way = np.linalg.norm(change, axis=-1) * np.maximum(lengths, np.median(lengths, axis=0))
    return np.asarray(change * np.minimum(1.0, _FARTHEST / np.maximum(way, 1e-9))[..., None])
