"""The actions by name, and the clip of an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.procedural import arms, gait, gestures, jumps, varied, whole_body
from chronomotion.corpus.compose.procedural.actor import Actor
from chronomotion.corpus.compose.procedural.body import joint_positions
from chronomotion.corpus.compose.procedural.pose import Pose, mirrored
from chronomotion.corpus.compose.procedural.timing import FPS, sway
from chronomotion.errors import ConfigError
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["ACTIONS", "VARIED_ACTIONS", "Action", "perform", "perform_varied"]

Action: TypeAlias = Callable[[Actor], Pose]
"""An actor's movement; a one-sided movement is written for the left."""


def _right(action: Action) -> Action:
    """The mirror image of an action."""
    return lambda actor: mirrored(action(actor))


def _either(action: Action) -> Action:
    """The action or its mirror image, by chance: where the name leaves the side open."""
    return lambda actor: mirrored(action(actor)) if actor.rng.random() < 0.5 else action(actor)


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "walk": _either(gait.walk),
        "run": _either(gait.run),
        "walk-back": _either(gait.walk_back),
        "sidestep-left": gait.sidestep,
        "sidestep-right": _right(gait.sidestep),
        "turn-left": gait.turn,
        "turn-right": _right(gait.turn),
        "march": _either(gait.march),
        "jump": jumps.jump,
        "hop": _either(jumps.hop),
        "jumping-jack": jumps.jumping_jack,
        "squat": whole_body.squat,
        "sit-down": whole_body.sit_down,
        "stand-up": whole_body.stand_up,
        "kneel": _either(whole_body.kneel),
        "bow": whole_body.bow,
        "pick-up": _either(whole_body.pick_up),
        "stretch": _either(whole_body.stretch),
        "stand-still": whole_body.stand_still,
        "kick-left": whole_body.kick,
        "kick-right": _right(whole_body.kick),
        "punch-left": arms.punch,
        "punch-right": _right(arms.punch),
        "wave-left-hand": arms.wave,
        "wave-right-hand": _right(arms.wave),
        "wave-both-hands": arms.wave_both,
        "raise-left-hand": arms.raise_hand,
        "raise-right-hand": _right(arms.raise_hand),
        "raise-both-hands": arms.raise_both,
        "clap": arms.clap,
        "throw": _either(arms.throw),
    }
)
"""Every action by its name."""


def _mostly(other: Action, action: Action) -> Action:
    """Two times of three the first, else the second."""
    return lambda actor: other(actor) if actor.rng.random() < 2 / 3 else action(actor)


VARIED_ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        **ACTIONS,
        "walk": _either(_mostly(varied.walk_any, gait.walk)),
        "run": _either(_mostly(varied.run_any, gait.run)),
        "walk-back": _either(_mostly(varied.walk_back_any, gait.walk_back)),
        "walk-turn-left": varied.walk_turn,
        "walk-turn-right": _right(varied.walk_turn),
        "walk-circle-left": varied.walk_circle,
        "walk-circle-right": _right(varied.walk_circle),
        "turn-left": _mostly(varied.turn_any, gait.turn),
        "turn-right": _right(_mostly(varied.turn_any, gait.turn)),
        "run-in-place": _either(varied.run_in_place),
        "sneak": _either(varied.sneak),
        "wave-left-hand": _mostly(varied.wave_any, arms.wave),
        "wave-right-hand": _right(_mostly(varied.wave_any, arms.wave)),
        "wave-both-hands": _mostly(varied.wave_both_any, arms.wave_both),
        "raise-left-hand": _mostly(varied.raise_any, arms.raise_hand),
        "raise-right-hand": _right(_mostly(varied.raise_any, arms.raise_hand)),
        "raise-both-hands": _mostly(varied.raise_both_any, arms.raise_both),
        "point-left": gestures.point,
        "point-right": _right(gestures.point),
        "beckon": _either(gestures.beckon),
        "salute": _either(gestures.salute),
        "drink": _either(gestures.drink),
        "scratch-head": _either(gestures.scratch_head),
        "cross-arms": _either(gestures.cross_arms),
        "hands-on-hips": gestures.hands_on_hips,
        "arm-circles": gestures.arm_circles,
        "push": gestures.push,
        "box": _either(gestures.box),
        "slash": _either(gestures.slash),
        "wipe": _either(gestures.wipe),
        "side-twist": _either(gestures.side_twist),
        "toe-touch": gestures.toe_touch,
        "nod": gestures.nod_head,
        "shake-head": gestures.shake_head,
        "look-around": _either(gestures.look_around),
    }
)
"""More actions, and more ways to do them. The suite ``procedural`` is pinned to :data:`ACTIONS`, which stay."""


def perform(action: str, rng: np.random.Generator) -> Motion:
    """A clip of one action on the 22 joints of HumanML3D with its reference bone lengths, 20 fps, 1.2 to 3.5 s.

    In the first frame the body faces +z and the root is over x = z = 0; the floor is y = 0. The clip is a function of
    the action and the generator's state alone. Raises ConfigError for an unknown action.
    """
    return _performed(ACTIONS, action, Actor.drawn, rng)


def perform_varied(action: str, rng: np.random.Generator) -> Motion:
    """:func:`perform` with the actors and the ways of :data:`VARIED_ACTIONS`, 1 to 12 s."""
    return _performed(VARIED_ACTIONS, action, varied.any_actor, rng)


def _performed(
    actions: Mapping[str, Action], action: str, cast: Callable[[np.random.Generator], Actor], rng: np.random.Generator
) -> Motion:
    if action not in actions:
        raise ConfigError(f"there is no procedural action {action!r}; known: {', '.join(sorted(actions))}")
    pose = actions[action](cast(rng))
    frames = max(np.size(channel) for channel in pose)
    positions = joint_positions(sway(pose, np.arange(frames) / FPS, rng))
    return Motion(_facing_forward(positions), fps=FPS, name=action)


_ACROSS = tuple(HUMANML3D.index(name) for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"))


def _facing_forward(positions: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames joints 3"]:
    """Turned and shifted: the first frame faces +z, as HumanML3D measures it (hips plus shoulders), at x = z = 0."""
    left_hip, right_hip, left_shoulder, right_shoulder = positions[0, list(_ACROSS)]
    across = left_hip - right_hip + left_shoulder - right_shoulder
    left = np.array([across[0], 0.0, across[2]]) / np.hypot(across[0], across[2])
    forward = np.array([-left[2], 0.0, left[0]])
    axes = np.stack([left, [0.0, 1.0, 0.0], forward])
    root = positions[0, 0] * [1.0, 0.0, 1.0]
    placed: np.ndarray = (positions - root) @ axes.T
    return placed
