"""``chronomotion info``: describe a corpus or a library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from chronomotion.cli.options import Json, is_library

if TYPE_CHECKING:
    from chronomotion.corpus.info import CorpusInfo
    from chronomotion.search.stored.description import LibraryDescription

__all__ = ["run"]


def run(
    corpus: Path,
    *,
    verify: Annotated[bool, Parameter(negative="", help="Read every file, and compare the fingerprints.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is in a corpus (clips, captions, hours, lengths, events, splits, licence, source, fingerprint) or in a
    library (clips, windows, model, sources, indexes, size, calibration, examples).

    Example: chronomotion info corpora/takes

    Parameters
    ----------
    corpus
        Folder of a corpus or of a library.
    """
    info = _of_library(corpus, verify=verify) if is_library(corpus) else _of_corpus(corpus, verify=verify)
    print(json.dumps(info.to_dict(), indent=1) if as_json else info.table())


def _of_corpus(folder: Path, *, verify: bool) -> CorpusInfo:
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.info import describe_corpus
    from chronomotion.corpus.verify import verify as verify_corpus

    corpus = Corpus(folder)
    info = describe_corpus(corpus)
    if verify:
        verify_corpus(corpus)
    return info


def _of_library(folder: Path, *, verify: bool) -> LibraryDescription:
    from chronomotion.search.stored.description import describe_library
    from chronomotion.search.stored.library import Library

    library = Library.open(folder)
    if verify:
        library.verify()
    return describe_library(library)
