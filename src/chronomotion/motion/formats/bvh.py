"""Reading BVH: a hierarchy of joints with any channels, then one line of numbers a frame.

Position channels REPLACE the joint's offset, on the root and on every other joint that has them, as Blender and
MotionBuilder take them. Angles are degrees, and rotations multiply in the order in which a joint lists its channels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.bvh_hierarchy import Hierarchy, read_hierarchy
from chronomotion.motion.formats.frame_rate import rate_of_step
from chronomotion.motion.formats.kinematics import euler_rotations, forward_kinematics
from chronomotion.motion.formats.limits import MAX_FRAMES, MAX_NUMBERS, check_count, read_bytes
from chronomotion.motion.formats.numbers import read_number, read_table
from chronomotion.motion.formats.take import Take

__all__ = ["read_bvh"]

_CHUNK = 512
"""Frames posed at a time: the matrices of a chunk stay in the processor's cache, and long takes need no more memory."""


def read_bvh(path: Path) -> Take:
    """Read a BVH file and pose it: world positions of all joints and ends of bones, in the file's unit and axes.

    Raises FormatError, with file and line, when the file is cut, is no BVH, holds a number that is not finite, has no
    frames, or is larger than the limits.
    """
    lines = _text_of(path).split("\n")
    hierarchy, at = read_hierarchy(lines, path)
    frames, step, at = _motion_header(lines, at, path)
    check_count(frames * max(1, hierarchy.channel_count), MAX_NUMBERS, "numbers", f"{path}:{at}")
    values, extra = read_table(lines, at, frames, hierarchy.channel_count, path)
    warnings = (f"{extra} lines after the {frames} frames that the header announces are left out",) if extra else ()
    return Take(
        path=path,
        format="bvh",
        joints=hierarchy.names,
        parents=hierarchy.parents,
        ends=hierarchy.ends,
        positions=pose(hierarchy, values),
        fps=rate_of_step(step),
        warnings=warnings,
    )


def pose(hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"]) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of all joints from the channel values of a BVH."""
    positions = np.empty((len(values), len(hierarchy.names), 3))
    for start in range(0, len(values), _CHUNK):
        part = values[start : start + _CHUNK]
        translations = _translations(hierarchy, part)
        positions[start : start + _CHUNK] = forward_kinematics(
            hierarchy.parents, translations, _rotations(hierarchy, part)
        )
    return positions


def _translations(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"]
) -> Float[np.ndarray, "frames joints 3"]:
    """Each joint's translation from its parent: the offset, but position channels where the joint has them."""
    translations = np.repeat(hierarchy.offsets[None], len(values), axis=0)
    joints, axes, columns = hierarchy.position_channels
    translations[:, joints, axes] = values[:, columns]
    return translations


def _rotations(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"]
) -> Float[np.ndarray, "frames joints 3 3"]:
    """Each joint's rotation, one product for all joints that list their channels in the same order."""
    rotations = np.empty((len(values), len(hierarchy.names), 3, 3))
    for order, joints, columns in hierarchy.rotation_groups:
        rotations[:, joints] = euler_rotations(order, values[:, columns])
    return rotations


def _text_of(path: Path) -> str:
    """The file as text with newlines of one kind; raises FormatError when it is not a BVH at all."""
    raw = read_bytes(path)
    start = raw[:256].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.upper().startswith(b"HIERARCHY"):
        found = "the file is empty" if not raw else f"it begins with {start[:20]!r}"
        raise FormatError(f"not a BVH file: the first word must be HIERARCHY, but {found}", f"{path}:1")
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _motion_header(lines: list[str], at: int, path: Path) -> tuple[int, float, int]:
    """Number of frames, seconds a frame, and the index of the first line of numbers."""
    at, counted = _header_value(lines, at, "Frames", path)
    frames = int(read_number(counted, f"{path}:{at}", whole=True))
    if frames < 1:
        raise FormatError(f"the header announces {frames} frames: there is no motion in the file", f"{path}:{at}")
    check_count(frames, MAX_FRAMES, "frames", f"{path}:{at}")
    at, timed = _header_value(lines, at, "Frame Time", path)
    step = read_number(timed, f"{path}:{at}")
    if not 1e-5 <= step <= 100:
        raise FormatError(f"a frame time of {timed.strip()} seconds is not possible", f"{path}:{at}")
    return frames, step, at


def _header_value(lines: list[str], at: int, key: str, path: Path) -> tuple[int, str]:
    """The text after ``key`` on the next line that is not blank, and the index of the line after it."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at >= len(lines):
        raise FormatError(f"the file ends where '{key}:' should stand", f"{path}:{len(lines)}")
    head, colon, value = lines[at].partition(":")
    if not colon or "".join(head.lower().split()) != "".join(key.lower().split()):
        raise FormatError(f"expected '{key}:', but the line reads {lines[at].strip()[:60]!r}", f"{path}:{at + 1}")
    return at + 1, value
