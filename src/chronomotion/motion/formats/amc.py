"""Reading Acclaim motions (AMC): for every frame its number, then one line of values for each bone that moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.asf import AcclaimSkeleton, Statement, statements
from chronomotion.motion.formats.limits import MAX_FRAMES, MAX_NUMBERS, check_count
from chronomotion.motion.formats.numbers import read_numbers

__all__ = ["Channels", "read_amc"]

Channels = dict[str, Float[np.ndarray, "frames values"]]
"""For "root" and every bone that moves its values in file order; angles in degrees."""


def read_amc(path: Path, skeleton: AcclaimSkeleton) -> Channels:
    """Read the motion of a skeleton.

    Raises FormatError, with file and line, when the file is cut, names a bone that the skeleton does not have, a frame
    lacks a bone or has it twice, a line has too few or too many values, or one is not finite.
    """
    widths = {"root": len(skeleton.order), **{bone.name: len(bone.dof) for bone in skeleton.bones}}
    degrees, body = _header(path, skeleton)
    starts = _frame_starts(body, path)
    layout = _layout(body, starts, widths, path)
    check_count(len(starts), MAX_FRAMES, "frames", str(path))
    check_count(len(starts) * sum(widths[name] for name in layout), MAX_NUMBERS, "numbers", str(path))
    table = _table(body, starts, layout, widths, path)
    channels: Channels = {}
    column = 0
    for name in layout:
        channels[name] = table[:, column : column + widths[name]]
        column += widths[name]
    return channels if degrees else {name: _in_degrees(name, values, skeleton) for name, values in channels.items()}


def _header(path: Path, skeleton: AcclaimSkeleton) -> tuple[bool, list[Statement]]:
    """Whether angles are degrees, and the statements after the header."""
    degrees, body = skeleton.degrees, []
    for line, words in statements(path):
        if words[0].startswith(":"):
            degrees = {":degrees": True, ":radians": False}.get(words[0].lower(), degrees)
        else:
            body.append((line, words))
    return degrees, body


def _frame_starts(body: list[Statement], path: Path) -> list[int]:
    """Places of the frame numbers, which must count up one by one."""
    starts = [at for at, (_, words) in enumerate(body) if len(words) == 1 and words[0].isdecimal()]
    if not starts or starts[0] != 0:
        line = body[0][0] if body else 1
        raise FormatError("not an AMC motion: expected the number of the first frame here", f"{path}:{line}")
    first = body[0][1][0]
    for count, at in enumerate(starts):
        # Compared as text: a damaged number can be thousands of digits long, which Python refuses to convert.
        if len(first) > 9 or body[at][1][0].lstrip("0") != str(int(first) + count).lstrip("0"):
            raise FormatError(
                f"frame number {body[at][1][0][:20]} is out of order, frame {count} counted from 0",
                f"{path}:{body[at][0]}",
            )
    return starts


def _layout(body: list[Statement], starts: list[int], widths: dict[str, int], path: Path) -> list[str]:
    """The bones of the first frame, in order; all frames must have the same."""
    first = body[1 : starts[1]] if len(starts) > 1 else body[1:]
    names: list[str] = []
    for line, (name, *_) in first:
        if name not in widths:
            raise FormatError(f"bone {name[:40]!r} is not in the skeleton", f"{path}:{line}")
        if name in names:
            raise FormatError(f"bone {name!r} comes twice in a frame", f"{path}:{line}")
        names.append(name)
    if "root" not in names:
        raise FormatError("the first frame has no line for the root", f"{path}:{body[0][0]}")
    return names


def _table(
    body: list[Statement], starts: list[int], layout: list[str], widths: dict[str, int], path: Path
) -> Float[np.ndarray, "frames values"]:
    """All values, one row a frame."""
    words = [word for _, line in body for word in line]
    row = ["", *(word for name in layout for word in [name, *[""] * widths[name]])]
    names = [at for at, word in enumerate(row) if word]
    values = [at for at, word in enumerate(row) if not word and at]
    if len(words) == len(starts) * len(row):
        table = np.array(words, dtype=object).reshape(len(starts), len(row))
        if (table[:, names] == np.array(layout, dtype=object)).all():
            try:
                numbers = table[:, values].astype(np.float64)
            except ValueError:
                numbers = np.full((1, 1), np.nan)
            if np.isfinite(numbers).all():
                return numbers
    return _explain(body, starts, layout, widths, path)


def _explain(
    body: list[Statement], starts: list[int], layout: list[str], widths: dict[str, int], path: Path
) -> Float[np.ndarray, "frames values"]:
    """Read frame by frame, and raise FormatError for the line that breaks the table."""
    rows = []
    for at, end in zip(starts, [*starts[1:], len(body)], strict=True):
        row: list[float] = []
        lines = body[at + 1 : end]
        for expected, (line, (name, *values)) in zip(layout, lines, strict=False):
            if name != expected:
                raise FormatError(f"expected bone {expected!r} here, found {name[:40]!r}", f"{path}:{line}")
            row.extend(read_numbers(values, widths[name], f"{path}:{line}"))
        if len(lines) != len(layout):
            raise FormatError(
                f"frame {body[at][1][0]} has {len(lines)} bones, but the first has {len(layout)}: is the file cut?",
                f"{path}:{body[at][0]}",
            )
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(len(starts), -1)


def _in_degrees(
    name: str, values: Float[np.ndarray, "frames values"], skeleton: AcclaimSkeleton
) -> Float[np.ndarray, "frames values"]:
    """Values of a file in radians with the angles in degrees; the root's translations stay."""
    angle = np.array([part.startswith("r") for part in skeleton.order]) if name == "root" else np.array(True)
    return np.where(angle, np.rad2deg(values), values)
