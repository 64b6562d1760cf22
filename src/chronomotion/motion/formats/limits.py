"""Sizes above which a file is refused, checked before memory is allocated."""

from __future__ import annotations

from pathlib import Path

from chronomotion.errors import FormatError

__all__ = ["MAX_BYTES", "MAX_FRAMES", "MAX_JOINTS", "MAX_NUMBERS", "check_count", "read_bytes"]

MAX_BYTES = 512 * 2**20
"""Bytes of a file, or of one array in it. An hour of a 60-joint BVH at 30 frames a second is about 170 MB."""
MAX_NUMBERS = 32_000_000
"""Numbers that a motion may hold: 256 MB as float64."""
MAX_FRAMES = 4_000_000
"""Frames of one motion: nine hours at 120 frames a second."""
MAX_JOINTS = 2_000
"""Joints of one skeleton; the largest rigs with fingers and faces have a few hundred."""


def check_count(count: int, limit: int, what: str, where: str) -> None:
    """Raise FormatError when a file announces or holds more than ``limit``."""
    if count > limit:
        raise FormatError(f"{_short(count)} {what}, but at most {limit} are read: split the file", where)


def read_bytes(path: Path) -> bytes:
    """All bytes of a file; raises FormatError when it is missing, not a file, unreadable or above ``MAX_BYTES``."""
    try:
        if path.is_dir():
            raise FormatError("this is a folder, not a motion file", str(path))
        check_count(path.stat().st_size, MAX_BYTES, "bytes", str(path))
        return path.read_bytes()
    except FileNotFoundError:
        raise FormatError("there is no such file", str(path)) from None
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", str(path)) from error


def _short(count: int) -> str:
    """A count in few digits: a forged header can announce a number hundreds of digits long."""
    return str(count) if count < 10**15 else f"10**{len(str(count)) - 1}"
