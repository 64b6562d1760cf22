"""Writing BVH: a motion as a T-posed skeleton with rotations, for Blender and every other animation program.

Centimetres, y up, the root with six channels and all others with three, rotations in the order Z X Y.
"""

from __future__ import annotations

import io

import numpy as np
from jaxtyping import Float

from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import PosedSkeleton, pose_for_file

__all__ = ["bvh_bytes"]

_SCALE = 100.0
_TURNS = "Zrotation Xrotation Yrotation"
_END_SHARE = 0.4
"""Length of the nameless bone at the end of a limb, as a share of the one before."""
_GIMBAL = 1e-6


def bvh_bytes(motion: Motion) -> bytes:
    """A motion as the text of a BVH file.

    Bones get their median lengths; when a bone strays from that by more than a millimetre, a warning is logged, for
    then the file cannot hold the joints exactly.
    """
    posed = pose_for_file(motion, "BVH")
    text = io.StringIO()
    text.write("HIERARCHY\n")
    order: list[int] = []
    _write_joint(text, posed, 0, order)
    text.write(f"MOTION\nFrames: {motion.frames}\nFrame Time: {1 / motion.fps:.10g}\n")
    np.savetxt(text, _channels(posed, motion, order), fmt="%.6f")
    return text.getvalue().encode("utf-8")


def _write_joint(text: io.StringIO, posed: PosedSkeleton, at: int, order: list[int]) -> None:
    """Write a joint and all below it, and note the order in which their channels come."""
    order.append(at)
    node = posed.nodes[at]
    depth = _depth(posed, at)
    pad = "\t" * depth
    kind = "ROOT" if node.parent < 0 else "JOINT"
    channels = f"3 {_TURNS}" if node.parent >= 0 else f"6 Xposition Yposition Zposition {_TURNS}"
    text.write(f"{pad}{kind} {node.name}\n{pad}{{\n{pad}\tOFFSET {_triple(node.offset)}\n{pad}\tCHANNELS {channels}\n")
    below = [child for child, other in enumerate(posed.nodes) if other.parent == at]
    for child in below:
        _write_joint(text, posed, child, order)
    if not below:
        end = _triple(node.offset * _END_SHARE)
        text.write(f"{pad}\tEnd Site\n{pad}\t{{\n{pad}\t\tOFFSET {end}\n{pad}\t}}\n")
    text.write(f"{pad}}}\n")


def _depth(posed: PosedSkeleton, at: int) -> int:
    parent = posed.nodes[at].parent
    return 0 if parent < 0 else 1 + _depth(posed, parent)


def _triple(offset: Float[np.ndarray, " 3"]) -> str:
    return " ".join(f"{value * _SCALE:.6f}" for value in offset)


def _channels(posed: PosedSkeleton, motion: Motion, order: list[int]) -> Float[np.ndarray, "frames channels"]:
    """The numbers of all frames: the root's place, then each joint's angles in degrees."""
    turns = np.stack([posed.local(at) for at in order], axis=1)
    angles = _angles(turns).reshape(len(turns), -1)
    return np.hstack([motion.positions[:, 0].astype(np.float64) * _SCALE, angles])


def _angles(rotations: Float[np.ndarray, "frames *joints 3 3"]) -> Float[np.ndarray, "frames *joints 3"]:
    """Degrees about Z, X and Y, with R = Z X Y, that run on from frame to frame.

    Over full turns they do not jump; and of the two triples that give one rotation, (z, x, y) and
    (z + 180, 180 - x, y + 180), the one nearer to the frame before is taken, so that a curve goes on past X = 90.
    """
    x = np.arcsin(np.clip(rotations[..., 2, 1], -1, 1))
    # With X at a quarter turn Z and Y do the same: all of it is given to Z.
    locked = np.hypot(rotations[..., 0, 1], rotations[..., 1, 1]) < _GIMBAL
    z = np.arctan2(
        np.where(locked, rotations[..., 1, 0], -rotations[..., 0, 1]),
        np.where(locked, rotations[..., 0, 0], rotations[..., 1, 1]),
    )
    y = np.where(locked, 0.0, np.arctan2(-rotations[..., 2, 0], rotations[..., 2, 2]))
    angles: np.ndarray = np.degrees(np.stack([z, x, y], axis=-1))
    other = angles * np.array([1, -1, 1]) + 180
    for frame in range(1, len(angles)):
        steps = [_turn(triple[frame] - angles[frame - 1]) for triple in (angles, other)]
        nearer = np.abs(steps[0]).sum(axis=-1) <= np.abs(steps[1]).sum(axis=-1)
        angles[frame] = angles[frame - 1] + np.where(nearer[..., None], *steps)
    return angles


def _turn(degrees: Float[np.ndarray, "*joints 3"]) -> Float[np.ndarray, "*joints 3"]:
    """The same angles between -180 and 180."""
    turn: np.ndarray = (degrees + 180) % 360 - 180
    return turn
