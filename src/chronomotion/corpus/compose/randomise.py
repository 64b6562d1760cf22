"""Domain randomisation: the same action by other people, in other moods, caught by other sensors.

A model that learns from few recordings learns their habits too. Here every clip of a source is changed in ways that
do not change what it shows (Tobin et al. 2017 for images): the body and the rig, posture, amplitude, pace, where the
recording begins and ends, noise. One person performs a whole compound motion, so body and posture are drawn for the
motion, and pace, pauses, cuts and noise for each of its clips.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Bool, Float

from chronomotion.corpus.compose.sources import FPS, Source
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import facing, place_on_floor
from chronomotion.motion.rotation import about_y, matrix
from chronomotion.motion.skeleton import HUMANML3D
from chronomotion.seeding import Part, generator

__all__ = ["Randomisation", "RandomisedClips", "randomised"]

Bones = Float[np.ndarray, "frames 21 3"]
"""From parent to child for every joint but the root, metres, in the frame of the body's heading."""

_TRUNK = ("spine1", "spine2", "spine3", "neck", "head")
_ARMS = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist"))
_LEGS = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("knee", "ankle", "foot"))
_RIG = (*_TRUNK, *(f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "collar", "shoulder", "foot")))
"""Bones whose direction depends on where a rig puts the joints rather than on what the person does."""

_LEFTWARD = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Randomisation:
    """How much of each change; 0 leaves it out. A clip's own draw varies about these figures."""

    rig: float = 5.0
    """Degrees by which trunk, hips, shoulders and feet point elsewhere, as in another rig (standard deviation)."""
    posture: float = 8.0
    """Degrees: stoop, head, arms away from the body, bent knees (standard deviation)."""
    sway: float = 3.0
    """Degrees of slow movement of every joint on top of the action."""
    amplitude: float = 0.2
    """Spread of the logarithm of how far limbs go from their mean direction; steps get shorter with the legs."""
    pace: float = 0.2
    """Spread of the logarithm of the speed; half of it changes within the clip."""
    pauses: float = 0.3
    """Probability of standing still before, and after, for 0.2 to 1.2 s."""
    cuts: float = 0.35
    """Probability that the recording begins late, and ends early, by up to a quarter of the clip."""
    noise: float = 0.003
    """Metres of noise of every joint (largest standard deviation); some clips are smooth."""
    drop_outs: float = 0.15
    """Probability that a joint stays where it is for up to 0.4 s."""
    tilt: float = 0.7
    """Degrees by which the floor is not level (standard deviation)."""


