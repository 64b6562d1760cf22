"""What an import is made of, written into the corpus: another call knows by it whether it would do the same work."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.errors import CorpusError
from chronomotion.motion.formats import SUFFIXES

__all__ = ["RECORD", "differences", "finished_import", "record_of_sources", "summary_of"]

log = logging.getLogger(__name__)

_WORDS = (".csv", ".tsv", ".txt", ".json", ".jsonl")
"""Tables, captions, splits: small files whose words matter. Of motions the size has to do."""
_TABLES = (*_WORDS, ".parquet")
_MOTIONS = (".asf", *SUFFIXES)
RECORD = "sources"
_CHANGING = ("licence", "source", "imported")
"""What corpus.json says that depends on the call."""


def record_of_sources(
    scan: FolderScan, dest: Path, *, motions: Path | None, table: Path | None, events: Path | None
) -> dict[str, Any]:
    """Every part of what is read -> how many files it has, their bytes, and a digest of them.

    The digest is over relative paths, sizes and, of tables and captions, contents: it is the same on every machine.
    What lies in ``dest`` does not count.
    """
    parts = {"folder": _summary(FolderScan(scan.folder, follow_links=scan.follow_links), dest)}
    for name, path in (("motions", motions), ("events", events)):
        if path is not None:
            parts[name] = _summary(FolderScan(path, follow_links=scan.follow_links), dest)
    if table is not None:
        parts["table"] = summary_of({"table.csv": table})
    return {RECORD: parts}


def finished_import(dest: Path, description: Mapping[str, Any]) -> Corpus | None:
    """The corpus in ``dest`` if it is what a call with this description makes; None where there is none that says.

    Raises CorpusError, with the difference, when it is of another call.
    """
    if not (dest / "corpus.json").is_file():
        return None
    corpus = Corpus(dest)
    imported = corpus.info.get("imported")
    if not isinstance(imported, dict) or RECORD not in imported:
        return None
    other = differences(
        {key: corpus.info.get(key) for key in _CHANGING}, {key: description.get(key) for key in _CHANGING}
    )
    if other:
        raise CorpusError(f"{dest} holds another corpus ({other}): choose another folder or remove this one")
    log.info("%s is imported already", dest)
    return corpus


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """What a call says otherwise than a record that is there, nested keys joined by dots; "" where they agree."""
    old, new = _flat(there), _flat(here)
    return ", ".join(
        f"{key} is {old.get(key)!r} there and {new.get(key)!r} here"
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    )


def _summary(scan: FolderScan, dest: Path) -> dict[str, Any]:
    there = dest.resolve()
    files = scan.files((*_WORDS, *_MOTIONS), deep=True)
    return summary_of({name: path for name, path in files.items() if not path.is_relative_to(there)})


def summary_of(files: Mapping[str, Path]) -> dict[str, Any]:
    """The number of files, their bytes, and a digest of relative paths, sizes and, of tables and captions, contents."""
    digest, total = hashlib.blake2b(digest_size=16), 0
    for name, path in files.items():
        try:
            size = path.stat().st_size
            content = _content(path) if name.lower().endswith(_TABLES) else ""
        except OSError:  # whoever needs the file says what is wrong with it
            size, content = 0, "cannot be read"
        total += size
        digest.update(f"{name}\0{size}\0{content}\n".encode("utf-8", "surrogateescape"))
    return {"files": len(files), "bytes": total, "digest": digest.hexdigest()}


def _content(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return flat
