"""``chronomotion import``: a corpus from a data set or a folder of motion files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from chronomotion.cli.options import Json

__all__ = ["run"]


def run(
    src: Path,
    dest: Path,
    *,
    layout: Literal["auto", "humanml3d", "kitml", "annotations", "folder"] = "auto",
    motions: Path | None = None,
    table: Path | None = None,
    joint_map: Path | None = None,
    unit: str = "auto",
    up: str = "auto",
    trim: str = "auto",
    fps: float | None = None,
    body_model: Path | None = None,
    licence: str = "that of the source",
    workers: int | None = None,
    as_json: Json = False,
) -> None:
    """Import HumanML3D, KIT-ML, TMR / ChronAccRet annotations, or a folder of motion files with a table of captions.

    The same command after an interrupt goes on where it stopped. What is skipped is counted, and listed with -v or
    --json.

    Example: chronomotion import takes corpora/takes

    Parameters
    ----------
    src
        Folder of the data set, or of motion files with captions.csv (file,start,end,caption) or labels.csv
        (file,label).
    dest
        Folder of the new corpus.
    layout
        How SRC is laid out; told from its files unless given.
    motions
        Folder of the feature files, for annotations without motions/guoh3dfeats.
    table
        Table of captions or labels of a folder of motion files.
    joint_map
        TOML file with our joint names and the files'.
    unit
        Unit of motion files: auto, m, cm, mm, inch, cmu, or metres as a number.
    up
        Axis of motion files that points up: auto, x, y, z, -x, -y, -z.
    trim
        Frames to cut from the start of motion files, or auto to cut a T-pose lead-in.
    fps
        Frames a second of motion files that say none or a wrong one.
    body_model
        SMPL-H or SMPL-X model file, or folder of them, for AMASS.
    licence
        Licence of the source, for the corpus to carry on.
    workers
        Processes; as many as there are cores unless given.
    """
    from chronomotion.corpus.importers import Reading, import_corpus
    from chronomotion.errors import CorpusError

    reading = Reading(joint_map, _number(unit), up, _frames(trim), fps, body_model)
    result = import_corpus(
        src,
        dest,
        layout=layout,
        motions=motions,
        table=table,
        reading=reading,
        licence=licence,
        workers=workers,
    )
    print(json.dumps(result.to_dict(), indent=1) if as_json else result.table())
    if result.corpus is None:
        raise CorpusError(f"{src}: nothing came in ({result.layout} layout), so {dest} was not written")


def _number(unit: str) -> str | float:
    """A unit's name, or its length in metres."""
    try:
        return float(unit)
    except ValueError:
        return unit


def _frames(trim: str) -> int | Literal["auto"]:
    """Frames to trim. Raises ConfigError for what is neither a whole number nor auto."""
    from chronomotion.errors import ConfigError

    if trim == "auto":
        return "auto"
    if trim.isdecimal():
        return int(trim)
    raise ConfigError(f"--trim must be auto or a number of frames from 0 on, not {trim!r}")
