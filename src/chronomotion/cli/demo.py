"""``chronomotion demo``: the problem of order and its solution, in one table."""

from __future__ import annotations

import json
import logging
import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import TO, Clips, JointMapFile, Json, Labels, source_of

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
    as_json: Json = False,
) -> None:
    """Compose motions, train four small models, and show which of them understands order.

    Runs on procedural motions, or on your own labelled clips. After an interrupt, the same command resumes.

    Example: chronomotion demo --clips takes --labels takes/labels.csv

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
    """
    from chronomotion.errors import require

    require("torch", "model")
    require("PIL", "render")  # fail before minutes of training, not after
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


def _command() -> str:
    """This program as the shell finds it: `make demo` runs it from its environment, which is not on the path."""
    called = Path(sys.argv[0])
    return "chronomotion" if called.stem != "chronomotion" or shutil.which("chronomotion") else shlex.quote(str(called))
