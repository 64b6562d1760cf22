"""Training a motion tokenizer on a corpus."""

from __future__ import annotations

import logging
from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.tokenizer.measures import tokenizer_judge
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.tokenizer.task import TokenizerTask
from chronomotion.generation.tokenizer.training_config import TokenizerTraining
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run

__all__ = ["train_tokenizer"]

log = logging.getLogger(__name__)


def train_tokenizer(
    corpus: Corpus,
    folder: str | Path,
    settings: TokenizerTraining | None = None,
    *,
    device: str = "cpu",
    judge: str | None = "val",
) -> MotionTokenizer:
    """Train a tokenizer and save it in ``folder``; called again after an interrupt, it goes on where it stopped, and
    ends with the same weights. A folder with a finished tokenizer of the same run is loaded.

    ``judge`` is the split whose errors choose the weights that are kept; None keeps the last ones, as does a corpus
    without that split.

    Raises TrainingError when the corpus has no motions long enough, the folder holds another run or cannot be written
    to, or a loss is not finite; BusyError when another process trains in the folder.
    """
    settings = settings or TokenizerTraining()
    processes = Processes(device, trackers=settings.trackers, folder=Path(folder))
    run = Run(TokenizerTask(corpus, settings, processes), Path(folder), processes)
    if run.finished:
        run.tidy()
        log.info("%s is trained already", folder)
    else:
        run.go(tokenizer_judge(corpus, judge) if judge else None)
    return MotionTokenizer.from_pretrained(folder, device=device)
