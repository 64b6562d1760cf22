"""Indexes are made and opened here, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from chronomotion.errors import ConfigError, FormatError, require
from chronomotion.search.index.interface import Index, IndexKind
from chronomotion.search.index.lancedb import LanceIndex
from chronomotion.search.index.manifest import is_index, read_header
from chronomotion.search.index.stored import StoredIndex

__all__ = ["create_index", "open_index"]


def create_index(
    folder: Path,
    dim: int,
    kind: IndexKind = "auto",
    *,
    url: str | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> Index:
    """An empty index of ``dim`` dimensions in a folder.

    ``url``, with ``lancedb``: where the table lies, for example ``s3://bucket/library``; else in the folder.
    ``storage_options``: what lancedb is told of that place, keys for one. They are not kept: give them to
    :func:`open_index` too. Raises ConfigError for a folder that has an index, MissingExtraError without the package of
    the kind.
    """
    if kind not in get_args(IndexKind):
        raise ConfigError(f"there is no index of kind {kind!r}: choose one of {', '.join(get_args(IndexKind))}")
    if dim < 1:
        raise ConfigError(f"an index needs at least 1 dimension, not {dim}")
    if url is not None and kind != "lancedb":
        raise ConfigError(f"url is for indexes of kind lancedb, not {kind}: these are files in the folder")
    if is_index(folder):
        raise ConfigError(f"{folder}: there is an index already: open it, or remove the folder")
    if kind == "lancedb":
        return LanceIndex.create(folder, dim, url, storage_options)
    if kind == "faiss":
        require("faiss", "faiss")
    return StoredIndex.create(folder, dim, kind)


def open_index(folder: Path, *, storage_options: Mapping[str, str] | None = None) -> Index:
    """The index of a folder, of the kind that it was made as.

    Raises FormatError when there is none, when it is damaged, or of another version; MissingExtraError without the
    package of its kind.
    """
    kind = read_header(folder).get("kind")
    if kind not in get_args(IndexKind):
        raise FormatError(f"an index of an unknown kind, {kind!r}: update chronomotion", str(folder))
    return LanceIndex.open(folder, storage_options) if kind == "lancedb" else StoredIndex(folder)
