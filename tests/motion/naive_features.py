"""The features written straight from their description: one frame, one joint, one number at a time.

The twin that the fast code must equal. It shares no code and no constant with it: everything is in the frame and unit
of the published files, and the joints are named as the published code names them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Frame = list[Vector]

X, Y, Z, RIGHT, DOWN = (1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0), (-1.0, 0, 0), (0, -1.0, 0)
SIGMA = 20


@dataclass(frozen=True)
class Body:
    chains: list[list[int]]
    rest: list[Vector]
    right_hip: int
    left_hip: int
    right_shoulder: int
    left_shoulder: int
    thigh: int
    shank: int
    left_foot: list[int]
    right_foot: list[int]
    contact: float


HUMANML3D_BODY = Body(
    chains=[[0, 2, 5, 8, 11], [0, 1, 4, 7, 10], [0, 3, 6, 9, 12, 15], [9, 14, 17, 19, 21], [9, 13, 16, 18, 20]],
    rest=[(0, 0, 0), X, RIGHT, Y, DOWN, DOWN, Y, DOWN, DOWN, Y, Z, Z, Y, X, RIGHT, Z, *[DOWN] * 6],
    right_hip=2, left_hip=1, right_shoulder=17, left_shoulder=16, thigh=5, shank=8,
    left_foot=[7, 10], right_foot=[8, 11], contact=0.002,
)  # fmt: skip
KITML_BODY = Body(
    chains=[[0, 11, 12, 13, 14, 15], [0, 16, 17, 18, 19, 20], [0, 1, 2, 3, 4], [3, 5, 6, 7], [3, 8, 9, 10]],
    rest=[(0, 0, 0), Y, Y, Y, Y, X, DOWN, DOWN, RIGHT, DOWN, DOWN, X, DOWN, DOWN, Z, Z, RIGHT, DOWN, DOWN, Z, Z],
    right_hip=11, left_hip=16, right_shoulder=5, left_shoulder=8, thigh=17, shank=18,
    left_foot=[19, 20], right_foot=[14, 15], contact=0.05,
)  # fmt: skip


def naive_features(frames: list[Frame], body: Body, reference_lengths: list[float] | None) -> list[list[float]]:
    if reference_lengths is not None:
        frames = rescaled(frames, body, reference_lengths)
    frames = facing_forward(at_origin(on_floor(frames)), body)
    rotations = inverse_kinematics(frames, body, smooth=True)
    roots = [pose[0] for pose in rotations]
    return [row(t, frames, rotations, roots, body) for t in range(len(frames) - 1)]


def row(
    t: int, frames: list[Frame], rotations: list[list[Quaternion]], roots: list[Quaternion], body: Body
) -> list[float]:
    now, later = frames[t], frames[t + 1]
    turn = multiply(roots[t + 1], inverse(roots[t]))
    step = rotate(roots[t + 1], minus(later[0], now[0]))
    numbers = [math.asin(turn[2]), step[0], step[2], now[0][1]]
    for joint in now[1:]:
        numbers += rotate(roots[t], minus(joint, (now[0][0], 0.0, now[0][2])))
    for rotation in rotations[t][1:]:
        for axis in (X, Y):
            numbers += rotate(rotation, axis)
    for before, after in zip(now, later, strict=True):
        numbers += rotate(roots[t], minus(after, before))
    for foot in [*body.left_foot, *body.right_foot]:
        moved = minus(later[foot], now[foot])
        numbers.append(1.0 if dot(moved, moved) < body.contact else 0.0)
    return numbers


def naive_joints(rows: list[list[float]], joints: int) -> list[Frame]:
    """Back from features to joints, in the features' own frame and unit, by the root's path and the joints' places."""
    frames = []
    half_angle, x, z = 0.0, 0.0, 0.0
    for t, numbers in enumerate(rows):
        if t > 0:  # row t - 1 says how to get here
            half_angle += rows[t - 1][0]
        back = inverse((math.cos(half_angle), 0.0, math.sin(half_angle), 0.0))
        if t > 0:
            step = rotate(back, (rows[t - 1][1], 0.0, rows[t - 1][2]))
            x, z = x + step[0], z + step[2]
        frame = [(x, numbers[3], z)]
        for start in range(4, 4 + 3 * (joints - 1), 3):
            place = rotate(back, (numbers[start], numbers[start + 1], numbers[start + 2]))
            frame.append(plus(place, (x, 0.0, z)))
        frames.append(frame)
    return frames


