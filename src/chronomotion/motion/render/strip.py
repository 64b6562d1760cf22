"""Film strips: one picture of a motion, poses in a row over a time bar with its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chronomotion.errors import require
from chronomotion.motion.motion import Motion
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.lettering import draw_event_bar, draw_seconds, draw_text, font, plain, shorten
from chronomotion.motion.render.output import atomic_write, checked_suffix, one_for_each
from chronomotion.motion.render.palette import (
    BACKGROUND,
    NO_EVENT,
    SOFT_INK,
    ColourSpan,
    EventSpan,
    Shades,
    colour_of,
    lay_out_events,
)
from chronomotion.motion.render.path_map import PathMap
from chronomotion.motion.render.pose_row import PoseRow

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["film_strip", "film_strips"]

_FEWEST_POSES, _MOST_POSES = 6, 18
_NARROWEST = 480
_LEGEND = (("left", 152), ("right", 64))  # Distance of the words from the right edge, in units.


def film_strip(
    motion: Motion,
    path: str | Path,
    *,
    events: Sequence[EventSpan] = (),
    title: str = "",
    poses: int | None = None,
    width: int = 1600,
) -> Path:
    """Draw a motion as a row of poses over a time bar, and its path from above, to a PNG; gives the path written.

    ``events`` are (start, end, words) in seconds. ``poses`` None: as many as stand side by side without overlapping.
    Left limbs are light, right ones dark. Raises FormatError for a suffix other than .png or a path that cannot be
    written, ValueError for events that run backwards, joints that are not finite, or a picture that is too small.
    """
    return film_strips([motion], path, events=[events], titles=[title], poses=poses, width=width)


def film_strips(
    motions: Sequence[Motion],
    path: str | Path,
    *,
    events: Sequence[Sequence[EventSpan]] = (),
    titles: Sequence[str] = (),
    poses: int | None = None,
    width: int = 1600,
) -> Path:
    """Film strips of several motions, one below the other; ``events`` and ``titles`` one for each motion, or none.

    Raises as :func:`film_strip` does.
    """
    path = Path(path)
    checked_suffix(path, (".png",))
    if width < _NARROWEST or (poses is not None and poses < 1):
        raise ValueError(f"a film strip needs width >= {_NARROWEST} and poses >= 1, not {width} and {poses}")
    events = one_for_each(motions, "event lists", events, ())
    titles = one_for_each(motions, "titles", titles, "")
    rows = [
        _Strip.of(motion, event_spans, title, width, poses).image(legend=number == 0)
        for number, (motion, event_spans, title) in enumerate(zip(motions, events, titles, strict=True))
    ]
    with atomic_write(path) as part:
        _stacked(rows).save(part, format="PNG", optimize=True)
    return path


def _stacked(images: Sequence[Image]) -> Image:
    """Pictures of one width, one below the other."""
    height = sum(image.height for image in images)
    sheet: Image = require("PIL.Image", "render").new("RGB", (images[0].width, height), BACKGROUND)
    top = 0
    for image in images:
        sheet.paste(image, (0, top))
        top += image.height
    return sheet


@dataclass(frozen=True)
class _Strip:
    """The layout of one strip in pixels; everything grows with ``unit``, 1 where it is 1600 wide."""

    motion: Motion
    row: PoseRow
    map: PathMap
    spans: tuple[ColourSpan, ...]
    title: str
    unit: float
    width: int
    height: int
    bar: tuple[float, float, float, float]

    @classmethod
    def of(cls, motion: Motion, events: Sequence[EventSpan], title: str, width: int, poses: int | None) -> _Strip:
        """Choose the poses and the places."""
        # Narrow strips keep letters and figures readable, and show fewer poses.
        unit = max(width, 1050) / 1600
        left, right = 236 * unit, width - 28 * unit
        ground = (300 if title else 278) * unit
        fewest, most = (poses, poses) if poses else (_FEWEST_POSES, _MOST_POSES)
        row = PoseRow.of(motion, (left, right, ground), 222 * unit, fewest, most)
        spans = lay_out_events(events, motion.duration)
        chart = PathMap.of(motion, spans, row.camera, (28 * unit, ground - 136 * unit), 168 * unit)
        bar = (left, ground + 48 * unit, right, ground + (94 if events else 60) * unit)
        return cls(motion, row, chart, spans, title, unit, width, round(bar[3] + 38 * unit), bar)

    def image(self, legend: bool) -> Image:
        """Draw the strip."""
        canvas = Canvas.blank(self.width, self.height, BACKGROUND)
        self.row.draw(canvas, [colour_of(self.spans, int(frame) / self.motion.fps) for frame in self.row.frames])
        self.map.draw(canvas)
        if legend:
            self._draw_legend(canvas)
        image = canvas.image()
        self._draw_words(image, legend)
        return image

    def _draw_words(self, image: Image, legend: bool) -> None:
        """Title, legend, time bar and seconds."""
        draw = require("PIL.ImageDraw", "render").Draw(image)
        unit = self.unit
        draw_event_bar(draw, self.bar, self.spans, self.motion.duration, 16 * unit)
        draw_seconds(draw, self.bar, self.motion.duration, 14 * unit)
        self.map.draw_scale(draw)
        if self.title:
            room = self.width - (240 if legend else 56) * unit
            draw_text(draw, (28 * unit, 30 * unit), shorten(plain(self.title), room, font(22 * unit)), 22 * unit)
        if legend:
            for side, x in _LEGEND:
                draw_text(draw, (self.width - x * unit, self._legend_height), side, 15 * unit, SOFT_INK)

    @property
    def _legend_height(self) -> float:
        """Height of the middle of the legend in pixels."""
        return (30 if self.title else 18) * self.unit

    def _draw_legend(self, canvas: Canvas) -> None:
        """Samples of the tones of left and right."""
        shades = Shades.of(NO_EVENT)
        for (_, x), tone in zip(_LEGEND, (shades.left, shades.right), strict=True):
            ends = np.array([[self.width - (x + 22) * self.unit, self._legend_height]] * 2)
            ends[1, 0] += 12 * self.unit
            canvas.stroke(ends, 10 * self.unit, tone)
