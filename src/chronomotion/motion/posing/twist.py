"""How a bone is turned about itself, which positions do not say.

Every rotation that carries a bone to where it is seen is allowed; they differ in one angle a frame. The angle is chosen
for the whole motion at once, from what speaks for it:

- the plane in which the joint at the bone's end bends: of an upper arm with the elbow bent, and of a thigh. Where it is
  nearly straight, or bends the wrong way a little, the plane says nothing;
- rest: the smallest rotation from where the bone above would carry it. Near half a turn that says nothing either;
- the frame before: turned along with the bone above and then by the smallest rotation, the bone turns about itself
  no more than it has to, and never by more than 30 degrees in 1/20 s.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.motion.rotation import matrix, normalise, shortest_arc

__all__ = ["carried", "turn_angles", "turned_about", "turned_beyond"]

_STEPS = 72
"""Angles that are tried, 5 degrees apart."""
_FASTEST = 30.0
"""Degrees by which a bone turns about itself in 1/20 s at the most."""
_RATE = 20.0
_STEADY = 4.0
"""Weight of the frame before at 20 frames a second, beside a bend plane's weight of 1."""
_REST, _SHARED = 0.03, 0.2
"""Weight of rest beside it, and of a bone's share in the turn of the spine."""
_STRAIGHT, _BENT = np.sin(np.radians(12.0)), np.sin(np.radians(40.0))
"""Sines of the bend from which on its plane counts, and counts in full."""
_OPPOSITE = 0.25
"""Half of 1 + the cosine of the angle between a bone and where it is carried, below which rest counts less and less."""


def carried(
    above: Float[np.ndarray, "frames 3 3"], rest: Float[np.ndarray, " 3"], seen: Float[np.ndarray, "frames 3"]
) -> Float[np.ndarray, "frames 3 3"]:
    """The smallest rotation, after the joint above, that turns the rest direction onto the one seen."""
    arc: Float[np.ndarray, "frames 3 3"] = matrix(shortest_arc(above @ rest, seen))
    return np.asarray(arc @ above)


def turned_about(
    axis: Float[np.ndarray, "frames 3"], angles: Float[np.ndarray, " frames"], first: Float[np.ndarray, "frames 3 3"]
) -> Float[np.ndarray, "frames 3 3"]:
    """Rotations followed by a turn about an axis, in radians."""
    half = angles[:, None] / 2
    turn: Float[np.ndarray, "frames 3 3"] = matrix(np.concatenate([np.cos(half), np.sin(half) * axis], axis=1))
    return np.asarray(turn @ first)


def turn_angles(
    above: Float[np.ndarray, "frames 3 3"],
    rest: Float[np.ndarray, " 3"],
    seen: Float[np.ndarray, "frames 3"],
    fps: float,
    hinge: tuple[Float[np.ndarray, " 3"], Float[np.ndarray, "frames 3"]] | None = None,
    share: Float[np.ndarray, " frames"] | None = None,
) -> Float[np.ndarray, " frames"]:
    """Angles about the bone, radians, to add to :func:`carried`.

    ``hinge`` is the axis about which the joint at the bone's end bends: at rest, and as seen (the bone x the next bone,
    not normalised: its length is the sine of the bend). ``share`` are the angles where the bones beyond say how far the
    bone is turned about itself: the spine between hips and shoulders.
    """
    base = carried(above, rest, seen)
    drift = _drift(base, above, rest, seen)
    sure = _sure(above @ rest, seen)
    targets = [(drift, _REST * sure) if share is None else (drift + share, _SHARED * sure)]
    if hinge is not None:
        at_rest, now = hinge
        bend = np.linalg.norm(now, axis=1)
        bent = np.clip((bend - _STRAIGHT) / (_BENT - _STRAIGHT), 0, 1)
        targets.append((drift + _angle(base @ at_rest, now, seen), bent**2 * (3 - 2 * bent)))
    rough = _best_path(targets, fps)
    angles: np.ndarray = _smooth_path(targets, rough, fps) - drift
    return angles


def turned_beyond(
    above: Float[np.ndarray, "frames 3 3"], rest: Float[np.ndarray, " 3"], beyond: Float[np.ndarray, "frames 3 3"]
) -> Float[np.ndarray, " frames"]:
    """By how much a rotation turns about a bone, more than the joint above the bone does, radians."""
    seen, side = beyond @ rest, _side(rest)
    return _angle(carried(above, rest, seen) @ side, beyond @ side, seen)


