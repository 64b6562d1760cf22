"""The same actions in many ways: wider ranges than in :mod:`actions`, where each action has one typical way.

A model that has seen one way to wave knows that way. Here people wave with the forearm or the whole arm, at the hip or
over the head, fast or slowly, once or for seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.pose import Number, Pose
from chronomotion.corpus.compose.procedural.timing import clock, ease, keyed
from chronomotion.corpus.compose.procedural.travel import Gait, travel

__all__ = [
    "any_actor", "raise_any", "raise_both_any", "run_any", "run_in_place", "sneak", "turn_any", "walk_any",
    "walk_back_any", "walk_circle", "walk_turn", "wave_any", "wave_both_any",
]  # fmt: skip

_LONG = 9.0
"""Seconds that a walk may take."""


def any_actor(rng: np.random.Generator) -> Actor:
    """A person with any stance: upright or stooped, feet narrow or wide, knees straight or bent, brisk or slow."""
    actor = Actor.drawn(rng)
    stance, depth = rng.uniform(0.05, 0.2), rng.uniform(-0.1, 0.1)
    rest = actor.rest._replace(
        height=-float(rng.uniform(0.0, 0.02) if rng.random() < 0.75 else rng.uniform(0.02, 0.1)),
        pitch=rng.uniform(-4, 4), bend=rng.uniform(-8, 10), nod=rng.uniform(-12, 14),
        left_foot_x=stance, right_foot_x=-stance, left_foot_z=depth, right_foot_z=-depth,
    )  # fmt: skip
    return replace(actor, rest=rest, tempo=float(np.exp(rng.uniform(np.log(0.7), np.log(1.6)))))


def _walk(actor: Actor, steps: int, turning: float = 0.0) -> Gait:
    step_time = actor.draw(0.42, 0.55) * actor.tempo**0.7
    return Gait(
        steps=steps,
        step_time=step_time,
        swing=actor.draw(0.34, 0.42),
        forward=actor.draw(0.3, 0.75) / step_time,
        turning=turning,
        width=actor.draw(0.03, 0.13),
        lift=actor.draw(0.03, 0.13),
        strike=actor.draw(-25, 0),
        push=actor.draw(15, 45),
        bounce=actor.draw(0.004, 0.03),
        weight=actor.draw(0.01, 0.05),
        arms=actor.draw(2, 45),
        elbows=actor.draw(0, 45),
        drop=actor.draw(0.0, 0.06),
        lean=actor.draw(-4, 14),
        longest=_LONG,
    )


def walk_any(actor: Actor) -> Pose:
    """Three to fourteen steps forward, long or short, with arms that swing or hang."""
    return travel(actor, _walk(actor, int(actor.rng.integers(3, 15)), actor.draw(-8, 8)))


def walk_turn(actor: Actor) -> Pose:
    """A walk along a curve to the left, by 60 to 200 degrees."""
    steps = int(actor.rng.integers(5, 13))
    gait = _walk(actor, steps)
    turn = actor.draw(60, 200) / ((steps - 1.5) * gait.step_time + 0.1)
    return travel(actor, replace(gait, turning=turn))


def walk_circle(actor: Actor) -> Pose:
    """A whole circle to the left, and perhaps more."""
    steps = int(actor.rng.integers(10, 18))
    gait = _walk(actor, steps)
    turn = actor.draw(300, 420) / ((steps - 1.5) * gait.step_time + 0.1)
    return travel(actor, replace(gait, turning=turn, longest=12.0))


def walk_back_any(actor: Actor) -> Pose:
    """Three to ten steps backward."""
    gait = _walk(actor, int(actor.rng.integers(3, 11)), actor.draw(-8, 8))
    return travel(actor, replace(gait, forward=-0.8 * gait.forward, strike=actor.draw(5, 25), push=-8))


def run_any(actor: Actor) -> Pose:
    """A jog or a sprint: five to sixteen steps."""
    step_time = actor.draw(0.25, 0.34) * actor.tempo**0.4
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(5, 17)),
            step_time=step_time,
            swing=actor.draw(0.54, 0.68),
            forward=actor.draw(0.45, 0.95) / step_time,
            turning=actor.draw(-10, 10),
            width=actor.draw(0.03, 0.1),
            lift=actor.draw(0.12, 0.38),
            strike=actor.draw(-8, 10),
            push=actor.draw(25, 60),
            bounce=-actor.draw(0.02, 0.06),
            weight=actor.draw(0.0, 0.02),
            arms=actor.draw(10, 50),
            elbows=actor.draw(35, 105),
            drop=actor.draw(0.01, 0.08),
            lean=actor.draw(2, 22),
            longest=6.0,
        ),
    )


def run_in_place(actor: Actor) -> Pose:
    """Running steps on the spot."""
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(6, 17)), step_time=actor.draw(0.25, 0.36), swing=actor.draw(0.52, 0.62),
            width=actor.draw(0.06, 0.1), lift=actor.draw(0.14, 0.36), push=actor.draw(25, 50),
            bounce=-actor.draw(0.02, 0.05), arms=actor.draw(15, 45), elbows=actor.draw(45, 95), longest=5.0,
        ),
    )  # fmt: skip


def sneak(actor: Actor) -> Pose:
    """Slow steps with bent knees and a bent back."""
    low = replace(actor, rest=actor.rest._replace(height=-actor.draw(0.14, 0.28), bend=actor.draw(15, 35), pitch=12))
    gait = _walk(low, int(actor.rng.integers(3, 9)))
    return travel(low, replace(gait, forward=0.7 * gait.forward, lift=actor.draw(0.1, 0.25), drop=0.0, arms=8))


def turn_any(actor: Actor) -> Pose:
    """A turn to the left on the spot, by 60 to 360 degrees."""
    angle, step_time = actor.draw(60, 360), actor.draw(0.28, 0.5)
    steps = 2 * max(2, round(angle / actor.draw(50, 90) / 2) + 1)
    return travel(
        actor,
        Gait(
            steps=steps, step_time=step_time, swing=0.4, turning=angle / ((steps - 1.5) * step_time + 0.1),
            width=actor.draw(0.07, 0.15), lift=actor.draw(0.03, 0.1), push=15, bounce=actor.draw(0.003, 0.015),
            arms=actor.draw(0, 15), elbows=actor.draw(0, 30), longest=6.0,
        ),
    )  # fmt: skip


def _sided(sides: Sequence[str], **arm: Number) -> dict[str, Number]:
    return {f"{side}_{name}": value for side in sides for name, value in arm.items()}


def raise_any(actor: Actor) -> Pose:
    """The left hand goes up, to the shoulder's height or straight to the sky, through the front or the side."""
    return _raised(actor, ("left",))


