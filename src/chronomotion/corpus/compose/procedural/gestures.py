"""More actions of arms, trunk and head, for corpora that should know more words than the pinned list."""

from __future__ import annotations

import numpy as np

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.pose import Pose, on_both_sides
from chronomotion.corpus.compose.procedural.timing import clock, ease, keyed

__all__ = [
    "arm_circles", "beckon", "box", "cross_arms", "drink", "hands_on_hips", "look_around", "nod_head", "point", "push",
    "salute", "scratch_head", "shake_head", "side_twist", "slash", "toe_touch", "wipe",
]  # fmt: skip


def _held(actor: Actor, there: Pose, least: float = 0.3, most: float = 1.6) -> Pose:
    """From rest to a pose, held, and back."""
    go, hold, back = actor.draw(0.4, 0.9), actor.draw(least, most), actor.draw(0.4, 0.9)
    stand = actor.rest
    return actor.act(
        (0.08, stand), (go, there), (go + hold, there), (go + hold + back, stand), (go + hold + back + 0.1, stand)
    )


def _swung(actor: Actor, there: Pose, channels: dict[str, float], rate: tuple[float, float], seconds: float) -> Pose:
    """To a pose, where some channels swing, and back."""
    go, stand = actor.draw(0.4, 0.7), actor.rest
    enough = go + seconds
    end = enough + actor.draw(0.4, 0.7)
    times = clock(end + 0.1)
    pose = keyed(times, [(0.06, stand), (go, there), (enough, there), (end, stand)])
    share = ease(times, go - 0.15, go + 0.2) * (1 - ease(times, enough - 0.2, enough + 0.15))
    wave = share * np.sin(2 * np.pi * actor.draw(*rate) * (times - go))
    return pose._replace(**{name: getattr(pose, name) + swing * wave for name, swing in channels.items()})


def point(actor: Actor) -> Pose:
    """The left arm points ahead or aside."""
    arm = actor.rest._replace(
        left_swing=actor.draw(65, 100), left_spread=actor.draw(0, 60), left_turn=0, left_elbow=actor.draw(0, 18),
        look=actor.draw(0, 25),
    )  # fmt: skip
    return _held(actor, arm)


def beckon(actor: Actor) -> Pose:
    """The left forearm comes towards the body again and again."""
    arm = actor.rest._replace(left_swing=actor.draw(35, 75), left_spread=actor.draw(5, 25), left_turn=0, left_elbow=65)
    return _swung(actor, arm, {"left_elbow": actor.draw(30, 50)}, (0.9, 1.7), actor.draw(1.2, 2.6))


def salute(actor: Actor) -> Pose:
    """The left hand goes to the forehead."""
    arm = actor.rest._replace(
        left_hand_x=actor.draw(0.06, 0.12), left_hand_y=actor.draw(1.58, 1.66), left_hand_z=actor.draw(0.14, 0.22),
        left_reach=1, left_spread=85, left_turn=60, left_elbow=120,
    )  # fmt: skip
    return _held(actor, arm)


def drink(actor: Actor) -> Pose:
    """The left hand goes to the mouth, the head tips back; once or twice."""
    cup = {
        "left_hand_x": actor.draw(0.02, 0.08),
        "left_hand_y": actor.draw(1.46, 1.54),
        "left_hand_z": actor.draw(0.16, 0.24),
    }
    stand = actor.rest._replace(**cup)
    at_mouth = stand._replace(left_reach=1, left_spread=35, left_elbow=120, nod=-actor.draw(5, 22))
    keys, now = [(0.08, stand)], 0.1
    for _ in range(int(actor.rng.integers(1, 3))):
        keys += [(now + 0.7, at_mouth), (now + 0.7 + actor.draw(0.4, 1.2), at_mouth)]
        now = keys[-1][0] + 0.6
        keys.append((now, stand))
    return actor.act(*keys, (now + 0.1, stand))


def scratch_head(actor: Actor) -> Pose:
    """The left hand goes up behind the head and moves there."""
    arm = actor.rest._replace(
        left_hand_x=0.08, left_hand_y=actor.draw(1.62, 1.7), left_hand_z=actor.draw(-0.06, 0.08), left_reach=1,
        left_spread=110, left_swing=30, left_turn=70, left_elbow=130, tilt=actor.draw(-12, 4),
    )  # fmt: skip
    return _swung(actor, arm, {"left_hand_y": 0.03}, (1.8, 3.0), actor.draw(0.8, 2.0))


def cross_arms(actor: Actor) -> Pose:
    """The forearms are folded before the chest."""
    arms = actor.rest._replace(
        left_hand_x=-0.14, left_hand_y=1.2, left_hand_z=0.2, right_hand_x=0.14, right_hand_y=1.16, right_hand_z=0.22,
        left_reach=1, right_reach=1, left_swing=25, right_swing=25, left_elbow=95, right_elbow=95,
    )  # fmt: skip
    return _held(actor, arms, 0.8, 2.5)


def hands_on_hips(actor: Actor) -> Pose:
    """Both hands go to the hips, elbows out."""
    arms = on_both_sides(actor.rest, left_spread=38, left_swing=-22, left_turn=-68, left_elbow=102)
    return _held(actor, arms, 0.8, 2.5)


def arm_circles(actor: Actor) -> Pose:
    """Both straight arms go round, forward or back."""
    rounds, period, way = int(actor.rng.integers(1, 4)), actor.draw(0.8, 1.6), 1 if actor.rng.random() < 0.5 else -1
    times = clock(rounds * period + 0.5)
    angle = 360 * rounds * way * ease(times, 0.2, 0.2 + rounds * period)
    rest = on_both_sides(actor.rest, left_spread=actor.draw(8, 20), left_turn=0, left_elbow=8, left_swing=0)
    return rest._replace(left_swing=angle, right_swing=angle)


