"""A take: the content of a motion file before its joints, its unit and its up axis are identified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.motion.skeleton import Skeleton

__all__ = ["Take", "end_of"]


@dataclass(frozen=True, eq=False)
class Take:
    """Joint positions on the file's own skeleton, in the file's own unit and axes: float64 (frames, joints, 3)."""

    path: Path
    format: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    """For every joint the index of its parent, -1 for a root; a parent stands before its children."""
    ends: tuple[bool, ...]
    """True where a joint only marks the end of a bone: nothing moves it and the file gives it no name."""
    positions: Float[np.ndarray, "frames joints 3"]
    fps: float | None
    """Frames a second; None where the file states none, or one that is not possible."""
    fps_from: Literal["file", "format"] = "file"
    """Whether the file says its rate, or files of its format usually have this one."""
    metres_per_unit: float | None = None
    """Set where the format itself says how long a unit is."""
    up: str | None = None
    """Set where the format itself says which axis points up."""
    skeleton: Skeleton | None = None
    """Set where the joints are those of one of our skeletons, in its order: then no rule has to find them."""
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the file itself gives, without the marks at the ends of bones."""
        return tuple(name for name, end in zip(self.joints, self.ends, strict=True) if not end)


def end_of(joint: str) -> str:
    """The name we give to the nameless end of the bone that starts at ``joint``."""
    return f"{joint} (end)"
