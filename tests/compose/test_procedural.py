"""Procedural motions: a body that could be real, feet that stay, and actions that can be told apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from chronomotion.corpus.compose.procedural import ACTIONS, perform
from chronomotion.errors import ConfigError
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

SEEDS = range(8)
each_action = pytest.mark.parametrize("action", sorted(ACTIONS))


@cache
def clips(action: str) -> tuple[Motion, ...]:
    return tuple(perform(action, np.random.default_rng(seed)) for seed in SEEDS)


def track(motion: Motion, joint: str) -> np.ndarray:
    return motion.positions[:, HUMANML3D.index(joint)].astype(np.float64)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def left_axis(motion: Motion) -> np.ndarray:
    across = track(motion, "left_hip") - track(motion, "right_hip")
    across += track(motion, "left_shoulder") - track(motion, "right_shoulder")
    return unit(across * [1, 0, 1])


def speeds(points: np.ndarray, fps: float) -> np.ndarray:
    return np.linalg.norm(np.diff(points, axis=0), axis=-1) * fps


# --- A body that could be real ---------------------------------------------------------------------------------------


def test_about_thirty_actions() -> None:
    assert len(ACTIONS) >= 31
    assert set(ACTIONS) == set(SHOWS)


@each_action
def test_length_and_rate(action: str) -> None:
    for motion in clips(action):
        assert motion.fps == 20.0
        assert 1.2 <= motion.duration <= 3.5
        assert np.isfinite(motion.positions).all()


@each_action
def test_reference_bone_lengths_in_every_frame(action: str) -> None:
    parents = list(HUMANML3D.parents[1:])
    for motion in clips(action):
        lengths = np.linalg.norm(motion.positions[:, 1:] - motion.positions[:, parents], axis=-1)
        np.testing.assert_allclose(
            lengths, np.tile(HUMANML3D_LAYOUT.bone_lengths[1:], (motion.frames, 1)), rtol=0, atol=1e-4
        )


@each_action
def test_starts_at_the_origin_facing_forward(action: str) -> None:
    for motion in clips(action):
        np.testing.assert_allclose(motion.positions[0, 0, [0, 2]], 0, atol=1e-5)
        np.testing.assert_allclose(left_axis(motion)[0], [1, 0, 0], atol=1e-4)


@each_action
def test_the_floor_bears_the_body(action: str) -> None:
    for motion in clips(action):
        lowest = motion.positions[:, :, 1].min(axis=1)
        assert lowest.min() > -0.01
        assert abs(lowest[0]) < 0.01
        # Flight is short: nobody hovers for more than 0.6 s.
        airborne = np.convolve(lowest > 0.02, np.ones(12), mode="valid")
        assert airborne.max() < 12


def contact_speeds(motion: Motion) -> np.ndarray:
    """Horizontal speeds of toes and ankles from one frame to the next, wherever they are down in both."""
    found = []
    for side in ("left", "right"):
        for joint, height in ((f"{side}_foot", 0.02), (f"{side}_ankle", 0.075)):
            place = track(motion, joint)
            down = place[:, 1] < height
            found.append(speeds(place[:, [0, 2]], motion.fps)[down[1:] & down[:-1]])
    return np.concatenate(found)


@each_action
def test_feet_do_not_slide(action: str) -> None:
    slides = np.concatenate([contact_speeds(motion) for motion in clips(action)])
    assert len(slides) > 100
    assert np.percentile(slides, 95) < 0.15
    assert slides.max() < 0.4


@each_action
def test_a_standing_foot_does_not_creep(action: str) -> None:
    for motion in clips(action):
        for foot in ("left_foot", "right_foot"):
            place = track(motion, foot)
            down = place[:, 1] < 0.005
            for stance in np.split(place[:, [0, 2]], np.flatnonzero(np.diff(down)) + 1)[0 if down[0] else 1 :: 2]:
                assert np.ptp(stance, axis=0).max() < 0.015


@each_action
def test_knees_bend_forward(action: str) -> None:
    for motion in clips(action):
        left = unit(track(motion, "left_hip") - track(motion, "right_hip"))
        for side in ("left", "right"):
            thigh = unit(track(motion, f"{side}_knee") - track(motion, f"{side}_hip"))
            shank = unit(track(motion, f"{side}_ankle") - track(motion, f"{side}_knee"))
            assert (np.cross(thigh, shank) * left).sum(-1).min() > -0.01


@each_action
def test_elbows_bend_forward_where_the_arm_hangs(action: str) -> None:
    for motion in clips(action):
        up = unit(track(motion, "neck") - track(motion, "spine2"))
        forward = np.cross(unit(track(motion, "left_shoulder") - track(motion, "right_shoulder")), up)
        for side in ("left", "right"):
            upper = unit(track(motion, f"{side}_elbow") - track(motion, f"{side}_shoulder"))
            fore = unit(track(motion, f"{side}_wrist") - track(motion, f"{side}_elbow"))
            along = (fore * upper).sum(-1, keepdims=True)
            bend = fore - along * upper
            hanging = (upper * up).sum(-1) < -0.8
            assert (bend * forward).sum(-1)[hanging].min(initial=0.0) > -0.05
            assert along.min() > np.cos(np.radians(155))


@each_action
def test_nothing_moves_faster_than_people_do(action: str) -> None:
    for motion in clips(action):
        step = np.linalg.norm(np.diff(motion.positions, axis=0), axis=-1)
        assert step.max() < 0.45
        assert step[:, HUMANML3D.index("head")].max() < 0.3
        assert max(step[0].max(), step[-1].max()) * motion.fps < 0.6


@each_action
def test_heads_are_where_heads_are(action: str) -> None:
    for motion in clips(action):
        height = track(motion, "head")[:, 1]
        assert height.min() > 0.5
        assert height.max() < 2.1
        assert height.max() > 1.4


# --- Variation and determinism ---------------------------------------------------------------------------------------


@each_action
def test_same_generator_same_clip(action: str) -> None:
    again = perform(action, np.random.default_rng(3))
    np.testing.assert_array_equal(again.positions, clips(action)[3].positions)
    assert again.name == action


@each_action
def test_no_two_clips_are_alike(action: str) -> None:
    some = clips(action)
    assert len({motion.frames for motion in some}) > 1
    for one, other in pairwise(some):
        shared = min(one.frames, other.frames)
        assert np.abs(one.positions[:shared] - other.positions[:shared]).max() > 0.03


def test_unknown_action_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no procedural action 'moonwalk'.*bow.*walk-back") as error:
        perform("moonwalk", np.random.default_rng(0))
    assert "\n" not in str(error.value)


# --- Actions that can be told apart ----------------------------------------------------------------------------------


def path_along(motion: Motion) -> tuple[float, float]:
    """How far the root goes (to the left, forward) from the first frame to the last, as seen at the first."""
    way = track(motion, "pelvis")[-1] - track(motion, "pelvis")[0]
    return float(way[0]), float(way[2])


def turned(motion: Motion) -> float:
    """Degrees from the first heading to the last, positive to the left."""
    left = left_axis(motion)
    angles = np.degrees(np.unwrap(np.arctan2(-left[:, 2], left[:, 0])))
    return float(angles[-1] - angles[0])


def airborne(motion: Motion) -> int:
    """Number of flights: times when both feet leave the floor."""
    up = motion.positions[:, [HUMANML3D.index("left_foot"), HUMANML3D.index("right_foot")], 1].min(axis=1) > 0.02
    return int((np.diff(up.astype(int)) == 1).sum())


def highest(motion: Motion, joint: str) -> float:
    return float(track(motion, joint)[:, 1].max())


def above_head(motion: Motion, side: str) -> np.ndarray:
    return track(motion, f"{side}_wrist")[:, 1] > track(motion, "head")[:, 1] + 0.1


def above_shoulder(motion: Motion, side: str) -> np.ndarray:
    return track(motion, f"{side}_wrist")[:, 1] > track(motion, f"{side}_shoulder")[:, 1]


def swings(motion: Motion, side: str) -> int:
    """How often a raised hand turns round in its way from side to side."""
    raised = track(motion, f"{side}_wrist")[above_shoulder(motion, side), 0]
    way = np.sign(np.diff(raised)[np.abs(np.diff(raised)) > 0.015])
    return int((np.diff(way) != 0).sum())


def pelvis_range(motion: Motion) -> float:
    return float(np.ptp(track(motion, "pelvis")[:, 1]))


def shoots_ahead(motion: Motion, joint: str) -> float:
    """Furthest that a joint gets in front of the pelvis, metres."""
    return float((track(motion, joint) - track(motion, "pelvis"))[:, 2].max())


def kicks(motion: Motion) -> bool:
    lifted = highest(motion, "left_foot") > 0.35 > highest(motion, "right_foot")
    return lifted and shoots_ahead(motion, "left_foot") > 0.5


def punches(motion: Motion) -> bool:
    ahead = shoots_ahead(motion, "left_wrist")
    level = track(motion, "left_wrist")[(track(motion, "left_wrist") - track(motion, "pelvis"))[:, 2].argmax(), 1]
    return ahead > 0.5 and ahead > shoots_ahead(motion, "right_wrist") + 0.15 and 1.1 < level < 1.6


def waves(motion: Motion) -> bool:
    return swings(motion, "left") >= 3 and not above_shoulder(motion, "right").any()


def raises(motion: Motion) -> bool:
    return above_head(motion, "left").mean() > 0.2 and not above_shoulder(motion, "right").any()


def hops(motion: Motion) -> bool:
    """On the left foot: the right one is up whenever the left one is."""
    left, right = track(motion, "left_foot")[:, 1], track(motion, "right_foot")[:, 1]
    return airborne(motion) >= 3 and bool((right[left > 0.02] > 0.15).all())


def kneels(motion: Motion) -> bool:
    return track(motion, "left_knee")[:, 1].min() < 0.08 and track(motion, "right_knee")[:, 1].min() > 0.3


def picks_up(motion: Motion) -> bool:
    left = track(motion, "left_wrist")[:, 1]
    return left.min() < 0.25 and left[-1] > 0.8 and track(motion, "right_wrist")[:, 1].min() > left.min() + 0.1


def throws(motion: Motion) -> bool:
    """The left hand is first up and behind, then low and in front, while the right foot steps ahead."""
    behind = track(motion, "left_wrist") - track(motion, "left_shoulder")
    cocked = (behind[:, 1] > 0.1) & (behind[:, 2] < 0)
    step = track(motion, "right_foot")[-1, 2] - track(motion, "right_foot")[0, 2]
    return bool(cocked.any()) and speeds(track(motion, "left_wrist"), 20.0).max() > 5 and step > 0.15


def claps(motion: Motion) -> bool:
    apart = np.linalg.norm(track(motion, "left_wrist") - track(motion, "right_wrist"), axis=-1)
    together = apart < 0.2
    return int((np.diff(together.astype(int)) == 1).sum()) >= 3 and not above_head(motion, "left").any()


def jacks(motion: Motion) -> bool:
    wide = track(motion, "left_foot")[:, 0] - track(motion, "right_foot")[:, 0] > 0.45
    high = above_head(motion, "left") & above_head(motion, "right")
    return airborne(motion) >= 4 and bool((wide & high).any())


def marches(motion: Motion) -> bool:
    high = min(highest(motion, "left_knee"), highest(motion, "right_knee")) > 0.62
    return high and float(np.hypot(*path_along(motion))) < 0.15 and airborne(motion) == 0


def trunk_lean(motion: Motion) -> np.ndarray:
    """Degrees between the trunk and the vertical."""
    trunk = track(motion, "neck") - track(motion, "pelvis")
    return np.degrees(np.arccos(trunk[:, 1] / np.linalg.norm(trunk, axis=-1)))


def bows(motion: Motion) -> bool:
    knees = min(track(motion, knee)[:, 1].min() for knee in ("left_knee", "right_knee"))
    return trunk_lean(motion).max() > 35 and pelvis_range(motion) < 0.12 and knees > 0.4


def stretches(motion: Motion) -> bool:
    both = above_head(motion, "left") & above_head(motion, "right")
    hands = np.linalg.norm(track(motion, "left_wrist") - track(motion, "right_wrist"), axis=-1)
    return both.mean() > 0.3 and hands[both].min() < 0.35 and airborne(motion) == 0


def squats(motion: Motion) -> bool:
    height = track(motion, "pelvis")[:, 1]
    down_and_up = height.min() < 0.68 and abs(height[0] - height[-1]) < 0.05
    feet_stay = max(highest(motion, "left_foot"), highest(motion, "right_foot")) < 0.02
    hands = min(track(motion, wrist)[:, 1].min() for wrist in ("left_wrist", "right_wrist"))
    return down_and_up and feet_stay and hands > 0.35


def jumps(motion: Motion) -> bool:
    return airborne(motion) == 1 and min(highest(motion, "left_foot"), highest(motion, "right_foot")) > 0.15


def sits(motion: Motion) -> bool:
    height = track(motion, "pelvis")[:, 1]
    back = track(motion, "left_ankle")[-1, 2] - track(motion, "pelvis")[-1, 2]
    return height[0] > 0.85 and height[-1] < 0.65 and back > 0.3 and trunk_lean(motion)[-1] < 30


def reverse(motion: Motion) -> Motion:
    return Motion(motion.positions[::-1], motion.fps)


def stands_still(motion: Motion) -> bool:
    return float(np.linalg.norm(motion.positions - motion.positions[:1], axis=-1).max()) < 0.2


def walks(motion: Motion) -> bool:
    speed = speeds(track(motion, "pelvis")[:, [0, 2]], motion.fps).max()
    return path_along(motion)[1] > 0.8 and speed < 1.8 and airborne(motion) == 0


def runs(motion: Motion) -> bool:
    speed = speeds(track(motion, "pelvis")[:, [0, 2]], motion.fps).max()
    return path_along(motion)[1] > 1.5 and speed > 1.8 and airborne(motion) >= 3


def mirrored(shows: Callable[[Motion], bool]) -> Callable[[Motion], bool]:
    return lambda motion: shows(motion.mirrored())


def either(shows: Callable[[Motion], bool]) -> Callable[[Motion], bool]:
    return lambda motion: shows(motion) or shows(motion.mirrored())


SHOWS: dict[str, Callable[[Motion], bool]] = {
    "walk": walks,
    "run": runs,
    "walk-back": lambda motion: path_along(motion)[1] < -0.6,
    "sidestep-left": lambda motion: path_along(motion)[0] > 0.3 and abs(turned(motion)) < 15,
    "sidestep-right": lambda motion: path_along(motion)[0] < -0.3 and abs(turned(motion)) < 15,
    "turn-left": lambda motion: 70 < turned(motion) < 200 and np.hypot(*path_along(motion)) < 0.2,
    "turn-right": lambda motion: -200 < turned(motion) < -70 and np.hypot(*path_along(motion)) < 0.2,
    "march": marches,
    "jump": jumps,
    "hop": either(hops),
    "jumping-jack": jacks,
    "squat": squats,
    "sit-down": sits,
    "stand-up": lambda motion: sits(reverse(motion)),
    "kneel": either(kneels),
    "bow": bows,
    "pick-up": either(picks_up),
    "stretch": stretches,
    "stand-still": stands_still,
    "kick-left": kicks,
    "kick-right": mirrored(kicks),
    "punch-left": punches,
    "punch-right": mirrored(punches),
    "wave-left-hand": waves,
    "wave-right-hand": mirrored(waves),
    "wave-both-hands": lambda motion: swings(motion, "left") >= 3 and swings(motion, "right") >= 3,
    "raise-left-hand": raises,
    "raise-right-hand": mirrored(raises),
    "raise-both-hands": lambda motion: bool((above_head(motion, "left") & above_head(motion, "right")).mean() > 0.2),
    "clap": claps,
    "throw": either(throws),
}
"""What a clip must show to deserve its name."""


@each_action
def test_the_action_shows(action: str) -> None:
    assert [seed for seed, motion in zip(SEEDS, clips(action), strict=True) if not SHOWS[action](motion)] == []


@each_action
def test_standing_still_shows_no_other_action(action: str) -> None:
    if action != "stand-still":
        assert not any(SHOWS[action](motion) for motion in clips("stand-still"))


@pytest.mark.parametrize("action", [name for name in sorted(ACTIONS) if "left" in name or "right" in name])
def test_left_is_not_right(action: str) -> None:
    other = action.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
    for motion in clips(action):
        assert not SHOWS[other](motion)
        assert SHOWS[other](motion.mirrored())


@pytest.mark.parametrize(
    ("action", "shows"), [("hop", hops), ("kneel", kneels), ("pick-up", picks_up), ("throw", throws)]
)
def test_sides_left_open_are_both_taken(action: str, shows: Callable[[Motion], bool]) -> None:
    sides = {shows(perform(action, np.random.default_rng(seed))) for seed in range(12)}
    assert sides == {True, False}


def confusions() -> list[tuple[str, str]]:
    return [
        ("walk", "run"), ("walk", "march"), ("walk", "walk-back"), ("run", "walk"), ("jump", "hop"), ("jump", "squat"),
        ("jump", "jumping-jack"), ("hop", "jump"), ("squat", "sit-down"), ("squat", "pick-up"),
        ("sit-down", "stand-up"),
        ("stand-up", "sit-down"), ("kneel", "squat"), ("bow", "pick-up"), ("pick-up", "bow"), ("throw", "walk"),
        ("stretch", "jumping-jack"), ("raise-both-hands", "stretch"), ("raise-left-hand", "wave-left-hand"),
        ("wave-both-hands", "wave-left-hand"), ("raise-both-hands", "raise-right-hand"), ("clap", "wave-both-hands"),
        ("throw", "wave-right-hand"), ("kick-left", "march"), ("punch-left", "clap"),
    ]  # fmt: skip


@pytest.mark.parametrize(("action", "other"), confusions())
def test_neighbours_are_told_apart(action: str, other: str) -> None:
    assert not any(SHOWS[other](motion) for motion in clips(action))