def _drift(
    base: Float[np.ndarray, "frames 3 3"],
    above: Float[np.ndarray, "frames 3 3"],
    rest: Float[np.ndarray, " 3"],
    seen: Float[np.ndarray, "frames 3"],
) -> Float[np.ndarray, " frames"]:
    """By how much the base turns about the bone, summed up, beyond what going along with the bone above makes it."""
    along = above[1:] @ above[:-1].swapaxes(-1, -2)
    moved = np.einsum("fab,fb->fa", along, seen[:-1])
    arc: Float[np.ndarray, "steps 3 3"] = matrix(shortest_arc(moved, seen[1:]))
    side = _side(rest)
    return np.concatenate([[0.0], np.cumsum(_angle(arc @ along @ base[:-1] @ side, base[1:] @ side, seen[1:]))])


def _side(rest: Float[np.ndarray, " 3"]) -> Float[np.ndarray, " 3"]:
    """The axis that a direction lies least along."""
    return np.asarray(np.eye(3)[np.abs(rest).argmin()])


def _angle(
    start: Float[np.ndarray, "n 3"], end: Float[np.ndarray, "n 3"], axis: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, " n"]:
    """Angle about an axis from one direction to another, radians."""
    across = np.cross(axis, start)
    return np.asarray(
        np.arctan2(np.einsum("fi,fi->f", across, end), np.einsum("fi,fi->f", np.cross(across, axis), end))
    )


def _sure(put: Float[np.ndarray, "frames 3"], seen: Float[np.ndarray, "frames 3"]) -> Float[np.ndarray, " frames"]:
    """1 where the smallest rotation is well defined, down to 0 at half a turn."""
    near = (1 + np.einsum("fi,fi->f", normalise(put), seen)) / 2
    return np.asarray(np.clip(near / _OPPOSITE, 0, 1) ** 2)


_Targets = list[tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"]]]


def _best_path(targets: _Targets, fps: float) -> Float[np.ndarray, " frames"]:
    """The cheapest path over the angles that are tried (dynamic programming), unwrapped."""
    grid = np.arange(_STEPS) * (2 * np.pi / _STEPS)
    cost = sum(weight[:, None] * (1 - np.cos(grid - angle[:, None])) for angle, weight in targets)
    reach = max(1, round(_FASTEST / 360 * _STEPS * _RATE / fps))
    moves = np.arange(-reach, reach + 1)
    price = _STEADY * fps / _RATE * (1 - np.cos(moves * (2 * np.pi / _STEPS)))
    before = (np.arange(_STEPS)[:, None] - moves) % _STEPS
    best = np.asarray(cost)[0]
    came = np.empty((len(cost), _STEPS), dtype=np.int64)
    for frame in range(1, len(cost)):
        options = best[before] + price
        came[frame] = options.argmin(axis=1)
        best = options[np.arange(_STEPS), came[frame]] + cost[frame]
    at, steps = int(best.argmin()), np.zeros(len(cost), dtype=np.int64)
    for frame in range(len(cost) - 1, 0, -1):
        steps[frame] = moves[came[frame, at]]
        at = int(before[at, came[frame, at]])
    return np.asarray(grid[at] + np.cumsum(steps) * (2 * np.pi / _STEPS))


def _smooth_path(targets: _Targets, rough: Float[np.ndarray, " frames"], fps: float) -> Float[np.ndarray, " frames"]:
    """The least-squares path beside a rough one: the angles that are tried leave steps."""
    steady = _STEADY * fps / _RATE
    diagonal, right = np.zeros(len(rough)), np.zeros(len(rough))
    for angle, weight in targets:
        near = rough + (angle - rough + np.pi) % (2 * np.pi) - np.pi
        # A target on the far side pulls no more than one at a right angle does, as in the search.
        pull = weight * np.maximum(np.cos(near - rough), 0.0) + 1e-9
        diagonal += pull
        right += pull * near
    diagonal += steady * np.concatenate([[1], np.full(max(len(rough) - 2, 0), 2), [1]])[: len(rough)] * (len(rough) > 1)
    return _tridiagonal(diagonal, -steady, right)


def _tridiagonal(
    diagonal: Float[np.ndarray, " n"], beside: float, right: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Solve a system with one number beside the diagonal (Thomas)."""
    over, values = diagonal.tolist(), right.tolist()
    for row in range(1, len(over)):
        share = beside / over[row - 1]
        over[row] -= share * beside
        values[row] -= share * values[row - 1]
    values[-1] /= over[-1]
    for row in range(len(over) - 2, -1, -1):
        values[row] = (values[row] - beside * values[row + 1]) / over[row]
    return np.array(values)
