"""Going on from a motion: its last second as the prefix of a new one, and the new one put where it ends.

The prior hears the end of the take as codes, and what it says begins where the *decoded* codes end, which is not quite
where the take does. So the new motion gets the take's body, is turned and moved until the decoded end lies on the real
one, and what is left between the two, in place and in speed, fades out over half a second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError, ModelError
from chronomotion.generation.roles import Codes, CodeTokenizer
from chronomotion.motion.features import features_of
from chronomotion.motion.joins import slerp
from chronomotion.motion.layout import layout_of, layout_of_width
from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import about_y, normalise, rotate

__all__ = ["PREFIX_SECONDS", "Prefix", "prefix_tokens"]

PREFIX_SECONDS = 1.0
"""What a motion goes on from."""

_READ_SECONDS = 5.0
"""What is read of the take: the heading of its last second is smoothed over the seconds before."""

_FADE_SECONDS = 0.5
"""How long the difference to the take lasts."""

_COAST_SECONDS = 0.15
"""Time constant with which the take's own speed decays where the new motion does not take it over."""

_CLOSE_FRAMES, _CLOSE_METRES, _CLOSE_ANGLE = 5, 0.03, np.radians(15.0)
"""In its first frames no joint of a new motion is further than this from where the take ends, or its speed leads."""


def prefix_tokens(tokenizer: CodeTokenizer) -> int:
    """Tokens of a prefix."""
    return max(1, round(PREFIX_SECONDS * tokenizer.fps / tokenizer.frames_per_token))


@dataclass(frozen=True, eq=False)
class Prefix:
    """The end of a take: ``codes`` of its last second, and ``take``, its last seconds at the tokenizer's frame rate, on
    its own body and in its own place."""

    codes: Codes
    take: Motion

    @property
    def floor(self) -> float:
        """Height of the take's lowest joint in these seconds."""
        return float(self.take.positions[..., 1].min())

    @classmethod
    def of(cls, motion: Motion, tokenizer: CodeTokenizer) -> Prefix:
        """The prefix that a motion ends with, its last frame included.

        Raises ModelError for a motion on another skeleton, FormatError for one that is shorter than a second or holds
        positions that are not finite.
        """
        layout = layout_of_width(tokenizer.dim)
        if motion.skeleton != layout.skeleton:
            width = layout_of(motion.skeleton).width
            raise ModelError(
                f"{motion.name}: a motion on skeleton {motion.skeleton.name} ({width} features a frame), but this "
                f"generator makes {layout.skeleton.name} ({tokenizer.dim}): give a take on that skeleton"
            )
        frames = prefix_tokens(tokenizer) * tokenizer.frames_per_token
        take = _end_of(motion, tokenizer.fps)
        if take.frames < frames:
            raise FormatError(
                f"the motion lasts {motion.duration:.2f} s: to go on from it takes {frames / tokenizer.fps:g} s or "
                "more, of which the last is read",
                motion.name,
            )
        features = features_of(_with_next_frame(take))
        features = features[len(features) % tokenizer.frames_per_token :]
        codes = np.asarray(tokenizer.encode(features))[-prefix_tokens(tokenizer) :]
        return cls(codes, take)

    def placed(self, motion: Motion, frames: int) -> Motion:
        """A motion, of which the first ``frames`` are the decoded prefix, without them: turned and moved in the floor
        plane so that their last one lies on the take's."""
        return replace(motion, positions=self._on_end(motion.positions.astype(np.float64), frames)[frames:])

    def on_body(self, motion: Motion) -> Motion:
        """The same poses with the bones of the take; the root's path grows with the legs."""
        layout = layout_of(self.take.skeleton)
        lengths = np.median(_lengths(self.take.positions.astype(np.float64), self.take), axis=0)
        positions = motion.positions.astype(np.float64)
        bones, legs = _bones(positions, self.take), [joint - 1 for joint in layout.legs]
        before = np.median(np.linalg.norm(bones, axis=-1), axis=0)
        joints = layout.path_to @ (normalise(bones) * lengths[:, None])
        joints += positions[:, :1] * (lengths[legs].sum() / max(before[legs].sum(), 1e-9))
        return replace(motion, positions=joints)

    def continued(self, motion: Motion, frames: int) -> Motion:
        """As :meth:`placed`, for a motion on the take's body whose floor is at 0: on the take's floor, and beginning
        with the take's pose and speed."""
        positions = self._on_end(motion.positions.astype(np.float64), frames)
        positions[..., 1] += self.floor
        begun = _Poses.of(positions[frames - 2 :], self.take)
        ends = _Poses.of(self.take.positions[-2:].astype(np.float64), self.take)
        poses = _held(_faded(begun, ends, self.take.fps), ends, self.take)
        return replace(motion, positions=poses.positions(self.take))

    def _on_end(
        self, positions: Float[np.ndarray, "frames joints 3"], frames: int
    ) -> Float[np.ndarray, "frames joints 3"]:
        """Turned about the vertical and moved in the floor plane: frame ``frames - 1`` nearest to the take's last."""
        here, there = positions[frames - 1], self.take.positions[-1].astype(np.float64)
        around, about = here - here.mean(axis=0), there - there.mean(axis=0)
        turned = around[:, 2] * about[:, 0] - around[:, 0] * about[:, 2]
        along = around[:, 0] * about[:, 0] + around[:, 2] * about[:, 2]
        angle = np.arctan2(turned.sum(), along.sum())
        moved = rotate(about_y(np.array(angle)), positions - here.mean(axis=0))
        moved += there.mean(axis=0)
        moved[..., 1] = positions[..., 1]
        return np.asarray(moved)


