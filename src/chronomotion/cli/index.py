"""``chronomotion index``: make a library of motions, or bring it up to date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import Device, FollowLinks, Json, ReadingOptions, UsageError, device_of

__all__ = ["run"]


def run(
    *sources: Path,
    to: Annotated[str, Parameter(name=["--to", "-o"])],
    model: str | None = None,
    remove_source: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    rebuild: Annotated[bool, Parameter(negative="", help="Encode everything anew, with another model, too.")] = False,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would be done, and do nothing.")] = False,
    workers: int | None = None,
    commit_seconds: float = 30.0,
    statistics: Literal["model", "own"] | None = None,
    device: Device = "auto",
    engine: Literal["local", "ray"] = "local",
    follow_links: FollowLinks = False,
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
        Folder of the library; with --engine ray, of LanceDB tables, or the URL of an object store (s3://...).
    model
        Folder or hub id of a model, or package.module:object. Default: the library's own, or starter.
    remove_source
        Name or folder of a source whose clips are removed.
    workers
        Number of processes that read motion files. Default: one per core.
    commit_seconds
        After so many seconds what was encoded is committed: a kill loses no more.
    statistics
        Mean and standard deviation of features: those that the model keeps, or the library's own, taken from what is
        indexed first. Default: as the library has it, or model.
    engine
        local: this machine makes a library. ray: the Ray cluster of RAY_ADDRESS, or --workers tasks on this machine,
        encodes corpora into LanceDB tables (docs/scale.md).
    """
    if engine == "ray":
        of_libraries = bool(
            remove_source or rebuild or dry_run or follow_links or statistics or reading not in (None, ReadingOptions())
        )
        print(_on_ray(sources, to, model or "starter", workers, device, of_libraries=of_libraries, as_json=as_json))
        return
    from chronomotion.corpus.importers import Reading
    from chronomotion.search.stored.indexing import index

    settings = Reading(**(reading or ReadingOptions()).arguments())
    report = index(
        sources,
        Path(to),
        model,
        remove=remove_source,
        rebuild=rebuild,
        follow_links=follow_links,
        reading=None if settings == Reading() else settings,
        workers=workers,
        dry_run=dry_run,
        commit_seconds=commit_seconds,
        statistics=statistics,
        device=device if device == "auto" else device_of(device),
    )
    print(json.dumps(report.to_dict(), indent=1) if as_json else report.table())


def _on_ray(
    sources: Sequence[Path],
    to: str,
    model: str,
    workers: int | None,
    device: Device,
    *,
    of_libraries: bool,
    as_json: bool,
) -> str:
    """Encode on Ray; returns what is printed. ``of_libraries``: options were given that tables do not have."""
    if of_libraries:
        raise UsageError(
            "--engine ray encodes corpora: --remove-source, --rebuild, --dry-run, --follow-links, --statistics and how "
            "files are read do not go with it"
        )
    from chronomotion.errors import require

    require("ray", "ray")
    from chronomotion.search.engine import encode_on_ray

    loading = {} if device == "auto" else {"device": device_of(device)}
    report = encode_on_ray(sources, to, model, workers=workers, loading=loading)
    return json.dumps(asdict(report), indent=1) if as_json else report.table()