def rescaled(frames: list[Frame], body: Body, lengths: list[float]) -> list[Frame]:
    """Inverse kinematics, then forward kinematics with other bone lengths."""
    first = frames[0]
    parents = parents_of(body)
    leg = sum(length(minus(first[joint], first[parents[joint]])) for joint in (body.thigh, body.shank))
    scale = (lengths[body.thigh] + lengths[body.shank]) / leg
    result = []
    for frame, pose in zip(frames, inverse_kinematics(frames, body, smooth=False), strict=True):
        joints = [times(frame[0], scale)] * len(frame)
        for chain in body.chains:
            rotation = pose[0]
            for before, joint in pairwise(chain):
                rotation = multiply(rotation, pose[joint])
                bone = rotate(rotation, times(body.rest[joint], lengths[joint]))
                joints[joint] = plus(joints[before], bone)
        result.append(joints)
    return result


def on_floor(frames: list[Frame]) -> list[Frame]:
    floor = min(joint[1] for frame in frames for joint in frame)
    return [[minus(joint, (0.0, floor, 0.0)) for joint in frame] for frame in frames]


def at_origin(frames: list[Frame]) -> list[Frame]:
    x, _, z = frames[0][0]
    return [[minus(joint, (x, 0.0, z)) for joint in frame] for frame in frames]


def facing_forward(frames: list[Frame], body: Body) -> list[Frame]:
    first = frames[0]
    hips = minus(first[body.right_hip], first[body.left_hip])
    shoulders = minus(first[body.right_shoulder], first[body.left_shoulder])
    turn = shortest_arc(cross(Y, plus(hips, shoulders)), Z)
    return [[rotate(turn, joint) for joint in frame] for frame in frames]


def inverse_kinematics(frames: list[Frame], body: Body, *, smooth: bool) -> list[list[Quaternion]]:
    forward = []
    for frame in frames:
        # The published code has the hips the other way round here, and only here.
        hips = minus(frame[body.left_hip], frame[body.right_hip])
        shoulders = minus(frame[body.right_shoulder], frame[body.left_shoulder])
        forward.append(cross(Y, unit(plus(hips, shoulders))))
    if smooth:
        forward = gaussian(forward)
    poses = []
    for t, frame in enumerate(frames):
        root = (1.0, 0.0, 0.0, 0.0) if t == 0 else shortest_arc(forward[t], Z)
        pose = [root] * len(frame)
        for chain in body.chains:
            before = root
            for parent, joint in pairwise(chain):
                absolute = shortest_arc(body.rest[joint], minus(frame[joint], frame[parent]))
                pose[joint] = multiply(inverse(before), absolute)
                before = multiply(before, pose[joint])
        poses.append(pose)
    return poses


def gaussian(values: list[Vector]) -> list[Vector]:
    reach = 4 * SIGMA
    weights = [math.exp(-0.5 * (k / SIGMA) ** 2) for k in range(-reach, reach + 1)]
    total = sum(weights)
    smooth = []
    for t in range(len(values)):
        sums = [0.0, 0.0, 0.0]
        for k, weight in zip(range(-reach, reach + 1), weights, strict=True):
            value = values[min(max(t + k, 0), len(values) - 1)]
            for axis in range(3):
                sums[axis] += weight / total * value[axis]
        smooth.append((sums[0], sums[1], sums[2]))
    return smooth


def parents_of(body: Body) -> dict[int, int]:
    return {joint: before for chain in body.chains for before, joint in pairwise(chain)}


def plus(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def times(a: Vector, factor: float) -> Vector:
    return a[0] * factor, a[1] * factor, a[2] * factor


def dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def length(a: Vector) -> float:
    return math.sqrt(dot(a, a))


def unit(a: Vector) -> Vector:
    return times(a, 1 / length(a))


def shortest_arc(u: Vector, v: Vector) -> Quaternion:
    x, y, z = cross(u, v)
    w = length(u) * length(v) + dot(u, v)
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    return w / norm, x / norm, y / norm, z / norm


def inverse(q: Quaternion) -> Quaternion:
    return q[0], -q[1], -q[2], -q[3]


def multiply(p: Quaternion, q: Quaternion) -> Quaternion:
    a, u = p[0], (p[1], p[2], p[3])
    b, v = q[0], (q[1], q[2], q[3])
    x, y, z = plus(plus(times(v, a), times(u, b)), cross(u, v))
    return a * b - dot(u, v), x, y, z


def rotate(q: Quaternion, v: Vector) -> Vector:
    _, x, y, z = multiply(multiply(q, (0.0, *v)), inverse(q))
    return x, y, z
