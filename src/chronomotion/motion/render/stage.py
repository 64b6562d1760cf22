"""One motion on a stage: ground, followed figure, its trail, and the event bar with a cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from chronomotion.errors import require
from chronomotion.motion.motion import Motion
from chronomotion.motion.render.camera import Camera, followed_path, three_quarter_yaw
from chronomotion.motion.render.canvas import Canvas, planes_of
from chronomotion.motion.render.figure import StickFigure
from chronomotion.motion.render.ground import Ground
from chronomotion.motion.render.lettering import draw_event_bar, draw_text, font, legible, plain, shorten
from chronomotion.motion.render.palette import INK, PAGE, SOFT_INK, EventSpan, Shades, colour_of, lay_out_events
from chronomotion.motion.render.path_map import runs_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

__all__ = ["Stage"]

_PITCH = float(np.radians(17.0))
_DISTANCE = 4.2  # Heights: near enough for a lively perspective, far enough not to bend the figure.
_TRAIL_SECONDS = 12.0
_TRAIL_REACH = 2.5  # Heights.


class Stage:
    """A motion prepared for filming at its frame rate, in a picture of ``size`` (width, height) pixels."""

    def __init__(self, motion: Motion, events: Sequence[EventSpan], title: str, size: tuple[int, int]) -> None:
        """Lay out the picture and draw what never changes. Raises ValueError for bad events or non-finite joints."""
        self.motion, self.size = motion, size
        self.unit = max(0.65, min(size[0] / 640, size[1] / 480))
        self.spans = lay_out_events(events, motion.duration)
        self.colours = [colour_of(self.spans, frame / motion.fps) for frame in range(motion.frames)]
        self.figure = StickFigure.of(motion)
        foot = (52 if self.spans else 26) * self.unit
        self.bar = (14 * self.unit, size[1] - foot, size[0] - 14 * self.unit, size[1] - 14 * self.unit)
        self.rows = round(self.bar[1] - 30 * self.unit)
        view = (0.0, (38 if title else 8) * self.unit, float(size[0]), float(self.rows))
        lift = 0.5 * self.figure.height
        self.targets = followed_path(motion) + np.array([0.0, self.figure.floor + lift, 0.0])
        self.camera = self._framed(view)
        # Half a metre for people; skeletons in odd units get ten times more or less.
        cell = 0.5 * 10.0 ** round(math.log10(self.figure.height / 1.7))
        self.ground = Ground(self.camera, size[0], self.rows, lift, cell, 4.5 * self.figure.height)
        self.backdrop = self._backdrop(title)
        self.planes = planes_of(self.backdrop)[:, : self.rows]
        self.canvas = Canvas(self.planes)

    def _framed(self, view: tuple[float, float, float, float]) -> Camera:
        """The camera that keeps the whole motion within a box (left, top, right, bottom) in pixels."""
        left, top, right, bottom = view
        camera = Camera(three_quarter_yaw(self.motion), _PITCH, _DISTANCE * self.figure.height, 1.0, (0.0, 0.0))
        projected = camera.project(self.figure.points, self.targets[:, None])
        margin = 0.07 * self.figure.height
        low = np.quantile(projected[..., :2].min(axis=1), 0.005, axis=0) - margin
        high = np.quantile(projected[..., :2].max(axis=1), 0.995, axis=0) + margin
        # Some floor stays visible around a figure that stands still.
        wide = max(float(high[0]), float(-low[0]), 0.5 * self.figure.height)
        tall = max(float(high[1] - low[1]), 1.25 * self.figure.height)
        scale = min((right - left) / (2 * wide), (bottom - top) / tall)
        return replace(
            camera, scale=scale, centre=((left + right) / 2, (top + bottom) / 2 - scale * float(low[1] + high[1]) / 2)
        )

    def _backdrop(self, title: str) -> Image:
        """Page, title and event bar."""
        image: Image = require("PIL.Image", "render").new("RGB", self.size, PAGE)
        draw = require("PIL.ImageDraw", "render").Draw(image)
        draw_event_bar(draw, self.bar, self.spans, self.motion.duration, legible(14 * self.unit))
        if title:
            size = legible(18 * self.unit)
            words = shorten(plain(title), self.size[0] - 28 * self.unit, font(size))
            draw_text(draw, (14 * self.unit, 22 * self.unit), words, size)
        return image

    def frame(self, number: int) -> Image:
        """Draw a frame; past the end the figure rests in its last pose."""
        number = min(number, self.motion.frames - 1)
        canvas = self.canvas
        canvas.restart(self.planes)
        target = self.targets[number]
        self.ground.draw(canvas, target)
        self._draw_trail(canvas, number)
        self.figure.draw(canvas, self.camera, number, target, Shades.of(self.colours[number]))
        image = self.backdrop.copy()
        image.paste(canvas.image())
        self._draw_time(require("PIL.ImageDraw", "render").Draw(image), number)
        return image

    def _draw_trail(self, canvas: Canvas, number: int) -> None:
        """The root's way over the floor so far, in the colours of the events it went through."""
        first = max(0, number - round(_TRAIL_SECONDS * self.motion.fps))
        target = self.targets[number]
        level, floor = np.array([1.0, 0.0, 1.0]), np.array([0.0, self.figure.floor, 0.0])
        root = self.figure.points[first : number + 1, 0] * level + floor
        # Distant points would come near the camera or behind it.
        near = np.linalg.norm((root - target) * level, axis=-1) < _TRAIL_REACH * self.figure.height
        points = self.camera.project(root, target)[:, :2]
        colours = [colour if close else None for colour, close in zip(self.colours[first:], near, strict=False)]
        for start, end in runs_of(colours):
            colour = colours[start]
            if colour is not None:
                # Each piece reaches back to the one before it, so that no gap shows where the event changes.
                back = start - 1 if start > 0 and near[start - 1] else start
                canvas.stroke(points[back : end + 1], 3.2 * self.unit, colour, 0.85)

    def _draw_time(self, draw: ImageDraw, number: int) -> None:
        """A cursor on the bar, the seconds above it, and the words of the event that is going on."""
        left, top, right, bottom = self.bar
        seconds = number / self.motion.fps
        x = left + (right - left) * seconds / self.motion.duration
        reach, half = 4 * self.unit, 1.5 * self.unit
        draw.rectangle((x - half, top - reach, x + half, bottom + reach), fill=INK, outline=PAGE)
        size = legible(15 * self.unit)
        middle = top - size
        draw_text(draw, (right, middle), f"{seconds:.1f} s", size, SOFT_INK, anchor="rm")
        words = next((span.words for span in self.spans if span.start <= seconds < span.end), "")
        draw_text(draw, (left, middle), shorten(plain(words), right - left - 5 * size, font(size)), size)
