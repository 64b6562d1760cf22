"""Contact sheets: many motions on one page, a few poses each, with their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chronomotion.errors import require
from chronomotion.motion.motion import Motion
from chronomotion.motion.render.canvas import Canvas
from chronomotion.motion.render.lettering import draw_text, font, legible, plain, shorten
from chronomotion.motion.render.output import atomic_write, checked_suffix, one_for_each
from chronomotion.motion.render.palette import BACKGROUND, EVENT_COLOURS, SOFT_INK
from chronomotion.motion.render.pose_row import PoseRow

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["contact_sheet"]

_SMALLEST_CELL = 60
_FEWEST_POSES, _MOST_POSES = 3, 4


def contact_sheet(
    motions: Sequence[Motion], path: str | Path, *, columns: int = 5, titles: Sequence[str] = (), width: int = 1600
) -> Path:
    """Draw many motions to one PNG, up to four poses each, with their names and lengths; gives the path written.

    ``titles`` takes the place of the motions' names. Raises FormatError for a suffix other than .png or a path that
    cannot be written, ValueError when there is no motion or the columns get narrower than 60 pixels.
    """
    path = Path(path)
    checked_suffix(path, (".png",))
    titles = one_for_each(motions, "titles", titles or [motion.name for motion in motions], "")
    if columns < 1 or width // columns < _SMALLEST_CELL:
        raise ValueError(f"{columns} columns in {width} pixels: a column needs {_SMALLEST_CELL} pixels or more")
    columns = min(columns, len(motions))
    cell = width // columns
    # A page of 5 x 4 cells is then about square.
    tall = round(0.62 * min(cell, 420))
    image = require("PIL.Image", "render").new("RGB", (width, tall * math.ceil(len(motions) / columns)), BACKGROUND)
    for number, (motion, title) in enumerate(zip(motions, titles, strict=True)):
        corner = (number % columns * cell, number // columns * tall)
        image.paste(_cell(motion, cell, tall).image(), corner)
        _label(require("PIL.ImageDraw", "render").Draw(image), motion, title, corner, (cell, tall))
    with atomic_write(path) as part:
        image.save(part, format="PNG", optimize=True)
    return path


def _cell(motion: Motion, width: int, height: int) -> Canvas:
    """The poses of one motion."""
    canvas = Canvas.blank(width, height, BACKGROUND)
    row = PoseRow.of(motion, (0.05 * width, 0.95 * width, 0.74 * height), 0.66 * height, _FEWEST_POSES, _MOST_POSES)
    row.draw(canvas, [EVENT_COLOURS[0]] * len(row.frames))
    return canvas


def _label(draw: ImageDraw, motion: Motion, title: str, corner: tuple[int, int], cell: tuple[int, int]) -> None:
    """Name and length under a cell's poses."""
    (left, top), (width, height) = corner, cell
    size = legible(0.075 * height)
    seconds = f"{motion.duration:.1f} s"
    room = 0.9 * width - font(size).getlength(seconds) - size
    y = top + 0.92 * height
    draw_text(draw, (left + 0.05 * width, y), shorten(plain(title), room, font(size)), size)
    draw_text(draw, (left + 0.95 * width, y), seconds, size, SOFT_INK, anchor="rm")
