"""Poses of one motion side by side, evenly spread in time, none overlapping the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from chronomotion.motion.motion import Motion
from chronomotion.motion.render.camera import Camera, three_quarter_yaw
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.figure import StickFigure
from chronomotion.motion.render.palette import RGB, Shades

__all__ = ["PoseRow"]

_PITCH = float(np.radians(14.0))
_DISTANCE = 40.0  # Heights. A long lens: every panel sees its figure from the same side and at the same size.
_FLOOR: RGB = (238, 240, 243)
_ROOM = 1.04  # Share of its width that a figure takes up, with some air.


@dataclass(frozen=True)
class PoseRow:
    """Frames of a motion, each standing in the middle of its panel between ``left`` and ``right``, in pixels.

    The camera's centre is the height of the floor; the panels share one scale, so that jumps and sitting show.
    """

    figure: StickFigure
    camera: Camera
    frames: Int[np.ndarray, " poses"]
    left: float
    right: float

    @classmethod
    def of(cls, motion: Motion, box: tuple[float, float, float], tall: float, fewest: int, most: int) -> PoseRow:
        """Fill a ``box`` (left, right, height of the floor) with poses up to ``tall`` pixels high.

        As many poses as fit, at most ``most``; where not even ``fewest`` fit, they are drawn smaller.
        """
        left, right, ground = box
        figure = StickFigure.of(motion)
        yaw, distance = three_quarter_yaw(motion), _DISTANCE * figure.height
        highest = float(np.quantile(figure.points[..., 1].max(axis=1), 0.98)) - figure.floor
        scale = tall / max(highest, figure.height)
        counts = range(min(most, motion.frames), min(fewest, motion.frames) - 1, -1)
        while True:
            camera = Camera(yaw, _PITCH, distance, scale, (0.0, ground))
            spreads = (_spread(count, motion.frames) for count in counts)
            frames = next((f for f in spreads if _fits(figure, camera, f, (right - left) / len(f), 1.05 * tall)), None)
            if frames is not None:
                return cls(figure, camera, frames, left, right)
            scale *= 0.95

    def draw(self, canvas: Canvas, colours: Sequence[RGB]) -> None:
        """Draw floor and poses; ``colours`` one for each pose."""
        self._draw_floor(canvas)
        panel = (self.right - self.left) / len(self.frames)
        for number, (frame, colour) in enumerate(zip(self.frames, colours, strict=True)):
            target = self.figure.ground_below(int(frame))
            low, high = _reach(self.figure.projected_limbs(self.camera, int(frame), target))
            centre = (self.left + panel * (number + 0.5) - (low + high) / 2, self.camera.centre[1])
            self.figure.draw(canvas, replace(self.camera, centre=centre), int(frame), target, Shades.of(colour))

    def _draw_floor(self, canvas: Canvas) -> None:
        """A pale band on which the figures stand, fading at its edges."""
        height, width = canvas.depth.shape
        ground, half = self.camera.centre[1], 0.19 * self.figure.height * self.camera.scale
        y = np.arange(height) + 0.5
        x = np.arange(width) + 0.5
        down = np.clip(3 - 3 * np.abs(y - ground) / half, 0, 1)
        across = np.clip(np.minimum(x - self.left, self.right - x) / half + 1, 0, 1)
        canvas.tint((slice(None), slice(None)), down[:, None] * across, np.array(_FLOOR, dtype=np.float32))


def _spread(count: int, frames: int) -> Int[np.ndarray, " poses"]:
    """The middle frames of ``count`` equal parts of a motion."""
    spread: Int[np.ndarray, " poses"] = ((np.arange(count) + 0.5) / count * frames).astype(np.int64)
    return spread


def _fits(figure: StickFigure, camera: Camera, frames: Int[np.ndarray, " poses"], panel: float, tall: float) -> bool:
    """Whether the figures of these frames stand in panels of a width without overlapping, and below the ceiling."""
    widths, tops = [], []
    for frame in frames:
        ends = figure.projected_limbs(camera, int(frame), figure.ground_below(int(frame)))
        low, high = _reach(ends)
        widths.append(_ROOM * (high - low))
        tops.append(camera.centre[1] - float((ends[..., 1] - ends[..., 3]).min()))
    between = [(width + next_width) / 2 for width, next_width in pairwise(widths)]
    return max([widths[0], widths[-1], *between]) <= panel and max(tops) <= tall


def _reach(ends: Float[np.ndarray, "ends bones 4"]) -> tuple[float, float]:
    """Leftmost and rightmost pixel of a figure."""
    return float((ends[..., 0] - ends[..., 3]).min()), float((ends[..., 0] + ends[..., 3]).max())
