"""Physical figures: motions made by hand whose figures are known, and a naive twin of the published ratio."""

import numpy as np
import pytest

from chronomotion.evaluation.generation.physical import (
    estimated_floor,
    joint_jerk,
    physical_figures,
    skating_ratio,
)
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import KITML
from toys import rest_bones

FPS = 20.0


def standing(frames=60, height=0.0):
    """A body that stands still with its lowest joint at a height."""
    body = HUMANML3D_LAYOUT.path_to @ rest_bones()
    body[:, 1] += height - body[:, 1].min()
    return np.repeat(body[None], frames, axis=0)


def figures(positions, spans=None, **settings):
    return physical_figures([Motion(positions, FPS)], None if spans is None else [spans], **settings)


def naive_skating(toes, fps):
    """Frame by frame, as the definition reads."""
    frames = len(toes) - 1
    speed = [[fps * np.hypot(*(toes[t + 1, foot] - toes[t, foot])[[0, 2]]) for foot in range(2)] for t in range(frames)]
    skating = 0
    for t in range(frames):
        for foot in range(2):
            around = sum(speed[u][foot] for u in range(max(0, t - 2), min(frames, t + 3))) / 5
            low = toes[t, foot, 1] < 0.05 and toes[t + 1, foot, 1] < 0.05
            if low and speed[t][foot] > 0.5 and around > 0.5:
                skating += 1
                break
    return skating / frames


def test_skating_is_the_published_ratio():
    rng = np.random.default_rng(0)
    for _ in range(5):
        toes = np.cumsum(rng.normal(0, 0.03, (80, 2, 3)), axis=0)
        toes[..., 1] = np.abs(toes[..., 1])
        assert skating_ratio(toes, FPS) == pytest.approx(naive_skating(toes, FPS))


def test_standing_still_is_perfect():
    still = figures(standing())
    assert (still.skating, still.toe_speed, still.penetration, still.floating, still.jerk) == (0, 0, 0, 0, 0)
    assert still.bones == pytest.approx(0, abs=1e-4)
    assert (still.joins, still.jerk_joins, still.jerk_inside) == (0, None, None)


@pytest.mark.parametrize(("speed", "ratio"), [(0.4, 0.0), (0.6, 100 * 57 / 59)])
def test_a_body_that_slides(speed, ratio):
    """Frames beyond the ends count as 0: with .6 m/s the mean of the first and last frame is 3/5 of it, .36."""
    positions = standing(60)
    positions[..., 0] += (np.arange(60) * speed / FPS)[:, None]
    sliding = figures(positions)
    assert sliding.toe_speed == pytest.approx(speed, rel=1e-4)
    expected = 100 * (59 - sum(2 for n in (3, 4) if n / 5 * speed < 0.5)) / 59 if ratio else 0.0
    assert sliding.skating == pytest.approx(expected)


def test_penetration_and_floating_are_beyond_five_millimetres():
    assert figures(standing(height=-0.004)).penetration == 0
    assert figures(standing(height=-0.02)).penetration == pytest.approx(20, rel=1e-3)
    assert figures(standing(height=0.004)).floating == 0
    assert figures(standing(height=0.03)).floating == pytest.approx(30, rel=1e-3)
    half = np.concatenate([standing(30), standing(30, -0.02)])
    assert figures(half).penetration == pytest.approx(10, rel=1e-3)


def test_toes_in_the_air_have_no_speed_on_the_floor():
    assert figures(standing(height=0.5)).toe_speed is None


def test_jerk_of_a_cubic_is_its_third_difference():
    time = np.arange(20.0)
    positions = np.zeros((20, 2, 3))
    positions[:, 1, 0] = 0.001 * time**3  # third difference of t^3 is 6
    positions[:, 1, 1] = -0.002 * time**3
    assert joint_jerk(positions) == pytest.approx(np.full(17, 0.018))


def test_jerk_at_joins_and_inside():
    """A jump of 10 cm at the join between two still events: third differences of a step are 1, -2, 1 times it."""
    positions = standing(120)
    positions[60:, :, 0] += 0.1
    jump = figures(positions, ((0.0, 3.0), (3.0, 6.0)))
    assert jump.joins == 1
    assert jump.jerk_joins == pytest.approx(0.2, rel=1e-3)
    assert jump.jerk_inside == pytest.approx(0, abs=1e-6)
    inside = figures(positions, ((0.0, 6.0), (6.0, 6.0)))
    assert inside.jerk_inside == pytest.approx(0.2, rel=1e-3)


def test_joins_are_averaged_over_motions():
    jump, still = standing(120), standing(120)
    jump[60:, :, 0] += 0.1
    spans = ((0.0, 2.9), (3.1, 6.0))
    both = physical_figures([Motion(jump, FPS), Motion(still, FPS)], [spans, spans])
    assert (both.joins, both.motions) == (2, 2)
    assert both.jerk_joins == pytest.approx(0.1, rel=1e-3)


def test_bones_that_breathe():
    positions = standing(100)
    head = 15
    positions[:, head, 1] += 0.01 * np.tile([1, -1], 50)
    breathing = figures(positions)
    bone = np.linalg.norm(positions[:, head] - positions[:, 12], axis=1).std()
    assert breathing.bones_worst == pytest.approx(1000 * bone, rel=1e-3)
    assert breathing.bones == pytest.approx(1000 * bone / 21, rel=1e-2)


def test_the_floor_of_a_file_is_estimated_from_the_feet():
    positions = standing(100, height=0.31)
    positions[:20, :, 1] += np.linspace(0.3, 0, 20)[:, None]  # it comes down first
    assert estimated_floor(Motion(positions, FPS)) == pytest.approx(0.31, abs=1e-3)
    settled = figures(positions[30:], floor="estimated")
    assert (settled.floor, settled.floating, settled.penetration) == ("estimated", 0, 0)
    assert figures(positions[30:]).floating == pytest.approx(310, rel=1e-3)


def test_motions_count_alike_whatever_their_length():
    long, short = standing(200, -0.02), standing(20)
    mean = physical_figures([Motion(long, FPS), Motion(short, FPS)])
    assert mean.penetration == pytest.approx(10, rel=1e-3)


def test_another_skeleton_has_other_toes():
    rng = np.random.default_rng(0)
    motion = Motion(rng.normal(size=(30, 21, 3)), 12.5, KITML)
    assert physical_figures([motion]).motions == 1


def test_what_cannot_be_measured_is_an_error():
    with pytest.raises(ValueError, match="no motion"):
        physical_figures([])
    with pytest.raises(ValueError, match="3 frames"):
        figures(standing(3))
