"""A rig with SOMA's names and motions for it, all numbers our own: 77 joints, centimetres, 120 frames a second.

Bones lie along x in the rest pose, as in the published files: each joint has a frame of its own whose x axis points to
the next joint, and a file's rotations lead from frame to frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["ACTIONS", "FPS", "Performance", "bvh_text", "channels_of", "perform"]

FPS = 120
_FINGERS = (("Thumb", 3), ("Index", 4), ("Middle", 4), ("Ring", 4), ("Pinky", 4))
Turn = np.ndarray
"""Rotation matrices (frames, 3, 3), in the frame of the body that stands with its arms out and faces +z."""


def _rig() -> dict[str, tuple[str, tuple[float, float, float]]]:
    """Joint -> (joint above, centimetres from it in the T-pose)."""
    rig: dict[str, tuple[str, tuple[float, float, float]]] = {
        "Root": ("", (0, 0, 0)), "Hips": ("Root", (0, 94, 0)), "Spine1": ("Hips", (0, 6, 0)),
        "Spine2": ("Spine1", (0, 9, 0)), "Chest": ("Spine2", (0, 10, 0)), "Neck1": ("Chest", (0, 23, 0)),
        "Neck2": ("Neck1", (0, 6, 0)), "Head": ("Neck2", (0, 6, 1)), "HeadEnd": ("Head", (0, 17, 0)),
        "Jaw": ("Head", (0, 2, 4)), "LeftEye": ("Head", (3, 6, 8)), "RightEye": ("Head", (-3, 6, 8)),
    }  # fmt: skip
    for side, x in (("Left", 1.0), ("Right", -1.0)):
        rig |= {
            f"{side}Shoulder": ("Chest", (5 * x, 19, 0)), f"{side}Arm": (f"{side}Shoulder", (13 * x, 0, 0)),
            f"{side}ForeArm": (f"{side}Arm", (27 * x, 0, 0)), f"{side}Hand": (f"{side}ForeArm", (25 * x, 0, 0)),
        }  # fmt: skip
        for finger, (name, bones) in enumerate(_FINGERS):
            above = f"{side}Hand"
            for bone in (*range(1, bones + 1), "End"):
                length = (7.0 if bone == 1 else 3.0) * x
                rig[f"{side}Hand{name}{bone}"] = (above, (length, 0, 3.0 - 1.5 * finger if bone == 1 else 0))
                above = f"{side}Hand{name}{bone}"
        rig |= {
            f"{side}Leg": ("Hips", (9 * x, -4, 0)), f"{side}Shin": (f"{side}Leg", (0, -42, 0)),
            f"{side}Foot": (f"{side}Shin", (0, -41, 0)), f"{side}ToeBase": (f"{side}Foot", (0, -6, 13)),
            f"{side}ToeEnd": (f"{side}ToeBase", (0, 0, 7)),
        }  # fmt: skip
    return rig


RIG = _rig()
_BELOW: dict[str, list[str]] = {}
for _joint, (_above, _) in RIG.items():
    _BELOW.setdefault(_above, []).append(_joint)


def _order(joint: str = "Root") -> Iterator[str]:
    """Joints in the order of a file: each before the joints below it."""
    yield joint
    for below in _BELOW.get(joint, []):
        yield from _order(below)


JOINTS = tuple(_order())
_SIX = ("Root", "Hips")


def _frame(joint: str) -> np.ndarray:
    """The frame of a joint in the T-pose: its x axis points to the next joint."""
    if joint in _SIX or joint not in _BELOW:
        return np.eye(3)
    x = np.array(RIG[_BELOW[joint][0]][1], dtype=float)
    x /= np.linalg.norm(x)
    helper = np.array([0.0, 0.0, 1.0]) if abs(x[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    y = np.cross(helper, x)
    y /= np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)


_FRAMES = {joint: _frame(joint) for joint in JOINTS}


def _about(axis: int, degrees: np.ndarray) -> Turn:
    angle = np.deg2rad(degrees)
    turns = np.zeros((*angle.shape, 3, 3))
    one, two = (axis + 1) % 3, (axis + 2) % 3
    turns[..., axis, axis] = 1
    turns[..., one, one] = turns[..., two, two] = np.cos(angle)
    turns[..., two, one] = np.sin(angle)
    turns[..., one, two] = -np.sin(angle)
    return turns


@dataclass
class Performance:
    """How joints turn, and where the hips are, over time."""

    turns: dict[str, Turn]
    hips: np.ndarray
    """Centimetres (frames, 3), from where the hips are in the T-pose."""

    def mirrored(self) -> Performance:
        """Left and right exchanged."""
        flip = np.diag([-1.0, 1.0, 1.0])
        other = {"Left": "Right", "Right": "Left"}
        turns = {}
        for joint, turn in self.turns.items():
            side = next((side for side in other if joint.startswith(side)), "")
            turns[other[side] + joint.removeprefix(side) if side else joint] = flip @ turn @ flip
        return Performance(turns, self.hips * (-1, 1, 1))


Angles = dict[str, tuple[int, np.ndarray]]
"""Joint -> (axis, degrees over time)."""


def _arch(at: np.ndarray) -> np.ndarray:
    """From 0 to 1 and back, over a share of time from 0 to 1."""
    return np.asarray(np.sin(np.pi * at) ** 2)


def _walk(at: np.ndarray, seconds: float, size: float) -> tuple[Angles, np.ndarray]:
    going = np.clip(np.minimum(at, 1 - at) * 2 * seconds, 0, 1)
    swing = np.sin(2 * np.pi * at * max(1.0, round(seconds))) * size * going
    forward = np.stack([0 * at, 0 * at, 110 * size * np.cumsum(going) / FPS], axis=1)
    legs = {"LeftLeg": (0, -25 * swing), "RightLeg": (0, 25 * swing)}
    return {**legs, "LeftShin": (0, 20 * (going + swing)), "RightShin": (0, 20 * (going - swing))}, forward


def _turn(at: np.ndarray, _: float, size: float) -> tuple[Angles, np.ndarray]:
    return {"Hips": (1, 180 * size * (3 - 2 * at) * at**2)}, np.zeros((len(at), 3))


def _crouch(at: np.ndarray, _: float, size: float) -> tuple[Angles, np.ndarray]:
    bent = 60 * size * _arch(at)
    legs: Angles = {f"{side}Leg": (0, -bent) for side in ("Left", "Right")}
    legs |= {f"{side}Shin": (0, 2 * bent) for side in ("Left", "Right")}
    return legs, np.stack([0 * at, -84 * (1 - np.cos(np.deg2rad(bent))), 0 * at], axis=1)


def _wave(at: np.ndarray, seconds: float, size: float) -> tuple[Angles, np.ndarray]:
    angles: Angles = {
        "RightArm": (2, -120 * min(1.0, seconds) * _arch(at)),
        "RightForeArm": (1, 40 * size * np.sin(4 * np.pi * seconds * at)),
    }
    return angles, np.zeros((len(at), 3))


def _bow(at: np.ndarray, _: float, size: float) -> tuple[Angles, np.ndarray]:
    return {"Spine1": (0, 40 * size * _arch(at)), "Neck1": (0, 15 * _arch(at))}, np.zeros((len(at), 3))


ACTIONS: dict[str, tuple[Callable[[np.ndarray, float, float], tuple[Angles, np.ndarray]], str]] = {
    "walk_ff": (_walk, "A person walks forward."),
    "turn_180_R": (_turn, "A person turns around to the right."),
    "crouch": (_crouch, "A person crouches down and stands up."),
    "wave_R": (_wave, "A person waves with the right hand."),
    "bow": (_bow, "The person bows to somebody."),
}
"""Name -> (what joints and hips do over a share of time, the words of an event)."""


def perform(actions: list[str], frames: int, size: float) -> Performance:
    """Actions one after another, each as long, by an actor whose movements have a size (about 1)."""
    turns: dict[str, Turn] = {}
    hips = np.zeros((frames, 3))
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        turns[f"{side}Arm"] = _about(2, np.full(frames, 70 * sign))
        turns[f"{side}HandIndex2"] = _about(2, 20 * np.sin(np.arange(frames) / 40))
    bounds = np.linspace(0, frames, len(actions) + 1).astype(int)
    for action, first, last in zip(actions, bounds[:-1], bounds[1:], strict=True):
        at = np.linspace(0, 1, last - first)
        angles, path = ACTIONS[action][0](at, (last - first) / FPS, size)
        for joint, (axis, degrees) in angles.items():
            turns.setdefault(joint, np.repeat(np.eye(3)[None], frames, axis=0))
            held = np.concatenate([degrees, np.full(frames - last, degrees[-1])])
            turns[joint][first:] = turns[joint][first:] @ _about(axis, held)
        hips[first:] += np.concatenate([path, np.repeat(path[-1:], frames - last, axis=0)])
    return Performance(turns, hips)


def channels_of(performance: Performance, scale: float = 1.0) -> np.ndarray:
    """Numbers of a file (frames, channels): positions of Root and Hips, and Z, Y, X angles of every joint."""
    frames = len(performance.hips)
    columns = []
    still = np.repeat(np.eye(3)[None], frames, axis=0)
    for joint in JOINTS:
        above = RIG[joint][0]
        before = _FRAMES[above] if above else np.eye(3)
        local = before.T @ performance.turns.get(joint, still) @ _FRAMES[joint]
        if joint == "Hips":
            columns.append((performance.hips + RIG["Hips"][1]) * scale)
        elif joint == "Root":
            columns.append(np.zeros((frames, 3)))
        z = np.arctan2(local[:, 1, 0], local[:, 0, 0])
        y = np.arcsin(np.clip(-local[:, 2, 0], -1, 1))
        x = np.arctan2(local[:, 2, 1], local[:, 2, 2])
        columns.append(np.rad2deg(np.stack([z, y, x], axis=1)))
    return np.concatenate(columns, axis=1)


def bvh_text(values: np.ndarray, scale: float = 1.0) -> str:
    """The file of channel values; ``scale`` is the size of the actor."""
    lines = ["HIERARCHY"]
    _hierarchy("Root", 0, scale, lines)
    pattern = " ".join(["%.6f"] * values.shape[1])
    lines += ["MOTION", f"Frames: {len(values)}", f"Frame Time: {1 / FPS:.6f}"]
    lines += [pattern % tuple(row) for row in values.tolist()]
    return "\n".join(lines) + "\n"


def _hierarchy(joint: str, depth: int, scale: float, lines: list[str]) -> None:
    pad, above = "  " * depth, RIG[joint][0]
    offset = (_FRAMES[above].T if above else np.eye(3)) @ np.array(RIG[joint][1], dtype=float) * scale
    places = "Xposition Yposition Zposition " if joint in _SIX else ""
    lines += [
        f"{pad}{'JOINT' if above else 'ROOT'} {joint}",
        f"{pad}{{",
        f"{pad}  OFFSET {offset[0]:.6f} {offset[1]:.6f} {offset[2]:.6f}",
        f"{pad}  CHANNELS {6 if places else 3} {places}Zrotation Yrotation Xrotation",
    ]
    for below in _BELOW.get(joint, []):
        _hierarchy(below, depth + 1, scale, lines)
    lines.append(f"{pad}}}")
