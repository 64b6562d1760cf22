"""Locomotion: the body follows a path, and each foot lands where the path will be while the foot bears weight."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.footwork import Step, stepped
from chronomotion.corpus.compose.procedural.pose import Number, Pose
from chronomotion.corpus.compose.procedural.timing import clock, pulse

__all__ = ["Gait", "travel"]

Curve = Float[np.ndarray, " frames"]
Steps = Float[np.ndarray, " steps"]

_FEET = ("left", "right")


@dataclass(frozen=True)
class Gait:
    """Parameters of a gait. Seconds, metres, degrees; the left foot begins."""

    steps: int
    step_time: float
    swing: float
    """Share of a stride (two steps) that a foot is in the air; above 0.5 there are moments of flight."""
    forward: float = 0.0
    """Speed, metres a second, once under way."""
    leftward: float = 0.0
    turning: float = 0.0
    """To the left, degrees a second."""
    width: float = 0.09
    """Distance of each foot from the path, under way."""
    lift: float = 0.08
    strike: Number = 0.0
    """Heel when the foot comes down; negative: on the heel, with the toes up."""
    push: Number = 0.0
    """Heel when the foot leaves the floor."""
    bounce: float = 0.015
    """Half the rise and fall of the pelvis; positive: highest over the standing leg, negative: lowest there."""
    weight: float = 0.02
    """How far the pelvis goes over the standing leg."""
    arms: Number = 25.0
    """Swing of the arms, each against the leg of its side."""
    elbows: float = 20.0
    drop: float = 0.02
    """How much lower the pelvis is than at rest, under way."""
    lean: float = 0.0
    """Trunk forward under way, degrees."""
    longest: float = 2.9
    """Seconds from the first lift-off to the last landing, at the most; steps beyond it are left out."""


@dataclass(frozen=True)
class _Plan:
    """The times of each foot's swings, and how far the body is under way (0 to 1)."""

    gait: Gait
    begin: float

    @property
    def stride(self) -> float:
        """Seconds from one step of a foot to its next."""
        return 2 * self.gait.step_time

    @property
    def lift_offs(self) -> Steps:
        """When each step begins; even steps are the left foot's."""
        return self.begin + self.gait.step_time * np.arange(self.gait.steps)

    @property
    def touch_downs(self) -> Steps:
        """When each step ends."""
        return self.lift_offs + self.gait.swing * self.stride

    @property
    def end(self) -> float:
        """When the last step ends."""
        return float(self.touch_downs[-1])

    def under_way(self, times: Curve) -> Curve:
        """0 while standing, 1 while going."""
        ramp = 1.3 * self.gait.step_time
        return pulse(times, (self.begin - 0.1, self.begin + ramp), (self.end - ramp, self.end + 0.1))


def travel(actor: Actor, gait: Gait) -> Pose:
    """Stand, go some steps, stand: the left foot begins."""
    most = int((gait.longest - 2 * gait.swing * gait.step_time) / gait.step_time) + 1
    plan = _Plan(replace(gait, steps=min(gait.steps, most)), begin=actor.draw(0.15, 0.25))
    times = clock(plan.end + actor.draw(0.2, 0.35))
    path = _Path(plan, times[-1] + plan.stride)
    x, z, yaw = path.at(times)
    pose = stepped(actor.relaxed, times, _steps(actor.rest, plan, path))
    pose = _heels(pose._replace(x=x, z=z, yaw=yaw), plan, times)
    return _body(_arms(pose, plan, times), plan, times)


