"""``chronomotion info``: describe a corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import Json

__all__ = ["run"]


def run(
    corpus: Path,
    *,
    verify: Annotated[bool, Parameter(negative="", help="Read every file, and compare the fingerprint.")] = False,
    as_json: Json = False,
) -> None:
    """Show clips, captions, hours, lengths, events, splits, licence, source and fingerprint of a corpus.

    Example: chronomotion info corpora/takes

    Parameters
    ----------
    corpus
        Folder of a corpus.
    """
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.info import describe_corpus
    from chronomotion.corpus.verify import verify as verify_corpus

    opened = Corpus(corpus)
    info = describe_corpus(opened)
    if verify:
        verify_corpus(opened)
    print(json.dumps(info.to_dict(), indent=1) if as_json else info.table())
