"""Options that several verbs share, and what they stand for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.corpus.compose.sources import Source
from chronomotion.errors import ConfigError

__all__ = ["Clips", "Json", "Labels", "cache_folder", "source_of"]

Clips = Annotated[
    Path | None, Parameter(help="Folder of recorded single-action motion files; without it, procedural motions.")
]
Labels = Annotated[Path | None, Parameter(help="CSV table with the columns file,label for the folder of clips.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]


def source_of(clips: Path | None, labels: Path | None, seed: int) -> Source:
    """Procedural motions, or a folder of labelled clips. Raises ConfigError when one of folder and table is missing."""
    if clips is None and labels is None:
        from chronomotion.corpus.compose.performed import ProceduralClips

        return ProceduralClips(seed)
    if clips is None or labels is None:
        raise ConfigError("--clips FOLDER and --labels TABLE go together: give both, or neither for procedural motions")
    from chronomotion.corpus.compose.labelled import LabelledClips

    return LabelledClips(clips, labels, seed=seed)


def cache_folder() -> Path:
    """Where token states are kept between runs: $CHRONOMOTION_CACHE, else the user's cache folder."""
    own = os.environ.get("CHRONOMOTION_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chronomotion"
