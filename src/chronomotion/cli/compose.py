"""``chronomotion compose``: make a corpus of compound motions with known event times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import Clips, Half, JointMapFile, Json, Labels, source_of, wrong_usage

__all__ = ["run"]


def run(
    dest: Path,
    *,
    clips: Clips = None,
    labels: Labels = None,
    joint_map: JointMapFile = None,
    order: Annotated[
        Literal["uniform", "habit"],
        Parameter(help="uniform: all orders are equally likely. habit: each set of actions has one fixed order."),
    ] = "uniform",
    train: int = 2000,
    val: int = 200,
    test: int = 500,
    events: Annotated[
        tuple[int, int], Parameter(negative="", help="Minimum and maximum number of events per motion.")
    ] = (2, 4),
    seed: int = 0,
    half: Half = False,
    as_json: Json = False,
) -> None:
    """Compose a corpus from procedural motions, or from recorded clips of single actions.

    Example: chronomotion compose corpora/habit --order habit --clips takes --labels takes/labels.csv

    Parameters
    ----------
    dest
        Folder of the new corpus.
    train
        Number of motions in split train. The source clips are split first: no clip is in two splits.
    val
        Number of motions in split val.
    test
        Number of motions in split test.
    seed
        Seed; the same seed gives the same corpus, byte for byte.
    """
    from chronomotion.corpus.compose.compose import compose

    counts = {name: count for name, count in (("train", train), ("val", val), ("test", test)) if count > 0}
    with wrong_usage():
        source = source_of(clips, labels, seed, joint_map)
        corpus = compose(source, dest, counts, order=order, events=events, seed=seed, half=half)
    if as_json:
        print(json.dumps(corpus.info))
    else:
        splits = ", ".join(f"{name} {count}" for name, count in corpus.info["splits"].items())
        print(
            f"{dest}: {len(corpus)} motions, {corpus.info['hours']} hours ({splits}); fingerprint {corpus.fingerprint}"
        )