class RandomisedClips:
    """The clips of a source, randomised. In splits other than ``train`` they are as the source gives them."""

    def __init__(self, source: Source, settings: Randomisation | None = None, seed: int = 0) -> None:
        self.source, self.seed = source, seed
        self.settings = settings or Randomisation()
        self.actions = source.actions
        self.description = {**source.description, "randomised": repr(self.settings)}

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A clip of the source as another person may have performed it. ``identity`` is the person."""
        motion = self.source.clip(action, split, *identity)
        if split != "train":
            return motion
        person = generator("person", self.seed, split, *identity)
        take = generator("take", self.seed, split, action, *identity)
        return randomised(motion, self.settings, person, take)


def randomised(
    motion: Motion, settings: Randomisation, person: np.random.Generator, take: np.random.Generator
) -> Motion:
    """The motion as another ``person`` may have performed it, in another ``take``.

    ``motion`` is on the reference body, 20 fps, the floor at y = 0; so is the result.
    """
    motion = _repaced(motion, settings, take)
    motion = _paused(_cut_short(motion, settings, take), settings, take)
    positions = motion.positions.astype(np.float64)
    forward = facing(positions)
    yaws = np.arctan2(forward[:, 0], forward[:, 2])
    turns = matrix(about_y(yaws))
    bones = _bones(positions) @ turns  # turned back: rows times R are R transposed times columns
    bones, stride = _with_amplitude(bones, settings, person)
    bones = _with_posture(bones, settings, person)
    bones = _with_sway(bones, settings, take)
    local = np.concatenate([np.zeros((len(bones), 1, 3)), HUMANML3D_LAYOUT.path_to[1:] @ bones], axis=1)
    moved = local @ turns.swapaxes(1, 2)
    moved[..., [0, 2]] += (positions[:1, 0] + stride * (positions[:, 0] - positions[:1, 0]))[:, None, [0, 2]]
    moved[..., 1] += (positions[..., 1].min(1) - moved[..., 1].min(1))[:, None]
    moved = _sensed(moved, settings, take)
    return place_on_floor(replace(motion, positions=moved.astype(np.float32)))


def _bones(positions: Float[np.ndarray, "frames 22 3"]) -> Bones:
    bones: np.ndarray = positions[:, 1:] - positions[:, list(HUMANML3D.parents[1:])]
    return bones


def _rows(joints: tuple[str, ...]) -> list[int]:
    """Rows of the bones that end in these joints."""
    return [HUMANML3D.index(joint) - 1 for joint in joints]


@cache
def _below() -> Bool[np.ndarray, "22 21"]:
    """Which bones turn with a joint: those that begin there, and those behind them."""
    below = np.zeros((len(HUMANML3D), len(HUMANML3D) - 1), dtype=bool)
    for child in range(1, len(HUMANML3D)):
        parent = HUMANML3D.parents[child]
        while parent >= 0:
            below[parent, child - 1] = True
            parent = HUMANML3D.parents[parent]
    return below


def _rotations(vectors: Float[np.ndarray, "*any 3"]) -> Float[np.ndarray, "*any 3 3"]:
    """Matrices of rotation vectors in degrees."""
    radians = np.radians(vectors)
    angle = np.linalg.norm(radians, axis=-1, keepdims=True)
    axis = radians / np.maximum(angle, 1e-12)
    return matrix(np.concatenate([np.cos(angle / 2), np.sin(angle / 2) * axis], axis=-1))


def _turn(bones: Bones, joint: str, degrees: Float[np.ndarray, "*frames 3"]) -> Bones:
    """Turn everything that hangs on a joint by a rotation vector, one or one for each frame."""
    rows = _below()[HUMANML3D.index(joint)]
    turned = bones.copy()
    turned[:, rows] = bones[:, rows] @ _rotations(degrees).swapaxes(-1, -2)
    return turned


def _repaced(motion: Motion, settings: Randomisation, take: np.random.Generator) -> Motion:
    """Played slower or faster, not evenly."""
    pace, within, phase = take.normal(size=2) * settings.pace, 0.5 * settings.pace, take.uniform(0, 2 * np.pi)
    count = max(8, round(motion.frames / float(np.exp(np.clip(pace[0], -0.5, 0.5)))))
    at = np.linspace(0, 1, count)
    speed = np.exp(within * np.sin(2 * np.pi * at * take.uniform(0.5, 1.5) + phase))
    passed = np.concatenate([[0.0], np.cumsum(speed[1:])])
    where = passed / passed[-1] * (motion.frames - 1)
    low = np.minimum(np.floor(where).astype(int), motion.frames - 2) if motion.frames > 1 else np.zeros(count, int)
    share = (where - low)[:, None, None]
    high = np.minimum(low + 1, motion.frames - 1)
    return replace(motion, positions=motion.positions[low] * (1 - share) + motion.positions[high] * share)


def _cut_short(motion: Motion, settings: Randomisation, take: np.random.Generator) -> Motion:
    """Begun late, ended early; at least 0.8 s remain."""
    late, early = (take.uniform(0, 0.25) if take.random() < settings.cuts else 0.0 for _ in range(2))
    first, last = round(late * motion.frames), motion.frames - round(early * motion.frames)
    if last - first < 0.8 * FPS:
        return motion
    return replace(motion, positions=motion.positions[first:last])


def _paused(motion: Motion, settings: Randomisation, take: np.random.Generator) -> Motion:
    """Standing still before and after."""
    before, after = (int(FPS * take.uniform(0.2, 1.2)) if take.random() < settings.pauses else 0 for _ in range(2))
    return replace(motion, positions=np.pad(motion.positions, ((before, after), (0, 0), (0, 0)), mode="edge"))


def _with_amplitude(bones: Bones, settings: Randomisation, person: np.random.Generator) -> tuple[Bones, float]:
    """Limbs that go farther from their mean direction, or less far; and how much longer the steps are then."""
    scales = np.exp(settings.amplitude * np.clip(person.normal(size=3), -2, 2))
    scales = np.minimum(scales, 1.3)
    lengths = np.linalg.norm(bones, axis=-1, keepdims=True)
    mean = bones.mean(axis=0, keepdims=True)
    scaled = bones.copy()
    for rows, scale in zip((_rows(_TRUNK), _rows(_ARMS), _rows(_LEGS)), scales, strict=True):
        scaled[:, rows] = mean[:, rows] + scale * (bones[:, rows] - mean[:, rows])
    scaled *= lengths / np.maximum(np.linalg.norm(scaled, axis=-1, keepdims=True), 1e-9)
    return scaled, float(scales[2])


def _with_posture(bones: Bones, settings: Randomisation, person: np.random.Generator) -> Bones:
    """A rig that puts its joints elsewhere, and a person who holds themselves otherwise."""
    bones = bones.copy()
    for row in _rows(_RIG):
        bones[:, row] = bones[:, row] @ _rotations(person.normal(size=3) * settings.rig).T
    stoop = settings.posture * (_LEFTWARD * (0.2 + 0.8 * person.normal()) + 0.3 * person.normal(size=3))
    for joint, share in (("pelvis", 0.25), ("spine1", 0.5), ("spine3", 0.5), ("neck", -0.6)):
        bones = _turn(bones, joint, share * stoop)
    for side in ("left", "right"):
        for joint, share in (("collar", 0.3), ("shoulder", 1.0), ("elbow", 1.0)):
            bones = _turn(bones, f"{side}_{joint}", share * settings.posture * person.normal(size=3))
    bent = 0.35 * settings.posture * abs(person.normal()) * _LEFTWARD
    for side in ("left", "right"):
        for joint, share in (("hip", -1.0), ("knee", 2.0), ("ankle", -1.0)):
            bones = _turn(bones, f"{side}_{joint}", share * bent)
    return bones


def _with_sway(bones: Bones, settings: Randomisation, take: np.random.Generator) -> Bones:
    """Slow movements of every joint (0.1 to 0.8 Hz)."""
    times = np.arange(len(bones)) / FPS
    for joint in (
        "pelvis",
        *_TRUNK[:-1],
        *(f"{side}_{name}" for side in ("left", "right") for name in ("shoulder", "elbow")),
    ):
        wave = np.sin(2 * np.pi * take.uniform(0.1, 0.8, size=3) * times[:, None] + take.uniform(0, 2 * np.pi, size=3))
        share = 0.4 if joint in ("pelvis", *_TRUNK) else 1.0
        bones = _turn(bones, joint, share * settings.sway * take.normal(size=3) * wave)
    return bones


def _sensed(
    positions: Float[np.ndarray, "frames 22 3"], settings: Randomisation, take: np.random.Generator
) -> Float[np.ndarray, "frames 22 3"]:
    """What a sensor makes of it: a floor that is not level, noise, joints that are lost for a moment."""
    tilt = take.normal(size=3) * settings.tilt * [1.0, 0.0, 1.0]
    sensed = positions @ _rotations(tilt).T
    noise = take.normal(size=positions.shape) * settings.noise * max(0.0, take.uniform(-0.5, 1.0))
    if take.random() < 0.5:
        noise[1:-1] = (noise[:-2] + 2 * noise[1:-1] + noise[2:]) / 4
    sensed = sensed + noise
    if take.random() < settings.drop_outs and len(sensed) > 12:
        joint, begin, count = (
            int(take.integers(1, 22)),
            int(take.integers(1, len(sensed) - 8)),
            int(take.integers(2, 9)),
        )
        sensed[begin : begin + count, joint] = sensed[begin - 1, joint] + (
            sensed[begin : begin + count, 0] - sensed[begin - 1, 0]
        )
    return np.asarray(sensed)
