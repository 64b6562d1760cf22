"""``chronomotion train-judge``: train who says which action each frame of a motion shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from chronomotion.cli.options import Device, Json, device_of, opened_corpus

__all__ = ["run"]


def run(
    corpus: Path,
    dest: Path,
    *,
    epochs: Annotated[int, Parameter(validator=Number(gte=1))] = 6,
    seed: int = 0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Train an action judge, which evaluate-motions asks for the order of events in generated motions.

    It learns from the split train of a corpus whose events have labels and times, as `chronomotion compose` makes
    them. After an interrupt, the same command resumes.

    Example: chronomotion train-judge corpora/uniform judges/uniform

    Parameters
    ----------
    corpus
        Folder of the corpus.
    dest
        Folder of the judge to write.
    epochs
        Number of passes over the corpus.
    seed
        Seed of all random draws.
    """
    opened = opened_corpus(corpus)
    from chronomotion.errors import require

    require("torch", "model")
    from chronomotion.generation.judge_task import JudgeSettings, train_judge

    judge = train_judge(opened, dest, JudgeSettings(epochs=epochs, seed=seed), device=device_of(device))
    if as_json:
        print(json.dumps({"dest": str(dest), "fingerprint": judge.fingerprint, "actions": judge.actions}))
    else:
        print(f"{dest}: a judge of {len(judge.actions)} actions: {', '.join(judge.actions)}")
