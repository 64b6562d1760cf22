"""``chronomotion import``: make a corpus from a data set or a folder of motion files."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import NO_CAPTIONS, FollowLinks, Half, Json, ReadingOptions
from chronomotion.cli.seed_options import SeedChoice

__all__ = ["run"]

log = logging.getLogger(__name__)


@Parameter(name="*")
@dataclass(frozen=True)
class SourceOptions:
    """Where the motions, captions and events of the source are."""

    layout: Annotated[
        Literal["auto", "humanml3d", "kitml", "annotations", "seed", "folder"],
        Parameter(help="Layout of SRC; auto: detect it from the files."),
    ] = "auto"
    motions: Annotated[
        Path | None, Parameter(help="Folder of the feature files, for annotations without motions/guoh3dfeats.")
    ] = None
    table: Annotated[
        Path | None,
        Parameter(help="Captions or labels of a folder of motion files. Default: captions.csv or labels.csv in SRC."),
    ] = None
    events: Annotated[
        Path | None, Parameter(help="Folder of recorded events (ID_INDEX.json). Default: event_texts in SRC.")
    ] = None


def run(
    src: Path,
    dest: Path,
    *,
    source: SourceOptions | None = None,
    licence: str = "that of the source",
    follow_links: FollowLinks = False,
    workers: int | None = None,
    half: Half = False,
    seed: SeedChoice | None = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Import HumanML3D, KIT-ML, TMR / ChronAccRet annotations, BONES-SEED, or motion files with a table of captions.

    After an interrupt, the same command resumes. Skipped clips and files are counted, and listed with -v or --json.

    Example: chronomotion import takes corpora/takes

    Parameters
    ----------
    src
        Folder of the data set; or folder of motion files with captions.csv (file,start,end,caption, or
        file,start_frame,end_frame,caption) or labels.csv (file,label). For BONES-SEED its folder, or its .tar.gz, which
        is read without unpacking it.
    dest
        Folder of the new corpus.
    licence
        Licence of the source, recorded in the corpus.
    workers
        Number of processes. Default: one per core.
    """
    from chronomotion.corpus.importers import Reading, import_corpus
    from chronomotion.errors import CorpusError

    result = import_corpus(
        src,
        dest,
        **asdict(source or SourceOptions()),
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
        raise CorpusError(f"{src}: no clip was imported ({result.layout} layout), so {dest} was not written")
