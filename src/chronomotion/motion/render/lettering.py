"""Words in pictures: fonts, wrapping into boxes, the event bar and the time axis."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from chronomotion.errors import require
from chronomotion.motion.render.palette import BACKGROUND, INK, RGB, SOFT_INK, ColourSpan, ink_on

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["draw_event_bar", "draw_seconds", "draw_text", "font", "legible", "plain", "shorten", "wrap"]

Box = tuple[float, float, float, float]
_EMPTY_BAR: RGB = (229, 232, 236)
_SMALLEST = 10.5
_TYPOGRAPHIC = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0xDF: "ss", 0xE6: "ae", 0xF8: "o"}
)


def legible(size: float) -> float:
    """A size in pixels, raised to the smallest at which Pillow's built-in font is readable."""
    return max(size, _SMALLEST)


@lru_cache(maxsize=64)
def font(size: float) -> FreeTypeFont:
    """Pillow's built-in font at a size in pixels: the same letters on every machine."""
    loaded: FreeTypeFont = require("PIL.ImageFont", "render").load_default(max(size, 4.0))
    return loaded


def plain(words: str) -> str:
    """Words in the letters of Pillow's built-in font: accents are dropped, other unknown letters become "?"."""
    bare = unicodedata.normalize("NFKD", " ".join(words.split()).translate(_TYPOGRAPHIC).replace("…", "..."))
    kept = (letter for letter in bare if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in kept)


def shorten(words: str, width: float, letters: FreeTypeFont) -> str:
    """Words cut, with three dots, to fit a width in pixels; empty when not even one letter and the dots fit."""
    if letters.getlength(words) <= width:
        return words
    for count in range(len(words) - 1, 0, -1):
        cut = words[:count].rstrip(" ,.;") + "…"
        if letters.getlength(cut) <= width:
            return cut
    return ""


def wrap(words: str, width: float, lines: int, letters: FreeTypeFont) -> tuple[list[str], bool]:
    """Words broken into at most ``lines`` lines of a width in pixels, and whether all words fit."""
    done: list[str] = []
    rest = words.split()
    while rest and len(done) < lines:
        count = next((n for n in range(len(rest), 0, -1) if letters.getlength(" ".join(rest[:n])) <= width), 0)
        if count == 0 or (len(done) == lines - 1 and count < len(rest)):
            return [*done, *filter(None, [shorten(" ".join(rest), width, letters)])], False
        done.append(" ".join(rest[:count]))
        rest = rest[count:]
    return done, not rest


def fit(words: str, width: float, height: float, size: float) -> tuple[list[str], FreeTypeFont]:
    """Lines and font for a box in pixels: the largest font, down to three quarters of ``size``, that fits all words."""
    lines: list[str] = []
    for share in (1.0, 0.92, 0.84, 0.76):
        letters = font(legible(round(size * share, 1)))
        lines, whole = wrap(words, width, max(1, int(height / (1.16 * letters.size))), letters)
        if whole:
            break
    return lines, letters


def draw_text(
    draw: ImageDraw, at: tuple[float, float], words: str, size: float, ink: RGB = INK, anchor: str = "lm"
) -> None:
    """One line of words at a point in pixels; ``anchor`` as in Pillow ("lm": left, middle)."""
    draw.text(at, plain(words), font=font(size), fill=ink, anchor=anchor)


def draw_event_bar(draw: ImageDraw, box: Box, spans: Sequence[ColourSpan], duration: float, size: float) -> None:
    """A bar over the whole motion with a coloured piece for every event and its words in it."""
    left, top, right, bottom = box
    draw.rectangle((round(left), round(top), round(right) - 1, round(bottom) - 1), fill=_EMPTY_BAR)
    for span in spans:
        x0, x1 = (round(left + (right - left) * at / duration) for at in (span.start, span.end))
        if x1 - x0 > 3:
            # A pixel of paper between neighbours.
            draw.rectangle((x0, round(top), x1 - 1, round(bottom) - 1), fill=BACKGROUND)
            x1 -= 1
        draw.rectangle((x0, round(top), max(x0, x1 - 1), round(bottom) - 1), fill=span.colour)
        _draw_words(draw, (x0 + 0.25 * size, top, x1 - 0.25 * size, bottom), span, size)


def _draw_words(draw: ImageDraw, box: Box, span: ColourSpan, size: float) -> None:
    """An event's words in the middle of its piece of the bar."""
    left, top, right, bottom = box
    lines, letters = fit(plain(span.words), right - left, bottom - top - 0.2 * size, size)
    pitch = 1.16 * letters.size
    first = (top + bottom) / 2 - pitch * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        at = ((left + right) / 2, first + number * pitch)
        draw.text(at, line, font=letters, fill=ink_on(span.colour), anchor="mm")


def tick_step(duration: float, width: float, size: float) -> float:
    """Seconds between ticks: the smallest of 0.1, 0.2, 0.5, 1, 2, 5, ... that leaves room for the numbers."""
    room = max(1.0, width / (3.4 * size))
    for power in range(-1, 7):
        for step in (1, 2, 5):
            if duration / (step * 10.0**power) <= room:
                return step * 10.0**power
    return duration


def draw_seconds(draw: ImageDraw, box: Box, duration: float, size: float) -> None:
    """Ticks with seconds along the lower edge of a bar."""
    left, _, right, bottom = box
    step = tick_step(duration, right - left, size)
    for count in range(int(duration / step + 1e-6) + 1):
        x = left + (right - left) * min(1.0, count * step / duration)
        draw.line((x, bottom + 0.15 * size, x, bottom + 0.5 * size), fill=SOFT_INK, width=max(1, round(size / 12)))
        label = f"{count * step:.1f}".rstrip("0").rstrip(".") if step < 1 else f"{count * step:.0f}"
        anchor = "lt" if count == 0 else ("rt" if right - x < size else "mt")
        draw.text((x, bottom + 0.62 * size), label + " s", font=font(size), fill=SOFT_INK, anchor=anchor)
