"""``chronomotion demo``: the problem of order and its solution, in one table."""

from __future__ import annotations

import json
import logging
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
        Folder for corpora, models, reports and a film strip.
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
    from chronomotion.demo import conclusions, run_demo, search_with_starter, starter_lines, table
    from chronomotion.search import CorpusSearch

    if logging.getLogger().level == logging.WARNING:  # neither -v nor -q: show progress, it takes minutes
        logging.getLogger("chronomotion.demo").setLevel(logging.INFO)
    demo = run_demo(source_of(clips, labels, seed, joint_map), out, train_motions=train, test_motions=test, seed=seed)
    query = demo.uniform.captions(demo.uniform.names[0])[0].text
    hit = CorpusSearch(demo.model, demo.uniform).search(query, top=1)[0]
    strip = clip_strip(demo.uniform, hit.clip, out / "found.png")
    by_starter = search_with_starter(out, seed)
    if as_json:
        search = {"query": query, "clip": hit.clip, "score": round(hit.score, 4), "strip": str(strip)}
        starter = [asdict(hit) for hit in by_starter]
        print(json.dumps({"rows": [asdict(row) for row in demo.rows], "found": search, "starter": starter}, indent=1))
        return
    print(table(demo.rows), conclusions(demo.rows), sep="\n\n")
    print(f'\n"{query}"\n  finds {hit.clip} (cosine {hit.score:.2f}), drawn in {strip}')
    print(f"\n{starter_lines(by_starter)}")
    print(f"reports: {out / 'reports'}; models: {out / 'models'}", file=sys.stderr)
