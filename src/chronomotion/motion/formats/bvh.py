"""Reading BVH: a hierarchy of joints with any channels, then one line of numbers a frame.

Position channels REPLACE the joint's offset, on the root and on every other joint that has them, as Blender and
MotionBuilder take them. Only where they would let most bones shrink to nothing are they taken as shifts from it:
programs that pose by rotations alone (MakeHuman) write zeros there. Angles are degrees, and rotations multiply in the
order in which a joint lists its channels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from chronomotion.motion.formats.text_encoding import decode_names

__all__ = ["BvhPart", "read_bvh"]

_CHUNK = 512
"""Frames posed at a time: the matrices of a chunk stay in the processor's cache, and long takes need no more memory."""
_SHIFT = 0.25
"""Positions below this share of the joint's offset, in all frames, are shifts: no bone shrinks to a quarter."""
_MULTIPLE = 1e-3


@dataclass(frozen=True)
class BvhPart:
    """What is read of a BVH file. Most of the time of reading goes into numbers: fewer are read, not other ones.

    - ``rate``: frames a second that are enough. Where the file's rate is a whole multiple, only every second, third ...
      frame is read: what resampling to that rate would give.
    - ``joints``: whether a joint is wanted, by its name. Joints that are not, and have no wanted joint below them, are
      left out as if the file had none.
    """

    rate: float | None = None
    joints: Callable[[str], bool] | None = None

    def every(self, rate: float | None) -> int:
        """Of a file with this rate, each which frame is read."""
        times = 1.0 if rate is None or self.rate is None else rate / self.rate
        return max(1, round(times)) if abs(times - round(times)) < _MULTIPLE else 1


def read_bvh(
    path: Path,
    fps: float | None = None,
    *,
    at_most: int | None = None,
    part: BvhPart | None = None,
    raw: bytes | None = None,
) -> Take:
    """Read a BVH file and pose it: world positions of all joints and ends of bones, in the file's unit and axes.

    ``fps`` is the caller's rate, without which an impossible frame time is an error. Of the frames, ``at_most`` so many
    are read, evenly over the take; ``part`` says what is enough. ``raw`` is the content of the file where it has been
    read already, as of one inside an archive.

    Raises FormatError, with file and line, when the file is cut, is no BVH, holds a number that is not finite, has no
    frames, or is larger than the limits.
    """
    lines = _text_of(path, raw).split("\n")
    hierarchy, at = read_hierarchy(lines, path)
    frames, step, at = _motion_header(lines, at, path, fps)
    check_count(frames * max(1, hierarchy.channel_count), MAX_NUMBERS, "numbers", f"{path}:{at}")
    if at_most is not None and frames > at_most:
        written = [line for line in lines[at:] if line and not line.isspace()]
        lines = [written[place] for place in np.linspace(0, len(written) - 1, at_most).astype(int)] if written else []
        frames, at = at_most, 0
    rate = None if step is None else rate_of_step(step)
    count, every = hierarchy.channel_count, 1 if part is None else part.every(rate)
    hierarchy, columns = _wanted(hierarchy, part)
    values, extra = read_table(lines, at, frames, count, path, every=every, only=columns)
    left_out = (f"{extra} lines after the {frames} frames that the header announces are left out",) if extra else ()
    shifted = _shifted(hierarchy, values)
    return Take(
        path=path,
        format="bvh",
        joints=hierarchy.names,
        parents=hierarchy.parents,
        ends=hierarchy.ends,
        positions=pose(hierarchy, values, shifted),
        fps=None if rate is None else rate / every,
        warnings=(*left_out, *_shift_note(hierarchy, values, shifted)),
    )


def _wanted(hierarchy: Hierarchy, part: BvhPart | None) -> tuple[Hierarchy, list[int] | None]:
    """What is left of a hierarchy, and its columns of the file; None for all of them."""
    if part is None or part.joints is None:
        return hierarchy, None
    left, columns = hierarchy.only(part.joints)
    return (left, columns) if columns else (hierarchy, None)


