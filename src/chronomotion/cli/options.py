"""Options that several verbs share, and what they stand for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chronomotion.errors import ConfigError

if TYPE_CHECKING:
    from chronomotion.corpus.compose.sources import Source

__all__ = ["Clips", "JointMapFile", "Json", "Labels", "ReadingOptions", "cache_folder", "source_of"]

Clips = Annotated[
    Path | None, Parameter(help="Folder of recorded single-action motion files; without it, procedural motions.")
]
JointMapFile = Annotated[Path | None, Parameter(help="TOML file: our joint name = the file's joint name.")]
Labels = Annotated[Path | None, Parameter(help="CSV table with the columns file,label for the folder of clips.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]


@Parameter(name="*")
@dataclass(frozen=True)
class ReadingOptions:
    """How motion files are read, where the rules for names, units and axes are not enough."""

    joint_map: JointMapFile = None
    unit: Annotated[str, Parameter(help="Unit: auto, m, dm, cm, mm, inch, cmu, or metres as a number.")] = "auto"
    up: Annotated[str, Parameter(help="Axis that points up: auto, x, y, z, -x, -y, -z (as --up=-y).")] = "auto"
    trim: Annotated[str, Parameter(help="Frames to cut from the start, or auto to cut a T-pose lead-in.")] = "auto"
    fps: Annotated[float | None, Parameter(help="Frames a second where a file states none, or 0 or 1 s a frame.")] = (
        None
    )
    body_model: Annotated[Path | None, Parameter(help="SMPL-H or SMPL-X model (file or folder), for AMASS.")] = None

    def arguments(self) -> dict[str, Any]:
        """As :func:`chronomotion.motion.formats.read_motion` takes them.

        Raises ConfigError for a trim that is neither a whole number nor auto.
        """
        if self.trim != "auto" and not self.trim.isdecimal():
            raise ConfigError(f"--trim must be auto or a number of frames from 0 on, not {self.trim!r}")
        trim = "auto" if self.trim == "auto" else int(self.trim)
        return {**vars(self), "unit": _number(self.unit), "trim": trim}


def _number(unit: str) -> str | float:
    """A unit's name, or its length in metres."""
    try:
        return float(unit)
    except ValueError:
        return unit


def source_of(clips: Path | None, labels: Path | None, seed: int, joint_map: Path | None = None) -> Source:
    """Procedural motions, or a folder of labelled clips. Raises ConfigError when one of folder and table is missing."""
    if clips is None and labels is None:
        from chronomotion.corpus.compose.sources import ProceduralClips

        return ProceduralClips(seed)
    if clips is None or labels is None:
        raise ConfigError("--clips FOLDER and --labels TABLE go together: give both, or neither for procedural motions")
    from chronomotion.corpus.compose.labelled import LabelledClips

    return LabelledClips(clips, labels, seed=seed, joint_map=joint_map)


def cache_folder() -> Path:
    """Where token states are kept between runs: $CHRONOMOTION_CACHE, else the user's cache folder."""
    own = os.environ.get("CHRONOMOTION_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chronomotion"
