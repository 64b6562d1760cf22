"""Gaits: walking, running, stepping, turning, marching."""

from __future__ import annotations

from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.pose import Pose
from chronomotion.corpus.compose.procedural.travel import Gait, travel

__all__ = ["march", "run", "sidestep", "turn", "walk", "walk_back"]


def walk(actor: Actor) -> Pose:
    """Four to six steps forward."""
    slow = actor.tempo
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(4, 7)),
            step_time=0.46 * slow,
            swing=0.38,
            forward=actor.draw(0.95, 1.3) / slow,
            turning=actor.draw(-6, 6),
            width=actor.draw(0.06, 0.1),
            lift=actor.draw(0.05, 0.09),
            strike=-18,
            push=actor.draw(30, 42),
            bounce=actor.draw(0.01, 0.02),
            weight=actor.draw(0.015, 0.03),
            arms=actor.draw(14, 32),
            elbows=actor.draw(5, 20),
            lean=actor.draw(0, 5),
        ),
    )


def run(actor: Actor) -> Pose:
    """Six to eight running steps forward, with flight."""
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(6, 9)),
            step_time=0.29 * actor.tempo,
            swing=0.64,
            forward=actor.draw(2.0, 2.7),
            turning=actor.draw(-8, 8),
            width=actor.draw(0.04, 0.08),
            lift=actor.draw(0.22, 0.34),
            strike=5,
            push=actor.draw(45, 60),
            bounce=-actor.draw(0.03, 0.05),
            weight=0.01,
            arms=actor.draw(26, 40),
            elbows=actor.draw(60, 85),
            drop=0.04,
            lean=actor.draw(8, 15),
        ),
    )


def walk_back(actor: Actor) -> Pose:
    """Four to six steps backward."""
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(4, 7)),
            step_time=0.47 * actor.tempo,
            swing=0.38,
            forward=-actor.draw(0.6, 0.95),
            turning=actor.draw(-6, 6),
            width=actor.draw(0.09, 0.13),
            lift=actor.draw(0.06, 0.1),
            strike=actor.draw(15, 25),
            push=-8,
            arms=actor.draw(8, 18),
            elbows=actor.draw(10, 25),
            lean=actor.draw(-2, 5),
        ),
    )


def sidestep(actor: Actor) -> Pose:
    """Two or three times: the left foot steps out to the left, the right foot follows."""
    step_time = 0.4 * actor.tempo
    step = actor.draw(0.24, 0.32)
    return travel(
        actor,
        Gait(
            steps=2 * int(actor.rng.integers(2, 4)),
            step_time=step_time,
            swing=0.4,
            leftward=step / step_time,
            width=step / 2 + actor.draw(0.06, 0.09),
            lift=actor.draw(0.05, 0.09),
            push=15,
            bounce=0.01,
            weight=0.0,
            arms=6,
            elbows=actor.draw(0, 30),
            drop=actor.draw(0.03, 0.08),
        ),
    )


def turn(actor: Actor) -> Pose:
    """A turn to the left on the spot, by 80 to 185 degrees, in four or six steps."""
    angle, step_time = actor.draw(80, 185), 0.36 * actor.tempo
    steps = 4 if angle < 120 else 6
    return travel(
        actor,
        Gait(
            steps=steps,
            step_time=step_time,
            swing=0.4,
            turning=angle / ((steps - 1.5) * step_time + 0.1),  # speeding up and slowing down take 1.5 steps away
            width=actor.draw(0.1, 0.14),
            lift=actor.draw(0.05, 0.09),
            push=15,
            bounce=0.008,
            arms=8,
            elbows=actor.draw(0, 20),
        ),
    )


def march(actor: Actor) -> Pose:
    """Four to six steps on the spot with high knees and swinging arms."""
    return travel(
        actor,
        Gait(
            steps=int(actor.rng.integers(4, 7)),
            step_time=0.46 * actor.tempo,
            swing=0.44,
            width=actor.draw(0.08, 0.11),
            lift=actor.draw(0.3, 0.42),
            push=20,
            bounce=0.008,
            weight=0.035,
            arms=actor.draw(32, 50),
            elbows=actor.draw(10, 40),
            drop=0.0,
        ),
    )
