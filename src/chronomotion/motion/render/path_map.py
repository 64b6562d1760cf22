"""The path of the root seen from above, as a small map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from chronomotion.motion.motion import Motion
from chronomotion.motion.render.camera import Camera
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.lettering import font, legible
from chronomotion.motion.render.palette import BACKGROUND, RGB, SOFT_INK, ColourSpan, colour_of

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["PathMap", "runs_of"]

_FRAME: RGB = (205, 210, 216)


@dataclass(frozen=True)
class PathMap:
    """The root's path in a square frame, turned as the camera sees it (right is right, the viewer stands below).

    ``path``: metres from the middle of the map; ``scale``: pixels per metre; ``corner`` (left, top), ``side``: pixels.
    """

    path: Float[np.ndarray, "frames 2"]
    colours: tuple[RGB, ...]
    corner: tuple[float, float]
    side: float
    scale: float

    @classmethod
    def of(
        cls, motion: Motion, spans: Sequence[ColourSpan], camera: Camera, corner: tuple[float, float], side: float
    ) -> PathMap:
        """The map of a motion; it shows at least a metre, so that a person who stays in place is not enlarged."""
        root = motion.positions[:, 0].astype(np.float64)
        right = camera.axes[0]
        path = np.stack([root @ right, root @ np.array([-right[2], 0.0, right[0]])], axis=-1)
        path -= (path.max(axis=0) + path.min(axis=0)) / 2
        colours = tuple(colour_of(spans, frame / motion.fps) for frame in range(motion.frames))
        return cls(path, colours, corner, side, 0.84 * side / max(float(np.ptp(path, axis=0).max()), 1.0))

    def draw(self, canvas: Canvas) -> None:
        """Frame and path in the colours of the events: a ring where it starts, a disc where it ends."""
        left, top = self.corner
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * self.side + np.array([left, top])
        canvas.stroke(corners, max(1.0, self.side / 168), _FRAME)
        points = np.array([left, top]) + self.side / 2 + self.path * self.scale
        for first, last in runs_of(self.colours):
            canvas.stroke(points[first : last + 2], self.side / 42, self.colours[first])
        canvas.stroke(points[:1], self.side / 13, self.colours[0])
        canvas.stroke(points[:1], self.side / 24, BACKGROUND)
        canvas.stroke(points[-1:], self.side / 13, self.colours[-1])

    def draw_scale(self, draw: ImageDraw) -> None:
        """A caption, and a scale bar of a round number of metres."""
        (left, top), side, soft = self.corner, self.side, SOFT_INK
        letters = font(legible(side / 12))
        y = top + 1.09 * side
        draw.text((left, y), "path from above", font=letters, fill=soft, anchor="lm")
        metres = max(length for length in _lengths() if length * self.scale <= 0.6 * side)
        y, end = y + 0.11 * side, left + metres * self.scale
        draw.line((left, y, end, y), fill=soft, width=max(1, round(side / 84)))
        draw.text((end + 0.05 * side, y), f"{metres:g} m", font=letters, fill=soft, anchor="lm")


def _lengths() -> list[float]:
    """Round lengths for a scale, from half a metre to 500 km."""
    return [0.5, *(step * 10.0**power for power in range(6) for step in (1, 2, 5))]


def runs_of(values: Sequence[RGB | None]) -> list[tuple[int, int]]:
    """First and last index of every run of one colour."""
    starts = [i for i in range(len(values)) if i == 0 or values[i] != values[i - 1]]
    return [(start, end - 1) for start, end in zip(starts, [*starts[1:], len(values)], strict=True)]
