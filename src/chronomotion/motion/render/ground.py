"""The ground of a film: a grid of lines that stays in the world while the camera travels over it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

from chronomotion.motion.render.camera import Camera
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.palette import RGB

__all__ = ["Ground"]

_LINE: RGB = (186, 194, 203)
_LINE_WIDTH = 0.016  # Cells.


class Ground:
    """Grid lines every ``cell`` metres on the floor, fading with distance from what the camera looks at.

    The camera keeps its direction, so the floor point of each pixel relative to the target is computed once.
    """

    def __init__(self, camera: Camera, width: int, height: int, lift: float, cell: float, reach: float) -> None:
        """``lift``: metres from the floor up to the camera's target; ``reach``: metres from it where lines end."""
        rows, floor = _visible_floor(camera, width, height, lift)
        self.cell = cell
        away = np.linalg.norm(floor, axis=0) / reach
        to_edge = (height - np.arange(rows.start, height))[:, None] / (0.08 * height)
        fade = np.clip(1.4 * (1 - away), 0, 1) ** 1.5 * np.clip(to_edge, 0, 1)
        lit = np.flatnonzero((fade > 0.01).any(axis=1))
        kept = slice(int(lit[0]), int(lit[-1]) + 1) if len(lit) else slice(0, 0)
        self.rows = slice(rows.start + kept.start, rows.start + kept.stop)
        self.fade = fade[kept].astype(np.float32)
        self.cells = (floor[:, kept] / cell).astype(np.float32)
        # One over the size of a pixel on the floor, in cells, across each family of lines: it sets how sharp they are.
        down, across = np.gradient(floor / cell, axis=(1, 2)) if floor.shape[1] > 1 else (floor, floor)
        self.sharp = (1 / np.maximum(np.hypot(down, across)[:, kept], 1e-6)).astype(np.float32)
        self._places, self._nearest = np.empty_like(self.cells), np.empty_like(self.fade)

    def draw(self, canvas: Canvas, target: Float[np.ndarray, " 3"]) -> None:
        """Draw the lines as seen when the camera looks at ``target`` (metres)."""
        if self.rows.stop == self.rows.start:
            return
        along, across = (self._lines(axis, float(target[2 * axis]) / self.cell) for axis in (0, 1))
        alpha = np.maximum(along, across, out=along)
        alpha *= self.fade
        canvas.tint((self.rows, slice(None)), alpha, np.array(_LINE, dtype=np.float32))

    def _lines(self, axis: int, shift: float) -> Float32[np.ndarray, "rows width"]:
        """Share of each pixel that a family of lines covers, 0 to 1."""
        place: Float32[np.ndarray, "rows width"] = self._places[axis]
        np.add(self.cells[axis], np.float32(shift % 1.0), out=place)
        place -= np.rint(place, out=self._nearest)
        np.abs(place, out=place)
        place -= np.float32(_LINE_WIDTH / 2)
        place *= self.sharp[axis]
        np.subtract(np.float32(0.75), place, out=place)
        np.clip(place, 0, 1, out=place)
        return place


def _visible_floor(
    camera: Camera, width: int, height: int, lift: float
) -> tuple[slice, Float[np.ndarray, "2 rows width"]]:
    """The rows of the picture that show floor, and where their pixels meet it: metres along x and z from the target."""
    x = (np.arange(width) + 0.5 - camera.centre[0]) / camera.scale
    y = (camera.centre[1] - np.arange(height) - 0.5) / camera.scale
    right, up, towards = camera.axes
    # A ray runs from the camera, ``distance`` before the target, through a point of the picture plane at the target.
    eye = towards * camera.distance
    down = y * up[1] - eye[1]
    floor_rows = np.flatnonzero(down < -1e-3 * camera.distance)
    rows = slice(int(floor_rows[0]), height) if len(floor_rows) else slice(height, height)
    stretch = (-lift - eye[1]) / down[rows]
    ray = [x * right[axis] + (y[rows] * up[axis])[:, None] - eye[axis] for axis in (0, 2)]
    floor = np.stack([eye[axis] + stretch[:, None] * part for axis, part in zip((0, 2), ray, strict=True)])
    return rows, floor
