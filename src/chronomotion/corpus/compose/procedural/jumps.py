"""Jumps and hops: actions with a flight phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.pose import Pose, on_both_sides
from chronomotion.corpus.compose.procedural.timing import GRAVITY, clock, ease, flight, keyed, pulse

__all__ = ["hop", "jump", "jumping_jack"]

Curve = Float[np.ndarray, " frames"]


@dataclass(frozen=True)
class _Flight:
    """A time in the air: begins at ``leave`` seconds, rises ``rise`` metres, lands ``ahead`` metres further on."""

    leave: float
    rise: float
    ahead: float = 0.0

    @property
    def air(self) -> float:
        """Seconds in the air."""
        return 2 * float(np.sqrt(2 * self.rise / GRAVITY))

    @property
    def land(self) -> float:
        """When it ends, seconds."""
        return self.leave + self.air

    def carry(self, pose: Pose, times: Curve) -> Pose:
        """The movement with body and feet carried up and ahead; the feet a little behind the body, then before it."""
        height = flight(times, self.leave, self.rise)
        feet = self.ahead * ease(times, self.leave, self.land)
        return pose._replace(
            height=pose.height + height,
            z=pose.z + self.ahead * np.clip((times - self.leave) / self.air, 0.0, 1.0),
            left_foot_z=pose.left_foot_z + feet,
            right_foot_z=pose.right_foot_z + feet,
            left_foot_lift=pose.left_foot_lift + height,
            right_foot_lift=pose.right_foot_lift + height,
        )

    def push(self, times: Curve) -> Curve:
        """1 from the take-off until shortly before the landing: legs long, heels up."""
        return pulse(times, (self.leave - 0.12, self.leave + 0.03), (self.leave + 0.55 * self.air, self.land + 0.05))

    def dip(self, times: Curve) -> Curve:
        """1 where the knees bend most: before the take-off, and after the landing."""
        before = pulse(times, (self.leave - 0.2, self.leave - 0.1), (self.leave - 0.1, self.leave))
        after = pulse(times, (self.land, self.land + 0.08), (self.land + 0.06, self.land + 0.22))
        dips: Curve = before + after
        return dips


def jump(actor: Actor) -> Pose:
    """Crouch with the arms back, jump up or forward with the arms up, land softly, straighten."""
    depth, arms, pace = actor.draw(0.22, 0.36), actor.draw(80, 150), actor.tempo
    stand = actor.rest
    arms_back = on_both_sides(actor.relaxed, left_swing=-38, left_elbow=20)
    crouch = arms_back._replace(height=-depth, pitch=25, bend=18, z=-0.03)
    on_toes = on_both_sides(arms_back, left_swing=0.45 * arms, left_elbow=30, left_heel=50)
    off = on_toes._replace(height=0.08, z=0.07, pitch=4, bend=0)
    top = on_both_sides(off, left_swing=arms, left_heel=35)._replace(height=0.02, pitch=6, nod=8)
    down = on_both_sides(off, left_swing=50, left_heel=12)._replace(height=-0.02, pitch=10)
    soft = on_both_sides(crouch, left_swing=35, left_spread=20, left_elbow=40)._replace(height=-0.75 * depth, z=0.0)
    begin = actor.draw(0.1, 0.2)
    leap = _Flight(leave=begin + 0.7 * pace, rise=actor.draw(0.18, 0.38), ahead=actor.draw(0.0, 0.5))
    stood = leap.land + 0.2 + 0.5 * pace
    times = clock(stood + actor.draw(0.1, 0.2))
    keys = [
        (begin, stand), (begin + 0.42 * pace, crouch), (leap.leave, off), (leap.leave + leap.air / 2, top),
        (leap.land, down), (leap.land + 0.2, soft), (stood, stand),
    ]  # fmt: skip
    return leap.carry(keyed(times, keys), times)


def hop(actor: Actor) -> Pose:
    """Three or four hops on the left foot, the right one held up behind."""
    stand, pace, rise, length = actor.rest, actor.tempo, actor.draw(0.07, 0.12), actor.draw(0.0, 0.35)
    every, first = _Flight(0.0, rise).air + 0.19 * pace, 0.42 * pace + 0.22
    count = min(int(actor.rng.integers(3, 5)), int(1.95 / every))
    hops = [_Flight(first + every * number, rise, length) for number in range(count)]
    last = hops[-1].land + 0.19 * pace
    times = clock(last + 0.6 * pace)
    foot_x, free_z = float(stand.left_foot_x), float(stand.right_foot_z)
    arms_out = on_both_sides(stand, left_spread=actor.draw(15, 45), left_swing=0, left_turn=-10, left_elbow=50)
    one_leg = arms_out._replace(
        x=0.75 * foot_x, height=-0.06, pitch=7, bend=6, roll=4, lean=3,
        right_foot_lift=actor.draw(0.2, 0.38), right_foot_x=0.2 * foot_x, right_foot_z=-0.28, right_heel=55,
    )  # fmt: skip
    peeled = one_leg._replace(x=0.5 * foot_x, right_foot_lift=0.05, right_foot_x=-foot_x, right_foot_z=free_z)
    above = stand._replace(right_foot_lift=0.06, right_heel=15)
    pose = keyed(
        times,
        [
            (0.06, stand), (0.22 * pace, peeled), (0.42 * pace, one_leg), (last, one_leg), (last + 0.32 * pace, above),
            (last + 0.45 * pace, stand),
        ],
    )  # fmt: skip
    for jumped in hops:
        pose = _hopped(jumped.carry(pose, times), jumped.push(times), jumped.dip(times))
    return pose


def _hopped(pose: Pose, push: Curve, dip: Curve) -> Pose:
    """Knee, heel and arms of one hop on the left foot."""
    return pose._replace(
        height=pose.height - 0.07 * dip + 0.07 * push,
        left_heel=pose.left_heel + 35 * push,
        left_swing=pose.left_swing + 25 * push - 10 * dip,
        right_swing=pose.right_swing + 25 * push - 10 * dip,
    )


def jumping_jack(actor: Actor) -> Pose:
    """Two or three times: jump with the feet apart and the hands over the head, jump back."""
    wide, high, rise = actor.draw(0.28, 0.42), actor.draw(140, 162), actor.draw(0.04, 0.08)
    arms_down = on_both_sides(actor.rest, left_spread=12, left_swing=0, left_turn=0, left_elbow=12)
    together = on_both_sides(arms_down, left_foot_x=0.08, left_foot_z=0)._replace(height=-0.05)
    apart = on_both_sides(together, left_foot_x=wide, left_knee=8, left_foot_yaw=18, left_elbow=18)
    every = _Flight(0.0, rise).air + 0.23 * actor.tempo
    count = 2 * min(int(actor.rng.integers(2, 4)), int(1.45 / every))
    jumps = [_Flight(0.25 + every * number, rise) for number in range(count)]
    times = clock(jumps[-1].land + 0.32)
    keys = [(0.0, together)]
    for number, jumped in enumerate(jumps):
        there, here = (together, apart) if number % 2 == 0 else (apart, together)
        keys += [(jumped.leave, there), (jumped.land, here)]
    pose = keyed(times, keys)
    for number, jumped in enumerate(jumps):
        # The arms take longer than the flight: they start before it and arrive after it.
        swung = (high if number % 2 == 0 else -high) * ease(times, jumped.leave - 0.06, jumped.land + 0.14)
        pose = _jack(jumped.carry(pose, times), jumped.push(times), jumped.dip(times), swung)
    return pose


def _jack(pose: Pose, push: Curve, dip: Curve, swung: Curve) -> Pose:
    """Knees, heels and arms of half a jumping jack."""
    return pose._replace(
        height=pose.height + 0.05 * push - 0.05 * dip,
        left_heel=pose.left_heel + 30 * push,
        right_heel=pose.right_heel + 30 * push,
        left_spread=pose.left_spread + swung,
        right_spread=pose.right_spread + swung,
    )
