"""``chronomotion event-times``: when the events of captions happen, estimated by a model."""

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
    model: Path,
    least_gap: Annotated[
        float, Parameter(help="Leave out captions whose order does not fit better than any other by this cosine.")
    ] = 0.0,
    loading: LoadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Copy a corpus and give times to the events of its captions, as a model finds them.

    A second model, trained on the copy, then learns from motions put into another order together with their captions
    (negatives = "counterfactual"). The same command after an interrupt goes on where it stopped.

    Example: chronomotion event-times corpora/mine corpora/timed --model runs/first

    Parameters
    ----------
    corpus
        Folder of a corpus whose captions are split into events (chronomotion decompose).
    dest
        Folder of the copy.
    model
        Folder of a model, or what else from_pretrained takes.
    """
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.training.event_times import tally, with_event_times

    arguments = (loading or LoadingOptions()).arguments()
    opened = opened_corpus(corpus)
    judge = MotionTextModel.from_pretrained(model, cache=cache_folder() / "text", **arguments)
    timed = with_event_times(opened, dest, judge, least_gap=least_gap, kept=_kept(opened, judge))
    counts = tally(timed)
    if as_json:
        print(json.dumps({"dest": str(dest), **asdict(counts)}))
        return
    several = counts.known + counts.estimated + counts.untimed
    print(f"{dest}: {several} captions of two events or more")
    print(f"times known      {counts.known}")
    print(f"times estimated  {counts.estimated}")
    print(f"without times    {counts.untimed} (another order fits as well or better, or the motion is too short)")


def _kept(corpus: Corpus, model: MotionTextModel) -> Path:
    identity = f"rows\0{__version__}\0{model.fingerprint}\0{corpus.fingerprint}"
    digest = hashlib.blake2b(identity.encode(), digest_size=16)
    return cache_folder() / "event-times" / f"{digest.hexdigest()}.jsonl"
