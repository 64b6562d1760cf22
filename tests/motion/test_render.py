"""Film strips, contact sheets and films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chronomotion.motion.render.films as film_module
import chronomotion.motion.render.strip as strip_module
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import FormatError
from chronomotion.motion.motion import Motion
from chronomotion.motion.render import EVENT_COLOURS, contact_sheet, film, film_frames, film_strip, film_strips
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.palette import NO_EVENT, Shades
from chronomotion.motion.render.pose_row import PoseRow
from chronomotion.motion.skeleton import HUMANML3D
from walker import walking

Image = pytest.importorskip("PIL.Image")

EVENTS = [(0.0, 0.8, "walks"), (0.8, 1.4, "turns left"), (1.4, 2.0, "sits down")]


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def holds(picture: np.ndarray, colour: tuple[int, int, int], tolerance: int = 0) -> int:
    """How many pixels have a colour."""
    return int((np.abs(picture.astype(int) - colour) <= tolerance).all(axis=-1).sum())


# -- film strips


def test_strip_has_the_width_and_the_colours_of_its_events(tmp_path):
    path = film_strip(walking(), tmp_path / "strip.png", events=EVENTS, title="A walk", width=1000)
    picture = pixels(path)
    assert picture.shape[1] == 1000
    assert 200 < picture.shape[0] < 500
    for colour in EVENT_COLOURS[:3]:
        assert holds(picture, colour) > 1000  # The bar, in the exact colour.
    assert holds(picture, EVENT_COLOURS[3]) == 0


def test_strip_shows_left_and_right_in_tones_of_the_event(tmp_path):
    picture = pixels(film_strip(walking(), tmp_path / "strip.png", events=[(0, 2, "walks")]))
    tones = Shades.of(EVENT_COLOURS[0])
    for tone in (tones.left, tones.right):
        # Limbs are lit from the side: their pixels lie between the tone and four fifths of it.
        lit = [tuple(round(value * share) for value in tone) for share in (0.85, 0.9, 0.95)]
        assert sum(holds(picture, colour, 4) for colour in lit) > 200


def test_strip_is_the_same_every_time_and_leaves_nothing_else(tmp_path):
    first = film_strip(walking(), tmp_path / "one.png", events=EVENTS).read_bytes()
    second = film_strip(walking(), tmp_path / "two.png", events=EVENTS).read_bytes()
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_strip_event_bar_lies_where_the_times_say(tmp_path):
    picture = pixels(film_strip(walking(), tmp_path / "strip.png", events=[(0.5, 1.5, "")]))
    bar = [row for row in picture if holds(row[None], EVENT_COLOURS[0]) > 300][5]
    columns = np.flatnonzero((bar == EVENT_COLOURS[0]).all(axis=-1))
    left, right = 236, 1572
    assert columns[0] == pytest.approx(left + 0.25 * (right - left), abs=2)
    assert columns[-1] == pytest.approx(left + 0.75 * (right - left), abs=3)


@pytest.mark.parametrize("motion", [walking(1), walking(2), walking(200, speed=5.0), walking(600, speed=0.0)])
@pytest.mark.parametrize("events", [(), [(0.0, 500.0, "unpronounceable" * 9)]])
def test_strip_of_one_frame_and_of_long_ways(tmp_path, motion, events):
    picture = pixels(film_strip(motion, tmp_path / "strip.png", events=events, width=700))
    shades = NO_EVENT if not events else EVENT_COLOURS[0]
    lit = tuple(round(0.95 * value) for value in shades)
    assert holds(picture, lit, 6) > 50  # There is somebody in the picture.


def test_words_never_leave_their_piece_of_the_bar(tmp_path):
    quiet = [(0.0, 1.0, ""), (1.0, 1.1, ""), (1.1, 2.0, "")]
    loud = [
        (start, end, "antidisestablishmentarianism and more, without any end in sight " * 3) for start, end, _ in quiet
    ]
    bare = pixels(film_strip(walking(), tmp_path / "bare.png", events=quiet)).astype(int)
    full = pixels(film_strip(walking(), tmp_path / "full.png", events=loud)).astype(int)
    changed = (bare != full).any(axis=-1)
    on_bar = np.isin(bare @ [65536, 256, 1], [np.array(colour) @ [65536, 256, 1] for colour in EVENT_COLOURS[:3]])
    assert changed.any()
    assert (on_bar | ~changed).all()


def test_strips_of_several_motions_stand_below_one_another(tmp_path):
    one = pixels(film_strip(walking(), tmp_path / "one.png", events=EVENTS, title="one"))
    two = pixels(film_strips([walking()] * 2, tmp_path / "two.png", events=[EVENTS] * 2, titles=["one", "one"]))
    np.testing.assert_array_equal(two[: len(one)], one)
    assert len(two) == 2 * len(one)


def test_number_of_poses_is_kept(tmp_path):
    for count in (1, 3, 11):
        row = PoseRow.of(walking(), (0.0, 1000.0, 250.0), 200.0, count, count)
        np.testing.assert_array_equal(row.frames, ((np.arange(count) + 0.5) / count * 40).astype(int))
    assert film_strip(walking(), tmp_path / "strip.png", poses=3).is_file()


@pytest.mark.parametrize("spread", [0.2, 0.9, 3.0])
def test_poses_do_not_overlap(spread):
    """With arms of any length, a column of untouched floor stays between any two poses."""
    motion = walking()
    positions = motion.positions.copy()
    for joint, name in enumerate(HUMANML3D.joints):
        if name.endswith("wrist"):
            positions[:, joint, 0] += spread if name.startswith("left") else -spread
    row = PoseRow.of(Motion(positions, 20.0), (20.0, 980.0, 250.0), 200.0, 4, 12)
    canvas = Canvas.blank(1000, 300, (255, 255, 255))
    row.draw(canvas, [EVENT_COLOURS[0]] * len(row.frames))
    somebody = (canvas.depth < 1e8).any(axis=0)
    assert (np.diff(somebody.astype(int)) == 1).sum() == len(row.frames) >= 4


# -- what goes wrong


@pytest.mark.parametrize(("draw", "name"), [(film_strip, "a.jpg"), (film_strip, "a"), (film, "a.avi"), (film, "a.png")])
def test_unknown_suffix_is_one_clear_line(tmp_path, draw, name):
    with pytest.raises(FormatError, match=r"use \.(png|gif or \.mp4)$") as caught:
        draw(walking(), tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    for suffix in (".gif", ".mp4"):
        path = tmp_path / f"film{suffix}"
        path.write_bytes(b"precious")

        def broken(stage, number, drawn=film_module.Stage.frame):
            if number == 5:
                raise KeyboardInterrupt
            return drawn(stage, number)

        with monkeypatch.context() as patch:
            patch.setattr(film_module.Stage, "frame", broken)
            with pytest.raises(KeyboardInterrupt):
                film(walking(), path, size=(160, 120))
        assert path.read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_failing_strip_leaves_nothing(tmp_path, monkeypatch):
    class Broken:
        def save(self, part, **_):
            part.write_bytes(b"half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(strip_module, "_stacked", lambda rows: Broken())
    with pytest.raises(FormatError, match="No space left on device"):
        film_strip(walking(), tmp_path / "strip.png")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FormatError, match="cannot be written"):
        film_strip(walking(), tmp_path / "file" / "strip.png")


@pytest.mark.parametrize("event", [(1.0, 0.5, "back"), (float("nan"), 1.0, "nan"), (0.0, float("inf"), "endless")])
def test_events_must_have_sensible_times(tmp_path, event):
    with pytest.raises(ValueError, match=event[2]):
        film_strip(walking(), tmp_path / "strip.png", events=[event])


def test_joints_must_be_finite(tmp_path):
    positions = walking().positions.copy()
    positions[7, 3] = np.nan
    with pytest.raises(ValueError, match=r"'odd': 1 frames with joints that are not finite, first 7"):
        film_strip(Motion(positions, 20.0, name="odd"), tmp_path / "strip.png")


def test_wrong_counts_and_sizes(tmp_path):
    with pytest.raises(ValueError, match="2 motions but 1 titles"):
        film_strips([walking()] * 2, tmp_path / "a.png", titles=["one"])
    with pytest.raises(ValueError, match="no motion"):
        film_strips([], tmp_path / "a.png")
    with pytest.raises(ValueError, match="no motion"):
        film([], tmp_path / "a.gif")
    with pytest.raises(ValueError, match="width >= 480"):
        film_strip(walking(), tmp_path / "a.png", width=100)
    with pytest.raises(ValueError, match="each needs 96 x 96"):
        film([walking()] * 9, tmp_path / "a.gif")
    with pytest.raises(ValueError, match="50 frames a second, not 100"):
        film(walking(), tmp_path / "a.gif", fps=100)
    with pytest.raises(ValueError, match="40 columns"):
        contact_sheet([walking()], tmp_path / "a.png", columns=40)
    assert list(tmp_path.iterdir()) == []


# -- contact sheets


def test_contact_sheet_places_every_motion(tmp_path):
    picture = pixels(contact_sheet([walking()] * 7, tmp_path / "sheet.png", columns=3, width=900))
    assert picture.shape[1] == 900
    rows = 3
    cell = len(picture) // rows
    lit = tuple(round(0.95 * value) for value in EVENT_COLOURS[0])
    shown = [
        holds(picture[row * cell : (row + 1) * cell, column * 300 : (column + 1) * 300], lit, 8) > 50
        for row in range(rows)
        for column in range(3)
    ]
    assert shown == [True] * 7 + [False] * 2


# -- films


@pytest.mark.parametrize(("fps", "frames"), [(None, 40), (10.0, 20), (25.0, 49)])
def test_gif_has_every_frame_and_lasts_as_long_as_the_motion(tmp_path, fps, frames):
    path = film(walking(40), tmp_path / "walk.gif", events=EVENTS, fps=fps, size=(200, 150))
    with Image.open(path) as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (frames, (200, 150), 0)
        lasting = 0
        for number in range(image.n_frames):
            image.seek(number)
            lasting += image.info["duration"]
    assert lasting == pytest.approx(1000 * frames / (fps or 20.0), abs=10)


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_film_of_one_frame(tmp_path, suffix):
    if suffix == ".mp4":
        pytest.importorskip("av")
    assert film(walking(1), tmp_path / f"still{suffix}", size=(160, 120)).stat().st_size > 500


def test_gif_frames_show_the_event_they_lie_in(tmp_path):
    events = [(0.0, 0.9, "one"), (0.9, 1.0, "short"), (1.0, 2.0, "two")]
    with Image.open(film(walking(40), tmp_path / "walk.gif", events=events, size=(320, 240))) as image:
        for number, colour in ((5, EVENT_COLOURS[0]), (18, EVENT_COLOURS[1]), (30, EVENT_COLOURS[2])):
            image.seek(number)
            stage = np.asarray(image.convert("RGB"))[:170]  # Without the bar, which shows all of them.
            lit = tuple(round(0.95 * value) for value in colour)
            others = [c for c in EVENT_COLOURS[:3] if c != colour]
            assert holds(stage, lit, 14) > 100
            assert all(holds(stage, tuple(round(0.95 * v) for v in c), 14) < holds(stage, lit, 14) / 3 for c in others)


def test_mp4_can_be_read_again(tmp_path):
    av = pytest.importorskip("av")
    path = film([walking(40), walking(20)], tmp_path / "two.mp4", events=[EVENTS, ()], size=(401, 201))
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert float(container.streams.video[0].average_rate) == 20.0
    assert len(frames) == 40
    assert frames[0].shape == (200, 400, 3)
    drawn = next(film_frames([walking(40), walking(20)], events=[EVENTS, ()], fps=20.0, size=(400, 200)))
    assert np.abs(frames[0].astype(int) - np.asarray(drawn)).mean() < 3


def test_shorter_motion_waits_in_its_last_pose():
    frames = [np.asarray(f)[:120] for f in film_frames([walking(40), walking(20)], titles=["a", "b"], size=(400, 200))]
    assert (frames[25][:, 200:] == frames[39][:, 200:]).all()
    assert (frames[25][:, :200] != frames[39][:, :200]).any()


def test_film_draws_the_same_frame_whatever_was_drawn_before():
    """Frames share memory between one another; nothing of one may show in the next."""
    once = [np.asarray(frame) for frame in film_frames(walking(8), events=EVENTS, size=(200, 150))]
    again = list(film_frames(walking(8), events=EVENTS, size=(200, 150)))
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first, np.asarray(second))
    assert (once[0] != once[7]).any()


def test_film_follows_a_walk_of_fifty_metres():
    columns = []
    for frame in film_frames(walking(100, speed=10.0), events=[(0, 5, "")], size=(240, 180)):
        stage = np.asarray(frame).astype(int)[:115]
        blue = (stage[..., 2] - stage[..., 0] > 90).any(axis=0)
        columns.append(np.flatnonzero(blue).mean())
    assert np.abs(np.array(columns) - 120).max() < 60


def test_procedural_motion_is_drawn(tmp_path):
    motion = ProceduralClips(1).clip("jumping-jack", "pictures")
    half = motion.duration / 2
    picture = pixels(film_strip(motion, tmp_path / "strip.png", events=[(0, half, "one"), (half, 2 * half, "two")]))
    for colour in EVENT_COLOURS[:2]:
        assert holds(picture, colour) > 5000


def test_real_motion_is_drawn(shared, tmp_path):
    motion = Motion(np.load(shared / "golden/humanml3d/012314_joints.npy"), 20.0)
    picture = pixels(film_strip(motion, tmp_path / "strip.png", events=[(0, 4, "one"), (4, 8.5, "two")]))
    for colour in EVENT_COLOURS[:2]:
        assert holds(picture, colour) > 5000
