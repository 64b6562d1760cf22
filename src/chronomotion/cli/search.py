"""``chronomotion search``: motions found by a sentence."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import TO, Json, LoadingOptions, opened_corpus, wrong_usage

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
    query
        A sentence, one or more events.
    split
        Search this split only.
    canonical
        Reduce the query to what a motion can show, as for a model trained on such captions.
    strips
        Folder for a film strip (PNG) of each motion found, its events coloured.
    """
    from chronomotion.search.library import check_search

    with wrong_usage():
        check_search(query, top)  # before a model is read for nothing
    if canonical:
        from chronomotion.language.canonical import canonical as reduced

        query = reduced(query)
        log.info("query: %s", query)
    from chronomotion.corpus.pictures import clip_strip
    from chronomotion.errors import require
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.search import Library

    if strips is not None:
        require("PIL", "render")
    arguments = (loading or LoadingOptions()).arguments()
    opened = opened_corpus(corpus, captions=False)
    names = None if split is None else opened.split(split)
    library = Library(MotionTextModel.from_pretrained(model, **arguments), opened, names)
    rows = []
    for rank, hit in enumerate(library.search(query, top), start=1):
        captions = opened.captions(hit.clip)
        row = {
            "rank": rank,
            "score": round(hit.score, 4),
            "clip": hit.clip,
            "caption": captions[0].text if captions else "",
        }
        if strips is not None:
            row["strip"] = str(clip_strip(opened, hit.clip, strips / f"{rank:02d}-{hit.clip}.png"))
        rows.append(row)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(f"{row['rank']:>3}  {row['score']:.3f}  {row['clip']}  {row['caption']}")
    if strips is not None:
        print(f"{len(rows)} film strips in {strips}", file=sys.stderr)
