"""A walking figure, and others, as BVH of many makes: names, units, axes, rates, encodings and channels differ."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

Joints = dict[str, tuple[str, tuple[float, float, float]]]
"""Joint -> (parent, offset in metres), y up, facing +z, left = +x."""

FIGURE: Joints = {
    "Hips": ("", (0, 0.95, 0)), "Spine": ("Hips", (0, 0.12, 0)), "Spine1": ("Spine", (0, 0.26, 0)),
    "Neck": ("Spine1", (0, 0.14, 0)), "Head": ("Neck", (0, 0.1, 0.02)),
    **{
        f"{side}{name}": (parent.format(side), (sign * x, y, z))
        for side, sign in (("Left", 1), ("Right", -1))
        for name, parent, (x, y, z) in (
            ("UpLeg", "Hips", (0.09, -0.06, 0)), ("Leg", "{}UpLeg", (0, -0.42, 0)), ("Foot", "{}Leg", (0, -0.4, 0)),
            ("Toe", "{}Foot", (0, -0.05, 0.13)), ("Shoulder", "Spine1", (0.05, 0.1, 0)),
            ("Arm", "{}Shoulder", (0.12, 0, 0)), ("ForeArm", "{}Arm", (0.27, 0, 0)),
            ("Hand", "{}ForeArm", (0.25, 0, 0)),
        )
    },
}  # fmt: skip
ANIMAL: Joints = {
    "Hips": ("", (0, 0.6, 0)), "Spine": ("Hips", (0, 0.03, 0.2)), "Neck": ("Spine", (0, 0.1, 0.35)),
    "Head": ("Neck", (0, 0.2, 0.2)),
    **{
        f"{side}_{name}": (parent.format(side), (sign * x, y, z))
        for side, sign in (("L", 1), ("R", -1))
        for name, parent, (x, y, z) in (
            ("Thigh", "Hips", (0.1, 0, 0)), ("Calf", "{}_Thigh", (0, -0.25, 0.05)),
            ("Foot", "{}_Calf", (0, -0.3, -0.1)),
            ("Clavicle", "Spine", (0.05, 0, 0.3)), ("UpperArm", "{}_Clavicle", (0.05, -0.05, 0)),
            ("Forearm", "{}_UpperArm", (0, -0.25, 0)), ("Hand", "{}_Forearm", (0, -0.25, 0)),
        )
    },
}  # fmt: skip


def write_walk(
    path: Path,
    joints: Joints = FIGURE,
    *,
    scale: float = 100.0,
    frames: int = 20,
    step: str = "0.0333333",
    names: dict[str, str] | None = None,
    turn: tuple[np.ndarray, str] | None = None,
    inner: str = "none",
    travel: float = 1.0,
    encoding: str = "utf-8",
) -> Path:
    """Write a walk of a metre a second in units of 1 / ``scale`` metres.

    ``turn`` turns the world: its matrix, and the root's angles about Z, X and Y. ``inner`` position channels of the
    joints below the root: "none", "offset" (as they should be), "zero", or "shift" (a little beside zero).
    """
    names, order = names or {}, list(joints)
    lines = ["HIERARCHY"]

    def write(name: str, pad: str) -> None:
        parent, offset = joints[name]
        placed = "Xposition Yposition Zposition " if not parent or inner != "none" else ""
        lines.extend(
            [
                f"{pad}{'JOINT' if parent else 'ROOT'} {names.get(name, name)}", pad + "{",
                f"{pad} OFFSET {numbers(np.array(offset) * scale * bool(parent))}",
                f"{pad} CHANNELS {6 if placed else 3} {placed}Zrotation Xrotation Yrotation",
            ]
        )  # fmt: skip
        children = [child for child, (above, _) in joints.items() if above == name]
        for child in children:
            write(child, pad + " ")
        if not children:
            lines.extend([f"{pad} End Site", f"{pad} {{", f"{pad}  OFFSET 0 {0.05 * scale} 0", f"{pad} }}"])
        lines.append(pad + "}")

    write(order[0], "")
    lines += ["MOTION", f"Frames: {frames}", f"Frame Time: {step}"]
    for frame in range(frames):
        phase, row = math.sin(frame * 0.3), []
        for name in preorder(joints, order[0]):
            parent, offset = joints[name]
            at = np.array(offset) + (0 if parent else np.array([0, 0, travel * frame / 30]))
            if not parent:
                row += [
                    *((turn[0] @ at if turn else at) * scale),
                    *(map(float, turn[1].split()) if turn else (0, 0, 0)),
                ]
                continue
            row += {"none": [], "offset": [*(at * scale)], "zero": [0, 0, 0], "shift": [0.01 * scale * phase, 0, 0]}[
                inner
            ]
            arm = {"LeftArm": -70, "RightArm": 70}.get(name, 0)
            row += [arm, {"LeftUpLeg": -25, "RightUpLeg": 25, "L_Thigh": -25, "R_Thigh": 25}.get(name, 0) * phase, 0]
        lines.append(numbers(row))
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def preorder(joints: Joints, name: str) -> list[str]:
    """Joints in the order in which a BVH writes them."""
    below = [child for child, (parent, _) in joints.items() if parent == name]
    return [name, *(joint for child in below for joint in preorder(joints, child))]


def numbers(values: object) -> str:
    return " ".join(f"{value:.6f}" for value in values)  # type: ignore[attr-defined]


def sized(factor: float) -> Joints:
    """The figure at another size."""
    return {name: (parent, tuple(factor * value for value in offset)) for name, (parent, offset) in FIGURE.items()}  # type: ignore[misc]


Y_DOWN = (np.diag([1.0, -1, -1]), "0 180 0")
Z_UP = (np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]), "0 90 0")
Z_DOWN = (np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), "0 -90 0")
"""Turns of the world: of a camera's frame, of programs with z up, and of a camera that looks along y."""


def facing_z(positions: np.ndarray) -> np.ndarray:
    """Positions from above the origin on, with the hips along x."""
    moved = positions - positions[:1, :1] * [1, 0, 1]
    across = moved[0, 1] - moved[0, 2]
    x, z = across[[0, 2]] / np.hypot(across[0], across[2])
    return moved @ np.array([[x, 0, -z], [0, 1, 0], [z, 0, x]])
