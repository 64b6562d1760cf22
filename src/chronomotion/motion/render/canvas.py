"""Anti-aliased drawing with numpy: capsules with depth, strokes and soft shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, UInt8

from chronomotion.errors import require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Canvas", "planes_of"]

_FAR = np.float32(1e9)
_LIGHT = np.array([-0.42, -0.62, 0.66], dtype=np.float32)  # From the upper left, before the picture.
_UNLIT, _LIT = np.float32(0.81), np.float32(0.19)  # Together 1: no limb is brighter than its colour.
_PAPER = np.array([255, 255, 255], dtype=np.float32)


class Canvas:
    """A picture being drawn: three float32 planes (0 to 255), and the depth of the nearest surface at each pixel."""

    def __init__(self, planes: Float[np.ndarray, "3 height width"]) -> None:
        """A canvas over a copy of these planes, with no surface in it."""
        self.planes: Float32[np.ndarray, "3 height width"] = planes.astype(np.float32)
        self.depth: Float32[np.ndarray, "height width"] = np.full(planes.shape[1:], _FAR, dtype=np.float32)
        self._bytes: UInt8[np.ndarray, "3 height width"] = np.empty(planes.shape, dtype=np.uint8)

    @classmethod
    def blank(cls, width: int, height: int, colour: tuple[int, int, int]) -> Canvas:
        """A canvas of one colour."""
        return cls(np.broadcast_to(np.array(colour, dtype=np.float32)[:, None, None], (3, height, width)))

    def restart(self, planes: Float[np.ndarray, "3 height width"]) -> None:
        """Start over with planes of the same size; new memory for every frame of a film costs more than drawing."""
        np.copyto(self.planes, planes)
        self.depth.fill(_FAR)

    def image(self) -> Image:
        """The picture as a Pillow image, 8 bits a channel."""
        pillow = require("PIL.Image", "render")
        np.add(self.planes, np.float32(0.5), out=self._bytes, casting="unsafe")
        merged: Image = pillow.merge("RGB", [pillow.fromarray(plane) for plane in self._bytes])
        return merged

    def _window(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice] | None:
        """Rows and columns of the pixels within a box, or None when the box lies outside the picture."""
        height, width = self.depth.shape
        left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
        right, bottom = min(width, int(np.ceil(x1)) + 1), min(height, int(np.ceil(y1)) + 1)
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

    def capsules(
        self,
        starts: Float[np.ndarray, "bones 4"],
        ends: Float[np.ndarray, "bones 4"],
        colours: Float[np.ndarray, "bones 3"],
    ) -> None:
        """Rounded limbs from start to end, each end x, y, depth and radius in pixels; far ones are drawn first.

        Nearer limbs get a thin pale rim where something lies well behind them, so that crossing limbs stay apart.
        """
        for bone in np.argsort(-(starts[:, 2] + ends[:, 2])):
            self._capsule(
                starts[bone].astype(np.float32), ends[bone].astype(np.float32), colours[bone].astype(np.float32)
            )

    def _capsule(
        self, start: Float32[np.ndarray, " 4"], end: Float32[np.ndarray, " 4"], colour: Float32[np.ndarray, " 3"]
    ) -> None:
        """One limb: distance to the middle line gives the edge, the bulge above it gives depth and shading."""
        thick = max(float(start[3]), float(end[3]))
        rim = max(1.0, 0.16 * thick)
        low, high = np.minimum(start, end) - (thick + rim + 1), np.maximum(start, end) + (thick + rim + 1)
        window = self._window(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        if window is None:
            return
        rows, columns = window
        dx = np.arange(columns.start, columns.stop, dtype=np.float32) + (np.float32(0.5) - start[0])
        dy = (np.arange(rows.start, rows.stop, dtype=np.float32) + (np.float32(0.5) - start[1]))[:, None]
        way = end - start
        length = max(way[0] ** 2 + way[1] ** 2, np.float32(1e-6))
        along = _unit_range(dx * (way[0] / length) + dy * (way[1] / length))
        off_x, off_y = dx - along * way[0], dy - along * way[1]
        radius, middle = start[3] + along * way[3], start[2] + along * way[2]
        square = off_x * off_x + off_y * off_y
        inside = radius - np.sqrt(square)
        self._rim(window, inside + np.float32(rim), (self.depth[window] - middle) / (np.float32(1.5) * radius))
        bulge = np.sqrt(np.maximum(radius * radius - square, 0))
        # Intersecting limbs blend over a part of their thickness, which hides the creases.
        surface = middle - bulge
        before = _unit_range((self.depth[window] - surface) * np.float32(1 / (1 + 0.3 * thick)) + np.float32(0.5))
        alpha = _unit_range(inside + np.float32(0.5)) * before
        light = (off_x * _LIGHT[0] + off_y * _LIGHT[1] + bulge * _LIGHT[2]) / radius
        part = self.planes[:, rows, columns]
        part += alpha * (colour[:, None, None] * (light * _LIT + _UNLIT) - part)
        np.copyto(self.depth[window], surface, where=alpha > 0.5)

    def _rim(
        self,
        window: tuple[slice, slice],
        inside: Float32[np.ndarray, "rows columns"],
        gap: Float32[np.ndarray, "rows columns"],
    ) -> None:
        """The pale edge between a near limb and what lies more than its thickness behind it, but not the background."""
        visible = (gap > 1) & (gap < 1e5) & (inside > 0)
        if visible.any():
            self.tint(window, 0.8 * visible * _unit_range(inside) * _unit_range(gap - 1), _PAPER)

    def tint(
        self, window: tuple[slice, slice], alpha: Float[np.ndarray, "rows columns"], colour: Float[np.ndarray, " 3"]
    ) -> None:
        """Blend one colour over a window of the picture, ``alpha`` 0 (nothing) to 1 (that colour)."""
        alpha = alpha.astype(np.float32, copy=False)
        for plane, value in zip(self.planes, colour, strict=True):
            part = plane[window]
            change = np.float32(value) - part
            change *= alpha
            part += change

    def stroke(
        self,
        points: Float[np.ndarray, "points 2"],
        width: float,
        colour: tuple[int, int, int],
        alpha: float = 1.0,
    ) -> None:
        """A smooth line through points in pixels: discs stamped so densely that they join."""
        dense = _densify(points, spacing=max(0.5, width / 4))
        radius = width / 2
        size = int(np.ceil(radius)) + 1
        box = self._window(*(dense.min(axis=0) - size - 1), *(dense.max(axis=0) + size + 1))
        if box is None:
            return
        rows, columns = box
        cover = np.zeros(
            (rows.stop - rows.start + 2 * size + 2, columns.stop - columns.start + 2 * size + 2), np.float32
        )
        local = dense - np.array([columns.start - size, rows.start - size])
        inside = ((local >= size) & (local < np.array(cover.shape[::-1]) - size - 1)).all(axis=1)
        step = np.arange(-size, size + 1)
        corner = np.floor(local[inside]).astype(np.int64)
        at_x, at_y = corner[:, 0, None, None] + step, corner[:, 1, None, None] + step[:, None]
        distance = np.hypot(at_x + 0.5 - local[inside, 0, None, None], at_y + 0.5 - local[inside, 1, None, None])
        np.maximum.at(cover, (at_y, at_x), np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32))
        part = cover[size : size + rows.stop - rows.start, size : size + columns.stop - columns.start]
        self.tint(box, part * np.float32(alpha), np.array(colour, dtype=np.float32))

    def shadow(
        self,
        points: Float[np.ndarray, "points 2"],
        sigma: Float[np.ndarray, "points 2"],
        weight: Float[np.ndarray, " points"],
    ) -> None:
        """A soft dark patch: the sum of Gaussian blobs, saturating, so that many near ones make one shadow."""
        reach = 2.5 * sigma.max(axis=0)
        box = self._window(*(points.min(axis=0) - reach), *(points.max(axis=0) + reach))
        if box is None:
            return
        rows, columns = box
        x = np.arange(columns.start, columns.stop) + 0.5
        y = np.arange(rows.start, rows.stop) + 0.5
        # A Gaussian is a product of its x and y parts, so the sum over blobs is a product of two small matrices.
        over_x = _bell((x - points[:, :1]) / sigma[:, :1])
        over_y = _bell((y - points[:, 1:]) / sigma[:, 1:]) * weight[:, None].astype(np.float32)
        # einsum, because BLAS would start threads for this small product, which costs far more on a busy machine.
        density = np.einsum("py,px->yx", over_y, over_x)
        self.tint(box, np.float32(0.42) * (1 - np.exp(-density)), np.array([60, 66, 74], dtype=np.float32))


def _unit_range(values: Float32[np.ndarray, "rows columns"]) -> Float32[np.ndarray, "rows columns"]:
    """Values held between 0 and 1, in place: half the time of np.clip for the small windows of a limb."""
    np.maximum(values, np.float32(0), out=values)
    np.minimum(values, np.float32(1), out=values)
    return values


def _bell(values: Float[np.ndarray, "points pixels"]) -> Float32[np.ndarray, "points pixels"]:
    """A Gaussian of height 1 and sigma 1, cut off at 4: denormal numbers would slow the product down."""
    bell = np.exp(-0.5 * np.square(values.astype(np.float32)))
    bell[np.abs(values) > 4] = 0
    return bell


def planes_of(image: Image) -> Float32[np.ndarray, "3 height width"]:
    """The red, green and blue planes of a Pillow image, 0 to 255."""
    return np.moveaxis(np.asarray(image.convert("RGB"), dtype=np.float32), -1, 0).copy()


def _densify(points: Float[np.ndarray, "points 2"], spacing: float) -> Float[np.ndarray, "dense 2"]:
    """Points at most ``spacing`` apart along the line through the given points."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    if travelled[-1] < 1e-9:
        return points[:1].astype(np.float64)
    at = np.linspace(0.0, travelled[-1], int(np.ceil(travelled[-1] / spacing)) + 1)
    return np.stack([np.interp(at, travelled, points[:, axis]) for axis in range(2)], axis=-1)
