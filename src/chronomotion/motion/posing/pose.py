"""A skeleton put onto a motion: nodes with offsets and rotations.

A joint with several bones (pelvis, upper spine) turns by the best fit to all of them, so the root is turned by the hips
and the spine. Where these bones do not keep their angles to each other, one rotation cannot carry them all: then each
bone gets a helper joint of its own, at the same place, and lands exactly. A joint with one bone below it carries that
bone exactly; how it is turned about the bone is decided in ``twist``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.motion.motion import Motion
from chronomotion.motion.posing.twist import carried, turn_angles, turned_about, turned_beyond
from chronomotion.motion.rotation import normalise
from chronomotion.motion.skeleton import HUMANML3D, Skeleton

__all__ = ["Node", "PosedSkeleton", "pose_for_file", "pose_skeleton"]

_LOG = logging.getLogger(__name__)

_X, _Y, _Z = np.eye(3)
_T_POSE = {
    "left_hip": -_Y, "right_hip": -_Y, "left_collar": _X, "right_collar": -_X, "left_foot": _Z, "right_foot": _Z,
    **{f"left_{part}": _X for part in ("shoulder", "elbow", "wrist")},
    **{f"right_{part}": -_X for part in ("shoulder", "elbow", "wrist")},
    **{f"{side}_{part}": -_Y for side in ("left", "right") for part in ("knee", "ankle")},
    **dict.fromkeys(("spine1", "spine2", "spine3", "neck", "head"), _Y),
}  # fmt: skip
"""Directions of the bones at rest, for the skeleton that we know: facing +z, arms out."""
_HINGES = {
    "left_elbow": ("left_wrist", -_Y), "right_elbow": ("right_wrist", _Y),
    "left_knee": ("left_ankle", _X), "right_knee": ("right_ankle", _X),
}  # fmt: skip
"""Joint at the end of a bone that shows how the bone is turned about itself when it bends: the joint at the end of the
next bone, and the axis about which it bends at rest."""

_TOLERATED = 1e-3
"""Metres by which a bone may change its length before a warning is logged."""
_RIGID = 5e-5
"""Metres by which the ends of several bones may miss a rigid fit before they get helper joints."""
_STEADY = 1e-9
"""Weight of the joint above in a fit, so that a twist that the bones leave open stays as it is there."""


@dataclass(frozen=True, eq=False)
class Node:
    """One joint of the posed skeleton."""

    name: str
    parent: int
    """Index of the node above, -1 for the root."""
    offset: Float[np.ndarray, " 3"]
    """From the node above at rest, metres."""
    rotations: Float[np.ndarray, "frames 3 3"]
    """In the world, one a frame."""


@dataclass(frozen=True, eq=False)
class PosedSkeleton:
    """Nodes, parents before children, and how well bones of constant length could follow the motion."""

    nodes: tuple[Node, ...]
    stretch: float
    """The most by which a bone's length strays from its median, metres."""
    stretched: str
    """The joint at the end of that bone."""
    helpers: int
    """Nodes that are not joints of the skeleton."""

    def local(self, at: int) -> Float[np.ndarray, "frames 3 3"]:
        """A node's rotations against the node above."""
        node = self.nodes[at]
        if node.parent < 0:
            return node.rotations
        return np.asarray(self.nodes[node.parent].rotations.swapaxes(-1, -2) @ node.rotations, dtype=np.float64)


def pose_for_file(motion: Motion, kind: str) -> PosedSkeleton:
    """:func:`pose_skeleton` for a file of this kind; what the file cannot hold exactly is logged."""
    posed = pose_skeleton(motion)
    if posed.stretch > _TOLERATED:
        _LOG.warning(
            "%s: the bone to %s changes its length by up to %.1f mm; the %s keeps the median of every bone",
            motion.name, posed.stretched, posed.stretch * 1000, kind,
        )  # fmt: skip
    if posed.helpers:
        _LOG.info("%s: %d helper joints carry bones whose angles to each other change", motion.name, posed.helpers)
    return posed


def pose_skeleton(motion: Motion) -> PosedSkeleton:
    """Offsets and rotations that put a skeleton with constant bones (the median lengths) onto a motion."""
    skeleton = motion.skeleton
    positions = motion.positions.astype(np.float64)
    bones = np.zeros_like(positions)
    bones[:, 1:] = positions[:, 1:] - positions[:, list(skeleton.parents[1:])]
    lengths = np.linalg.norm(bones, axis=-1)
    median = np.median(lengths, axis=0)
    stretch = np.abs(lengths - median).max(axis=0)
    directions = _known(normalise(bones))
    pose = _Pose(skeleton, directions, median, motion.fps)
    pose.add(0, -1, _identity(len(positions)), np.zeros(3))
    worst = int(stretch.argmax())
    return PosedSkeleton(
        tuple(pose.nodes), float(stretch[worst]), skeleton.joints[worst], len(pose.nodes) - len(skeleton)
    )


