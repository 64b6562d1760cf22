"""``chronomotion search``: find motions by a sentence."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chronomotion.cli.options import TO, Json, LoadingOptions, opened_corpus, wrong_usage

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.search import ClipScore

__all__ = ["run"]

log = logging.getLogger(__name__)


def run(
    model: Path,
    corpus: Path,
    query: str,
    *,
    top: int = 5,
    split: str | None = None,
    canonical: Annotated[bool, Parameter(negative="")] = False,
    strips: Annotated[Path | None, Parameter(name=TO)] = None,
    loading: LoadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Find the motions that a sentence describes, best first.

    Example: chronomotion search runs/counterfactual corpora/uniform "a person runs, then waves both hands" --top 3

    Parameters
    ----------
    model
        Folder or hub id of a model.
    corpus
        Folder of the corpus to search.
    query
        A sentence with one or more events.
    top
        Number of motions to list.
    split
        Split to search. Default: all of them.
    canonical
        Reduce the query to what a motion can show, for a model that was trained on such captions.
    strips
        Folder for a film strip (PNG) of each listed motion.
    """
    from chronomotion.search.corpus_search import check_search

    with wrong_usage():
        check_search(query, top)  # before the model is loaded
    if canonical:
        from chronomotion.language.canonical import canonical as reduced

        query = reduced(query)
        log.info("query: %s", query)
    from chronomotion.errors import require
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.search import CorpusSearch

    if strips is not None:
        require("PIL", "render")
    arguments = (loading or LoadingOptions()).arguments()
    opened = opened_corpus(corpus, captions=False)
    names = None if split is None else opened.split(split)
    library = CorpusSearch(MotionTextModel.from_pretrained(model, **arguments), opened, names)
    rows = [_row(opened, hit, rank, strips) for rank, hit in enumerate(library.search(query, top), start=1)]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(f"{row['rank']:>3}  {row['score']:.3f}  {row['clip']}  {row['caption']}")
    if strips is not None:
        print(f"{len(rows)} film strips in {strips}", file=sys.stderr)


def _row(corpus: Corpus, hit: ClipScore, rank: int, strips: Path | None) -> dict[str, Any]:
    """What is printed of a hit; draws its film strip in the folder ``strips``."""
    from chronomotion.corpus.pictures import clip_strip

    captions = corpus.captions(hit.clip)
    row = {
        "rank": rank,
        "score": round(hit.score, 4),
        "clip": hit.clip,
        "caption": captions[0].text if captions else "",
    }
    if strips is not None:
        row["strip"] = str(clip_strip(corpus, hit.clip, strips / f"{rank:02d}-{hit.clip}.png"))
    return row
