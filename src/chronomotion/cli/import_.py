"""``chronomotion import``: a corpus from a data set or a folder of motion files."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import NO_CAPTIONS, Half, Json, ReadingOptions
from chronomotion.cli.seed_options import SeedChoice

__all__ = ["run"]

log = logging.getLogger(__name__)

FollowLinks = Annotated[
    bool, Parameter(negative="", help="Read what links lead to outside SRC, too; without it that is passed over.")
]


def run(
    src: Path,
    dest: Path,
    *,
    layout: Literal["auto", "humanml3d", "kitml", "annotations", "seed", "folder"] = "auto",
    motions: Path | None = None,
    table: Path | None = None,
    events: Path | None = None,
    licence: str = "that of the source",
    follow_links: FollowLinks = False,
    workers: int | None = None,
    half: Half = False,
    seed: SeedChoice | None = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Import HumanML3D, KIT-ML, TMR / ChronAccRet annotations, BONES-SEED, or motion files with a table of captions.

    The same command after an interrupt goes on where it stopped. What is skipped or passed over is counted, and listed
    with -v or --json.

    Example: chronomotion import takes corpora/takes

    Parameters
    ----------
    src
        Folder of the data set, or of motion files with captions.csv (file,start,end,caption; or start_frame,end_frame)
        or labels.csv (file,label). Of BONES-SEED its folder or its .tar.gz, which is read without unpacking it.
    dest
        Folder of the new corpus.
    layout
        How SRC is laid out; told from its files unless given.
    motions
        Folder of the feature files, for annotations without motions/guoh3dfeats.
    table
        Table of captions or labels of a folder of motion files.
    events
        Folder of recorded events (event_texts/ID_INDEX.json); the one in SRC unless given.
    licence
        Licence of the source, for the corpus to carry on.
    workers
        Processes; as many as there are cores unless given.
    """
    from chronomotion.corpus.importers import Reading, import_corpus
    from chronomotion.errors import CorpusError

    result = import_corpus(
        src,
        dest,
        layout=layout,
        motions=motions,
        table=table,
        events=events,
        reading=Reading(**(reading or ReadingOptions()).arguments()),
        licence=licence,
        follow_links=follow_links,
        workers=workers,
        half=half,
        seed=(seed or SeedChoice()).options(),
    )
    print(json.dumps(result.to_dict(), indent=1) if as_json else result.table())
    if result.corpus is not None and not result.corpus.info["captions"]:
        log.warning("%s has no captions: %s", dest, NO_CAPTIONS)
    if result.corpus is None:
        raise CorpusError(f"{src}: nothing came in ({result.layout} layout), so {dest} was not written")
