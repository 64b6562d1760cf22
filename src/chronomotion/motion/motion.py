"""Motion: joint positions over time on a skeleton."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from chronomotion.motion.skeleton import HUMANML3D, Skeleton

__all__ = ["Motion"]


@dataclass(frozen=True, eq=False)
class Motion:
    """Joint positions in metres, y up: float32 (frames, joints, 3). Immutable: methods return new motions.

    Raises ValueError when the shape does not fit the skeleton, there is no frame, or ``fps`` is not positive.
    """

    positions: Float[np.ndarray, "frames joints 3"]
    fps: float
    skeleton: Skeleton = field(default=HUMANML3D)
    name: str = ""

    def __post_init__(self) -> None:
        positions = np.array(self.positions, dtype=np.float32)
        if positions.ndim != 3 or positions.shape[1:] != (len(self.skeleton), 3):
            raise ValueError(
                f"motion {self.name!r}: positions of shape {positions.shape}, "
                f"but skeleton {self.skeleton.name!r} needs (frames, {len(self.skeleton)}, 3)"
            )
        if len(positions) == 0:
            raise ValueError(f"motion {self.name!r} has no frames")
        if not self.fps > 0:
            raise ValueError(f"motion {self.name!r}: fps must be positive, not {self.fps}")
        positions.setflags(write=False)
        object.__setattr__(self, "positions", positions)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.positions)

    @property
    def duration(self) -> float:
        """Length in seconds: frames / fps."""
        return self.frames / self.fps

    def slice(self, start: float, end: float | None = None) -> Motion:
        """The part between two times in seconds (``end`` None: to the end).

        Raises ValueError when no frame lies between them.
        """
        first = max(0, round(start * self.fps))
        last = self.frames if end is None else min(self.frames, round(end * self.fps))
        if last <= first:
            raise ValueError(
                f"motion {self.name!r} lasts {self.duration:.2f} s: no frame between {start} s and {end} s"
            )
        return replace(self, positions=self.positions[first:last])

    def resample(self, fps: float) -> Motion:
        """The same motion at another frame rate, joints interpolated linearly in time; the first frame stays."""
        if fps == self.fps:
            return self
        count = max(1, int(np.floor((self.frames - 1) * fps / self.fps + 1e-6)) + 1)
        at = np.minimum(np.arange(count) * (self.fps / fps), self.frames - 1)
        low = np.floor(at + 1e-9).astype(int)
        high = np.minimum(low + 1, self.frames - 1)
        share = np.maximum(at - low, 0.0).astype(np.float32)[:, None, None]
        return replace(self, positions=self.positions[low] * (1 - share) + self.positions[high] * share, fps=float(fps))

    def mirrored(self) -> Motion:
        """Left and right exchanged: x becomes -x, and every joint takes the place of its mirror image."""
        flipped = self.positions[:, list(self.skeleton.mirror_order)] * np.array([-1, 1, 1], dtype=np.float32)
        return replace(self, positions=flipped)
