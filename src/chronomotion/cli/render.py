"""``chronomotion render``: a picture or a film of motions."""

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
    sources: Annotated[list[Path], Parameter(help="Motion files, or one corpus folder (then name clips with --clip).")],
    /,
    *,
    clip: Annotated[
        list[str] | None, Parameter(negative="", help="Name of a clip of the corpus; may be given again.")
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(name=TO, help="PNG: film strip. GIF or MP4: film. A PNG by default."),
    ] = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Draw motions as a film strip (PNG) or a film (GIF, MP4), events coloured where they are known.

    Several motions stand below one another in a strip and play side by side in a film.

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
        motions = [one.motion for one in pictures]
        events, titles = [one.events for one in pictures], [one.title for one in pictures]
    else:
        arguments = (reading or ReadingOptions()).arguments()
        motions = [read_motion(path, **arguments) for path in sources]
        events, titles = [[] for _ in motions], [motion.name for motion in motions]
    path = out or Path(f"{motions[0].name}.png")
    if path.suffix.lower() not in {".png", ".gif", ".mp4"}:
        raise UsageError(f"--to {path}: pictures are .png (film strip), .gif or .mp4 (film), not {path.suffix!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = film_strips if path.suffix.lower() == ".png" else film
    picture = draw(motions, path, events=events, titles=titles)
    print(json.dumps(_described(picture, motions, events), indent=1) if as_json else picture)


def _described(picture: Path, motions: Sequence[Motion], events: Sequence[Sequence[EventSpan]]) -> dict[str, Any]:
    """The picture, and what is in it."""
    rows = [
        {
            "name": motion.name,
            "frames": len(motion.positions),
            "fps": motion.fps,
            "events": [{"text": text, "start": float(start), "end": float(end)} for start, end, text in spans],
        }
        for motion, spans in zip(motions, events, strict=True)
    ]
    return {"file": str(picture), "motions": rows}