def raise_both_any(actor: Actor) -> Pose:
    """Both hands go up."""
    return _raised(actor, ("left", "right"))


def _raised(actor: Actor, sides: Sequence[str]) -> Pose:
    """Up, held for up to three seconds, down; some people do it twice, some hold on until the end."""
    arm, _, _ = _arm_up(actor)
    stand = actor.rest
    lean = actor.draw(-6, 3) if len(sides) == 1 else 0.0
    up = stand._replace(**_sided(sides, **arm), lean=lean, bend=actor.draw(-6, 6))
    rise, fall = actor.draw(0.4, 1.0), actor.draw(0.4, 1.0)
    hold = actor.draw(0.1, 1.0) if actor.rng.random() < 0.6 else actor.draw(1.0, 3.0)
    keys, now = [(0.08, stand)], 0.08
    for _ in range(1 if actor.rng.random() < 0.8 else 2):
        keys += [(now + rise, up), (now + rise + hold, up)]
        now += rise + hold
        if actor.rng.random() < 0.85:
            keys.append((now + fall, stand))
            now += fall + 0.05
            keys.append((now, stand))
        now += 0.05
    return actor.act(*keys)


def wave_any(actor: Actor) -> Pose:
    """The left hand waves: forearm or whole arm, low or high, slowly or fast, for up to five seconds."""
    return _waved(actor, ("left",))


def wave_both_any(actor: Actor) -> Pose:
    """Both hands wave, together or apart."""
    return _waved(actor, ("left", "right"))


def _waved(actor: Actor, sides: Sequence[str]) -> Pose:
    arm, channel, swing = _arm_up(actor)
    stand = actor.rest
    up = stand._replace(**_sided(sides, **arm))
    raised, lowered = actor.draw(0.35, 0.8), actor.draw(0.35, 0.8)
    enough = raised + actor.draw(0.9, 5.0 if actor.rng.random() < 0.4 else 2.2)
    end = enough + lowered
    times = clock(end + 0.15)
    pose = keyed(times, [(0.05, stand), (raised, up), (enough, up), (end, stand)])
    share = ease(times, raised - 0.2, raised + 0.2) * (1 - ease(times, enough - 0.2, enough + 0.2))
    rate, phase = actor.draw(0.8, 2.6), actor.draw(0, 6)
    apart = 0.0 if actor.rng.random() < 0.7 else np.pi
    waves = {
        f"{side}_{channel}": getattr(pose, f"{side}_{channel}")
        + swing * share * np.sin(2 * np.pi * rate * (times - raised) + phase + number * apart)
        for number, side in enumerate(sides)
    }
    return pose._replace(**waves)


def _arm_up(actor: Actor) -> tuple[dict[str, Number], str, float]:
    """(an arm that is up, the channel that would swing in a wave, how far): whether the hand waves or is only raised,
    it goes to the same places, so that the place does not tell which.
    """
    way = int(actor.rng.choice(5, p=[0.25, 0.25, 0.2, 0.15, 0.15]))
    arm: dict[str, Number]
    if way == 0:  # the forearm up, from an elbow at the side or at the height of the shoulder
        arm = {"spread": actor.draw(25, 110), "swing": actor.draw(0, 45), "turn": actor.draw(60, 100)}
        return {**arm, "elbow": actor.draw(55, 120)}, "elbow", actor.draw(14, 38)
    if way == 1:  # the whole arm, through the side
        arm = {"spread": actor.draw(115, 170), "swing": actor.draw(0, 30), "turn": actor.draw(-10, 40)}
        return {**arm, "elbow": actor.draw(2, 50)}, "spread", actor.draw(8, 30)
    if way == 2:  # the whole arm, through the front
        arm = {"swing": actor.draw(120, 178), "spread": actor.draw(0, 28), "turn": actor.draw(-10, 25)}
        return {**arm, "elbow": actor.draw(2, 60)}, "spread", actor.draw(8, 28)
    if way == 3:  # the upper arm high, the forearm over it
        arm = {"swing": actor.draw(90, 140), "spread": actor.draw(10, 60), "turn": actor.draw(0, 70)}
        return {**arm, "elbow": actor.draw(20, 80)}, "elbow", actor.draw(12, 34)
    arm = {"spread": actor.draw(5, 40), "swing": actor.draw(60, 125), "turn": actor.draw(-5, 25)}
    return {**arm, "elbow": actor.draw(50, 110)}, "turn", actor.draw(18, 45)
