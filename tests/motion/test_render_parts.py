"""The parts of pictures: camera, canvas, ground, figure, words and event spans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.motion.motion import Motion
from chronomotion.motion.render import EVENT_COLOURS, film_frames, film_strip
from chronomotion.motion.render.camera import Camera, facing, followed_path, three_quarter_yaw
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.figure import StickFigure
from chronomotion.motion.render.ground import Ground
from chronomotion.motion.render.lettering import fit, font, plain, shorten, tick_step
from chronomotion.motion.render.palette import NO_EVENT, colour_of, lay_out_events
from chronomotion.motion.skeleton import Skeleton
from walker import walking

pytest.importorskip("PIL")


def test_events_are_laid_out_in_order_and_cut_at_the_next():
    spans = lay_out_events([(2.0, 9.0, " sits \n down"), (-1.0, 3.0, "walks"), (3.0, 3.0, "nothing")], duration=4.0)
    assert [(span.start, span.end, span.words) for span in spans] == [(0.0, 2.0, "walks"), (2.0, 3.0, "sits down")]
    assert colour_of(spans, 1.0) == EVENT_COLOURS[0]
    assert colour_of(spans, 2.0) == EVENT_COLOURS[1]
    assert colour_of(spans, 3.5) == NO_EVENT


@given(words=st.text(max_size=80), width=st.floats(1, 300), size=st.floats(6, 30))
@settings(max_examples=60, deadline=None)
def test_shortened_and_fitted_words_fit(words, width, size):
    letters = font(size)
    assert letters.getlength(shorten(plain(words), width, letters)) <= width
    lines, used = fit(plain(words), width, 3 * size, size)
    assert all(used.getlength(line) <= width for line in lines)
    assert len(lines) <= max(1, 3 * size / (1.16 * used.size))


def test_plain_keeps_what_the_font_can_write():
    assert plain("Zo\xeb\u2019s  na\xefve \u2014 walk\n\u201cspin\u201d \u65e5") == 'Zoe\'s naive - walk "spin" ?'


@given(duration=st.floats(0.01, 1e5), width=st.floats(100, 2000))
@settings(max_examples=60, deadline=None)
def test_ticks_have_room(duration, width):
    step = tick_step(duration, width, 14.0)
    assert width * step / duration >= 3.4 * 14 - 1e-6 or step >= duration


def test_camera_puts_the_target_at_its_centre_and_keeps_right_and_left():
    camera = Camera(yaw=0.7, pitch=0.2, distance=5.0, scale=100.0, centre=(320.0, 240.0))
    target = np.array([3.0, 1.0, -2.0])
    np.testing.assert_allclose(camera.axes @ camera.axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera.axes) == pytest.approx(1.0)
    np.testing.assert_allclose(camera.project(target, target), [320, 240, 0, 100])
    right, up, towards = camera.axes
    np.testing.assert_allclose(camera.project(target + right, target)[:2], [420, 240])
    np.testing.assert_allclose(camera.project(target + up, target)[:2], [320, 140])
    nearer = camera.project(target + towards, target)
    assert nearer[2] < 0
    assert nearer[3] == pytest.approx(125.0)


@pytest.mark.parametrize("turn", [0.0, 1.0, 2.5, -2.0])
def test_person_is_seen_from_ahead_facing_right(turn):
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    motion = Motion((walking(10, speed=0.0).positions @ rotation.T).astype(np.float32), 20.0)
    forward = facing(motion)[0]
    np.testing.assert_allclose(forward, [sine, 0, cosine], atol=1e-5)
    camera = Camera(three_quarter_yaw(motion), 0.0, 40.0, 1.0, (0.0, 0.0))
    assert camera.axes[0] @ forward > 0.5
    assert camera.axes[2] @ forward > 0.5


def test_followed_path_is_smooth_and_keeps_straight_walks():
    path = followed_path(walking(200))
    np.testing.assert_allclose(path[40:160, 2], walking(200).positions[40:160, 0, 2], atol=1e-4)
    shaken = Motion(walking(200).positions + np.random.default_rng(0).normal(0, 0.1, (200, 1, 3)), 20.0)
    assert np.diff(followed_path(shaken), axis=0).std() < 0.2 * np.diff(shaken.positions[:, 0], axis=0).std()


def test_nearer_limb_hides_the_farther_one_whatever_the_order():
    starts = np.array([[10.0, 30.0, 0.0, 6.0], [30.0, 10.0, -50.0, 6.0]])
    ends = np.array([[50.0, 30.0, 0.0, 6.0], [30.0, 50.0, -50.0, 6.0]])
    for order in ([0, 1], [1, 0]):
        canvas = Canvas.blank(60, 60, (255, 255, 255))
        canvas.capsules(starts[order], ends[order], np.array([[200.0, 0, 0], [0, 0, 200.0]])[order])
        red, _, blue = canvas.planes[:, 30, 30]
        assert blue > 130 > 40 > red
        assert canvas.planes[0, 30, 15] > 130


@given(angle=st.floats(0, 6.3), length=st.floats(0, 40), radius=st.floats(1.5, 8))
@settings(max_examples=40, deadline=None)
def test_capsule_covers_its_own_area(angle, length, radius):
    """Smooth edges: the sum of coverage is the area of a capsule, pi r^2 + 2 r length."""
    canvas = Canvas.blank(120, 120, (255, 255, 255))
    start = np.array([[60.3, 59.6, 0.0, radius]])
    end = start + np.array([[length * np.cos(angle), length * np.sin(angle), 0.0, 0.0]])
    canvas.capsules(start, end, np.array([[0.0, 0.0, 0.0]]))
    covered = (1 - canvas.planes[0] / 255).sum()
    assert covered == pytest.approx(np.pi * radius**2 + 2 * radius * length, rel=0.04, abs=1.5)


def test_stroke_covers_its_area_and_is_clipped_at_the_edges():
    canvas = Canvas.blank(100, 50, (255, 255, 255))
    canvas.stroke(np.array([[20.0, 25.0], [80.0, 25.0]]), 4.0, (0, 0, 0))
    assert (1 - canvas.planes[0] / 255).sum() == pytest.approx(4 * 60 + np.pi * 4, rel=0.08)
    canvas.stroke(np.array([[-500.0, 10.0], [500.0, 10.0]]), 4.0, (0, 0, 0))
    assert (canvas.planes[0, 10] < 5).all()
    canvas.stroke(np.array([[300.0, 300.0]]), 9.0, (0, 0, 0))


def test_grid_stays_in_the_world():
    """When the camera travels by whole cells the picture of the grid is the same; by half a cell it is not."""
    camera = Camera(0.4, 0.3, 8.0, 60.0, (100.0, 70.0))
    ground = Ground(camera, 200, 150, lift=0.9, cell=0.5, reach=7.0)
    pictures = []
    for target in ([0.0, 0.9, 0.0], [1.5, 0.9, -4.0], [0.25, 0.9, 0.0]):
        canvas = Canvas.blank(200, 150, (255, 255, 255))
        ground.draw(canvas, np.array(target))
        pictures.append(canvas.planes)
    np.testing.assert_allclose(pictures[0], pictures[1], atol=0.5)
    assert np.abs(pictures[0] - pictures[2]).max() > 30


def test_grid_lines_pass_where_the_camera_sees_them():
    camera = Camera(0.4, 0.3, 8.0, 60.0, (100.0, 70.0))
    canvas = Canvas.blank(200, 150, (255, 255, 255))
    target = np.array([0.3, 0.9, 0.2])
    Ground(camera, 200, 150, lift=0.9, cell=0.5, reach=7.0).draw(canvas, target)
    crossings = np.array([[0.5, 0.0, 0.5], [0.0, 0.0, 0.0], [-0.5, 0.0, 0.5], [1.0, 0.0, 0.0]])
    for x, y, _, _ in camera.project(crossings, target):
        assert canvas.planes[0, int(y), int(x)] < 215
    for x, y, _, _ in camera.project(crossings + np.array([0.25, 0.0, 0.25]), target):
        assert canvas.planes[0, int(y), int(x)] == 255


ODD = Skeleton(
    "odd",
    ("Hips", "Spine", "Head", "LeftHand", "RightHand", "LeftFoot", "RightFoot", "Tail"),
    (-1, 0, 1, 1, 1, 0, 0, 0),
)


@pytest.mark.parametrize(
    "skeleton", [ODD, Skeleton("dot", ("root",), (-1,)), Skeleton("chain", ("a", "b", "c"), (-1, 0, 1))]
)
@pytest.mark.parametrize("scale", [1.0, 100.0, 0.0])
def test_any_skeleton_in_any_unit_can_be_drawn(tmp_path, skeleton, scale):
    places = np.random.default_rng(1).normal(0, 0.4 * scale, (5, len(skeleton), 3))
    motion = Motion(places, 10.0, skeleton)
    assert film_strip(motion, tmp_path / "strip.png", width=600).is_file()
    assert len(list(film_frames(motion, fps=10.0, size=(120, 100)))) == 5


def test_sides_come_from_names_and_pairs():
    figure = StickFigure.of(Motion(np.random.default_rng(1).normal(0, 0.4, (3, 8, 3)), 10.0, ODD))
    hands = {
        int(start): int(side)
        for start, end, side in zip(figure.starts, figure.ends, figure.sides, strict=True)
        if end >= 8
    }
    assert hands[ODD.index("LeftHand")] == 1
    assert hands[ODD.index("RightHand")] == 2
    paired = Skeleton("paired", ("root", "ankle_a", "ankle_b", "toe_a", "toe_b"), (-1, 0, 0, 1, 2), ((1, 2), (3, 4)))
    figure = StickFigure.of(Motion(np.random.default_rng(1).normal(0, 0.4, (3, 5, 3)), 10.0, paired))
    assert list(figure.sides) == [0, 0, 1, 2]


def test_figure_has_the_height_of_a_person_and_stands_on_the_floor():
    figure = StickFigure.of(walking())
    assert 1.5 < figure.height < 1.9
    assert figure.floor == pytest.approx(0.0, abs=0.02)
