"""Actions of the arms; the feet stay in place or take one step."""

from __future__ import annotations

import numpy as np

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.footwork import Step, stepped
from chronomotion.corpus.compose.procedural.pose import Number, Pose, on_both_sides
from chronomotion.corpus.compose.procedural.timing import clock, ease, keyed

__all__ = ["clap", "punch", "raise_both", "raise_hand", "throw", "wave", "wave_both"]


def wave(actor: Actor) -> Pose:
    """The left forearm goes up and swings from side to side."""
    return _waved(actor, actor.rest._replace(**_ready_to_wave(actor), lean=-3, x=-0.015), ("left",))


def wave_both(actor: Actor) -> Pose:
    """Both forearms go up and swing from side to side."""
    return _waved(actor, on_both_sides(actor.rest, **_ready_to_wave(actor)), ("left", "right"))


def _ready_to_wave(actor: Actor) -> dict[str, Number]:
    """A left arm with the elbow out and the forearm up."""
    return {
        "left_spread": actor.draw(62, 100), "left_swing": actor.draw(10, 35), "left_turn": actor.draw(70, 95),
        "left_elbow": actor.draw(70, 95),
    }  # fmt: skip


def _waved(actor: Actor, up: Pose, sides: tuple[str, ...]) -> Pose:
    """Arms up, a second or more of swings of the forearms, arms down."""
    raised = 0.55 * actor.tempo
    enough = raised + actor.draw(1.1, 1.6)
    times = clock(enough + raised + 0.15)
    pose = keyed(times, [(0.08, actor.rest), (raised, up), (enough, up), (enough + raised + 0.05, actor.rest)])
    share = ease(times, raised - 0.15, raised + 0.15) * (1 - ease(times, enough - 0.15, enough + 0.15))
    swing = actor.draw(22, 36) * share * np.sin(2 * np.pi * actor.draw(1.6, 2.3) * (times - raised))
    return pose._replace(**{f"{side}_elbow": getattr(pose, f"{side}_elbow") - swing for side in sides})


def raise_hand(actor: Actor) -> Pose:
    """The left hand goes straight up, stays there a while, comes down."""
    return _raised(actor, actor.rest._replace(**_pointing_up(actor), lean=-4))


def raise_both(actor: Actor) -> Pose:
    """Both hands go straight up, stay there a while, come down."""
    return _raised(actor, on_both_sides(actor.rest, **_pointing_up(actor)))


def _pointing_up(actor: Actor) -> dict[str, Number]:
    """A left arm that points up, raised through the front or through the side."""
    straight = {"left_turn": 0.0, "left_elbow": actor.draw(4, 22)}
    if actor.rng.random() < 0.6:
        return {"left_swing": actor.draw(150, 172), "left_spread": actor.draw(4, 14), **straight}
    return {"left_swing": 5.0, "left_spread": actor.draw(148, 168), **straight}


def _raised(actor: Actor, up: Pose) -> Pose:
    stand, hold = actor.rest, 0.7 + actor.draw(0.35, 1.0)
    return actor.act((0.1, stand), (0.7, up), (hold, up), (hold + 0.65, stand), (hold + 0.75, stand))


def punch(actor: Actor) -> Pose:
    """Fists up, the trunk winds up, the left fist shoots forward and comes back; once or twice."""
    stand, twist = actor.rest, actor.draw(24, 36)
    fists_up = on_both_sides(stand, left_swing=32, left_spread=14, left_turn=-14, left_elbow=128)
    guard = fists_up._replace(height=-0.06, bend=10)
    wind_up = guard._replace(twist=16, left_swing=8, left_elbow=132, z=-0.02)
    # The arm is spread by nearly as much as the trunk is twisted away: the fist goes straight ahead.
    hit = guard._replace(
        twist=-twist, z=0.08, pitch=5,
        left_swing=actor.draw(84, 96), left_spread=0.7 * twist, left_turn=-20, left_elbow=4,
    )  # fmt: skip
    keys = [(0.08, stand), (0.45, guard)]
    for number in range(int(actor.rng.integers(1, 3))):
        begin = 0.45 + 0.62 * number
        keys += [(begin + 0.2, wind_up), (begin + 0.36, hit), (begin + 0.42, hit), (begin + 0.62, guard)]
    end = keys[-1][0]
    return actor.act(*keys, (end + 0.45, stand), (end + 0.55, stand))


def clap(actor: Actor) -> Pose:
    """Hands meet in front of the chest, three to six times."""
    place = {"left_hand_y": actor.draw(1.12, 1.32), "left_hand_z": actor.draw(0.3, 0.4)}
    stand = on_both_sides(actor.rest, **place)
    ready = on_both_sides(stand, left_swing=35, left_spread=16, left_turn=-25, left_elbow=85, left_reach=1)
    period, gap = actor.draw(0.3, 0.42), actor.draw(0.14, 0.24)
    clapping = period * min(int(actor.rng.integers(3, 7)), int(2.1 / period))
    raised = 0.5 * actor.tempo
    lowered = raised + clapping
    times = clock(lowered + 0.6 * actor.tempo)
    pose = keyed(times, [(0.05, stand), (raised, ready), (lowered, ready), (lowered + 0.5 * actor.tempo, stand)])
    # The palms meet where the cosine is lowest: wrists 7 cm apart, the thickness of two hands.
    apart = 0.035 + gap * (0.5 + 0.5 * np.cos(2 * np.pi * np.clip(times - raised, 0.0, clapping) / period))
    return pose._replace(left_hand_x=apart, right_hand_x=-apart)


def throw(actor: Actor) -> Pose:
    """The left hand goes back behind the shoulder and whips over, with a step ahead of the right foot."""
    stand, pace, stride = actor.rest, actor.tempo, actor.draw(0.22, 0.36)
    back = stand._replace(
        x=0.03, z=-0.05, height=-0.04, yaw=10, twist=32, bend=-6, lean=8, look=-25,
        left_spread=92, left_swing=0, left_turn=68, left_elbow=100,
        right_swing=60, right_spread=14, right_turn=-10, right_elbow=25,
    )  # fmt: skip
    release = stand._replace(
        z=0.5 * stride, height=-0.06, yaw=-6, twist=-24, bend=14, left_heel=35,
        left_spread=48, left_swing=125, left_turn=20, left_elbow=22,
        right_swing=-10, right_spread=22, right_turn=-10, right_elbow=40,
    )  # fmt: skip
    through = release._replace(
        z=0.6 * stride, height=-0.08, twist=-34, bend=26, left_heel=45,
        left_spread=-14, left_swing=45, left_turn=-20, left_elbow=20,
    )  # fmt: skip
    end = stand._replace(z=stride)
    keys = [(0.1, stand), (0.6, back), (0.74, back), (1.02, release), (1.26, through), (1.9, end)]
    times = clock(2.1 * pace)
    pose = keyed(times, [(time * pace, key) for time, key in keys])
    ahead = Step("right", 0.45 * pace, 0.82 * pace, float(stand.right_foot_x), float(stand.right_foot_z) + stride, -5.0)
    after = Step("left", 1.4 * pace, 1.82 * pace, float(stand.left_foot_x), float(stand.left_foot_z) + stride, 5.0)
    return stepped(pose, times, [ahead, after])
