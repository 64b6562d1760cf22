"""How far joins are from the take's own steps, on motions made by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from chronomotion.motion.join_steps import JoinSteps, local_poses, pose_distance
from chronomotion.motion.joins import reordered
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from toys import move, rest_bones

ARM = (19, 21)
"""The bones below the shoulder: lifting them turns neither hips nor shoulders, by which a heading is known."""


def body(angles, speed=0.0) -> Motion:
    """A body whose right arm is lifted forward by an angle a frame, and which glides forward (metres a frame)."""
    bones = np.repeat(rest_bones()[None], len(angles), axis=0)
    for joint in ARM:
        y = rest_bones()[joint - 1, 1]
        bones[:, joint - 1, 1] = y * np.cos(angles)
        bones[:, joint - 1, 2] = -y * np.sin(angles)
    positions = HUMANML3D_LAYOUT.path_to @ bones + np.array([0, 1.0, 0])
    positions[..., 2] += speed * np.arange(len(angles))[:, None]
    return Motion(positions, 20.0)


def touching(*bounds: float) -> tuple[tuple[float, float], ...]:
    """Spans of events, each from one bound to the next."""
    return tuple((float(start), float(end)) for start, end in itertools.pairwise(bounds))


def turned(motion: Motion, yaw: float) -> Motion:
    cos, sin = math.cos(yaw), math.sin(yaw)
    turn = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    return Motion(motion.positions @ turn + np.array([3.0, 0.2, -1.0]), motion.fps)


def lifting(frames: int) -> Motion:
    """Arm down for 2 s, lifted within so many frames, up for 2 s."""
    share = np.linspace(0, 1, frames)
    return body(np.pi / 2 * np.concatenate([np.zeros(40), share**2 * (3 - 2 * share), np.ones(40)]))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_perfect_continuation_is_no_step(order):
    """A gliding body looks the same everywhere: each part continues each other one."""
    (join,) = JoinSteps(body(np.zeros(60), speed=0.05), touching(0, 1.5, 3)).of(order)
    assert join.pose == pytest.approx(0, abs=1e-6)
    assert join.pose_share == pytest.approx(0, abs=1e-4)
    assert join.acceleration_share == pytest.approx(0, abs=1e-2)
    assert join.speed_share == pytest.approx(1, abs=1e-3)
    assert join.meets
    assert join.neighbours == (order == (0, 1))
    assert join.inserted == 0.2


def test_the_cut_of_a_recording_is_one_of_its_own_steps():
    walk = body(0.6 * np.sin(np.arange(100) / 5), speed=0.03)
    (join,) = JoinSteps(walk, touching(0, 2.5, 5)).of((0, 1))
    poses = local_poses(walk)
    assert join.pose == pytest.approx(pose_distance(poses[49:50], poses[50:51])[0], abs=1e-6)
    assert join.pose_share < 0.3
    assert join.meets


def test_the_distance_is_that_of_poses_counted_joint_by_joint():
    take = lifting(40)
    down, up = take.positions[0], take.positions[-1]
    by_hand = max(math.dist(down[j] - down[0], up[j] - up[0]) for j in range(22))
    assert by_hand > 0.5, "the hand"
    joins = JoinSteps(take, touching(0, 2, 4, 6)).of((0, 2, 1))
    assert [join.pose for join in joins] == pytest.approx([by_hand, by_hand], rel=1e-4)
    assert [join.neighbours for join in joins] == [False, False]


@pytest.mark.parametrize("yaw", [0.3, 2.0, -3.0])
def test_place_height_and_heading_are_no_part_of_a_pose(yaw):
    take = move("raise-left-hand", np.random.default_rng(0), frames=40)
    assert np.allclose(local_poses(take), local_poses(turned(take, yaw)), atol=1e-5)
    assert pose_distance(local_poses(take), np.roll(local_poses(take), 20, axis=0)).max() > 0.05


def test_what_is_far_is_measured_by_the_pace_of_the_take():
    """The same two poses meet in a take that goes from one to the other at once, and not in one that takes 2 s."""
    slow, fast = lifting(40), lifting(4)
    slow_join = JoinSteps(slow, touching(0, 2, 6)).of((1, 0))[0]
    fast_join = JoinSteps(fast, touching(0, 2, 4.2)).of((1, 0))[0]
    assert slow_join.pose == pytest.approx(fast_join.pose, rel=1e-4)
    assert (slow_join.meets, fast_join.meets) == (False, True)
    assert slow_join.acceleration_share > 1 > fast_join.acceleration_share
    assert slow_join.speed_share > 0.9


def test_speed_and_acceleration_are_those_of_the_joined_motion_counted_joint_by_joint():
    take, spans, order = lifting(20), touching(0, 2.5, 5), (1, 0)
    (join,) = JoinSteps(take, spans).of(order)
    whole, ((_, end), (start, _)) = reordered(take, spans, order)
    last, first = round(end * 20) - 1, round(start * 20)

    def step(positions, t):
        return max(math.dist(positions[t, j], positions[t + 1, j]) for j in range(22))

    def bend(positions, t):
        a, b, c = positions[t - 1], positions[t], positions[t + 1]
        return max(float(np.linalg.norm((c[j] - b[j]) - (b[j] - a[j]))) for j in range(22))

    speed = max(step(whole.positions, t) for t in range(last, first))
    acceleration = max(bend(whole.positions, t) for t in range(last, first + 1))
    steps = [step(take.positions, t) for t in range(take.frames - 1)]
    bends = [bend(take.positions, t) for t in range(1, take.frames - 1)]
    assert join.speed_share == pytest.approx(speed / np.percentile(steps, 99), rel=1e-3)
    assert join.acceleration_share == pytest.approx(acceleration / np.percentile(bends, 99), rel=1e-3)
    poses = [take.positions[t] - take.positions[t, 0] for t in range(take.frames)]
    apart = [
        max(math.dist(poses[t][j], poses[t + first - last][j]) for j in range(22))
        for t in range(take.frames - first + last)
    ]
    assert join.pose_share == pytest.approx(join.pose / np.percentile(apart, 99), rel=1e-3)


def test_inserted_seconds_are_those_of_the_joined_motion():
    take = lifting(40)
    spans = touching(0, 2, 4, 6)
    _, joined = reordered(take, spans, (2, 0, 1))
    gaps = [joined[i + 1][0] - joined[i][1] for i in range(2)]
    assert [join.inserted for join in JoinSteps(take, spans).of((2, 0, 1))] == pytest.approx(gaps)
    assert gaps[0] > gaps[1] > 0, "from an arm that is up to one that is down takes longer than going on"


def test_a_take_that_stands_still_has_a_pace():
    (join,) = JoinSteps(body(np.zeros(40)), touching(0, 1, 2)).of((1, 0))
    assert (join.pose_share, join.speed_share, join.acceleration_share) == pytest.approx((0, 0, 0), abs=1e-3)


def test_an_order_is_a_permutation():
    with pytest.raises(ValueError, match="not a permutation of 2 spans"):
        JoinSteps(lifting(40), touching(0, 2, 6)).of((0, 0))
