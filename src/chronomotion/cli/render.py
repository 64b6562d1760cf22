"""``chronomotion render``: a picture of a motion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

__all__ = ["run"]


def run(
    source: Path,
    *,
    clip: Annotated[str | None, Parameter(help="Name of the clip, when SOURCE is a corpus.")] = None,
    out: Annotated[
        Path | None, Parameter(name=["--out", "-o"], help="PNG to write; the name of the motion by default.")
    ] = None,
) -> None:
    """Draw a motion as a film strip, its events coloured where they are known.

    Example: chronomotion render takes/walk_001.bvh -o walk.png

    Parameters
    ----------
    source
        A motion file, or a corpus folder (then name a clip).
    """
    from chronomotion.corpus import Corpus
    from chronomotion.errors import ConfigError
    from chronomotion.motion.formats import read_motion
    from chronomotion.motion.render import film_strip
    from chronomotion.search.strips import clip_strip

    if source.is_dir():
        corpus = Corpus(source)
        if clip is None:
            raise ConfigError(f"{source} is a corpus: name a clip with --clip, for example --clip {corpus.names[0]}")
        print(clip_strip(corpus, clip, out or Path(f"{clip}.png")))
        return
    motion = read_motion(source)
    print(film_strip(motion, out or Path(f"{source.stem}.png"), title=motion.name))
