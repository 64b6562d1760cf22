"""``chronomotion demo``: the problem of order and its solution, in one table."""

from __future__ import annotations

import json
import logging
import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from chronomotion.cli.options import TO, Clips, JointMapFile, Json, Labels, source_of

if TYPE_CHECKING:
    from chronomotion.corpus.compose.sources import Source

__all__ = ["run"]


def run(
    *,
    clips: Clips = None,
    labels: Labels = None,
    joint_map: JointMapFile = None,
    out: Annotated[Path, Parameter(name=TO)] = Path("chronomotion-demo"),
    train: int = 2000,
    test: int = 500,
    seed: int = 0,
    generate: Annotated[bool, Parameter(negative="")] = False,
    as_json: Json = False,
) -> None:
    """Compose motions, train four small models, and show which of them understands order.

    Runs on procedural motions, or on your own labelled clips. After an interrupt, the same command resumes.

    Example: chronomotion demo --clips takes --labels takes/labels.csv

    Example: chronomotion demo --generate

    Parameters
    ----------
    out
        Folder for corpora, models, reports, a film strip, and a library that the page can be opened on.
    train
        Number of compound motions to train on.
    test
        Number of compound motions in each of the two tests.
    seed
        Seed of the motions and the models.
    generate
        Instead, train a small generator of motion (half an hour on two cores), and film eight motions that it makes:
        four pairs of events, each in both orders.
    """
    from chronomotion.errors import require

    require("torch", "model")
    require("PIL", "render")  # fail before minutes of training, not after
    if generate:
        _generate(source_of(clips, labels, seed, joint_map), out, train, seed, as_json=as_json)
        return
    from chronomotion.corpus.pictures import clip_strip
    from chronomotion.demo import conclusions, library_of_starter, run_demo, search_with_starter, starter_lines, table
    from chronomotion.search import CorpusSearch

    if logging.getLogger().level == logging.WARNING:  # neither -v nor -q: show progress, it takes minutes
        logging.getLogger("chronomotion.demo").setLevel(logging.INFO)
    demo = run_demo(source_of(clips, labels, seed, joint_map), out, train_motions=train, test_motions=test, seed=seed)
    query = demo.uniform.captions(demo.uniform.names[0])[0].text
    hit = CorpusSearch(demo.model, demo.uniform).search(query, top=1)[0]
    strip = clip_strip(demo.uniform, hit.clip, out / "found.png")
    by_starter = search_with_starter(out, seed)
    library = library_of_starter(out)
    if as_json:
        search = {"query": query, "clip": hit.clip, "score": round(hit.score, 4), "strip": str(strip)}
        starter = [asdict(hit) for hit in by_starter]
        print(
            json.dumps(
                {
                    "rows": [asdict(row) for row in demo.rows],
                    "found": search,
                    "starter": starter,
                    "library": str(library),
                },
                indent=1,
            )
        )
        return
    print(table(demo.rows), conclusions(demo.rows), sep="\n\n")
    print(f'\n"{query}"\n  finds {hit.clip} (cosine {hit.score:.2f}), drawn in {strip}')
    print(f"\n{starter_lines(by_starter)}")
    print(f"reports: {out / 'reports'}; models: {out / 'models'}", file=sys.stderr, flush=True)
    print(f"\nto search these takes on a page:\n{_command()} serve {shlex.quote(str(library))}")


def _generate(source: Source, out: Path, train: int, seed: int, *, as_json: bool) -> None:
    """Train a generator and film what it makes."""
    from chronomotion.generation_demo import generate_films

    films = generate_films(source, out, train_motions=train, seed=seed)
    if as_json:
        print(json.dumps({"films": [{**asdict(film), "path": str(film.path)} for film in films]}, indent=1))
        return
    for film in films:
        print(f"{film.path}  {film.seconds:4.1f} s  {film.text}")
    print(f'\nmake your own:\n{_command()} generate "a person walks" --model {shlex.quote(str(out / "generator"))}')


def _command() -> str:
    """This program as the shell finds it: `make demo` runs it from its environment, which is not on the path."""
    called = Path(sys.argv[0])
    return "chronomotion" if called.stem != "chronomotion" or shutil.which("chronomotion") else shlex.quote(str(called))
