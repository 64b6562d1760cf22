"""Actions of the whole body: squatting, sitting, kneeling, bowing, picking up, stretching, standing, kicking."""

from __future__ import annotations

import numpy as np

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.footwork import Step, stepped
from chronomotion.corpus.compose.procedural.pose import Pose, on_both_sides
from chronomotion.corpus.compose.procedural.timing import clock, ease, keyed

__all__ = ["bow", "kick", "kneel", "pick_up", "sit_down", "squat", "stand_still", "stand_up", "stretch"]


def squat(actor: Actor) -> Pose:
    """Down on bent knees with the arms held out in front, and up again; some people do it twice."""
    stand = actor.rest._replace(left_foot_x=actor.draw(0.14, 0.2), right_foot_x=-actor.draw(0.14, 0.2))
    arms_ahead = on_both_sides(stand, left_swing=actor.draw(88, 125), left_spread=6, left_turn=0, left_elbow=12)
    low = on_both_sides(arms_ahead, left_knee=14)._replace(
        height=-actor.draw(0.36, 0.5), z=-0.16, pitch=32, bend=14, nod=-8
    )
    hold = 0.75 + actor.draw(0.15, 0.4)
    up = hold + 0.7
    once = [(0.1, stand), (0.75, low), (hold, low), (up, stand)]
    if actor.tempo < 1.05 and actor.rng.random() < 0.5:
        return actor.act(*once, (up + 0.5, low), (up + 1.0, stand), (up + 1.1, stand))
    return actor.act(*once, (up + 0.15, stand))


def _seated(actor: Actor) -> Pose:
    """On a chair: thighs level, shanks upright, hands on the thighs or beside."""
    apart, ahead = actor.draw(0.0, 0.06), actor.draw(0.02, 0.08)
    pose = actor.rest._replace(
        height=-actor.draw(0.36, 0.42), z=-actor.draw(0.36, 0.42),
        pitch=-actor.draw(0, 10), bend=actor.draw(2, 12), nod=4,
        left_foot_x=float(actor.rest.left_foot_x) + apart, right_foot_x=float(actor.rest.right_foot_x) - apart,
        left_foot_z=ahead, right_foot_z=ahead + actor.draw(-0.06, 0.06), left_knee=3, right_knee=3,
    )  # fmt: skip
    thigh = {"left_hand_x": actor.draw(0.1, 0.17), "left_hand_y": 0.66, "left_hand_z": actor.draw(0.2, 0.36)}
    on_thighs = float(actor.rng.random() < 0.75)
    return on_both_sides(pose, **thigh, left_reach=on_thighs, left_spread=14, left_turn=-10, left_elbow=40)


def _standing_there(actor: Actor, seated: Pose) -> Pose:
    """The actor's stance with the feet at their seated places, so that they do not move."""
    kept = {name: getattr(seated, name) for name in Pose._fields if "_foot_" in name or "_hand_" in name}
    return actor.rest._replace(**kept)


def sit_down(actor: Actor) -> Pose:
    """Lean forward, lower the seat behind the feet, straighten: ends seated on a chair that is not there."""
    seated, lean = _seated(actor), actor.draw(26, 42)
    stand = _standing_there(actor, seated)
    free = on_both_sides(seated, left_swing=25, left_elbow=25, left_reach=0)
    halfway = free._replace(height=-0.2, z=-0.2, pitch=lean, bend=16, nod=0)
    touch = seated._replace(pitch=0.55 * lean, bend=14, height=float(seated.height) + 0.01)
    begin, end = actor.draw(0.15, 0.3), actor.draw(1.95, 2.4)
    keys = [(begin, stand), (begin + 0.5, halfway), (begin + 0.95, touch), (begin + 1.4, seated), (end, seated)]
    return actor.act(*keys)


def stand_up(actor: Actor) -> Pose:
    """From a chair that is not there: lean far forward, push up, straighten."""
    seated, lean = _seated(actor), actor.draw(34, 48)
    stand = _standing_there(actor, seated)
    free = on_both_sides(seated, left_swing=actor.draw(10, 30), left_elbow=30, left_reach=0)
    ready = free._replace(pitch=lean, bend=18, z=float(seated.z) + 0.05, nod=-6)
    rising = ready._replace(height=-0.22, z=-0.16, pitch=0.8 * lean)
    begin = actor.draw(0.25, 0.5)
    end = begin + 1.3 + actor.draw(0.1, 0.4)
    return actor.act((begin, seated), (begin + 0.45, ready), (begin + 0.8, rising), (begin + 1.3, stand), (end, stand))


def kneel(actor: Actor) -> Pose:
    """A step back with the left foot, down on the left knee, and up again."""
    stand, pace = actor.rest, actor.tempo
    x, z, yaw = float(stand.left_foot_x), float(stand.left_foot_z), float(stand.left_foot_yaw)
    behind = z - actor.draw(0.66, 0.74)
    lunge = stand._replace(height=-0.12, z=-0.2, left_heel=45, pitch=6, left_knee=2)
    down = stand._replace(
        height=-0.47, z=behind + 0.41, pitch=actor.draw(-2, 10), bend=actor.draw(2, 14), nod=actor.draw(0, 15),
        left_heel=62, left_knee=2, right_knee=4,
    )  # fmt: skip
    if actor.rng.random() < 0.5:  # a hand on the front thigh
        down = down._replace(right_swing=32, right_spread=8, right_turn=-5, right_elbow=62)
    bottom = 1.15 * pace
    rise = bottom + actor.draw(0.25, 0.5)
    up = rise + 0.55 * pace
    times = clock(up + 0.6 * pace)
    keys = [(0.1, stand), (0.55 * pace, lunge), (bottom, down), (rise, down), (up, lunge), (up + 0.5 * pace, stand)]
    away = Step("left", 0.12, 0.55 * pace, x, behind, 0.0)
    home = Step("left", up + 0.02, up + 0.42 * pace, x, z, yaw)
    return stepped(keyed(times, keys), times, [away, home])