def push(actor: Actor) -> Pose:
    """Both hands push something away in front."""
    near = on_both_sides(actor.rest, left_swing=20, left_spread=20, left_turn=-10, left_elbow=125)._replace(bend=-2)
    far = on_both_sides(near, left_swing=85, left_elbow=actor.draw(5, 25))._replace(bend=10, z=0.05, height=-0.05)
    hold = actor.draw(0.1, 0.8)
    return actor.act(
        (0.08, actor.rest),
        (0.5, near),
        (0.95, far),
        (0.95 + hold, far),
        (1.6 + hold, actor.rest),
        (1.7 + hold, actor.rest),
    )


def box(actor: Actor) -> Pose:
    """Fists up, and punches left and right in turn."""
    guard = on_both_sides(actor.rest, left_swing=32, left_spread=14, left_turn=-14, left_elbow=125)._replace(
        height=-0.07, bend=10
    )
    twist, reach = actor.draw(15, 34), actor.draw(75, 95)
    left = guard._replace(twist=-twist, left_swing=reach, left_spread=0.7 * twist, left_turn=-20, left_elbow=6, z=0.05)
    right = guard._replace(
        twist=twist, right_swing=reach, right_spread=0.7 * twist, right_turn=-20, right_elbow=6, z=0.05
    )
    keys, now = [(0.06, actor.rest), (0.45, guard)], 0.45
    for number in range(int(actor.rng.integers(3, 9))):
        beat = actor.draw(0.16, 0.3)
        keys += [(now + beat, left if number % 2 == 0 else right), (now + 2 * beat, guard)]
        now += 2 * beat
    return actor.act(*keys, (now + 0.5, actor.rest), (now + 0.6, actor.rest))


def slash(actor: Actor) -> Pose:
    """The left hand sweeps down across the body, as with a sword; one to three times."""
    both = actor.rng.random() < 0.4
    high = actor.rest._replace(
        left_swing=actor.draw(120, 165), left_spread=actor.draw(20, 50), left_turn=20, left_elbow=55, twist=22
    )
    low = high._replace(
        left_swing=actor.draw(15, 50), left_spread=-15, left_turn=-20, left_elbow=15, twist=-25, bend=16
    )
    if both:
        high = high._replace(right_swing=high.left_swing, right_spread=-10, right_elbow=70)
        low = low._replace(right_swing=low.left_swing, right_spread=20, right_elbow=25)
    keys, now = [(0.08, actor.rest)], 0.1
    for _ in range(int(actor.rng.integers(1, 4))):
        keys += [(now + 0.45, high), (now + 0.75, low), (now + 0.9, low)]
        now += 0.9
    return actor.act(*keys, (now + 0.5, actor.rest), (now + 0.6, actor.rest))


def wipe(actor: Actor) -> Pose:
    """The left hand goes round in front of the chest, as on a window."""
    seconds, rate, size = actor.draw(1.5, 4.0), actor.draw(0.6, 1.3), actor.draw(0.08, 0.2)
    place = {"left_hand_x": actor.draw(0.05, 0.3), "left_hand_y": actor.draw(1.25, 1.6), "left_hand_z": 0.45}
    there = actor.rest._replace(**place, left_reach=1, left_swing=70, left_spread=20, left_elbow=40)
    pose = _swung(actor, there, {"left_hand_x": size}, (rate, rate), seconds)
    times = np.arange(np.size(pose.left_hand_x)) / 20.0
    return pose._replace(left_hand_y=pose.left_hand_y + size * np.cos(2 * np.pi * rate * times))


def side_twist(actor: Actor) -> Pose:
    """The trunk twists to one side and the other, arms out or bent."""
    arms = on_both_sides(
        actor.rest, left_spread=actor.draw(40, 90), left_swing=10, left_turn=0, left_elbow=actor.draw(5, 90)
    )
    return _swung(
        actor, arms, {"twist": actor.draw(25, 50), "look": actor.draw(0, 20)}, (0.4, 0.9), actor.draw(2.0, 4.5)
    )


def toe_touch(actor: Actor) -> Pose:
    """The trunk bends down until the hands are at the feet; once or twice."""
    low = on_both_sides(
        actor.rest, left_hand_x=0.1, left_hand_y=actor.draw(0.1, 0.3), left_hand_z=0.15, left_reach=1, left_swing=70
    )._replace(pitch=60, bend=55, z=-0.12, nod=10)
    stand = actor.rest._replace(**{name: getattr(low, name) for name in Pose._fields if "_hand_" in name})
    keys, now = [(0.08, stand)], 0.1
    for _ in range(int(actor.rng.integers(1, 3))):
        keys += [(now + 0.9, low), (now + 0.9 + actor.draw(0.1, 0.6), low)]
        now = keys[-1][0] + 0.8
        keys.append((now, stand))
    return actor.act(*keys, (now + 0.1, stand))


def nod_head(actor: Actor) -> Pose:
    """The head goes down and up, twice or more."""
    return _swung(actor, actor.rest, {"nod": actor.draw(10, 22)}, (1.0, 2.0), actor.draw(1.0, 2.2))


def shake_head(actor: Actor) -> Pose:
    """The head goes left and right."""
    return _swung(actor, actor.rest, {"look": actor.draw(15, 35)}, (0.9, 1.8), actor.draw(1.0, 2.2))


def look_around(actor: Actor) -> Pose:
    """The head, and the trunk a little, turn slowly to both sides."""
    return _swung(
        actor, actor.rest, {"look": actor.draw(35, 60), "twist": actor.draw(5, 20)}, (0.25, 0.5), actor.draw(2, 3.5)
    )