class _Pose:
    """Collects nodes from the root down."""

    def __init__(
        self,
        skeleton: Skeleton,
        directions: Float[np.ndarray, "frames joints 3"],
        lengths: Float[np.ndarray, " joints"],
        fps: float,
    ) -> None:
        self.skeleton = skeleton
        self.directions = directions
        self.fps = fps
        self.lengths = lengths
        self.nodes: list[Node] = []
        self.rest = directions[0].copy()
        if skeleton == HUMANML3D:
            for joint, direction in _T_POSE.items():
                self.rest[skeleton.index(joint)] = direction

    def add(
        self, joint: int, parent: int, above: Float[np.ndarray, "frames 3 3"], offset: Float[np.ndarray, " 3"]
    ) -> None:
        """Add a joint and all below it. ``above`` is how the node above is turned."""
        below = self.below(joint)
        turned = self.turned(below, above)
        node = self.append(self.skeleton.joints[joint], parent, offset, turned)
        rigid = len(below) < 2 or self.misses(below, turned) <= _RIGID
        for child in below:
            reach = self.rest[child] * self.lengths[child]
            if rigid:
                self.add(child, node, turned, reach)
                continue
            child_turned = self.turned([child], turned)
            helper = self.append(
                f"{self.skeleton.joints[joint]}_to_{self.skeleton.joints[child]}", node, np.zeros(3), child_turned
            )
            self.add(child, helper, child_turned, reach)

    def append(
        self, name: str, parent: int, offset: Float[np.ndarray, " 3"], rotations: Float[np.ndarray, "frames 3 3"]
    ) -> int:
        """Append a node and give its index."""
        self.nodes.append(Node(name, parent, offset, rotations))
        return len(self.nodes) - 1

    def turned(self, below: list[int], above: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 3 3"]:
        """How a joint is turned that carries the bones to the joints below."""
        if not below:
            return above
        if len(below) == 1:
            return self.turned_one(below[0], above)
        self.shape(below)
        return _fit(self.rest[below], self.directions[:, below], above)

    def turned_one(self, child: int, above: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 3 3"]:
        """How a joint is turned that carries one bone."""
        rest, seen = self.rest[child], self.directions[:, child]
        angles = turn_angles(above, rest, seen, self.fps, self.hinge(child), self.share(child, above))
        return turned_about(seen, angles, carried(above, rest, seen))

    def share(self, child: int, above: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, " frames"] | None:
        """By how much a bone of the spine is turned about itself: it shares the turn of the shoulders with those below
        and the shoulders' own joint. None where the bones do not lead to a joint with several."""
        joints, at = 1, child
        while len(below := self.below(at)) == 1:
            joints, at = joints + 1, below[0]
        if not below:
            return None
        self.shape(below)
        beyond = _fit(self.rest[below], self.directions[:, below], above)
        return turned_beyond(above, self.rest[child], beyond) / (joints + 1)

    def below(self, joint: int) -> list[int]:
        """The joints that hang on a joint."""
        return [child for child, over in enumerate(self.skeleton.parents) if over == joint]

    def hinge(self, child: int) -> tuple[Float[np.ndarray, " 3"], Float[np.ndarray, "frames 3"]] | None:
        """(axis at rest, axis as seen) about which the joint at the end of a bone bends, where that is known."""
        known = _HINGES.get(self.skeleton.joints[child]) if self.skeleton == HUMANML3D else None
        if known is None:
            return None
        beyond, axis = known
        return axis, np.cross(self.directions[:, child], self.directions[:, self.skeleton.index(beyond)])

    def shape(self, below: list[int]) -> None:
        """Give bones that start together their own angles to each other at rest, instead of the T-pose's."""
        seen = self.directions[:, below]
        first = _fit(seen[0], seen, _identity(len(seen)))
        mean = normalise(np.einsum("fba,fjb->ja", first, seen))
        still = _fit(mean, self.rest[None, below], _identity(1))[0]
        self.rest[below] = mean @ still.T

    def misses(self, below: list[int], turned: Float[np.ndarray, "frames 3 3"]) -> float:
        """The farthest that the end of a bone lies from where one rotation for all puts it, metres."""
        put = np.einsum("fab,jb->fja", turned, self.rest[below])
        return float((np.linalg.norm(put - self.directions[:, below], axis=-1) * self.lengths[below]).max())


def _known(directions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames joints 3"]:
    """Directions; where a bone has no length it keeps the one of the last frame in which it has."""
    known = np.asarray(directions.any(axis=2))
    for joint in np.flatnonzero(known.any(axis=0) & ~known.all(axis=0)):
        frames = np.flatnonzero(known[:, joint])
        last = np.searchsorted(frames, np.arange(len(directions)), side="right") - 1
        directions[:, joint] = directions[frames[np.maximum(last, 0)], joint]
    return directions


def _fit(
    rest: Float[np.ndarray, "bones 3"],
    seen: Float[np.ndarray, "frames bones 3"],
    above: Float[np.ndarray, "#frames 3 3"],
) -> Float[np.ndarray, "frames 3 3"]:
    """The rotations that turn directions at rest nearest to those seen (Kabsch, 1976)."""
    left, _, right = np.linalg.svd(np.einsum("fja,jb->fab", seen, rest) + _STEADY * above)
    mirrored = np.linalg.det(left @ right) < 0
    left[mirrored, :, 2] *= -1
    return np.asarray(left @ right, dtype=np.float64)


def _identity(frames: int) -> Float[np.ndarray, "frames 3 3"]:
    return np.broadcast_to(np.eye(3), (frames, 3, 3))