def bow(actor: Actor) -> Pose:
    """Bend forward from the hips with straight legs, hold, straighten."""
    depth, hold = actor.draw(42, 68), 0.9 + actor.draw(0.2, 0.6)
    stand = actor.rest
    bowed = stand._replace(
        pitch=0.7 * depth, bend=0.55 * depth, nod=18, z=-0.11 * depth / 50, height=-0.015,
        left_swing=float(stand.left_swing) + 0.3 * depth, right_swing=float(stand.right_swing) + 0.3 * depth,
    )  # fmt: skip
    return actor.act((0.15, stand), (0.9, bowed), (hold, bowed), (hold + 0.8, stand), (hold + 0.95, stand))


def pick_up(actor: Actor) -> Pose:
    """Bend knees and back, take something from the floor with the left hand, come up holding it in front."""
    place = {"left_hand_x": actor.draw(0.05, 0.2), "left_hand_y": 0.05, "left_hand_z": actor.draw(0.42, 0.52)}
    stand = actor.rest._replace(**place)
    down = stand._replace(
        height=-actor.draw(0.42, 0.52), z=-0.15, pitch=47, bend=58, nod=6, lean=6, twist=-8,
        left_knee=10, right_knee=10, left_reach=1,
        right_swing=35, right_spread=10, right_turn=-10, right_elbow=25,
    )  # fmt: skip
    held = stand._replace(left_swing=25, left_spread=8, left_turn=-15, left_elbow=actor.draw(75, 100), nod=12)
    hold = 1.0 + actor.draw(0.1, 0.3)
    return actor.act((0.12, stand), (1.0, down), (hold, down), (hold + 0.85, held), (hold + 1.15, held))


def stretch(actor: Actor) -> Pose:
    """Hands together high over the head, to one side and the other or up on the toes, then down."""
    stand, elbow = actor.rest, actor.draw(35, 52)
    # Raised through the side; the forearms turn inward until the fingers meet.
    hands_up = on_both_sides(stand, left_spread=168, left_swing=8, left_turn=85, left_elbow=elbow)
    up = hands_up._replace(height=0.0, bend=-4, nod=-8)
    if actor.rng.random() < 0.5:
        side = actor.draw(16, 26)
        left, right = up._replace(lean=side, roll=5, x=-0.03), up._replace(lean=-side, roll=-5, x=0.03)
        keys = [(0.1, stand), (0.75, up), (1.1, left), (1.25, left), (1.75, right), (1.9, right), (2.5, stand)]
    else:
        tall = on_both_sides(up, left_heel=actor.draw(18, 32), left_spread=173)
        tall = tall._replace(height=0.06, z=0.07, bend=-14, nod=-22)
        keys = [(0.1, stand), (0.75, up), (1.25, tall), (1.8, tall), (2.5, stand)]
    return actor.act(*keys, (2.6, stand))


def stand_still(actor: Actor) -> Pose:
    """Only breathing, a shift of weight and a look around."""
    times = clock(actor.draw(1.5, 3.2))
    shift, look = actor.draw(-0.025, 0.025), actor.draw(-18, 18)
    middle = actor.draw(0.4, 0.6) * times[-1]
    moved = ease(times, middle - 0.6, middle + 0.6)
    breath = np.sin(2 * np.pi * times / actor.draw(2.6, 3.6))
    rest = actor.rest
    return rest._replace(x=shift * moved, roll=60 * shift * moved, look=look * moved, bend=rest.bend - 0.8 * breath)


def kick(actor: Actor) -> Pose:
    """Shift onto the right leg, draw the left foot back, swing it up in front, take it back."""
    stand, high = actor.rest, actor.draw(0.4, 0.75)
    # As far in front as a nearly straight leg (0.78 m) goes from the hip (0.8 m above a flat foot's ankle).
    far = float(np.sqrt(0.78**2 - (0.8 - high) ** 2))
    ready = stand._replace(x=-0.05, height=-0.04, bend=6)
    peeled = ready._replace(left_heel=35, left_foot_lift=0.05)
    back = ready._replace(
        x=-0.07, pitch=8, left_foot_z=-0.38, left_foot_lift=0.22, left_heel=50,
        twist=10, left_swing=30, left_spread=15, left_turn=-15, left_elbow=40,
        right_swing=-20, right_spread=12, right_turn=-10, right_elbow=30,
    )  # fmt: skip
    strike = ready._replace(
        x=-0.07, pitch=-12, bend=16, left_foot_x=0.06, left_foot_z=far, left_foot_lift=high, left_heel=-15,
        twist=-14, left_swing=-30, left_spread=25, left_turn=-10, left_elbow=25,
        right_swing=45, right_spread=20, right_turn=-20, right_elbow=50,
    )  # fmt: skip
    retract = ready._replace(left_foot_z=0.12, left_foot_lift=0.3, left_heel=20)
    above = ready._replace(x=-0.02, left_foot_lift=0.05)
    return actor.act(
        (0.1, stand), (0.3, ready), (0.42, peeled), (0.66, back), (0.92, strike), (1.02, strike),
        (1.28, retract), (1.5, above), (1.65, stand), (1.75, stand),
    )  # fmt: skip