class _Path:
    """Where the body is over time: the integral of the gait's speeds."""

    def __init__(self, plan: _Plan, duration: float) -> None:
        self._times = np.arange(0.0, duration, 0.01)
        going = plan.under_way(self._times) * 0.01
        self._yaw = np.cumsum(plan.gait.turning * going)
        cos, sin = np.cos(np.radians(self._yaw)), np.sin(np.radians(self._yaw))
        self._x = np.cumsum(going * (plan.gait.forward * sin + plan.gait.leftward * cos))
        self._z = np.cumsum(going * (plan.gait.forward * cos - plan.gait.leftward * sin))

    def at(self, times: Float[np.ndarray, " times"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x, z, yaw) at some times."""
        return (
            np.interp(times, self._times, self._x),
            np.interp(times, self._times, self._z),
            np.interp(times, self._times, self._yaw),
        )


def _steps(rest: Pose, plan: _Plan, path: _Path) -> list[Step]:
    """A footprint for each step: beside where the body will be in the middle of the foot's time on the floor."""
    gait, number = plan.gait, np.arange(plan.gait.steps)
    x, z, yaw = path.at(plan.touch_downs + 0.46 * (1 - gait.swing) * plan.stride)
    outward = np.where(number % 2 == 0, 1.0, -1.0)
    # The last step of each foot ends in the actor's stance.
    last = number >= gait.steps - 2
    aside = np.where(last, float(rest.left_foot_x), gait.width) * outward
    ahead = np.where(last, float(rest.left_foot_z), 0.0) * outward
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    x, z = x + aside * cos + ahead * sin, z - aside * sin + ahead * cos
    plans = np.stack([plan.lift_offs, plan.touch_downs, x, z, yaw + outward * rest.left_foot_yaw])
    return [
        Step(_FEET[n % 2], off, down, x=px, z=pz, yaw=pyaw, lift=gait.lift)
        for n, (off, down, px, pz, pyaw) in enumerate(plans.T.tolist())
    ]


def _heels(pose: Pose, plan: _Plan, times: Curve) -> Pose:
    """Roll each foot: the heel rises before the foot leaves the floor; heel or toes come down after it lands."""
    gait, stride = plan.gait, plan.stride
    heels = {foot: np.zeros_like(times) for foot in _FEET}
    for step, (off, down) in enumerate(zip(plan.lift_offs.tolist(), plan.touch_downs.tolist(), strict=True)):
        # From standing, a foot is lifted later and flatter; into standing, it is put down flatter.
        early = min(0.22 * stride, 0.12) if step < 2 else 0.22 * stride
        push = gait.push * (0.4 if step == 0 else 1.0)
        strike = gait.strike * (0.4 if step == gait.steps - 1 else 1.0)
        rising = push * pulse(times, (off - early, off + 0.06), (off + 0.03, down))
        landing = strike * pulse(times, (off + 0.3 * (down - off), down), (down - 0.02, down + 0.08 * stride))
        heels[_FEET[step % 2]] += rising + landing
    return pose._replace(left_heel=heels["left"], right_heel=heels["right"])


def _arms(pose: Pose, plan: _Plan, times: Curve) -> Pose:
    """Each arm swings against the leg of its side: forward when that foot is behind the other one."""
    gait = plan.gait
    yaw = np.radians(pose.yaw)
    apart_x = np.asarray(pose.right_foot_x) - np.asarray(pose.left_foot_x)
    apart_z = np.asarray(pose.right_foot_z) - np.asarray(pose.left_foot_z)
    ahead = apart_x * np.sin(yaw) + apart_z * np.cos(yaw)
    length = max(abs(gait.forward) * gait.step_time, 0.3)
    # A lifted knee counts like a foot in front: that is what makes a march on the spot.
    high = np.asarray(pose.right_foot_lift) - np.asarray(pose.left_foot_lift)
    signal = _smooth(ahead / length + (high / 0.3 if gait.lift > 0.15 else 0.0))
    going = plan.under_way(times)
    bent = gait.elbows * going
    return pose._replace(
        left_swing=pose.left_swing + gait.arms * signal,
        right_swing=pose.right_swing - gait.arms * signal,
        left_elbow=pose.left_elbow + bent + 0.5 * gait.arms * np.maximum(signal, 0),
        right_elbow=pose.right_elbow + bent + 0.5 * gait.arms * np.maximum(-signal, 0),
        twist=pose.twist - 0.3 * gait.arms * signal,
    )


def _smooth(curve: Curve) -> Curve:
    """A weighted mean over a quarter of a second: arms follow the legs softly."""
    weights = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    return np.convolve(np.pad(curve, 2, mode="edge"), weights, mode="valid")


def _body(pose: Pose, plan: _Plan, times: Curve) -> Pose:
    """Weight over the standing leg, bounce, lean, and eyes that turn first."""
    gait = plan.gait
    going = plan.under_way(times)
    middle = float(plan.lift_offs[0] + plan.touch_downs[0]) / 2
    phase = np.pi * (times - middle) / gait.step_time
    shifting = pulse(times, (0.0, middle), (plan.end - gait.step_time / 2, float(times[-1])))
    aside = -gait.weight * np.cos(phase) * shifting
    yaw = np.radians(pose.yaw)
    hip = np.cos(phase) * going
    return pose._replace(
        x=pose.x + aside * np.cos(yaw),
        z=pose.z - aside * np.sin(yaw),
        height=pose.height - going * gait.drop + going * gait.bounce * np.cos(2 * phase),
        pitch=pose.pitch + going * gait.lean,
        roll=pose.roll + 1.5 * hip,
        lean=pose.lean - 2.5 * hip,
        look=pose.look + going * 0.15 * gait.turning,
    )