def pose(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"], shifted: Sequence[int] = ()
) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of all joints from channel values; the positions of ``shifted`` joints add to their offsets."""
    positions = np.empty((len(values), len(hierarchy.names), 3))
    for start in range(0, len(values), _CHUNK):
        part = values[start : start + _CHUNK]
        translations = _translations(hierarchy, part, shifted)
        positions[start : start + _CHUNK] = forward_kinematics(
            hierarchy.parents, translations, _rotations(hierarchy, part)
        )
    return positions


def _translations(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"], shifted: Sequence[int]
) -> Float[np.ndarray, "frames joints 3"]:
    """Each joint's translation from its parent: the offset, but position channels where the joint has them."""
    translations = np.repeat(hierarchy.offsets[None], len(values), axis=0)
    joints, axes, columns = hierarchy.position_channels
    translations[:, joints, axes] = values[:, columns]
    translations[:, shifted] += hierarchy.offsets[list(shifted)]
    return translations


def _shifted(hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"]) -> list[int]:
    """Joints below a root whose position channels are shifts from their offsets: those near 0, when most are."""
    joints, _, columns = hierarchy.position_channels
    lengths = np.linalg.norm(hierarchy.offsets, axis=-1)
    farthest: dict[int, float] = {}
    for joint, column in zip(joints, columns, strict=True):
        if hierarchy.parents[joint] >= 0 and lengths[joint] > 0:
            farthest[joint] = max(farthest.get(joint, 0.0), float(np.abs(values[:, column]).max()))
    near = [joint for joint, value in farthest.items() if value <= _SHIFT * lengths[joint]]
    return near if 2 * len(near) > len(farthest) else []


def _shift_note(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"], shifted: Sequence[int]
) -> tuple[str, ...]:
    """What to tell the user about position channels that do not replace offsets."""
    if not shifted:
        return ()
    joints, _, columns = hierarchy.position_channels
    zero = not values[:, [column for joint, column in zip(joints, columns, strict=True) if joint in set(shifted)]].any()
    what = "are 0 in all frames, so its OFFSET is kept" if zero else "stay near 0, so they are added to its OFFSET"
    return (
        f"position channels without positions: those of {hierarchy.joints[shifted[0]]!r} and "
        f"{len(shifted) - 1} more {what}",
    )


def _rotations(
    hierarchy: Hierarchy, values: Float[np.ndarray, "frames channels"]
) -> Float[np.ndarray, "frames joints 3 3"]:
    """Each joint's rotation, one product for all joints that list their channels in the same order."""
    rotations = np.empty((len(values), len(hierarchy.names), 3, 3))
    for order, joints, columns in hierarchy.rotation_groups:
        rotations[:, joints] = euler_rotations(order, values[:, columns])
    return rotations


def _text_of(path: Path, raw: bytes | None) -> str:
    """The file as text with newlines of one kind; raises FormatError when it is not a BVH at all."""
    if raw is None:
        raw = read_bytes(path)
    start = raw[:256].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.upper().startswith(b"HIERARCHY"):
        beginning = "the file is empty" if not raw else f"it begins with {start[:20]!r}"
        raise FormatError(f"not a BVH file: the first word must be HIERARCHY, but {beginning}", f"{path}:1")
    text = decode_names(raw)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _motion_header(lines: list[str], at: int, path: Path, fps: float | None) -> tuple[int, float | None, int]:
    """Number of frames, seconds a frame (None for impossible ones), and the index of the first line of numbers."""
    at, counted = _header_value(lines, at, "Frames", path)
    frames = int(read_number(counted, f"{path}:{at}", whole=True))
    if frames < 1:
        raise FormatError(f"the header announces {frames} frames: there is no motion in the file", f"{path}:{at}")
    check_count(frames, MAX_FRAMES, "frames", f"{path}:{at}")
    at, timed = _header_value(lines, at, "Frame Time", path)
    step = read_number(timed, f"{path}:{at}")
    if 1e-5 <= step <= 100:
        return frames, step, at
    if fps is None:
        raise FormatError(
            f"a frame time of {timed.strip()} seconds is not possible: give the rate with --fps (for example --fps 30)",
            f"{path}:{at}",
        )
    return frames, None, at


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
