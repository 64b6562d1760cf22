"""``chronomotion render``: a picture or a film of motions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import ReadingOptions

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
        Parameter(name=["--out", "-o"], help="PNG: film strip. GIF or MP4: film. A PNG by default."),
    ] = None,
    reading: ReadingOptions | None = None,
) -> None:
    """Draw motions as a film strip (PNG) or a film (GIF, MP4), events coloured where they are known.

    Several motions stand below one another in a strip and play side by side in a film.

    Example: chronomotion render takes/walk_001.bvh takes/run_001.bvh -o both.mp4
    """
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.pictures import clip_picture
    from chronomotion.errors import ConfigError
    from chronomotion.motion.formats import read_motion
    from chronomotion.motion.render import film, film_strips

    if len(sources) == 1 and sources[0].is_dir():
        corpus = Corpus(sources[0])
        if not clip:
            raise ConfigError(
                f"{sources[0]} is a corpus: name a clip with --clip, for example --clip {corpus.names[0]}"
            )
        pictures = [clip_picture(corpus, name) for name in clip]
        motions = [one.motion for one in pictures]
        events, titles = [one.events for one in pictures], [one.title for one in pictures]
    else:
        arguments = (reading or ReadingOptions()).arguments()
        motions = [read_motion(path, **arguments) for path in sources]
        events, titles = [[] for _ in motions], [motion.name for motion in motions]
    path = out or Path(f"{motions[0].name}.png")
    if path.suffix.lower() not in {".png", ".gif", ".mp4"}:
        raise ConfigError(f"--out {path}: pictures are .png (film strip), .gif or .mp4 (film), not {path.suffix!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = film_strips if path.suffix.lower() == ".png" else film
    print(draw(motions, path, events=events, titles=titles))