@dataclass(frozen=True, eq=False)
class _Poses:
    """Poses as the place of the root and the directions and lengths of the bones."""

    roots: Float[np.ndarray, "frames 3"]
    bones: Float[np.ndarray, "frames bones 3"]
    lengths: Float[np.ndarray, "*_ bones"]

    @classmethod
    def of(cls, positions: Float[np.ndarray, "frames joints 3"], take: Motion) -> _Poses:
        bones = _bones(positions, take)
        return cls(positions[:, 0], normalise(bones), np.linalg.norm(bones, axis=-1))

    def positions(self, take: Motion) -> Float[np.ndarray, "frames joints 3"]:
        joints = layout_of(take.skeleton).path_to @ (self.bones * self.lengths[..., None])
        return np.asarray(joints + self.roots[:, None])


def _faded(begun: _Poses, ends: _Poses, fps: float) -> _Poses:
    """New poses, behind the two that are the decoded end of the take, with the difference to its real end added, which
    fades out: at first in place and in speed like the take, after half a second as they were."""
    frames = max(2, round(_FADE_SECONDS * fps))
    share = np.minimum(np.arange(1, len(begun.roots) - 1) / frames, 1.0)
    place = 2 * share**3 - 3 * share**2 + 1
    speed = (share**3 - 2 * share**2 + share) * frames

    def mended(new: np.ndarray, real: np.ndarray) -> np.ndarray:
        before, last = real - new[:2]
        return np.asarray(new[2:] + np.multiply.outer(place, last) + np.multiply.outer(speed, last - before))

    return _Poses(mended(begun.roots, ends.roots), normalise(mended(begun.bones, ends.bones)), begun.lengths[2:])


def _held(poses: _Poses, ends: _Poses, take: Motion) -> _Poses:
    """The poses themselves where their first frames go on from the take; else the take's last pose is carried on by
    its own speed, no longer than it has to, before they set in."""
    coasting = _coasting(ends, len(poses.roots), take.fps)
    steps = np.arange(1, len(poses.roots) + 1)
    for late in range(-1, _CLOSE_FRAMES + 1):
        if late < 0:
            mixed = poses
        else:
            share = np.clip((steps - late) / max(1, round(_FADE_SECONDS * take.fps)), 0.0, 1.0)
            mixed = _mixed(coasting, poses, share**2 * (3 - 2 * share))
        if _is_close(mixed, ends, take):
            break
    return mixed


def _coasting(ends: _Poses, frames: int, fps: float) -> _Poses:
    """The last pose, carried on by its speed, which decays."""
    constant = _COAST_SECONDS * fps
    way = constant * (1 - np.exp(-np.arange(1, frames + 1) / constant))

    def carried(pair: np.ndarray) -> np.ndarray:
        return np.asarray(pair[1] + np.multiply.outer(way, pair[1] - pair[0]))

    return _Poses(carried(ends.roots), normalise(carried(ends.bones)), np.repeat(ends.lengths[1:], frames, axis=0))


def _mixed(first: _Poses, second: _Poses, share: Float[np.ndarray, " frames"]) -> _Poses:
    roots = (1 - share)[:, None] * first.roots + share[:, None] * second.roots
    return _Poses(roots, slerp(first.bones, second.bones, share[:, None, None]), second.lengths)


def _is_close(poses: _Poses, ends: _Poses, take: Motion) -> bool:
    """Whether the first frames are the take's last pose but for 3 cm a joint and 15 degrees a bone, and for what joint,
    root and bone cover at the speed with which the take ends; where nothing moves much, that is not granted."""
    first, positions = slice(_CLOSE_FRAMES), ends.positions(take)
    apart = np.linalg.norm(poses.positions(take)[first] - positions[1], axis=-1)
    speeds = np.linalg.norm(positions[1] - positions[0], axis=-1)
    angles, turns = _angles(poses.bones[first], ends.bones[1]), _angles(ends.bones[1], ends.bones[0])
    rests = speeds.max() * _CLOSE_FRAMES < _CLOSE_METRES and turns.max() * _CLOSE_FRAMES < _CLOSE_ANGLE
    steps = np.zeros(len(apart)) if rests else np.arange(1, len(apart) + 1)
    near = apart <= _CLOSE_METRES + np.multiply.outer(steps, np.maximum(speeds, speeds[0]))
    return bool(near.all() and (angles <= _CLOSE_ANGLE + np.multiply.outer(steps, turns)).all())


def _angles(bones: Float[np.ndarray, "*_ 3"], others: Float[np.ndarray, "*_ 3"]) -> Float[np.ndarray, "*_"]:
    return np.asarray(np.arccos(np.clip((bones * others).sum(axis=-1), -1.0, 1.0)))


def _end_of(motion: Motion, fps: float) -> Motion:
    """The last seconds at another frame rate; the last frame stays."""
    last = motion.slice(max(0.0, motion.duration - _READ_SECONDS))
    backwards = replace(last, positions=last.positions[::-1]).resample(fps)
    return replace(backwards, positions=backwards.positions[::-1])


def _with_next_frame(take: Motion) -> Motion:
    """One frame more, by the last step: features tell a frame by the step that follows it."""
    following = 2 * take.positions[-1:] - take.positions[-2:-1]
    return replace(take, positions=np.concatenate([take.positions, following]))


def _bones(positions: Float[np.ndarray, "frames joints 3"], take: Motion) -> Float[np.ndarray, "frames bones 3"]:
    return np.asarray(positions[:, 1:] - positions[:, layout_of(take.skeleton).parents])


def _lengths(positions: Float[np.ndarray, "frames joints 3"], take: Motion) -> Float[np.ndarray, "frames bones"]:
    return np.asarray(np.linalg.norm(_bones(positions, take), axis=-1))
