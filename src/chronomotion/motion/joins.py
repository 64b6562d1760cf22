"""Joining motions one after the other, with smooth transitions.

A transition is INSERTED between two clips and leaves the clips unchanged. A compound motion that is cut at its event
times and joined in another order (:func:`reordered`) therefore equals the motion composed in that order.

During a transition the root moves with a blend of both clips' velocities (in the heading frame). Bone directions follow
great circles from one pose to the other, so bones keep their lengths. The lowest joint moves from the height in the
first clip to that in the second, so feet stay on the floor when a seated person gets up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import facing
from chronomotion.motion.skeleton import Skeleton

__all__ = ["join", "reordered", "reordered_features", "slerp"]

Vectors = Float[np.ndarray, "joints 3"]

_SHORTEST, _LONGEST = 4, 30
"""Frames of a transition at 20 fps: 0.2 s where the poses are alike, 1.5 s at the most."""

_TOLERANCE = 1e-3
"""Metres a frame by which a transition may be faster than its clips; 2 cm a second is invisible."""

_COAST = 2.0
"""Time constant, in frames, with which the velocity at a clip's edge decays inside a transition."""


@dataclass(frozen=True)
class _Edge:
    """Pose and velocities at the end or the start of a clip, in the frame of its heading. Velocities are per frame."""

    root: Float[np.ndarray, " 3"]
    yaw: float
    root_velocity: Float[np.ndarray, " 3"]
    yaw_velocity: float
    low: float
    low_velocity: float
    bones: Vectors
    bone_velocity: Vectors


def _turned(vectors: np.ndarray, yaw: float | np.ndarray) -> np.ndarray:
    """Vectors (..., 3) turned about the vertical, so that +z goes to (sin yaw, 0, cos yaw)."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _edge(positions: np.ndarray, parents: Sequence[int], at_end: bool) -> _Edge:
    """The edge from the last two frames, or from the first two; a clip of one frame has zero velocity."""
    pair = positions[-2:] if at_end else positions[:2]
    pair = np.asarray(np.repeat(pair, 2, axis=0)[:2] if len(pair) == 1 else pair, dtype=np.float64)
    edge_frame = 1 if at_end else 0
    forward = facing(pair)
    yaws = np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
    local = _turned(pair, -yaws[:, None])
    bones = local[:, 1:] - local[:, list(parents[1:])]
    lows = pair[:, :, 1].min(axis=1)
    return _Edge(
        root=pair[edge_frame, 0],
        yaw=float(yaws[edge_frame]),
        root_velocity=_turned(pair[1, 0] - pair[0, 0], -yaws[edge_frame]),
        yaw_velocity=float(yaws[1] - yaws[0]),
        low=float(lows[edge_frame]),
        low_velocity=float(lows[1] - lows[0]),
        bones=bones[edge_frame],
        bone_velocity=bones[1] - bones[0],
    )


def slerp(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Unit vectors on the great circle between two, both (frames, bones, 3), at ``share`` (frames, 1, 1)."""
    cos = np.clip((start * end).sum(-1, keepdims=True), -1.0, 1.0)
    angle = np.arccos(cos)
    sin = np.sin(angle)
    close = sin < 1e-4
    safe = np.where(close, 1.0, sin)
    start_weight = np.where(close, 1 - share, np.sin((1 - share) * angle) / safe)
    end_weight = np.where(close, share, np.sin(share * angle) / safe)
    return _unit(start_weight * start + end_weight * end)


