"""``chronomotion event-times``: estimate with a model when the events of captions happen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from chronomotion.cli.options import Json, LoadingOptions, cache_folder, opened_corpus
from chronomotion.version import __version__

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.model.motion_text import MotionTextModel

__all__ = ["run"]


def run(
    corpus: Path,
    dest: Path,
    *,
    model: str,
    least_gap: Annotated[
        float,
        Parameter(help="Cosine by which an order must beat all others; captions below it get no times."),
    ] = 0.0,
    loading: LoadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Copy a corpus, and add event times that a model estimates.

    A second model, trained on the copy, can learn from motions re-ordered together with their captions (chronomotion
    train --negatives counterfactual). After an interrupt, the same command resumes.

    Example: chronomotion event-times corpora/mine corpora/timed --model runs/first

    Parameters
    ----------
    corpus
        Folder of a corpus whose captions have events (see chronomotion decompose).
    dest
        Folder of the copy.
    model
        Folder or hub id of a model.
    """
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.training.event_times import tally, with_event_times

    arguments = (loading or LoadingOptions()).arguments()
    opened = opened_corpus(corpus)
    judge = MotionTextModel.from_pretrained(model, cache=cache_folder() / "text", **arguments)
    timed = with_event_times(opened, dest, judge, least_gap=least_gap, kept=_cache_file(opened, judge))
    counts = tally(timed)
    if as_json:
        print(json.dumps({"dest": str(dest), **asdict(counts)}))
        return
    several = counts.known + counts.estimated + counts.untimed
    print(f"{dest}: {several} captions of two events or more")
    print(f"times known      {counts.known}")
    print(f"times estimated  {counts.estimated}")
    print(f"without times    {counts.untimed} (another order fits as well or better, or the motion is too short)")


def _cache_file(corpus: Corpus, model: MotionTextModel) -> Path:
    """Where estimates are stored between runs: one file for each version, model and corpus."""
    identity = f"rows\0{__version__}\0{model.fingerprint}\0{corpus.fingerprint}"
    digest = hashlib.blake2b(identity.encode(), digest_size=16)
    return cache_folder() / "event-times" / f"{digest.hexdigest()}.jsonl"
