"""``chronomotion search``: find motions by a sentence, in a library or in a corpus."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chronomotion.cli.options import TO, Json, LoadingOptions, UsageError, is_library, opened_corpus, wrong_usage
from chronomotion.cli.search_options import QueryOptions, ResultOptions

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.search import ClipScore

__all__ = ["run"]

log = logging.getLogger(__name__)

_USAGE = 'give a library and a sentence: chronomotion search LIB "a person walks, then sits down"'


def run(
    *arguments: str,
    top: int | None = None,
    asked: QueryOptions | None = None,
    output: ResultOptions | None = None,
    strips: Annotated[Path | None, Parameter(name=TO)] = None,
    split: str | None = None,
    canonical: Annotated[bool, Parameter(negative="")] = False,
    loading: LoadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Find the motions that a sentence describes, best first, and when each of its events happens.

    A library is made by `chronomotion index`. Without a sentence its clips are listed. With a model and a corpus, every
    motion of the corpus is encoded and compared with the sentence.

    Example: chronomotion search library "a person walks, turns around, then sits" --where 'duration < 8'

    Example: chronomotion search runs/counterfactual corpora/uniform "a person runs, then waves both hands" --top 3

    Parameters
    ----------
    arguments
        LIBRARY QUERY, or MODEL CORPUS QUERY. The query is a sentence with one or more events, or a name.
    top
        Number of motions to list. Default: 10, of a corpus 5.
    strips
        Folder for a film strip (PNG) of each listed motion.
    split
        Split of a corpus to search. Default: all of them.
    canonical
        Reduce the query to what a motion can show, for a model that was trained on such captions.
    """
    from chronomotion.cli import search_library

    asked, output = asked or QueryOptions(), output or ResultOptions()
    loaded = loading or LoadingOptions()
    if len(arguments) == 3 and not is_library(arguments[0]):
        _refuse_options_of_libraries(asked, output)
        model, corpus, query = arguments
        _search_corpus(model, Path(corpus), query, 5 if top is None else top, split, canonical, strips, loaded, as_json)
        return
    library, query = _library_and_query(arguments)
    if split is not None:
        raise UsageError("--split is for a corpus: in a library, filter with --where 'name ~ \"...\"'")
    made = asked.query(reduced_text(query) if canonical else query, 10 if top is None else top)
    search_library.search(library, made, output, strips, loaded, as_json)


def reduced_text(query: str) -> str:
    """A query reduced to what a motion can show."""
    from chronomotion.language.canonical import canonical

    query = canonical(query) if query.strip() else query
    log.info("query: %s", query)
    return query


def _library_and_query(arguments: tuple[str, ...]) -> tuple[Path, str]:
    """Raises UsageError where the arguments are neither of the two forms."""
    if not arguments:
        raise UsageError(_USAGE)
    library = Path(arguments[0])
    if len(arguments) > 2 and is_library(arguments[0]):
        raise UsageError(
            f'the sentence is one argument, in quotes: chronomotion search {library} "{" ".join(arguments[1:])}"'
        )
    if len(arguments) > 3:
        raise UsageError(_USAGE)
    if len(arguments) == 2 and not is_library(arguments[0]) and (Path(arguments[1]) / "corpus.json").is_file():
        raise UsageError(f'the sentence is missing: chronomotion search {arguments[0]} {arguments[1]} "a person walks"')
    return library, arguments[1] if len(arguments) == 2 else ""


def _refuse_options_of_libraries(asked: QueryOptions, output: ResultOptions) -> None:
    given = [*asked.given(), *output.given()]
    if given:
        raise UsageError(
            f"{given[0]} is for libraries: `chronomotion index CORPUS --to LIBRARY` makes one, then search LIBRARY"
        )


def _search_corpus(
    model: str,
    corpus: Path,
    query: str,
    top: int,
    split: str | None,
    canonical: bool,
    strips: Path | None,
    loading: LoadingOptions,
    as_json: bool,
) -> None:
    """Encode a corpus and list the motions nearest to a sentence."""
    from chronomotion.search.corpus_search import check_search

    with wrong_usage():
        check_search(query, top)  # before the model is loaded
    if canonical:
        query = reduced_text(query)
    from chronomotion.errors import require
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.search import CorpusSearch

    if strips is not None:
        require("PIL", "render")
    arguments = loading.arguments()
    opened = opened_corpus(corpus, captions=False)
    names = None if split is None else opened.split(split)
    searched = CorpusSearch(MotionTextModel.from_pretrained(model, **arguments), opened, names)
    rows = [_row(opened, hit, rank, strips) for rank, hit in enumerate(searched.search(query, top), start=1)]
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