def _transition(end: _Edge, start: _Edge, frames: int, path_to: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """(positions of the inserted frames, root position and yaw of the next clip's first frame)."""
    steps = np.arange(1, frames + 2)
    linear = steps / (frames + 1)
    blend = linear**2 * (3 - 2 * linear)
    yaws = end.yaw + np.cumsum((1 - blend) * end.yaw_velocity + blend * start.yaw_velocity)
    velocity = (1 - blend)[:, None] * end.root_velocity + blend[:, None] * start.root_velocity
    roots = end.root + np.cumsum(_turned(velocity, yaws), axis=0)

    share = blend[:-1]
    out = _COAST * (1 - np.exp(-steps[:-1] / _COAST))
    remaining = out[::-1]
    lows = (1 - share) * (end.low + out * end.low_velocity) + share * (start.low - remaining * start.low_velocity)
    lengths = np.linalg.norm(end.bones, axis=-1), np.linalg.norm(start.bones, axis=-1)
    directions = slerp(
        _unit(end.bones + out[:, None, None] * end.bone_velocity),
        _unit(start.bones - remaining[:, None, None] * start.bone_velocity),
        share[:, None, None],
    )
    bones = directions * ((1 - share)[:, None] * lengths[0] + share[:, None] * lengths[1])[..., None]
    local = path_to @ bones
    positions = _turned(local, yaws[:-1, None])
    positions[:, :, [0, 2]] += roots[:-1, None, [0, 2]]
    positions[:, :, 1] += (lows - local[:, :, 1].min(axis=1))[:, None]
    return positions, roots[-1], float(yaws[-1])


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return unit


def _fastest(positions: np.ndarray) -> Float[np.ndarray, " 2"]:
    """Largest step from frame to frame: of any joint, and of the root, in metres."""
    if len(positions) < 2:
        return np.zeros(2)
    steps = np.diff(positions, axis=0)
    squares = np.einsum("fji,fji->fj", steps, steps)
    return np.array([math.sqrt(squares.max()), math.sqrt(squares[:, 0].max())])


def _placed(positions: np.ndarray, edge: _Edge, root: np.ndarray, yaw: float) -> np.ndarray:
    """A clip turned and shifted in the floor plane, so that it continues a transition."""
    moved = _turned(positions - edge.root, yaw - edge.yaw)
    moved += np.array([root[0], edge.root[1], root[2]])
    return moved


def _connected(before: np.ndarray, after: np.ndarray, skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray]:
    """(the inserted frames, ``after`` in its place). The transition is long enough that no joint moves faster than the
    fastest joint in the two clips, and the root no faster than their roots, up to a limit."""
    path_to = layout_of(skeleton).path_to
    end, start = _edge(before, skeleton.parents, True), _edge(after, skeleton.parents, False)
    allowed = np.maximum(_fastest(before), _fastest(after)) + _TOLERANCE
    frames = _estimate(end, start, path_to, allowed[0])
    while True:
        between, root, yaw = _transition(end, start, frames, path_to)
        placed = _placed(after, start, root, yaw)
        excess = float((_fastest(np.concatenate([before[-1:], between, placed[:1]])) / allowed).max())
        if frames == _LONGEST or excess <= 1:
            return between, placed
        frames = min(_LONGEST, max(frames + 1, math.ceil(frames * excess)))


def _estimate(end: _Edge, start: _Edge, path_to: np.ndarray, allowed: float) -> int:
    """First guess of the number of frames: in a smooth transition a joint peaks at 1.5 times its mean speed."""
    farthest = np.sqrt(np.square(path_to @ (end.bones - start.bones)).sum(-1)).max()
    return int(np.clip(1.5 * farthest / allowed, _SHORTEST, _LONGEST))


def join(motions: Sequence[Motion]) -> tuple[Motion, list[tuple[float, float]]]:
    """The joined motion, and the (start, end) of each part in seconds; transitions belong to no part.

    All motions have the same skeleton and frame rate, and the floor at y = 0. The first motion keeps its place. Raises
    ValueError when there is no motion, or skeletons or frame rates differ.
    """
    if not motions:
        raise ValueError("nothing to join")
    first = motions[0]
    for other in motions:
        if other.skeleton != first.skeleton or other.fps != first.fps:
            raise ValueError(
                f"cannot join {first.name!r} ({first.skeleton.name}, {first.fps} fps) and "
                f"{other.name!r} ({other.skeleton.name}, {other.fps} fps)"
            )
    pieces = [first.positions.astype(np.float64)]
    spans = [(0, first.frames)]
    for motion in motions[1:]:
        between, placed = _connected(pieces[-1], motion.positions.astype(np.float64), first.skeleton)
        begin = spans[-1][1] + len(between)
        spans.append((begin, begin + len(placed)))
        pieces += [between, placed]
    whole = replace(first, positions=np.concatenate(pieces).astype(np.float32))
    return whole, [(begin / first.fps, end / first.fps) for begin, end in spans]


def reordered(
    motion: Motion, spans: Sequence[tuple[float, float]], order: Sequence[int]
) -> tuple[Motion, list[tuple[float, float]]]:
    """A motion cut at its events' times and joined in another order, with the new spans.

    Frames outside the spans (transitions) are dropped. Raises ValueError when ``order`` is not a permutation of the
    spans.
    """
    if sorted(order) != list(range(len(spans))):
        raise ValueError(f"{list(order)} is not a permutation of {len(spans)} spans")
    return join([motion.slice(*spans[i]) for i in order])


def reordered_features(
    features: Float[np.ndarray, "frames dim"], spans: Sequence[tuple[float, float]], order: Sequence[int]
) -> Float[np.ndarray, "_ dim"]:
    """:func:`reordered` from features to features; the bones keep their lengths."""
    motion, _ = reordered(motion_of(features), spans, order)
    return features_of(motion, retarget=False)
