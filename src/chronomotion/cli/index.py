"""``chronomotion index``: make a library of motions, or bring it up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import Device, Json, ReadingOptions, device_of

__all__ = ["run"]


def run(
    *sources: Path,
    to: Annotated[Path, Parameter(name=["--to", "-o"])],
    model: str | None = None,
    remove_source: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    rebuild: Annotated[bool, Parameter(negative="", help="Encode everything anew, with another model, too.")] = False,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would be done, and do nothing.")] = False,
    workers: int | None = None,
    commit_seconds: float = 30.0,
    device: Device = "auto",
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Make a library that can be searched of folders of motion files and of corpora, or bring it up to date.

    Only what is new or changed is encoded; what has gone is removed. After an interrupt, the same command goes on.
    Files that cannot be read are listed, and tried again when they change.

    Example: chronomotion index takes --to library

    Parameters
    ----------
    sources
        Folders of motion files, with captions.csv or labels.csv where there is one; or corpora. Default: all that the
        library was made of.
    to
        Folder of the library.
    model
        Folder or hub id of a model, or package.module:object. Default: the library's own, or starter.
    remove_source
        Name or folder of a source whose clips are removed.
    workers
        Number of processes that read motion files. Default: one per core.
    commit_seconds
        After so many seconds what was encoded is committed: a kill loses no more.
    """
    from chronomotion.corpus.importers import Reading
    from chronomotion.search.indexing import index

    settings = Reading(**(reading or ReadingOptions()).arguments())
    report = index(
        sources,
        to,
        model,
        remove=remove_source,
        rebuild=rebuild,
        reading=None if settings == Reading() else settings,
        workers=workers,
        dry_run=dry_run,
        commit_seconds=commit_seconds,
        device=device if device == "auto" else device_of(device),
    )
    print(json.dumps(report.to_dict(), indent=1) if as_json else report.table())
