"""``chronomotion render``: draw motions as a picture or a film."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chronomotion.cli.options import TO, Json, ReadingOptions, UsageError

if TYPE_CHECKING:
    from chronomotion.motion.motion import Motion
    from chronomotion.motion.render.palette import EventSpan

__all__ = ["run"]


def run(
    sources: Annotated[list[Path], Parameter(help="Motion files, or the folder of one corpus (with --clip).")],
    /,
    *,
    clip: Annotated[list[str] | None, Parameter(negative="", help="Name of a clip of the corpus; repeatable.")] = None,
    out: Annotated[
        Path | None,
        Parameter(name=TO, help="File: .png (film strip), .gif or .mp4 (film). Default: NAME.png."),
    ] = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Draw motions as a film strip (PNG) or a film (GIF, MP4), and colour events whose times are known.

    Several motions are stacked in a strip, and play side by side in a film.

    Example: chronomotion render takes/walk_001.bvh takes/run_001.bvh -o both.mp4
    """
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.pictures import clip_picture
    from chronomotion.motion.formats import read_motion
    from chronomotion.motion.render import film, film_strips

    if len(sources) == 1 and sources[0].is_dir():
        corpus = Corpus(sources[0])
        if not clip:
            raise UsageError(f"{sources[0]} is a corpus: name a clip with --clip, for example --clip {corpus.names[0]}")
        pictures = [clip_picture(corpus, name) for name in clip]
        motions = [picture.motion for picture in pictures]
        events, titles = [picture.events for picture in pictures], [picture.title for picture in pictures]
    else:
        arguments = (reading or ReadingOptions()).arguments()
        motions = [read_motion(path, **arguments) for path in sources]
        events, titles = [[] for _ in motions], [motion.name for motion in motions]
    path = out or Path(f"{motions[0].name}.png")
    if path.suffix.lower() not in {".png", ".gif", ".mp4"}:
        raise UsageError(f"--to {path}: pictures are .png (film strip), .gif or .mp4 (film), not {path.suffix!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = film_strips if path.suffix.lower() == ".png" else film
    file = draw(motions, path, events=events, titles=titles)
    print(json.dumps(_description(file, motions, events), indent=1) if as_json else file)


def _description(file: Path, motions: Sequence[Motion], events: Sequence[Sequence[EventSpan]]) -> dict[str, Any]:
    """The file, and the motions and events in it, for JSON."""
    rows = [
        {
            "name": motion.name,
            "frames": len(motion.positions),
            "fps": motion.fps,
            "events": [{"text": text, "start": float(start), "end": float(end)} for start, end, text in spans],
        }
        for motion, spans in zip(motions, events, strict=True)
    ]
    return {"file": str(file), "motions": rows}
