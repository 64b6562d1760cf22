"""The drawn body: limbs of a skeleton as rounded capsules, with head, hands and nose."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.motion.motion import Motion
from chronomotion.motion.render.camera import Camera, facing
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.palette import Shades
from chronomotion.motion.skeleton import Skeleton

__all__ = ["StickFigure"]

# Radius of the body around a joint as a share of the person's height; the first rule that matches a name counts.
_RADII: tuple[tuple[str, float], ...] = (
    ("finger|thumb|index|middle|ring|pinky|little", 0.007),
    ("eye|jaw", 0.015),
    ("head", 0.034),
    ("neck", 0.031),
    ("collar|clav", 0.052),
    ("forearm|lowerarm|elbow", 0.026),
    ("shoulder|arm|humerus", 0.035),
    ("wrist|hand", 0.019),
    ("hip|upleg|upperleg|thigh|femur", 0.054),
    ("ankle", 0.026),
    ("foot|toe|heel|ball", 0.021),
    ("knee|leg|shin|calf|tibia", 0.036),
    ("pelvis|root|spine|chest|abdomen|torso|back", 0.05),
)
_OTHER_RADIUS = 0.03
_HAND_LENGTH, _HEAD_LENGTH, _HEAD_RADIUS, _NOSE_RADIUS = 0.06, 0.06, 0.058, 0.014


@dataclass(frozen=True)
class StickFigure:
    """A motion prepared for drawing: joints and added points over time, and the limbs between them.

    ``points`` are metres; ``radii`` too, two for each limb, at its ends; ``sides`` is 1 left, 2 right, 0 the middle.
    ``height`` is the person's height in metres (about), ``floor`` the lowest point that carries the body.
    """

    points: Float[np.ndarray, "frames points 3"]
    starts: Int[np.ndarray, " bones"]
    ends: Int[np.ndarray, " bones"]
    radii: Float[np.ndarray, "bones 2"]
    sides: Int[np.ndarray, " bones"]
    height: float
    floor: float

    @classmethod
    def of(cls, motion: Motion) -> StickFigure:
        """The figure of a motion on any skeleton; raises ValueError when a joint position is not finite."""
        broken = np.flatnonzero(~np.isfinite(motion.positions).all(axis=(1, 2)))
        if len(broken):
            raise ValueError(
                f"motion {motion.name!r}: {len(broken)} frames with joints that are not finite, first {broken[0]}"
            )
        builder = _Builder(motion)
        builder.add_bones()
        builder.add_trunk()
        builder.add_hands_and_head()
        return builder.figure()

    def ground_below(self, frame: int) -> Float[np.ndarray, " 3"]:
        """The point on the floor under the root in a frame."""
        root = self.points[frame, 0]
        return np.array([root[0], self.floor, root[2]])

    def projected_limbs(
        self, camera: Camera, frame: int, target: Float[np.ndarray, " 3"]
    ) -> Float[np.ndarray, "ends bones 4"]:
        """Both ends of every limb in a frame, projected by the camera: x, y, depth, radius in pixels."""
        view = camera.project(self.points[frame], target)
        ends = np.stack([view[self.starts], view[self.ends]])
        ends[..., 3] *= self.radii.T
        return ends

    def draw(self, canvas: Canvas, camera: Camera, frame: int, target: Float[np.ndarray, " 3"], shades: Shades) -> None:
        """Draw one frame with its shadow on the floor; ``target`` is the point in metres that the camera looks at."""
        self._draw_shadow(canvas, camera, frame, target)
        starts, ends = self.projected_limbs(camera, frame, target)
        tones = np.array([shades.middle, shades.left, shades.right], dtype=np.float64)
        canvas.capsules(starts, ends, tones[self.sides])

    def _draw_shadow(self, canvas: Canvas, camera: Camera, frame: int, target: Float[np.ndarray, " 3"]) -> None:
        """The shadow of a light overhead: crisp and dark under what touches the floor, wide and pale under the rest."""
        middles = (self.points[frame, self.starts] + self.points[frame, self.ends]) / 2
        casters = np.concatenate([middles, self.points[frame, self.ends]])
        above = np.maximum(casters[:, 1] - self.floor, 0.0)
        ground = casters * np.array([1.0, 0.0, 1.0]) + np.array([0.0, self.floor, 0.0])
        view = camera.project(ground, target)
        spread = (0.035 + 0.07 * above) * view[:, 3]
        sigma = np.stack([spread, np.maximum(spread * (abs(np.sin(camera.pitch)) + 0.1), 0.7)], axis=-1)
        canvas.shadow(view[:, :2], sigma, 0.9 / (1 + 6 * above / max(self.height, 1e-6)) ** 1.5)


class _Builder:
    """Collects the points and limbs of a figure."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.skeleton = motion.skeleton
        self.points = [motion.positions.astype(np.float64)]
        self.count = len(self.skeleton)
        self.bones: list[tuple[int, int, float, float, int]] = []
        self.height = _height(motion)
        self.joint_radii = [_radius(name) for name in self.skeleton.joints]
        self.sides = _sides(self.skeleton)

    def add_point(self, point: Float[np.ndarray, "frames 3"]) -> int:
        """Add a point that is not a joint; gives its index."""
        self.points.append(point[:, None])
        self.count += 1
        return self.count - 1

    def add_bones(self) -> None:
        """One limb for every bone; a limb has the side of its upper end, so that the trunk stays one colour."""
        for parent, child in self.skeleton.bones:
            radius = self.joint_radii[parent], self.joint_radii[child]
            trunk = re.search("collar|clav", self.skeleton.joints[parent].lower())
            self.bones.append((parent, child, *radius, 0 if trunk else self.sides[parent]))

    def add_trunk(self) -> None:
        """Flanks from hips to collar bones that bend with the spine, so that the trunk is as wide as a trunk."""
        tops = [joint for joint in self._named("(left|right)_?(collar|clavicle)") if self.skeleton.parents[joint] > 0]
        if not tops:
            return
        spine = [self.skeleton.parents[tops[0]]]
        while spine[-1] > 0:
            spine.append(self.skeleton.parents[spine[-1]])
        positions = self.points[0]
        bow = positions[:, spine[len(spine) // 2]] - (positions[:, spine[0]] + positions[:, 0]) / 2
        for hip in self._named("(left|right)_?hip"):
            for top in tops:
                if self.sides[hip] == self.sides[top]:
                    waist = self.add_point((positions[:, hip] + positions[:, top]) / 2 + bow)
                    self.bones.append((hip, waist, 0.054, 0.054, 0))
                    self.bones.append((waist, top, 0.054, 0.060, 0))

    def _named(self, pattern: str) -> list[int]:
        """Joints whose whole name, in small letters, matches a pattern."""
        return [joint for joint, name in enumerate(self.skeleton.joints) if re.fullmatch(pattern, name.lower())]

    def add_hands_and_head(self) -> None:
        """Hands beyond wrists that end the arm, a head on the head joint, and a nose to show where it looks."""
        positions = self.points[0]
        parents = set(self.skeleton.parents)
        for joint, name in enumerate(self.skeleton.joints):
            if joint in parents or joint == 0:
                continue
            way = positions[:, joint] - positions[:, self.skeleton.parents[joint]]
            if re.search("wrist|hand", name.lower()):
                tip = self.add_point(positions[:, joint] + _unit(way) * _HAND_LENGTH * self.height)
                self.bones.append((joint, tip, 0.021, 0.019, self.sides[joint]))
        heads = [i for i, name in enumerate(self.skeleton.joints) if "head" in name.lower()]
        if heads:
            self._add_head(heads[0])

    def _add_head(self, head: int) -> None:
        """The head stands on its joint in line with the neck."""
        joint = self.points[0][:, head]
        up = _unit(joint - self.points[0][:, self.skeleton.parents[head]])
        chin = self.add_point(joint + up * 0.01 * self.height)
        crown = self.add_point(joint + up * _HEAD_LENGTH * self.height)
        self.bones.append((chin, crown, 0.74 * _HEAD_RADIUS, _HEAD_RADIUS, 0))
        ahead = facing(self.motion)
        ahead = _unit(ahead - up * (ahead * up).sum(axis=-1, keepdims=True))
        brow = self.add_point(joint + (up * 0.050 + ahead * 0.045) * self.height)
        nose = self.add_point(joint + (up * 0.038 + ahead * 0.056) * self.height)
        self.bones.append((brow, nose, 0.7 * _NOSE_RADIUS, _NOSE_RADIUS, 0))

    def figure(self) -> StickFigure:
        """The finished figure."""
        # A skeleton of one joint is drawn as a ball.
        bones = self.bones or [(0, 0, _OTHER_RADIUS, _OTHER_RADIUS, 0)]
        starts, ends, first, last, sides = zip(*bones, strict=True)
        radii = np.stack([first, last], axis=-1) * self.height
        points = np.concatenate(self.points, axis=1)
        floor = float(np.quantile(points[:, : len(self.skeleton), 1].min(axis=1), 0.1)) - 0.018 * self.height
        return StickFigure(points, np.array(starts), np.array(ends), radii, np.array(sides), self.height, floor)


def _radius(name: str) -> float:
    """Radius of the body at a joint, as a share of the height."""
    return next((radius for pattern, radius in _RADII if re.search(pattern, name.lower())), _OTHER_RADIUS)


def _sides(skeleton: Skeleton) -> list[int]:
    """1 for left joints, 2 for right ones, 0 for the rest: by name, else by the skeleton's pairs."""
    sides = [1 if name.lower().startswith("left") else 2 * name.lower().startswith("right") for name in skeleton.joints]
    for left, right in skeleton.pairs:
        sides[left], sides[right] = sides[left] or 1, sides[right] or 2
    return sides


def _height(motion: Motion) -> float:
    """The person's height in metres: 0.75 (it fits SMPL) of the two longest branches from the root together."""
    reach = np.zeros(len(motion.skeleton))
    branch: dict[int, float] = {}
    top = list(range(len(motion.skeleton)))
    for parent, child in motion.skeleton.bones:
        length = np.median(np.linalg.norm(motion.positions[:, child] - motion.positions[:, parent], axis=-1))
        reach[child] = reach[parent] + float(length)
        top[child] = child if parent == 0 else top[parent]
        branch[top[child]] = max(branch.get(top[child], 0.0), float(reach[child]))
    return max(0.75 * sum(sorted(branch.values())[-2:]), 1e-3)


def _unit(vectors: Float[np.ndarray, "frames 3"]) -> Float[np.ndarray, "frames 3"]:
    """Vectors scaled to length 1 (zero stays zero)."""
    scaled: Float[np.ndarray, "frames 3"] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled
