"""Films: a motion, or several side by side, playing as a GIF or an MP4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from chronomotion.errors import require
from chronomotion.motion.motion import Motion
from chronomotion.motion.render.output import atomic_write, checked_suffix, one_for_each
from chronomotion.motion.render.palette import INK, NO_EVENT, PAGE, RGB, EventSpan, Shades, mix
from chronomotion.motion.render.stage import Stage

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["film", "film_frames"]

_MOST_FPS = {".gif": 20.0, ".mp4": 30.0}
_FASTEST = {".gif": 50.0, ".mp4": 240.0}  # Players slow a GIF down whose frames last less than 2/100 s.
_SMALLEST = 96
_GREYS = 40


def film(
    motions: Motion | Sequence[Motion],
    path: str | Path,
    *,
    events: Sequence[EventSpan] | Sequence[Sequence[EventSpan]] = (),
    titles: str | Sequence[str] = (),
    fps: float | int | None = None,
    size: tuple[int, int] = (640, 480),
) -> Path:
    """Film a motion, or several side by side, to a GIF or an MP4 as the suffix says; gives the path written.

    ``events`` are (start, end, words) in seconds for a single motion, or a list of them for each of several motions;
    likewise ``titles`` (their default for several motions is the motions' names). ``fps`` None: that of the motion, at
    most 20 for a GIF and 30 for an MP4. ``size`` is the whole picture in pixels; MP4 makes odd numbers even. Shorter
    motions hold their last pose. Raises FormatError for another suffix or a path that cannot be written, ValueError for
    bad events, sizes or frame rates, MissingExtraError when Pillow (or, for MP4, PyAV) is not installed.
    """
    path = Path(path)
    suffix = checked_suffix(path, tuple(_MOST_FPS))
    several = [motions] if isinstance(motions, Motion) else list(motions)
    if fps is None:
        fps = min(_MOST_FPS[suffix], max((motion.fps for motion in several), default=1.0))
    if not 0 < fps <= _FASTEST[suffix]:
        raise ValueError(f"a {suffix} film plays at up to {_FASTEST[suffix]:g} frames a second, not {fps}")
    if suffix == ".mp4":
        require("av", "video")  # which brings Pillow as well
        size = (size[0] - size[0] % 2, size[1] - size[1] % 2)
    reel = _Reel.of(motions, events, titles, fps, size)
    with atomic_write(path) as part:
        (_write_gif if suffix == ".gif" else _write_mp4)(part, reel, fps)
    return path


def film_frames(
    motions: Motion | Sequence[Motion],
    *,
    events: Sequence[EventSpan] | Sequence[Sequence[EventSpan]] = (),
    titles: str | Sequence[str] = (),
    fps: float | int = 20.0,
    size: tuple[int, int] = (640, 480),
) -> Iterator[Image]:
    """The pictures of a film one by one, as Pillow images; arguments and errors as for :func:`film`."""
    reel = _Reel.of(motions, events, titles, fps, size)
    return (reel.frame(number) for number in range(reel.frames))


@dataclass(frozen=True)
class _Reel:
    """A film that can be drawn at any frame: its stages stand side by side."""

    stages: tuple[Stage, ...]
    size: tuple[int, int]

    @classmethod
    def of(
        cls,
        motions: Motion | Sequence[Motion],
        events: Sequence[EventSpan] | Sequence[Sequence[EventSpan]],
        titles: str | Sequence[str],
        fps: float,
        size: tuple[int, int],
    ) -> _Reel:
        """Set every stage."""
        if isinstance(motions, Motion):
            motions, events, titles = [motions], [cast("Sequence[EventSpan]", events)], [str(titles or "")]
        several = [motion.resample(fps) for motion in motions]
        spans = one_for_each(several, "event lists", cast("Sequence[Sequence[EventSpan]]", events), ())
        motion_names = [motion.name for motion in several] if len(several) > 1 else []
        names = one_for_each(several, "titles", titles or motion_names, "")
        panel = size[0] // len(several)
        if panel < _SMALLEST or size[1] < _SMALLEST:
            raise ValueError(
                f"{len(several)} motions in {size[0]} x {size[1]} pixels: each needs {_SMALLEST} x {_SMALLEST} or more"
            )
        rows = zip(several, spans, names, strict=True)
        return cls(
            tuple(Stage(motion, motion_spans, name, (panel, size[1])) for motion, motion_spans, name in rows), size
        )

    @property
    def frames(self) -> int:
        """Number of frames: as many as the longest motion has."""
        return max(stage.motion.frames for stage in self.stages)

    def frame(self, number: int) -> Image:
        """Draw one frame of every stage."""
        images = [stage.frame(number) for stage in self.stages]
        if images[0].size == self.size:
            return images[0]
        whole: Image = require("PIL.Image", "render").new("RGB", self.size, PAGE)
        for place, image in enumerate(images):
            whole.paste(image, (place * image.width, 0))
        return whole


def _write_gif(path: Path, reel: _Reel, fps: float) -> None:
    """An endless GIF. All frames share one palette, so that colours do not flicker."""
    pillow = require("PIL.Image", "render")
    palette = _palette([colour for stage in reel.stages for colour in stage.colours])
    reduced = (reel.frame(n).quantize(palette=palette, dither=pillow.Dither.NONE) for n in range(reel.frames))
    # GIF counts in 1/100 s: each frame ends where it should, so that errors do not add up.
    ends = [round(100 * number / fps) for number in range(reel.frames + 1)]
    durations = [10 * (end - start) for start, end in pairwise(ends)]
    first = next(reduced)
    first.save(path, format="GIF", save_all=True, append_images=reduced, duration=durations, loop=0, optimize=False)


def _palette(colours: Sequence[RGB]) -> Image:
    """The 256 colours of a GIF: page, lines and ink, and for each event's colour its tones from shaded to lit."""
    greys = [mix(PAGE, INK, float(share)) for share in np.linspace(0, 1, _GREYS)]
    bases = sorted({*colours, NO_EVENT})
    levels = (256 - _GREYS - len(bases)) // (3 * len(bases))
    tones = [tone for base in bases for tone in astuple(Shades.of(base))]
    lit = [
        mix(tone, (0, 0, 0), float(dark)) if dark > 0 else mix(tone, PAGE, -float(dark))
        for tone in tones
        for dark in np.linspace(0.38, -0.3, levels)
    ]
    palette: Image = require("PIL.Image", "render").new("P", (1, 1))
    palette.putpalette([value for colour in (bases + greys + lit) for value in colour])
    return palette


def _write_mp4(path: Path, reel: _Reel, fps: float) -> None:
    """H.264 in the pixel format that every player knows."""
    av = require("av", "video")
    with av.open(str(path), mode="w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height = reel.size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "18", "preset": "veryfast"}
        for number in range(reel.frames):
            container.mux(stream.encode(av.VideoFrame.from_image(reel.frame(number))))
        container.mux(stream.encode())
